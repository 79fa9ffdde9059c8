--- kinds: column
--- since: 14
--- before
CREATE TABLE n1 (n2 text COMPRESSION pglz, n3 text);
--- after
CREATE TABLE n1 (n2 text, n3 text COMPRESSION pglz);
--- dump
CREATE TABLE public.n1 (
    n2 text COMPRESSION pglz,
    n3 text
);
ALTER TABLE public.n1 OWNER TO postgres;
--- change
ALTER TABLE public.n1 ALTER COLUMN n2 SET COMPRESSION DEFAULT;
ALTER TABLE public.n1 ALTER COLUMN n3 SET COMPRESSION pglz;
