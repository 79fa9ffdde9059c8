--- kinds: constraint
--- before
CREATE TABLE n1 (n2 int, n3 int, CONSTRAINT n4 UNIQUE (n2) WITH (fillfactor = 80), UNIQUE (n3) DEFERRABLE);
--- after
CREATE TABLE n1 (n2 int, n3 int, CONSTRAINT n4 UNIQUE (n2, n3) INITIALLY DEFERRED);
--- dump
CREATE TABLE public.n1 (
    n2 integer,
    n3 integer,
    CONSTRAINT n1_n3_key UNIQUE (n3) DEFERRABLE
);
ALTER TABLE public.n1 OWNER TO postgres;
ALTER TABLE public.n1 ADD CONSTRAINT n4 UNIQUE (n2);
ALTER INDEX public.n4 SET (fillfactor='80');
--- change
ALTER TABLE public.n1 DROP CONSTRAINT n1_n3_key;
ALTER TABLE public.n1 DROP CONSTRAINT n4;
ALTER TABLE public.n1 ADD CONSTRAINT n4 UNIQUE (n2, n3) DEFERRABLE INITIALLY DEFERRED;
