-- bad: rewritten
CREATE RULE r AS ON DELETE TO t DO INSTEAD NOTHING; --!
-- good: a view has one by itself
CREATE VIEW v AS SELECT 1 AS a;
