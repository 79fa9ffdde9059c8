-- bad: the old one stays
-- file: 1_a.sql
CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;
-- file: 2_b.sql
CREATE OR REPLACE FUNCTION f(int, text) RETURNS int LANGUAGE sql AS $$ SELECT 1 $$; --!
-- good: dropped; the same; meant
-- file: 1_a.sql
CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;
CREATE OR REPLACE FUNCTION f(bigint) RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;
CREATE FUNCTION g(int) RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;
-- file: 2_b.sql
CREATE OR REPLACE FUNCTION f(int) RETURNS int LANGUAGE sql AS $$ SELECT 2 $$;
CREATE OR REPLACE FUNCTION g(text) RETURNS int LANGUAGE sql AS $$ SELECT 2 $$;
DROP FUNCTION g(int);
