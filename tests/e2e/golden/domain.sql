--- kinds: domain, domain constraint, domain default
--- before
CREATE DOMAIN n1 AS text COLLATE "C" DEFAULT 'it''s' NOT NULL CONSTRAINT n2 CHECK (VALUE <> '');
CREATE DOMAIN n3 AS int;
--- after
CREATE DOMAIN n1 AS text COLLATE "C" DEFAULT 'b' CONSTRAINT n2 CHECK (VALUE <> 'x') CONSTRAINT n4 CHECK (length(VALUE) < 9);
CREATE DOMAIN n3 AS bigint;
COMMENT ON CONSTRAINT n4 ON DOMAIN n1 IS 'short';
--- dump
CREATE DOMAIN public.n1 AS text COLLATE pg_catalog."C" DEFAULT 'it''s'::text NOT NULL
    CONSTRAINT n2 CHECK ((VALUE <> ''::text));
ALTER DOMAIN public.n1 OWNER TO postgres;

CREATE DOMAIN public.n3 AS integer;
ALTER DOMAIN public.n3 OWNER TO postgres;
--- change
ALTER DOMAIN public.n1 DROP CONSTRAINT n2;
DROP DOMAIN public.n3;
ALTER DOMAIN public.n1 DROP NOT NULL;
CREATE DOMAIN public.n3 AS bigint;
ALTER DOMAIN public.n1 SET DEFAULT 'b'::text;
ALTER DOMAIN public.n1 ADD CONSTRAINT n2 CHECK ((VALUE <> 'x'::text));
ALTER DOMAIN public.n1 ADD CONSTRAINT n4 CHECK ((length(VALUE) < 9));
COMMENT ON CONSTRAINT n4 ON DOMAIN public.n1 IS 'short';
