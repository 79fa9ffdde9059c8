-- bad: with its values
ALTER TABLE users DROP COLUMN email; --!
-- good: of a new table
CREATE TABLE t (a int, b int);
ALTER TABLE t DROP COLUMN b;
