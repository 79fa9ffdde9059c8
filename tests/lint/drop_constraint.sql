-- bad: rows that it kept out
ALTER TABLE t DROP CONSTRAINT c; --!
-- good: of a new table
CREATE TABLE t (a int CONSTRAINT c CHECK (a > 0));
ALTER TABLE t DROP CONSTRAINT c;
