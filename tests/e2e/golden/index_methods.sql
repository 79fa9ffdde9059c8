--- kinds: index
--- before
CREATE TABLE n1 (n2 int, n3 point, n4 tsvector, n5 int[]);
CREATE INDEX n6 ON n1 USING hash (n2);
CREATE INDEX n7 ON n1 USING gist (n3) WITH (buffering = on);
CREATE INDEX n8 ON n1 USING gin (n4) WITH (fastupdate = off);
CREATE INDEX n9 ON n1 USING brin (n2) WITH (pages_per_range = 32);
--- after
CREATE TABLE n1 (n2 int, n3 point, n4 tsvector, n5 int[]);
CREATE INDEX n6 ON n1 USING btree (n2) WITH (fillfactor = 60);
CREATE INDEX n7 ON n1 USING spgist (n3);
CREATE INDEX n8 ON n1 USING gin (n5, n4);
CREATE INDEX n9 ON n1 USING brin (n2) WITH (pages_per_range = 64);
--- dump
CREATE TABLE public.n1 (
    n2 integer,
    n3 point,
    n4 tsvector,
    n5 integer[]
);
ALTER TABLE public.n1 OWNER TO postgres;
CREATE INDEX n6 ON public.n1 USING hash (n2);
CREATE INDEX n7 ON public.n1 USING gist (n3) WITH (buffering='on');
CREATE INDEX n8 ON public.n1 USING gin (n4) WITH (fastupdate=off);
CREATE INDEX n9 ON public.n1 USING brin (n2) WITH (pages_per_range='32');
--- change
DROP INDEX public.n6;
DROP INDEX public.n7;
DROP INDEX public.n8;
CREATE INDEX n6 ON public.n1 USING btree (n2) WITH (fillfactor='60');
CREATE INDEX n7 ON public.n1 USING spgist (n3);
CREATE INDEX n8 ON public.n1 USING gin (n5, n4);
ALTER INDEX public.n9 SET (pages_per_range='64');
