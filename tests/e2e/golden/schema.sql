--- kinds: schema
--- before
CREATE SCHEMA n1;
CREATE SCHEMA n2;
CREATE TABLE n1.n3 (n4 int);
--- after
CREATE SCHEMA n1 AUTHORIZATION role_a;
COMMENT ON SCHEMA n1 IS 'it''s one';
GRANT USAGE ON SCHEMA n1 TO role_b;
CREATE TABLE n1.n3 (n4 int);
--- dump
CREATE SCHEMA n1;
ALTER SCHEMA n1 OWNER TO postgres;

CREATE SCHEMA n2;
ALTER SCHEMA n2 OWNER TO postgres;

CREATE TABLE n1.n3 (
    n4 integer
);
ALTER TABLE n1.n3 OWNER TO postgres;
--- change
DROP SCHEMA n2;
ALTER SCHEMA n1 OWNER TO golden_a;
COMMENT ON SCHEMA n1 IS 'it''s one';
GRANT USAGE ON SCHEMA n1 TO golden_b;
