-- bad: gone
-- file: 1_a.sql
CREATE TABLE t (a int);
-- file: 2_b.sql
DROP TABLE t;
-- file: 3_c.sql
ALTER TABLE t ADD COLUMN b int; --!
DROP TABLE t; --!
-- good: made again; IF EXISTS
-- file: 1_a.sql
CREATE TABLE t (a int PRIMARY KEY);
DROP TABLE t;
DROP TABLE IF EXISTS t;
CREATE TABLE t (a int PRIMARY KEY, b int REFERENCES t);
ALTER TABLE t ADD COLUMN c int;
