-- bad: waits for ever
SET lock_timeout = 0; --!
SET LOCAL lock_timeout = '0'; --!
ALTER TABLE users ADD COLUMN a int;
-- bad: by directive
-- file: 1_a.sql [lock_timeout=0]
ALTER TABLE users ADD COLUMN a int; --!
-- good: a time
SET lock_timeout = '10s';
SET statement_timeout = 0;
-- good: before nothing that waits, as pg_dump writes it
SET lock_timeout = 0;
CREATE TABLE t (a int);
ALTER TABLE t ADD COLUMN b int;
-- good: nothing is locked
-- file: 1_a.sql [lock_timeout=0]
CREATE TABLE t (a int);
