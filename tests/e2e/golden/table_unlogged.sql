--- kinds: table
--- before
CREATE UNLOGGED TABLE n1 (n2 int);
CREATE TABLE n3 (n4 int);
--- after
CREATE TABLE n1 (n2 int);
CREATE UNLOGGED TABLE n3 (n4 int);
--- dump
CREATE UNLOGGED TABLE public.n1 (
    n2 integer
);
ALTER TABLE public.n1 OWNER TO postgres;

CREATE TABLE public.n3 (
    n4 integer
);
ALTER TABLE public.n3 OWNER TO postgres;
--- change
ALTER TABLE public.n1 SET LOGGED;
ALTER TABLE public.n3 SET UNLOGGED;
