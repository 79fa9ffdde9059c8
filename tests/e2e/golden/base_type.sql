--- kinds: base type
--- before
CREATE TYPE n1;
CREATE FUNCTION n2(cstring) RETURNS n1 IMMUTABLE STRICT LANGUAGE internal AS 'textin';
CREATE FUNCTION n3(n1) RETURNS cstring IMMUTABLE STRICT LANGUAGE internal AS 'textout';
CREATE TYPE n1 (input = n2, output = n3, category = 'S');
--- after
CREATE TYPE n1;
CREATE FUNCTION n2(cstring) RETURNS n1 IMMUTABLE STRICT LANGUAGE internal AS 'textin';
CREATE FUNCTION n3(n1) RETURNS cstring IMMUTABLE STRICT LANGUAGE internal AS 'textout';
CREATE TYPE n1 (input = n2, output = n3, category = 'S', delimiter = ';');
--- dump
CREATE TYPE public.n1;

CREATE OR REPLACE FUNCTION public.n2(cstring)
 RETURNS public.n1
 LANGUAGE internal
 IMMUTABLE STRICT
AS $function$textin$function$;
ALTER FUNCTION public.n2(cstring) OWNER TO postgres;

CREATE OR REPLACE FUNCTION public.n3(public.n1)
 RETURNS cstring
 LANGUAGE internal
 IMMUTABLE STRICT
AS $function$textout$function$;
ALTER FUNCTION public.n3(public.n1) OWNER TO postgres;

CREATE TYPE public.n1 (STORAGE = plain, INPUT = public.n2, OUTPUT = public.n3, INTERNALLENGTH = VARIABLE, ALIGNMENT = int4, CATEGORY = 'S');
ALTER TYPE public.n1 OWNER TO postgres;
--- change
SET check_function_bodies = off;
DROP TYPE public.n1 CASCADE;
CREATE TYPE public.n1;
CREATE OR REPLACE FUNCTION public.n2(cstring)
 RETURNS public.n1
 LANGUAGE internal
 IMMUTABLE STRICT
AS $function$textin$function$;
CREATE OR REPLACE FUNCTION public.n3(public.n1)
 RETURNS cstring
 LANGUAGE internal
 IMMUTABLE STRICT
AS $function$textout$function$;
CREATE TYPE public.n1 (STORAGE = plain, INPUT = public.n2, OUTPUT = public.n3, INTERNALLENGTH = VARIABLE, ALIGNMENT = int4, CATEGORY = 'S', DELIMITER = ';');
