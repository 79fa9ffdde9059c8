--- kinds: column
--- since: 18
--- before
CREATE TABLE n1 (n2 int, n3 int GENERATED ALWAYS AS (n2 * 2) VIRTUAL);
--- after
CREATE TABLE n1 (n2 int, n3 int GENERATED ALWAYS AS (n2 * 2) STORED);
--- dump
CREATE TABLE public.n1 (
    n2 integer,
    n3 integer GENERATED ALWAYS AS ((n2 * 2)) VIRTUAL
);
ALTER TABLE public.n1 OWNER TO postgres;
--- change
ALTER TABLE public.n1 DROP COLUMN n3;
ALTER TABLE public.n1 ADD COLUMN n3 integer GENERATED ALWAYS AS ((n2 * 2)) STORED;
