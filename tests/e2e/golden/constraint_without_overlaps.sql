--- kinds: constraint
--- since: 18
--- before
CREATE EXTENSION btree_gist;
CREATE TABLE n1 (n2 int, n3 daterange, CONSTRAINT n4 PRIMARY KEY (n2, n3 WITHOUT OVERLAPS));
CREATE TABLE n5 (n6 int, n7 daterange, CONSTRAINT n8 FOREIGN KEY (n6, PERIOD n7) REFERENCES n1 (n2, PERIOD n3));
--- after
CREATE EXTENSION btree_gist;
CREATE TABLE n1 (n2 int, n3 daterange, CONSTRAINT n4 UNIQUE (n2, n3 WITHOUT OVERLAPS));
CREATE TABLE n5 (n6 int, n7 daterange);
--- dump
CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA public;
COMMENT ON EXTENSION btree_gist IS 'support for indexing common datatypes in GiST';

CREATE TABLE public.n1 (
    n2 integer NOT NULL,
    n3 daterange NOT NULL,
    CONSTRAINT n4 PRIMARY KEY (n2, n3 WITHOUT OVERLAPS)
);
ALTER TABLE public.n1 OWNER TO postgres;

CREATE TABLE public.n5 (
    n6 integer,
    n7 daterange
);
ALTER TABLE public.n5 OWNER TO postgres;
ALTER TABLE public.n5 ADD CONSTRAINT n8 FOREIGN KEY (n6, PERIOD n7) REFERENCES public.n1(n2, PERIOD n3);
--- change
ALTER TABLE public.n5 DROP CONSTRAINT n8;
ALTER TABLE public.n1 DROP CONSTRAINT n4;
ALTER TABLE public.n1 ALTER COLUMN n2 DROP NOT NULL;
ALTER TABLE public.n1 ALTER COLUMN n3 DROP NOT NULL;
ALTER TABLE public.n1 ADD CONSTRAINT n4 UNIQUE (n2, n3 WITHOUT OVERLAPS);
