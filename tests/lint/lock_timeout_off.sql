-- bad: waits for ever
SET lock_timeout = 0; --!
SET LOCAL lock_timeout = '0'; --!
-- bad: by directive
-- file: 1_a.sql [lock_timeout=0]
ALTER TABLE users ADD COLUMN a int; --!
-- good: a time
SET lock_timeout = '10s';
SET statement_timeout = 0;
-- good: nothing is locked
-- file: 1_a.sql [lock_timeout=0]
CREATE TABLE t (a int);
