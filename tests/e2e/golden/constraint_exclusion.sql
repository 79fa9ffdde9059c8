--- kinds: constraint
--- before
CREATE TABLE n1 (n2 int4range, n3 circle, CONSTRAINT n4 EXCLUDE USING gist (n2 WITH &&));
--- after
CREATE TABLE n1 (n2 int4range, n3 circle, CONSTRAINT n4 EXCLUDE USING gist (n2 WITH &&, n3 WITH &&) WHERE (NOT isempty(n2)) DEFERRABLE);
--- dump
CREATE TABLE public.n1 (
    n2 int4range,
    n3 circle,
    CONSTRAINT n4 EXCLUDE USING gist (n2 WITH &&)
);
ALTER TABLE public.n1 OWNER TO postgres;
--- change
ALTER TABLE public.n1 DROP CONSTRAINT n4;
ALTER TABLE public.n1 ADD CONSTRAINT n4 EXCLUDE USING gist (n2 WITH &&, n3 WITH &&) WHERE ((NOT isempty(n2))) DEFERRABLE;
