-- bad: the caller's
CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER AS $$ SELECT 1 $$; --!
-- good: its own; the caller's rights
CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$ SELECT 1 $$;
CREATE FUNCTION g() RETURNS int LANGUAGE sql SECURITY INVOKER AS $$ SELECT 1 $$;
