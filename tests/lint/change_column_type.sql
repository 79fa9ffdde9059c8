-- bad: the values are written anew
-- file: 1_a.sql
CREATE TABLE t (i int, v varchar(20), w varchar(20), n numeric(10,2), ts timestamp, x text, y text);
-- file: 2_b.sql
ALTER TABLE t ALTER i TYPE bigint; --!
ALTER TABLE t ALTER v TYPE varchar(10); --!
ALTER TABLE t ALTER n TYPE numeric(12,4); --!
ALTER TABLE t ALTER ts TYPE timestamptz; --!
ALTER TABLE t ALTER x TYPE jsonb USING x::jsonb; --!
ALTER TABLE t ALTER y TYPE varchar(10); --!
ALTER TABLE other ALTER z TYPE bigint; --!
-- good: the values stay as they are
-- file: 1_a.sql
CREATE TABLE t (v varchar(20), w varchar(20), n numeric(10,2), m numeric(10,2), c cidr, ts timestamptz(3), x text);
-- file: 2_b.sql
ALTER TABLE t ALTER v TYPE varchar(40);
ALTER TABLE t ALTER w TYPE text;
ALTER TABLE t ALTER n TYPE numeric(12,2);
ALTER TABLE t ALTER m TYPE numeric;
ALTER TABLE t ALTER c TYPE inet;
ALTER TABLE t ALTER ts TYPE timestamptz;
ALTER TABLE t ALTER x TYPE varchar;
ALTER TABLE other ALTER z TYPE text;
-- good: a new table
CREATE TABLE t (i int);
ALTER TABLE t ALTER i TYPE bigint;
