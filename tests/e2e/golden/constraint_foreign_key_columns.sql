--- kinds: constraint
--- since: 15
--- before
CREATE TABLE n1 (n2 int, n3 int, PRIMARY KEY (n2, n3));
CREATE TABLE n4 (n5 int, n6 int, CONSTRAINT n7 FOREIGN KEY (n5, n6) REFERENCES n1 ON DELETE SET NULL (n6));
--- after
CREATE TABLE n1 (n2 int, n3 int, PRIMARY KEY (n2, n3));
CREATE TABLE n4 (n5 int, n6 int, CONSTRAINT n7 FOREIGN KEY (n5, n6) REFERENCES n1 ON DELETE SET DEFAULT (n5));
--- dump
CREATE TABLE public.n1 (
    n2 integer NOT NULL,
    n3 integer NOT NULL,
    CONSTRAINT n1_pkey PRIMARY KEY (n2, n3)
);
ALTER TABLE public.n1 OWNER TO postgres;

CREATE TABLE public.n4 (
    n5 integer,
    n6 integer
);
ALTER TABLE public.n4 OWNER TO postgres;
ALTER TABLE public.n4 ADD CONSTRAINT n7 FOREIGN KEY (n5, n6) REFERENCES public.n1(n2, n3) ON DELETE SET NULL (n6);
--- change
ALTER TABLE public.n4 DROP CONSTRAINT n7;
ALTER TABLE public.n4 ADD CONSTRAINT n7 FOREIGN KEY (n5, n6) REFERENCES public.n1(n2, n3) ON DELETE SET DEFAULT (n5);
