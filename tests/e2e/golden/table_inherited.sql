--- kinds: table, column
--- before
CREATE TABLE n1 (n2 int, n3 text);
CREATE TABLE n4 (n5 int) INHERITS (n1);
--- after
CREATE TABLE n1 (n2 int, n3 text, n6 date);
CREATE TABLE n4 (n2 int, n3 text, n5 int);
CREATE TABLE n7 (n8 int) INHERITS (n1);
--- dump
CREATE TABLE public.n1 (
    n2 integer,
    n3 text
);
ALTER TABLE public.n1 OWNER TO postgres;

CREATE TABLE public.n4 (
    n5 integer
) INHERITS (public.n1);
ALTER TABLE public.n4 OWNER TO postgres;
--- change
ALTER TABLE public.n4 NO INHERIT public.n1;
ALTER TABLE public.n1 ADD COLUMN n6 date;
CREATE TABLE public.n7 (
    n8 integer
) INHERITS (public.n1);
