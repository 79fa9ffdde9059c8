-- bad: rows are changed under the lock
ALTER TABLE users ADD COLUMN a int;
UPDATE orders SET total = 0 WHERE total IS NULL; --!
-- bad: an index
ALTER TABLE users RENAME COLUMN a TO b;
CREATE INDEX ON orders (a); --!
-- bad: a scan
ALTER TABLE users ADD COLUMN a int;
ALTER TABLE orders VALIDATE CONSTRAINT c; --!
-- good: before the lock; a few rows; a new table
UPDATE orders SET total = 0 WHERE total IS NULL;
ALTER TABLE users ADD COLUMN a int;
INSERT INTO settings (k) VALUES ('a');
CREATE TABLE t (a int);
CREATE INDEX ON t (a);
-- good: each by itself [no-transaction]
-- file: 1_a.sql [no-transaction]
ALTER TABLE users ADD COLUMN a int;
UPDATE orders SET total = 0 WHERE total IS NULL;
