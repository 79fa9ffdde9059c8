--- kinds: routine
--- before
CREATE FUNCTION n1(n2 int, n3 text DEFAULT 'it''s') RETURNS text LANGUAGE sql AS $$SELECT n3 || n2$$;
CREATE FUNCTION n4(VARIADIC n5 int[]) RETURNS TABLE (n6 int) LANGUAGE plpgsql STABLE AS $$BEGIN RETURN QUERY SELECT unnest(n5); END$$;
--- after
CREATE FUNCTION n1(n2 int, n3 text DEFAULT 'other') RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 5 AS $$SELECT n3$$;
CREATE FUNCTION n4(n5 int) RETURNS SETOF int LANGUAGE sql SECURITY DEFINER SET search_path = n7, '' AS 'SELECT 1';
--- dump
CREATE OR REPLACE FUNCTION public.n1(n2 integer, n3 text DEFAULT 'it''s'::text)
 RETURNS text
 LANGUAGE sql
AS $function$SELECT n3 || n2$function$;
ALTER FUNCTION public.n1(n2 integer, n3 text) OWNER TO postgres;

CREATE OR REPLACE FUNCTION public.n4(VARIADIC n5 integer[])
 RETURNS TABLE(n6 integer)
 LANGUAGE plpgsql
 STABLE
AS $function$BEGIN RETURN QUERY SELECT unnest(n5); END$function$;
ALTER FUNCTION public.n4(VARIADIC n5 integer[]) OWNER TO postgres;
--- change
SET check_function_bodies = off;
DROP FUNCTION public.n4(VARIADIC n5 integer[]);
CREATE OR REPLACE FUNCTION public.n1(n2 integer, n3 text DEFAULT 'other'::text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT COST 5
AS $function$SELECT n3$function$;
CREATE OR REPLACE FUNCTION public.n4(n5 integer)
 RETURNS SETOF integer
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'n7', ''
AS $function$SELECT 1$function$;
