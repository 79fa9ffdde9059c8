-- bad: a value of its own for each row
ALTER TABLE users ADD COLUMN token uuid NOT NULL DEFAULT gen_random_uuid(); --!
ALTER TABLE users ADD COLUMN at timestamptz DEFAULT clock_timestamp(); --!
-- bad: a function of the files that is VOLATILE
CREATE FUNCTION next_code() RETURNS text LANGUAGE sql AS $$ SELECT 'x' $$;
ALTER TABLE users ADD COLUMN code text DEFAULT next_code(); --!
-- good: constants, and what is the same for all rows
ALTER TABLE users ADD COLUMN at timestamptz NOT NULL DEFAULT now();
ALTER TABLE users ADD COLUMN n int DEFAULT 1 + 2, ADD COLUMN t text DEFAULT 'a';
CREATE FUNCTION one() RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT 1 $$;
ALTER TABLE users ADD COLUMN o int DEFAULT one();
-- good: a table that this file makes
CREATE TABLE users (id bigint PRIMARY KEY);
ALTER TABLE users ADD COLUMN token uuid DEFAULT gen_random_uuid();
-- good: the default of new rows only
ALTER TABLE users ALTER COLUMN token SET DEFAULT gen_random_uuid();
