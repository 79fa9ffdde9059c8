--- kinds: statistics
--- since: 14
--- before
CREATE TABLE n1 (n2 int, n3 text);
CREATE STATISTICS n4 ON n2, lower(n3) FROM n1;
--- after
CREATE TABLE n1 (n2 int, n3 text);
CREATE STATISTICS n4 ON (n2 % 7), lower(n3) FROM n1;
ALTER STATISTICS n4 SET STATISTICS 50;
--- dump
CREATE TABLE public.n1 (
    n2 integer,
    n3 text
);
ALTER TABLE public.n1 OWNER TO postgres;

CREATE STATISTICS public.n4 ON n2, lower(n3) FROM public.n1;
ALTER STATISTICS public.n4 OWNER TO postgres;
--- change
DROP STATISTICS public.n4;
CREATE STATISTICS public.n4 ON (n2 % 7), lower(n3) FROM public.n1;
ALTER STATISTICS public.n4 SET STATISTICS 50;
