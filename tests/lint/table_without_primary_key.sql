-- bad: rows alike
CREATE TABLE t (a int); --!
-- good: a key, now or later; a partition; temporary
-- file: 1_a.sql
CREATE TABLE t (a int);
CREATE TABLE p (a int, b int, PRIMARY KEY (a, b)) PARTITION BY LIST (a);
CREATE TABLE p_1 PARTITION OF p FOR VALUES IN (1);
CREATE TEMP TABLE u (a int);
CREATE TABLE like_other (LIKE other INCLUDING ALL);
-- file: 2_b.sql
ALTER TABLE t ADD PRIMARY KEY (a);
