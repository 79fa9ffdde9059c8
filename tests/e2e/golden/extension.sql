--- kinds: extension
--- before
CREATE SCHEMA n1;
CREATE EXTENSION hstore SCHEMA n1;
CREATE TABLE n2 (n3 n1.hstore);
--- after
CREATE SCHEMA n4;
CREATE EXTENSION hstore SCHEMA n4;
CREATE EXTENSION pg_trgm;
COMMENT ON EXTENSION pg_trgm IS 'mine';
CREATE TABLE n2 (n3 n4.hstore);
--- dump
CREATE SCHEMA n1;
ALTER SCHEMA n1 OWNER TO postgres;

CREATE EXTENSION IF NOT EXISTS hstore WITH SCHEMA n1;
COMMENT ON EXTENSION hstore IS 'data type for storing sets of (key, value) pairs';

CREATE TABLE public.n2 (
    n3 n1.hstore
);
ALTER TABLE public.n2 OWNER TO postgres;
--- change
CREATE SCHEMA n4;
ALTER EXTENSION hstore SET SCHEMA n4;
DROP SCHEMA n1;
CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
COMMENT ON EXTENSION pg_trgm IS 'mine';
ALTER TABLE public.n2 ALTER COLUMN n3 TYPE n4.hstore USING n3::text::n4.hstore;
