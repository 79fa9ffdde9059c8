--- kinds: schema, table, view, routine, sequence, enum
--- before
CREATE SCHEMA n1;
CREATE TABLE n2 (n3 int);
CREATE VIEW n4 AS SELECT 1 AS n3;
CREATE FUNCTION n5() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE SEQUENCE n6;
CREATE TYPE n7 AS ENUM ();
--- after
CREATE SCHEMA n1;
CREATE TABLE n2 (n3 int);
CREATE VIEW n4 AS SELECT 1 AS n3;
CREATE FUNCTION n5() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE SEQUENCE n6;
CREATE TYPE n7 AS ENUM ();
ALTER SCHEMA n1 OWNER TO role_a;
ALTER TABLE n2 OWNER TO role_a;
ALTER VIEW n4 OWNER TO role_b;
ALTER FUNCTION n5() OWNER TO role_a;
ALTER SEQUENCE n6 OWNER TO role_b;
ALTER TYPE n7 OWNER TO role_a;
--- dump
CREATE SCHEMA n1;
ALTER SCHEMA n1 OWNER TO postgres;

CREATE SEQUENCE public.n6;
ALTER SEQUENCE public.n6 OWNER TO postgres;

CREATE TYPE public.n7 AS ENUM ();
ALTER TYPE public.n7 OWNER TO postgres;

CREATE TABLE public.n2 (
    n3 integer
);
ALTER TABLE public.n2 OWNER TO postgres;

CREATE OR REPLACE FUNCTION public.n5()
 RETURNS integer
 LANGUAGE sql
AS $function$SELECT 1$function$;
ALTER FUNCTION public.n5() OWNER TO postgres;

CREATE OR REPLACE VIEW public.n4 AS
 SELECT 1 AS n3;
ALTER VIEW public.n4 OWNER TO postgres;
--- change
SET check_function_bodies = off;
ALTER SCHEMA n1 OWNER TO golden_a;
ALTER SEQUENCE public.n6 OWNER TO golden_b;
ALTER TYPE public.n7 OWNER TO golden_a;
ALTER TABLE public.n2 OWNER TO golden_a;
ALTER FUNCTION public.n5() OWNER TO golden_a;
ALTER VIEW public.n4 OWNER TO golden_b;
