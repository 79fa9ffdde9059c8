--- kinds: table, partition
--- before
CREATE TABLE n1 (n2 text COLLATE "C", n3 int) PARTITION BY LIST (n2 COLLATE "C");
CREATE TABLE n4 PARTITION OF n1 FOR VALUES IN ('a', 'it''s', NULL);
--- after
CREATE TABLE n1 (n2 text COLLATE "C", n3 int) PARTITION BY LIST (n2 COLLATE "C");
CREATE TABLE n4 PARTITION OF n1 FOR VALUES IN ('a');
CREATE TABLE n5 PARTITION OF n1 FOR VALUES IN (NULL);
--- dump
CREATE TABLE public.n1 (
    n2 text COLLATE pg_catalog."C",
    n3 integer
) PARTITION BY LIST (n2);
ALTER TABLE public.n1 OWNER TO postgres;

CREATE TABLE public.n4 (
    n2 text COLLATE pg_catalog."C",
    n3 integer
);
ALTER TABLE public.n4 OWNER TO postgres;
ALTER TABLE public.n1 ATTACH PARTITION public.n4 FOR VALUES IN ('a', 'it''s', NULL);
--- change
ALTER TABLE public.n1 DETACH PARTITION public.n4;
CREATE TABLE public.n5 (
    n2 text COLLATE pg_catalog."C",
    n3 integer
);
ALTER TABLE public.n1 ATTACH PARTITION public.n4 FOR VALUES IN ('a');
ALTER TABLE public.n1 ATTACH PARTITION public.n5 FOR VALUES IN (NULL);
