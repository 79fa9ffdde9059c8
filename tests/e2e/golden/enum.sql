--- kinds: enum
--- before
CREATE TYPE n1 AS ENUM ('a', 'it''s', 'é "x"');
CREATE TABLE n2 (n3 n1 DEFAULT 'a');
--- after
CREATE TYPE n1 AS ENUM ('0', 'a', 'it''s', 'b', 'é "x"', 'z');
CREATE TABLE n2 (n3 n1 DEFAULT 'a');
--- dump
CREATE TYPE public.n1 AS ENUM ('a', 'it''s', 'é "x"');
ALTER TYPE public.n1 OWNER TO postgres;

CREATE TABLE public.n2 (
    n3 public.n1 DEFAULT 'a'::public.n1
);
ALTER TABLE public.n2 OWNER TO postgres;
--- change
ALTER TYPE public.n1 ADD VALUE '0' BEFORE 'a';
ALTER TYPE public.n1 ADD VALUE 'b' BEFORE 'é "x"';
ALTER TYPE public.n1 ADD VALUE 'z';
