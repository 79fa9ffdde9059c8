--- kinds: routine
--- since: 14
--- before
CREATE TABLE n1 (n2 int);
CREATE FUNCTION n3() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM n1; END;
--- after
CREATE TABLE n1 (n2 int);
CREATE FUNCTION n3() RETURNS bigint LANGUAGE sql RETURN (SELECT max(n2) FROM n1);
--- dump
CREATE TABLE public.n1 (
    n2 integer
);
ALTER TABLE public.n1 OWNER TO postgres;

CREATE OR REPLACE FUNCTION public.n3()
 RETURNS bigint
 LANGUAGE sql
BEGIN ATOMIC
 SELECT count(*) AS count
    FROM public.n1;
END;
ALTER FUNCTION public.n3() OWNER TO postgres;
--- change
SET check_function_bodies = off;
CREATE OR REPLACE FUNCTION public.n3()
 RETURNS bigint
 LANGUAGE sql
RETURN (SELECT max(n1.n2) AS max FROM public.n1);
