--- kinds: view
--- since: 15
--- before
CREATE VIEW n1 WITH (security_invoker) AS SELECT 1 AS n2;
--- after
CREATE VIEW n1 WITH (security_invoker = false) AS SELECT 1 AS n2;
--- dump
CREATE OR REPLACE VIEW public.n1 WITH (security_invoker='true') AS
 SELECT 1 AS n2;
ALTER VIEW public.n1 OWNER TO postgres;
--- change
ALTER VIEW public.n1 SET (security_invoker='false');
