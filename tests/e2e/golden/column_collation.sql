--- kinds: column, collation
--- before
CREATE COLLATION n1 (locale = 'C');
CREATE TABLE n2 (n3 text COLLATE n1, n4 text);
--- after
CREATE COLLATION n1 (locale = 'C');
CREATE TABLE n2 (n3 text, n4 text COLLATE "POSIX");
--- dump
CREATE COLLATION public.n1 (provider = libc, locale = 'C');
ALTER COLLATION public.n1 OWNER TO postgres;

CREATE TABLE public.n2 (
    n3 text COLLATE public.n1,
    n4 text
);
ALTER TABLE public.n2 OWNER TO postgres;
--- change
ALTER TABLE public.n2 ALTER COLUMN n3 TYPE text;
ALTER TABLE public.n2 ALTER COLUMN n4 TYPE text COLLATE pg_catalog."POSIX";
