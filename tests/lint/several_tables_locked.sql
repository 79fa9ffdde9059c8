-- bad: two at once
ALTER TABLE users ADD COLUMN a int;
ALTER TABLE orders ADD COLUMN a int; --!
-- good: one of them is new; the same one
CREATE TABLE t (a int);
ALTER TABLE t ADD COLUMN b int;
ALTER TABLE users ADD COLUMN a int;
ALTER TABLE users ADD COLUMN b int;
-- good: two transactions
-- file: 1_a.sql
ALTER TABLE users ADD COLUMN a int;
-- file: 2_b.sql
ALTER TABLE orders ADD COLUMN a int;
