-- bad: rows are still to be checked
UPDATE users SET a = 1 WHERE a IS NULL;
ALTER TABLE users ADD COLUMN b int; --!
-- good: another table; another transaction
UPDATE orders SET a = 1 WHERE a IS NULL;
ALTER TABLE users ADD COLUMN b int;
-- good: two files
-- file: 1_a.sql
UPDATE users SET a = 1 WHERE a IS NULL;
-- file: 2_b.sql
ALTER TABLE users ADD COLUMN b int;
-- good: a new table
CREATE TABLE t (a int);
INSERT INTO t (a) VALUES (1);
ALTER TABLE t ADD COLUMN b int;
