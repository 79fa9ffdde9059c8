-- bad: the clock, a table
CREATE TABLE rates (r numeric);
CREATE FUNCTION a() RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$ SELECT now() $$; --!
CREATE FUNCTION b() RETURNS numeric LANGUAGE sql IMMUTABLE AS $$ SELECT r FROM rates LIMIT 1 $$; --!
-- good: its arguments; STABLE
CREATE TABLE rates (r numeric);
CREATE FUNCTION a(i int) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT i + 1 /* not now */ $$;
CREATE FUNCTION b() RETURNS numeric LANGUAGE sql STABLE AS $$ SELECT r FROM rates LIMIT 1 $$;
CREATE FUNCTION c(j jsonb) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT (j ->> 'rates')::int FROM jsonb_each(j) $$;
