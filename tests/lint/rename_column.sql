-- bad: running code asks for the old name
ALTER TABLE users RENAME COLUMN email TO mail; --!
-- good: two columns change places
ALTER TABLE orders RENAME COLUMN amount TO amount_text;
ALTER TABLE orders RENAME COLUMN amount_number TO amount;
-- good: new ones
CREATE TABLE t (a int);
ALTER TABLE t RENAME COLUMN a TO b;
ALTER TABLE users ADD COLUMN x int;
ALTER TABLE t RENAME CONSTRAINT c TO d;
