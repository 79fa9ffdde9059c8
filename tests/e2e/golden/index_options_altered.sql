--- kinds: index
--- before
CREATE TABLE n1 (n2 int, n3 text, n4 int[]);
CREATE INDEX n5 ON n1 (n2);
CREATE INDEX n6 ON n1 USING gin (n4) WITH (gin_pending_list_limit = 100, fastupdate = off);
CREATE INDEX n7 ON n1 (n3) WITH (fillfactor = 70) WHERE n2 > 0;
--- after
CREATE TABLE n1 (n2 int, n3 text, n4 int[]);
CREATE INDEX n5 ON n1 (n2) WITH (fillfactor = 80);
CREATE INDEX n6 ON n1 USING gin (n4) WITH (fastupdate = on);
CREATE INDEX n7 ON n1 (n3) WITH (fillfactor = 70) WHERE n2 > 1;
--- dump
CREATE TABLE public.n1 (
    n2 integer,
    n3 text,
    n4 integer[]
);
ALTER TABLE public.n1 OWNER TO postgres;
CREATE INDEX n5 ON public.n1 USING btree (n2);
CREATE INDEX n6 ON public.n1 USING gin (n4) WITH (fastupdate=off, gin_pending_list_limit='100');
CREATE INDEX n7 ON public.n1 USING btree (n3) WITH (fillfactor='70') WHERE (n2 > 0);
--- change
DROP INDEX public.n7;
ALTER INDEX public.n5 SET (fillfactor='80');
ALTER INDEX public.n6 RESET (gin_pending_list_limit);
ALTER INDEX public.n6 SET (fastupdate='on');
CREATE INDEX n7 ON public.n1 USING btree (n3) WITH (fillfactor='70') WHERE (n2 > 1);
