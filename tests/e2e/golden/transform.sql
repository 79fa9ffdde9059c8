--- kinds: transform, routine
--- before
CREATE TYPE n3 AS (n4 int);
CREATE FUNCTION n1(internal) RETURNS internal IMMUTABLE STRICT LANGUAGE internal AS 'byteaout';
CREATE FUNCTION n2(internal) RETURNS n3 IMMUTABLE STRICT LANGUAGE internal AS 'record_recv';
CREATE TRANSFORM FOR n3 LANGUAGE sql (FROM SQL WITH FUNCTION n1(internal));
--- after
CREATE TYPE n3 AS (n4 int);
CREATE FUNCTION n1(internal) RETURNS internal IMMUTABLE STRICT LANGUAGE internal AS 'byteaout';
CREATE FUNCTION n2(internal) RETURNS n3 IMMUTABLE STRICT LANGUAGE internal AS 'record_recv';
CREATE TRANSFORM FOR n3 LANGUAGE sql (FROM SQL WITH FUNCTION n1(internal), TO SQL WITH FUNCTION n2(internal));
COMMENT ON TRANSFORM FOR n3 LANGUAGE sql IS 'x';
--- dump
CREATE TYPE public.n3 AS (n4 integer);
ALTER TYPE public.n3 OWNER TO postgres;

CREATE OR REPLACE FUNCTION public.n1(internal)
 RETURNS internal
 LANGUAGE internal
 IMMUTABLE STRICT
AS $function$byteaout$function$;
ALTER FUNCTION public.n1(internal) OWNER TO postgres;

CREATE OR REPLACE FUNCTION public.n2(internal)
 RETURNS public.n3
 LANGUAGE internal
 IMMUTABLE STRICT
AS $function$record_recv$function$;
ALTER FUNCTION public.n2(internal) OWNER TO postgres;

CREATE OR REPLACE TRANSFORM FOR public.n3 LANGUAGE sql (FROM SQL WITH FUNCTION public.n1(internal));
--- change
CREATE OR REPLACE TRANSFORM FOR public.n3 LANGUAGE sql (FROM SQL WITH FUNCTION public.n1(internal), TO SQL WITH FUNCTION public.n2(internal));
COMMENT ON TRANSFORM FOR public.n3 LANGUAGE sql IS 'x';
