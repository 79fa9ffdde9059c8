-- bad: something may not fit
-- file: 1_a.sql
CREATE TABLE t (b bigint, v varchar(40), x text, n numeric(12,4), at timestamptz);
-- file: 2_b.sql
ALTER TABLE t ALTER b TYPE int; --!
ALTER TABLE t ALTER v TYPE varchar(10); --!
ALTER TABLE t ALTER x TYPE varchar(10); --!
ALTER TABLE t ALTER n TYPE numeric(12,2); --!
ALTER TABLE t ALTER at TYPE date; --!
-- good: wider
-- file: 1_a.sql
CREATE TABLE t (b int, v varchar(40), n numeric(10,2));
-- file: 2_b.sql
ALTER TABLE t ALTER b TYPE bigint;
ALTER TABLE t ALTER v TYPE text;
ALTER TABLE t ALTER n TYPE numeric(12,4);
