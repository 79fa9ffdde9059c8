--- kinds: constraint
--- before
CREATE TABLE n1 (n2 int CONSTRAINT n3 CHECK (n2 > 0), n4 text);
ALTER TABLE n1 ADD CONSTRAINT n5 CHECK (n4 <> 'it''s') NOT VALID;
--- after
CREATE TABLE n1 (n2 int CONSTRAINT n3 CHECK (n2 > 1) NO INHERIT, n4 text);
ALTER TABLE n1 ADD CONSTRAINT n5 CHECK (n4 <> 'it''s');
--- dump
CREATE TABLE public.n1 (
    n2 integer,
    n4 text,
    CONSTRAINT n3 CHECK ((n2 > 0))
);
ALTER TABLE public.n1 OWNER TO postgres;
ALTER TABLE public.n1 ADD CONSTRAINT n5 CHECK ((n4 <> 'it''s'::text)) NOT VALID;
--- change
ALTER TABLE public.n1 DROP CONSTRAINT n3;
ALTER TABLE public.n1 ADD CONSTRAINT n3 CHECK ((n2 > 1)) NO INHERIT;
ALTER TABLE public.n1 VALIDATE CONSTRAINT n5;
