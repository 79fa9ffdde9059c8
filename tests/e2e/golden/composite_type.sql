--- kinds: composite type, attribute
--- before
CREATE TYPE n1 AS (n2 int, n3 text COLLATE "C", n4 numeric(10,2)[]);
--- after
CREATE TYPE n1 AS (n2 bigint, n3 text COLLATE "C", n5 date);
COMMENT ON COLUMN n1.n5 IS 'a day';
--- dump
CREATE TYPE public.n1 AS (n2 integer, n3 text COLLATE pg_catalog."C", n4 numeric(10,2)[]);
ALTER TYPE public.n1 OWNER TO postgres;
--- change
ALTER TYPE public.n1 DROP ATTRIBUTE n4 CASCADE;
ALTER TYPE public.n1 ALTER ATTRIBUTE n2 TYPE bigint CASCADE;
ALTER TYPE public.n1 ADD ATTRIBUTE n5 date CASCADE;
COMMENT ON COLUMN public.n1.n5 IS 'a day';
