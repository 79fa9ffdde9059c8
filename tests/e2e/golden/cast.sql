--- kinds: cast, routine
--- before
CREATE TYPE n1 AS (n2 int);
CREATE FUNCTION n3(n1) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 1';
CREATE CAST (n1 AS int) WITH FUNCTION n3(n1) AS ASSIGNMENT;
--- after
CREATE TYPE n1 AS (n2 int);
CREATE FUNCTION n3(n1) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 1';
CREATE CAST (n1 AS int) WITH FUNCTION n3(n1) AS IMPLICIT;
CREATE CAST (n1 AS text) WITH INOUT;
COMMENT ON CAST (n1 AS text) IS 'x';
--- dump
CREATE TYPE public.n1 AS (n2 integer);
ALTER TYPE public.n1 OWNER TO postgres;

CREATE OR REPLACE FUNCTION public.n3(public.n1)
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE
AS $function$SELECT 1$function$;
ALTER FUNCTION public.n3(public.n1) OWNER TO postgres;

CREATE CAST (public.n1 AS integer) WITH FUNCTION public.n3(public.n1) AS ASSIGNMENT;
--- change
DROP CAST (public.n1 AS integer);
CREATE CAST (public.n1 AS integer) WITH FUNCTION public.n3(public.n1) AS IMPLICIT;
CREATE CAST (public.n1 AS text) WITH INOUT;
COMMENT ON CAST (public.n1 AS text) IS 'x';
