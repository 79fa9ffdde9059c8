-- bad: it cannot run again
-- file: 1_a.sql [no-transaction]
CREATE TABLE t (a int); --!
DROP VIEW v; --!
-- good: it can
-- file: 1_a.sql [no-transaction]
CREATE TABLE IF NOT EXISTS t (a int);
DROP VIEW IF EXISTS v;
-- good: all or nothing
CREATE TABLE t (a int);
DROP VIEW v;
