-- bad: another result
CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;
CREATE OR REPLACE FUNCTION f(int) RETURNS bigint LANGUAGE sql AS $$ SELECT 1 $$; --!
-- good: the same; another function
CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;
CREATE OR REPLACE FUNCTION f(i integer) RETURNS integer LANGUAGE sql AS $$ SELECT 2 $$;
CREATE OR REPLACE FUNCTION f(text) RETURNS text LANGUAGE sql AS $$ SELECT 'a' $$;
