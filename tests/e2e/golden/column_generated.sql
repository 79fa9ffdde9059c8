--- kinds: column
--- before
CREATE TABLE n1 (n2 int, n3 int GENERATED ALWAYS AS (n2 * 2) STORED);
--- after
CREATE TABLE n1 (n2 int, n3 int GENERATED ALWAYS AS (n2 * 3) STORED, n4 text GENERATED ALWAYS AS (n2::text) STORED);
--- dump
CREATE TABLE public.n1 (
    n2 integer,
    n3 integer GENERATED ALWAYS AS ((n2 * 2)) STORED
);
ALTER TABLE public.n1 OWNER TO postgres;
--- change
ALTER TABLE public.n1 DROP COLUMN n3;
ALTER TABLE public.n1 ADD COLUMN n3 integer GENERATED ALWAYS AS ((n2 * 3)) STORED;
ALTER TABLE public.n1 ADD COLUMN n4 text GENERATED ALWAYS AS ((n2)::text) STORED;
--- change 17
ALTER TABLE public.n1 ALTER COLUMN n3 SET EXPRESSION AS ((n2 * 3));
ALTER TABLE public.n1 ADD COLUMN n4 text GENERATED ALWAYS AS ((n2)::text) STORED;
