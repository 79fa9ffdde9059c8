-- bad: nothing is won
ALTER TABLE orders ADD CONSTRAINT c CHECK (a > 0) NOT VALID;
ALTER TABLE orders VALIDATE CONSTRAINT c; --!
-- good: in the next file
-- file: 1_a.sql
ALTER TABLE orders ADD CONSTRAINT c CHECK (a > 0) NOT VALID;
-- file: 2_b.sql
ALTER TABLE orders VALIDATE CONSTRAINT c;
-- good: two transactions [no-transaction]
-- file: 1_a.sql [no-transaction]
ALTER TABLE orders ADD CONSTRAINT c CHECK (a > 0) NOT VALID;
ALTER TABLE orders VALIDATE CONSTRAINT c;
