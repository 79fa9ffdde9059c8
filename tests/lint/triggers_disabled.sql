-- bad: and for ever
ALTER TABLE t DISABLE TRIGGER ALL; --!
SET session_replication_role = replica; --!
ALTER TABLE t DISABLE TRIGGER audit; --!
-- good: one, and on again
ALTER TABLE t DISABLE TRIGGER audit;
UPDATE t SET a = 1 WHERE a IS NULL;
ALTER TABLE t ENABLE TRIGGER audit;
SET session_replication_role = origin;
