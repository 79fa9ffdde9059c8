--- kinds: range type
--- before
CREATE TYPE n1 AS RANGE (subtype = float8, subtype_diff = float8mi);
CREATE TABLE n2 (n3 n1);
--- after
CREATE TYPE n1 AS RANGE (subtype = float8);
CREATE TABLE n2 (n3 n1);
COMMENT ON TYPE n1 IS 'plain';
--- dump
CREATE TYPE public.n1 AS RANGE (subtype = double precision, subtype_diff = float8mi);
ALTER TYPE public.n1 OWNER TO postgres;

CREATE TABLE public.n2 (
    n3 public.n1
);
ALTER TABLE public.n2 OWNER TO postgres;
--- change
ALTER TYPE public.n1 RENAME TO n1__replaced;
ALTER FUNCTION public.n1(double precision, double precision) RENAME TO n1__replaced;
ALTER FUNCTION public.n1(double precision, double precision, text) RENAME TO n1__replaced;
CREATE TYPE public.n1 AS RANGE (subtype = double precision);
COMMENT ON TYPE public.n1 IS 'plain';
ALTER TABLE public.n2 ALTER COLUMN n3 TYPE public.n1 USING n3::text::public.n1;
DROP TYPE public.n1__replaced;
--- change 14
ALTER TYPE public.n1 RENAME TO n1__replaced;
ALTER FUNCTION public.n1(double precision, double precision) RENAME TO n1__replaced;
ALTER FUNCTION public.n1(double precision, double precision, text) RENAME TO n1__replaced;
ALTER TYPE public.n1_multirange RENAME TO n1_multirange__replaced;
ALTER FUNCTION public.n1_multirange() RENAME TO n1_multirange__replaced;
ALTER FUNCTION public.n1_multirange(public.n1__replaced) RENAME TO n1_multirange__replaced;
ALTER FUNCTION public.n1_multirange(public.n1__replaced[]) RENAME TO n1_multirange__replaced;
CREATE TYPE public.n1 AS RANGE (subtype = double precision);
COMMENT ON TYPE public.n1 IS 'plain';
ALTER TABLE public.n2 ALTER COLUMN n3 TYPE public.n1 USING n3::text::public.n1;
DROP TYPE public.n1__replaced;
