--- kinds: routine
--- before
CREATE PROCEDURE n1(n2 int, INOUT n3 text) LANGUAGE plpgsql AS $$BEGIN n3 := 'x'; COMMIT; END$$;
--- after
CREATE PROCEDURE n1(n2 int, INOUT n3 text) LANGUAGE plpgsql AS $$BEGIN n3 := 'y'; END$$;
COMMENT ON PROCEDURE n1(int, text) IS 'does';
--- dump
CREATE OR REPLACE PROCEDURE public.n1(n2 integer, INOUT n3 text)
 LANGUAGE plpgsql
AS $procedure$BEGIN n3 := 'x'; COMMIT; END$procedure$;
ALTER PROCEDURE public.n1(n2 integer, INOUT n3 text) OWNER TO postgres;
--- dump 14
CREATE OR REPLACE PROCEDURE public.n1(IN n2 integer, INOUT n3 text)
 LANGUAGE plpgsql
AS $procedure$BEGIN n3 := 'x'; COMMIT; END$procedure$;
ALTER PROCEDURE public.n1(IN n2 integer, INOUT n3 text) OWNER TO postgres;
--- change
SET check_function_bodies = off;
CREATE OR REPLACE PROCEDURE public.n1(n2 integer, INOUT n3 text)
 LANGUAGE plpgsql
AS $procedure$BEGIN n3 := 'y'; END$procedure$;
COMMENT ON PROCEDURE public.n1(n2 integer, INOUT n3 text) IS 'does';
--- change 14
SET check_function_bodies = off;
CREATE OR REPLACE PROCEDURE public.n1(IN n2 integer, INOUT n3 text)
 LANGUAGE plpgsql
AS $procedure$BEGIN n3 := 'y'; END$procedure$;
COMMENT ON PROCEDURE public.n1(IN n2 integer, INOUT n3 text) IS 'does';
