--- kinds: table, composite type
--- before
CREATE TYPE n1 AS (n2 int, n3 text);
CREATE TABLE n4 OF n1 (n2 NOT NULL);
--- after
CREATE TYPE n1 AS (n2 int, n3 text, n5 date);
CREATE TABLE n4 OF n1 (n2 WITH OPTIONS DEFAULT 7);
--- dump
CREATE TYPE public.n1 AS (n2 integer, n3 text);
ALTER TYPE public.n1 OWNER TO postgres;

CREATE TABLE public.n4 OF public.n1;
ALTER TABLE public.n4 ALTER COLUMN n2 SET NOT NULL;
ALTER TABLE public.n4 OWNER TO postgres;
--- change
ALTER TYPE public.n1 ADD ATTRIBUTE n5 date CASCADE;
ALTER TABLE public.n4 ALTER COLUMN n2 DROP NOT NULL;
ALTER TABLE public.n4 ALTER COLUMN n2 SET DEFAULT 7;
