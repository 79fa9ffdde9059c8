-- bad: empty after a crash
CREATE UNLOGGED TABLE t (a int); --!
CREATE UNLOGGED TABLE u AS SELECT 1 AS a; --!
-- good: logged, or temporary
CREATE TABLE t (a int);
CREATE TEMP TABLE u (a int);
