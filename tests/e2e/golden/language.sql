--- kinds: language, routine
--- before
CREATE FUNCTION n1() RETURNS language_handler LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_call_handler';
CREATE FUNCTION n2(oid) RETURNS void STRICT LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_validator';
CREATE LANGUAGE n3 HANDLER n1;
--- after
CREATE FUNCTION n1() RETURNS language_handler LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_call_handler';
CREATE FUNCTION n2(oid) RETURNS void STRICT LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_validator';
CREATE TRUSTED LANGUAGE n3 HANDLER n1 VALIDATOR n2;
COMMENT ON LANGUAGE n3 IS 'x';
REVOKE USAGE ON LANGUAGE n3 FROM PUBLIC;
--- dump
CREATE OR REPLACE FUNCTION public.n1()
 RETURNS language_handler
 LANGUAGE c
AS '$libdir/plpgsql', $function$plpgsql_call_handler$function$;
ALTER FUNCTION public.n1() OWNER TO postgres;

CREATE OR REPLACE LANGUAGE n3 HANDLER public.n1;
ALTER LANGUAGE n3 OWNER TO postgres;

CREATE OR REPLACE FUNCTION public.n2(oid)
 RETURNS void
 LANGUAGE c
 STRICT
AS '$libdir/plpgsql', $function$plpgsql_validator$function$;
ALTER FUNCTION public.n2(oid) OWNER TO postgres;
--- change
DROP LANGUAGE n3;
CREATE OR REPLACE TRUSTED LANGUAGE n3 HANDLER public.n1 VALIDATOR public.n2;
COMMENT ON LANGUAGE n3 IS 'x';
REVOKE USAGE ON LANGUAGE n3 FROM PUBLIC;
