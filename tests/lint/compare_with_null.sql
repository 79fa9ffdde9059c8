-- bad: never true
UPDATE t SET a = 1 WHERE b = NULL; --!
CREATE VIEW v AS SELECT 1 AS a FROM t WHERE NULL <> b; --!
-- good: IS; an assignment
UPDATE t SET a = NULL WHERE b IS NULL OR b IS DISTINCT FROM NULL;
