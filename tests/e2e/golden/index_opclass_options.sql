--- kinds: index
--- since: 13
--- before
CREATE TABLE n1 (n2 tsvector);
CREATE INDEX n3 ON n1 USING gist (n2 tsvector_ops (siglen = 100));
--- after
CREATE TABLE n1 (n2 tsvector);
CREATE INDEX n3 ON n1 USING gist (n2);
--- dump
CREATE TABLE public.n1 (
    n2 tsvector
);
ALTER TABLE public.n1 OWNER TO postgres;
CREATE INDEX n3 ON public.n1 USING gist (n2 tsvector_ops (siglen='100'));
--- change
DROP INDEX public.n3;
CREATE INDEX n3 ON public.n1 USING gist (n2);
