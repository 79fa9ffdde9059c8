-- bad: rows that are there have no value
ALTER TABLE users ADD COLUMN email text NOT NULL; --!
-- good: with a default, nullable, numbered, new table
ALTER TABLE users ADD COLUMN email text NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN phone text;
ALTER TABLE users ADD COLUMN n bigint GENERATED ALWAYS AS IDENTITY;
CREATE TABLE t (a int NOT NULL);
ALTER TABLE t ADD COLUMN b int NOT NULL;
