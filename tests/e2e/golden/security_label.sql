--- kinds: table, column, schema
--- unproven: no module that provides labels comes with PostgreSQL
--- before
CREATE SCHEMA n1;
CREATE TABLE n1.n2 (n3 int);
INSERT INTO pg_seclabel SELECT c.oid, 'pg_class'::regclass, a, 'golden', l FROM pg_class c, (VALUES (0, 'it''s'), (1, 'of a column')) AS x (a, l) WHERE relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace) AND relkind = 'r';
--- after
CREATE SCHEMA n1;
CREATE TABLE n1.n2 (n3 int);
INSERT INTO pg_seclabel SELECT c.oid, 'pg_class'::regclass, 0, 'golden', 'other' FROM pg_class c WHERE relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace) AND relkind = 'r';
--- dump
CREATE SCHEMA n1;
ALTER SCHEMA n1 OWNER TO postgres;

CREATE TABLE n1.n2 (
    n3 integer
);
ALTER TABLE n1.n2 OWNER TO postgres;
SECURITY LABEL FOR golden ON TABLE n1.n2 IS 'it''s';
SECURITY LABEL FOR golden ON COLUMN n1.n2.n3 IS 'of a column';
