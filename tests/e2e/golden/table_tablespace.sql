--- kinds: table, constraint, index, materialized view
--- before
CREATE TABLE n1 (n2 int CONSTRAINT n6 PRIMARY KEY USING INDEX TABLESPACE space_a, n3 int) TABLESPACE space_a;
CREATE INDEX n4 ON n1 (n3) TABLESPACE space_a;
CREATE MATERIALIZED VIEW n5 TABLESPACE space_a AS SELECT n3 FROM n1;
--- after
CREATE TABLE n1 (n2 int CONSTRAINT n6 PRIMARY KEY USING INDEX TABLESPACE space_b, n3 int);
CREATE INDEX n4 ON n1 (n3) TABLESPACE space_b;
CREATE MATERIALIZED VIEW n5 TABLESPACE space_b AS SELECT n3 FROM n1;
--- dump
CREATE TABLE public.n1 (
    n2 integer NOT NULL,
    n3 integer
) TABLESPACE golden_space;
ALTER TABLE public.n1 OWNER TO postgres;
ALTER TABLE public.n1 ADD CONSTRAINT n6 PRIMARY KEY (n2);
ALTER INDEX public.n6 SET TABLESPACE golden_space;
CREATE INDEX n4 ON public.n1 USING btree (n3);
ALTER INDEX public.n4 SET TABLESPACE golden_space;

CREATE MATERIALIZED VIEW public.n5 TABLESPACE golden_space AS
 SELECT n1.n3
   FROM public.n1;
ALTER MATERIALIZED VIEW public.n5 OWNER TO postgres;
--- dump 16
CREATE TABLE public.n1 (
    n2 integer NOT NULL,
    n3 integer
) TABLESPACE golden_space;
ALTER TABLE public.n1 OWNER TO postgres;
ALTER TABLE public.n1 ADD CONSTRAINT n6 PRIMARY KEY (n2);
ALTER INDEX public.n6 SET TABLESPACE golden_space;
CREATE INDEX n4 ON public.n1 USING btree (n3);
ALTER INDEX public.n4 SET TABLESPACE golden_space;

CREATE MATERIALIZED VIEW public.n5 TABLESPACE golden_space AS
 SELECT n3
   FROM public.n1;
ALTER MATERIALIZED VIEW public.n5 OWNER TO postgres;
--- change
ALTER TABLE public.n1 SET TABLESPACE pg_default;
ALTER INDEX public.n6 SET TABLESPACE golden_more;
ALTER INDEX public.n4 SET TABLESPACE golden_more;
ALTER MATERIALIZED VIEW public.n5 SET TABLESPACE golden_more;
