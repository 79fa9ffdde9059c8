-- bad: copied
ALTER TABLE users SET TABLESPACE fast; --!
-- good: new, or partitioned (only a setting)
CREATE TABLE t (a int);
ALTER TABLE t SET TABLESPACE fast;
-- good: a partitioned table has no rows
-- file: 1_a.sql
CREATE TABLE p (a int) PARTITION BY LIST (a);
-- file: 2_b.sql
ALTER TABLE p SET TABLESPACE fast;
