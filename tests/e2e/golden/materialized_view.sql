--- kinds: materialized view, index
--- before
CREATE TABLE n1 (n2 int);
CREATE MATERIALIZED VIEW n3 AS SELECT n2 FROM n1;
CREATE UNIQUE INDEX n4 ON n3 (n2);
--- after
CREATE TABLE n1 (n2 int);
CREATE MATERIALIZED VIEW n3 WITH (fillfactor = 80) AS SELECT n2, count(*) AS n5 FROM n1 GROUP BY n2;
CREATE UNIQUE INDEX n4 ON n3 (n2);
COMMENT ON MATERIALIZED VIEW n3 IS 'counted';
--- dump
CREATE TABLE public.n1 (
    n2 integer
);
ALTER TABLE public.n1 OWNER TO postgres;

CREATE MATERIALIZED VIEW public.n3 AS
 SELECT n1.n2
   FROM public.n1;
ALTER MATERIALIZED VIEW public.n3 OWNER TO postgres;
CREATE UNIQUE INDEX n4 ON public.n3 USING btree (n2);
--- dump 16
CREATE TABLE public.n1 (
    n2 integer
);
ALTER TABLE public.n1 OWNER TO postgres;

CREATE MATERIALIZED VIEW public.n3 AS
 SELECT n2
   FROM public.n1;
ALTER MATERIALIZED VIEW public.n3 OWNER TO postgres;
CREATE UNIQUE INDEX n4 ON public.n3 USING btree (n2);
--- change
DROP MATERIALIZED VIEW public.n3;
CREATE MATERIALIZED VIEW public.n3 WITH (fillfactor='80') AS
 SELECT n1.n2,
    count(*) AS n5
   FROM public.n1
  GROUP BY n1.n2;
COMMENT ON MATERIALIZED VIEW public.n3 IS 'counted';
CREATE UNIQUE INDEX n4 ON public.n3 USING btree (n2);
--- change 16
DROP MATERIALIZED VIEW public.n3;
CREATE MATERIALIZED VIEW public.n3 WITH (fillfactor='80') AS
 SELECT n2,
    count(*) AS n5
   FROM public.n1
  GROUP BY n2;
COMMENT ON MATERIALIZED VIEW public.n3 IS 'counted';
CREATE UNIQUE INDEX n4 ON public.n3 USING btree (n2);
