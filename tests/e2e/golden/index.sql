--- kinds: index
--- before
CREATE TABLE n1 (n2 int, n3 text);
CREATE INDEX n4 ON n1 (n2 DESC NULLS LAST, n3 COLLATE "C" text_pattern_ops);
CREATE UNIQUE INDEX n5 ON n1 (n2) INCLUDE (n3);
CREATE INDEX n6 ON n1 (lower(n3), (n2 + 1)) WHERE n2 > 0;
COMMENT ON INDEX n6 IS 'some';
--- after
CREATE TABLE n1 (n2 int, n3 text);
CREATE INDEX n4 ON n1 (n2);
CREATE INDEX n5 ON n1 (n2) INCLUDE (n3);
CREATE INDEX n6 ON n1 (lower(n3), (n2 + 1)) WHERE n2 > 1;
ALTER TABLE n1 CLUSTER ON n4;
ALTER INDEX n6 ALTER COLUMN 2 SET STATISTICS 300;
--- dump
CREATE TABLE public.n1 (
    n2 integer,
    n3 text
);
ALTER TABLE public.n1 OWNER TO postgres;
CREATE INDEX n4 ON public.n1 USING btree (n2 DESC NULLS LAST, n3 COLLATE "C" text_pattern_ops);
CREATE UNIQUE INDEX n5 ON public.n1 USING btree (n2) INCLUDE (n3);
CREATE INDEX n6 ON public.n1 USING btree (lower(n3), ((n2 + 1))) WHERE (n2 > 0);
COMMENT ON INDEX public.n6 IS 'some';
--- change
DROP INDEX public.n4;
DROP INDEX public.n5;
DROP INDEX public.n6;
CREATE INDEX n4 ON public.n1 USING btree (n2);
CREATE INDEX n5 ON public.n1 USING btree (n2) INCLUDE (n3);
CREATE INDEX n6 ON public.n1 USING btree (lower(n3), ((n2 + 1))) WHERE (n2 > 1);
ALTER INDEX public.n6 ALTER COLUMN 2 SET STATISTICS 300;
ALTER TABLE public.n1 CLUSTER ON n4;
