--- kinds: constraint
--- before
CREATE TABLE n1 (n2 int, n3 int NOT NULL, CONSTRAINT n4 PRIMARY KEY (n2));
--- after
CREATE TABLE n1 (n2 int NOT NULL, n3 int, CONSTRAINT n4 PRIMARY KEY (n3, n2) INCLUDE (n5), n5 text) ;
COMMENT ON CONSTRAINT n4 ON n1 IS 'both';
--- dump
CREATE TABLE public.n1 (
    n2 integer NOT NULL,
    n3 integer NOT NULL,
    CONSTRAINT n4 PRIMARY KEY (n2)
);
ALTER TABLE public.n1 OWNER TO postgres;
--- change
ALTER TABLE public.n1 DROP CONSTRAINT n4;
ALTER TABLE public.n1 ADD COLUMN n5 text;
ALTER TABLE public.n1 ADD CONSTRAINT n4 PRIMARY KEY (n3, n2) INCLUDE (n5);
COMMENT ON CONSTRAINT n4 ON public.n1 IS 'both';
