--- kinds: schema, table, column, constraint, enum
--- before
CREATE SCHEMA n1;
CREATE TABLE n1.n2 (n3 int CONSTRAINT n4 UNIQUE);
CREATE TYPE n5 AS ENUM ();
COMMENT ON TABLE n1.n2 IS 'it''s \ a
table';
COMMENT ON COLUMN n1.n2.n3 IS '-- é 表';
--- after
CREATE SCHEMA n1;
CREATE TABLE n1.n2 (n3 int CONSTRAINT n4 UNIQUE);
CREATE TYPE n5 AS ENUM ();
COMMENT ON TABLE n1.n2 IS 'other';
COMMENT ON CONSTRAINT n4 ON n1.n2 IS 'one';
COMMENT ON INDEX n1.n4 IS 'its index';
COMMENT ON TYPE n5 IS 'empty';
COMMENT ON SCHEMA n1 IS 'new';
--- dump
CREATE SCHEMA n1;
ALTER SCHEMA n1 OWNER TO postgres;

CREATE TYPE public.n5 AS ENUM ();
ALTER TYPE public.n5 OWNER TO postgres;

CREATE TABLE n1.n2 (
    n3 integer,
    CONSTRAINT n4 UNIQUE (n3)
);
ALTER TABLE n1.n2 OWNER TO postgres;
COMMENT ON TABLE n1.n2 IS E'it''s \\ a
table';
COMMENT ON COLUMN n1.n2.n3 IS '-- é 表';
--- change
COMMENT ON SCHEMA n1 IS 'new';
COMMENT ON TYPE public.n5 IS 'empty';
COMMENT ON TABLE n1.n2 IS 'other';
COMMENT ON COLUMN n1.n2.n3 IS NULL;
COMMENT ON INDEX n1.n4 IS 'its index';
COMMENT ON CONSTRAINT n4 ON n1.n2 IS 'one';
