-- bad: nothing keeps rows apart
-- file: 1_a.sql
CREATE TABLE t (a int PRIMARY KEY);
-- file: 2_b.sql
ALTER TABLE t DROP CONSTRAINT t_pkey; --!
-- good: another takes its place; another constraint
-- file: 1_a.sql
CREATE TABLE t (a int PRIMARY KEY, b int CHECK (b > 0));
-- file: 2_b.sql
ALTER TABLE t DROP CONSTRAINT t_pkey, ADD CONSTRAINT t_pkey PRIMARY KEY USING INDEX t_b;
ALTER TABLE t DROP CONSTRAINT t_b_check;
