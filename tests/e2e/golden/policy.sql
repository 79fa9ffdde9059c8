--- kinds: policy, table
--- before
CREATE TABLE n1 (n2 int, n3 text);
ALTER TABLE n1 ENABLE ROW LEVEL SECURITY;
CREATE POLICY n4 ON n1 TO role_a USING (n2 > 0);
--- after
CREATE TABLE n1 (n2 int, n3 text);
ALTER TABLE n1 ENABLE ROW LEVEL SECURITY;
ALTER TABLE n1 FORCE ROW LEVEL SECURITY;
CREATE POLICY n4 ON n1 TO role_a, role_b USING (n2 > 1) WITH CHECK (n3 <> 'it''s');
CREATE POLICY n5 ON n1 AS RESTRICTIVE FOR DELETE USING (n3 = CURRENT_USER);
COMMENT ON POLICY n5 ON n1 IS 'one''s own';
--- dump
CREATE TABLE public.n1 (
    n2 integer,
    n3 text
);
ALTER TABLE public.n1 ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.n1 OWNER TO postgres;
CREATE POLICY n4 ON public.n1 FOR ALL TO golden_a USING ((n2 > 0));
--- change
ALTER TABLE public.n1 FORCE ROW LEVEL SECURITY;
ALTER POLICY n4 ON public.n1 TO golden_a, golden_b USING ((n2 > 1)) WITH CHECK ((n3 <> 'it''s'::text));
CREATE POLICY n5 ON public.n1 AS RESTRICTIVE FOR DELETE TO PUBLIC USING ((n3 = CURRENT_USER));
COMMENT ON POLICY n5 ON public.n1 IS 'one''s own';
