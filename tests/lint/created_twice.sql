-- bad: there already
-- file: 1_a.sql
CREATE TABLE t (a int, CONSTRAINT x CHECK (a > 0));
CREATE TYPE s AS ENUM ('a');
CREATE INDEX t_a ON t (a);
CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;
CREATE VIEW v AS SELECT 1 AS a;
-- file: 2_b.sql
CREATE TABLE t (a int); --!
CREATE TYPE s AS ENUM ('b'); --!
CREATE INDEX t_a ON t (a); --!
CREATE FUNCTION f(i integer) RETURNS int LANGUAGE sql AS $$ SELECT 1 $$; --!
CREATE VIEW v AS SELECT 1 AS a; --!
ALTER TABLE t ADD COLUMN a int; --!
ALTER TYPE s ADD VALUE 'a'; --!
-- good: guarded, dropped, elsewhere, another
-- file: 1_a.sql
CREATE TABLE t (a int);
CREATE TYPE s AS ENUM ('a');
CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;
CREATE VIEW v AS SELECT 1 AS a;
-- file: 2_b.sql
CREATE TABLE IF NOT EXISTS t (a int);
CREATE TABLE other.t (a int);
CREATE TEMP TABLE t (a int);
CREATE OR REPLACE FUNCTION f(int) RETURNS int LANGUAGE sql AS $$ SELECT 2 $$;
CREATE FUNCTION f(text) RETURNS int LANGUAGE sql AS $$ SELECT 2 $$;
CREATE OR REPLACE VIEW v AS SELECT 1 AS a;
ALTER TABLE t ADD COLUMN IF NOT EXISTS a int;
ALTER TYPE s ADD VALUE IF NOT EXISTS 'a';
-- file: 3_c.sql
DROP TABLE t;
DROP TYPE s;
CREATE TABLE t (a int);
CREATE TYPE s AS ENUM ('a');
