--- kinds: statistics
--- before
CREATE TABLE n1 (n2 int, n3 int);
CREATE STATISTICS n4 (ndistinct) ON n2, n3 FROM n1;
--- after
CREATE TABLE n1 (n2 int, n3 int);
CREATE STATISTICS n4 (dependencies, mcv) ON n2, n3 FROM n1;
COMMENT ON STATISTICS n4 IS 'x';
--- dump
CREATE TABLE public.n1 (
    n2 integer,
    n3 integer
);
ALTER TABLE public.n1 OWNER TO postgres;

CREATE STATISTICS public.n4 (ndistinct) ON n2, n3 FROM public.n1;
ALTER STATISTICS public.n4 OWNER TO postgres;
--- change
DROP STATISTICS public.n4;
CREATE STATISTICS public.n4 (dependencies, mcv) ON n2, n3 FROM public.n1;
COMMENT ON STATISTICS public.n4 IS 'x';
