--- kinds: view
--- before
CREATE TABLE n1 (n2 int, n3 text);
CREATE VIEW n4 AS SELECT n2, n3 AS n5 FROM n1 WHERE n3 <> 'it''s';
CREATE VIEW n6 AS SELECT n5 FROM n4;
--- after
CREATE TABLE n1 (n2 int, n3 text);
CREATE VIEW n4 AS SELECT n2, n3 AS n5, 1 AS n7 FROM n1;
ALTER VIEW n4 ALTER n2 SET DEFAULT 5;
CREATE VIEW n6 AS SELECT n2::text AS n5 FROM n4;
COMMENT ON COLUMN n6.n5 IS 'text';
--- dump
CREATE TABLE public.n1 (
    n2 integer,
    n3 text
);
ALTER TABLE public.n1 OWNER TO postgres;

CREATE OR REPLACE VIEW public.n4 AS
 SELECT n1.n2,
    n1.n3 AS n5
   FROM public.n1
  WHERE (n1.n3 <> 'it''s'::text);
ALTER VIEW public.n4 OWNER TO postgres;

CREATE OR REPLACE VIEW public.n6 AS
 SELECT n4.n5
   FROM public.n4;
ALTER VIEW public.n6 OWNER TO postgres;
--- dump 16
CREATE TABLE public.n1 (
    n2 integer,
    n3 text
);
ALTER TABLE public.n1 OWNER TO postgres;

CREATE OR REPLACE VIEW public.n4 AS
 SELECT n2,
    n3 AS n5
   FROM public.n1
  WHERE (n3 <> 'it''s'::text);
ALTER VIEW public.n4 OWNER TO postgres;

CREATE OR REPLACE VIEW public.n6 AS
 SELECT n5
   FROM public.n4;
ALTER VIEW public.n6 OWNER TO postgres;
--- change
CREATE OR REPLACE VIEW public.n4 AS
 SELECT n1.n2,
    n1.n3 AS n5,
    1 AS n7
   FROM public.n1;
ALTER VIEW public.n4 ALTER COLUMN n2 SET DEFAULT 5;
CREATE OR REPLACE VIEW public.n6 AS
 SELECT (n4.n2)::text AS n5
   FROM public.n4;
COMMENT ON COLUMN public.n6.n5 IS 'text';
--- change 16
CREATE OR REPLACE VIEW public.n4 AS
 SELECT n2,
    n3 AS n5,
    1 AS n7
   FROM public.n1;
ALTER VIEW public.n4 ALTER COLUMN n2 SET DEFAULT 5;
CREATE OR REPLACE VIEW public.n6 AS
 SELECT (n2)::text AS n5
   FROM public.n4;
COMMENT ON COLUMN public.n6.n5 IS 'text';
