-- bad: all rows are tried
ALTER TABLE orders ADD CONSTRAINT positive CHECK (amount > 0); --!
ALTER TABLE orders ADD COLUMN n int CHECK (n > 0); --!
-- good: not valid, or a new table
ALTER TABLE orders ADD CONSTRAINT positive CHECK (amount > 0) NOT VALID;
CREATE TABLE t (a int CHECK (a > 0), CHECK (a < 10));
ALTER TABLE t ADD CHECK (a <> 5);
