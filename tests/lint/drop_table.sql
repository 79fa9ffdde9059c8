-- bad: with its rows
DROP TABLE users; --!
DROP TABLE IF EXISTS a, b; --!
-- good: one of this file, a view, a down
CREATE TABLE t (a int);
DROP TABLE t;
DROP VIEW v;
-- good: in a down
-- file: 1_a.up.sql
CREATE TABLE t (a int);
-- file: 1_a.down.sql [down]
DROP TABLE t;
