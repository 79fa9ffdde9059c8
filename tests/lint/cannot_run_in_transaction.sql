-- bad: among others
ALTER TABLE t ADD COLUMN a int;
CREATE INDEX CONCURRENTLY ON t (a); --!
VACUUM t; --!
-- good: alone
CREATE INDEX CONCURRENTLY ON t (a);
-- good: without a transaction
-- file: 1_a.sql [no-transaction]
CREATE INDEX CONCURRENTLY ON t (a);
VACUUM t;
