--- kinds: enum
--- before
CREATE TYPE n1 AS ENUM ('a', 'b', 'c');
CREATE TABLE n2 (n3 n1 DEFAULT 'a', n4 n1[]);
--- after
CREATE TYPE n1 AS ENUM ('c', 'a');
CREATE TABLE n2 (n3 n1 DEFAULT 'a', n4 n1[]);
--- dump
CREATE TYPE public.n1 AS ENUM ('a', 'b', 'c');
ALTER TYPE public.n1 OWNER TO postgres;

CREATE TABLE public.n2 (
    n3 public.n1 DEFAULT 'a'::public.n1,
    n4 public.n1[]
);
ALTER TABLE public.n2 OWNER TO postgres;
--- change
ALTER TABLE public.n2 ALTER COLUMN n3 DROP DEFAULT;
ALTER TYPE public.n1 RENAME TO n1__replaced;
CREATE TYPE public.n1 AS ENUM ('c', 'a');
ALTER TABLE public.n2 ALTER COLUMN n3 TYPE public.n1 USING n3::text::public.n1;
ALTER TABLE public.n2 ALTER COLUMN n4 TYPE public.n1[] USING n4::text[]::public.n1[];
DROP TYPE public.n1__replaced;
ALTER TABLE public.n2 ALTER COLUMN n3 SET DEFAULT 'a'::public.n1;
