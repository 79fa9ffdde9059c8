-- bad: no equality
ALTER TABLE t ADD COLUMN data json; --!
-- good: jsonb
ALTER TABLE t ADD COLUMN data jsonb;
