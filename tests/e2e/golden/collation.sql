--- kinds: collation
--- before
CREATE COLLATION n1 (locale = 'C');
CREATE TABLE n2 (n3 text COLLATE n1);
--- after
CREATE COLLATION n1 (lc_collate = 'C', lc_ctype = 'POSIX');
CREATE TABLE n2 (n3 text COLLATE n1);
COMMENT ON COLLATION n1 IS 'mixed';
--- dump
CREATE COLLATION public.n1 (provider = libc, locale = 'C');
ALTER COLLATION public.n1 OWNER TO postgres;

CREATE TABLE public.n2 (
    n3 text COLLATE public.n1
);
ALTER TABLE public.n2 OWNER TO postgres;
--- change
ALTER COLLATION public.n1 RENAME TO n1__replaced;
CREATE COLLATION public.n1 (provider = libc, lc_collate = 'C', lc_ctype = 'POSIX');
COMMENT ON COLLATION public.n1 IS 'mixed';
ALTER TABLE public.n2 ALTER COLUMN n3 TYPE text COLLATE public.n1 USING n3::text::text;
DROP COLLATION public.n1__replaced;
