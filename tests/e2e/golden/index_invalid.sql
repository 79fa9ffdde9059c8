--- kinds: index
--- before
CREATE TABLE n1 (n2 int);
CREATE INDEX n3 ON n1 (n2);
UPDATE pg_index SET indisvalid = false WHERE indexrelid >= 16384;
--- after
CREATE TABLE n1 (n2 int);
CREATE INDEX n3 ON n1 (n2);
--- dump
CREATE TABLE public.n1 (
    n2 integer
);
ALTER TABLE public.n1 OWNER TO postgres;
CREATE INDEX n3 ON public.n1 USING btree (n2);
--- change
DROP INDEX public.n3;
CREATE INDEX n3 ON public.n1 USING btree (n2);
