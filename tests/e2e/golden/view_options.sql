--- kinds: view
--- before
CREATE TABLE n1 (n2 int);
CREATE VIEW n3 WITH (security_barrier) AS SELECT n2 FROM n1 WHERE n2 > 0 WITH LOCAL CHECK OPTION;
CREATE VIEW n4 AS SELECT n2 FROM n1;
--- after
CREATE TABLE n1 (n2 int);
CREATE VIEW n3 AS SELECT n2 FROM n1 WHERE n2 > 0 WITH CASCADED CHECK OPTION;
CREATE VIEW n4 WITH (security_barrier) AS SELECT n2 FROM n1;
--- dump
CREATE TABLE public.n1 (
    n2 integer
);
ALTER TABLE public.n1 OWNER TO postgres;

CREATE OR REPLACE VIEW public.n3 WITH (check_option='local', security_barrier='true') AS
 SELECT n1.n2
   FROM public.n1
  WHERE (n1.n2 > 0);
ALTER VIEW public.n3 OWNER TO postgres;

CREATE OR REPLACE VIEW public.n4 AS
 SELECT n1.n2
   FROM public.n1;
ALTER VIEW public.n4 OWNER TO postgres;
--- dump 16
CREATE TABLE public.n1 (
    n2 integer
);
ALTER TABLE public.n1 OWNER TO postgres;

CREATE OR REPLACE VIEW public.n3 WITH (check_option='local', security_barrier='true') AS
 SELECT n2
   FROM public.n1
  WHERE (n2 > 0);
ALTER VIEW public.n3 OWNER TO postgres;

CREATE OR REPLACE VIEW public.n4 AS
 SELECT n2
   FROM public.n1;
ALTER VIEW public.n4 OWNER TO postgres;
--- change
ALTER VIEW public.n3 RESET (security_barrier);
ALTER VIEW public.n3 SET (check_option='cascaded');
ALTER VIEW public.n4 SET (security_barrier='true');
