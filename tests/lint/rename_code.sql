-- bad: callers fail
ALTER FUNCTION f(int) RENAME TO g; --!
ALTER TYPE a RENAME TO b; --!
ALTER SEQUENCE s RENAME TO r; --!
-- good: others have rules of their own
ALTER TABLE t RENAME TO u;
ALTER INDEX i RENAME TO j;
