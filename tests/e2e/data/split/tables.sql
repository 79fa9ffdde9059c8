-- Plain objects. Each block is one statement; "-- @end" ends it, "-- @pg N" needs version N.
CREATE SCHEMA app;
-- @end
create schema "App; two" ;
-- @end
CREATE TABLE app.users (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email text NOT NULL UNIQUE, -- one; for each
    name text DEFAULT 'n/a; none',
    "select" int CHECK ("select" > 0),
    created_at timestamptz NOT NULL DEFAULT now() /* UTC; always */
);
-- @end
CREATE TABLE app.orders (id int PRIMARY KEY, user_id bigint REFERENCES app.users, total numeric(78,0), note text)
;
-- @end
/* a comment; before */ CREATE TABLE "App; two"."T ""quoted""; x" ("a;b" int, "c""d" text)/* and; after */;
-- @end
CREATE UNLOGGED TABLE app.cache (k text PRIMARY KEY, v jsonb) WITH (fillfactor = 70);
-- @end
CREATE TABLE app.events (at date NOT NULL, kind text) PARTITION BY RANGE (at);
-- @end
CREATE TABLE app.events_2024 PARTITION OF app.events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
-- @end
CREATE TABLE app.events_rest PARTITION OF app.events DEFAULT;
-- @end
CREATE TABLE app.child () INHERITS (app.cache);
-- @end
CREATE TABLE app.like_users (LIKE app.users INCLUDING DEFAULTS);
-- @end
CREATE TABLE app.copied AS SELECT 1 AS a, ';'::text AS b;
-- @end
SELECT 2 AS a INTO app.selected;
-- @end
CREATE INDEX ON app.orders (user_id);
-- @end
CREATE UNIQUE INDEX "orders; unique" ON app.orders USING btree (lower(note)) WHERE note <> ';';
-- @end
CREATE INDEX orders_expr ON app.orders ((total + 1), (coalesce(note, ';')));
-- @end
CREATE SEQUENCE app.seq START 10 INCREMENT BY -1 MINVALUE -100 MAXVALUE 100;
-- @end
ALTER TABLE app.orders ADD COLUMN status text DEFAULT 'pending', ADD COLUMN flags int[] DEFAULT '{}';
-- @end
ALTER TABLE app.orders ADD CONSTRAINT total_positive CHECK (total >= 0) NOT VALID;
-- @end
ALTER TABLE app.orders VALIDATE CONSTRAINT total_positive;
-- @end
ALTER TABLE ONLY app.orders ALTER COLUMN note SET STATISTICS 500;
-- @end
ALTER TABLE app.users RENAME "select" TO "from";
-- @end
COMMENT ON TABLE app.orders IS 'it''s; "here" -- not /* a comment';
-- @end
COMMENT ON COLUMN app.orders.note IS E'back\\slash \' quote; \n newline';
-- @end
COMMENT ON SCHEMA app IS $$a $1; 'b' $x$ -- $$;
-- @end
CREATE VIEW app.v AS SELECT o.id, u.email FROM app.orders o JOIN app.users u ON u.id = o.user_id;
-- @end
CREATE OR REPLACE VIEW app.v AS SELECT o.id, u.email, ';' AS semi FROM app.orders o JOIN app.users u ON u.id = o.user_id;
-- @end
CREATE RECURSIVE VIEW app.numbers (n) AS VALUES (1) UNION ALL SELECT n + 1 FROM numbers WHERE n < 10;
-- @end
CREATE MATERIALIZED VIEW app.mv AS SELECT 1 AS a WITH NO DATA;
-- @end
REFRESH MATERIALIZED VIEW app.mv;
-- @end
CREATE UNIQUE INDEX mv_a ON app.mv (a);
-- @end
REFRESH MATERIALIZED VIEW CONCURRENTLY app.mv;
-- @end
CREATE STATISTICS app.stats (dependencies) ON id, user_id FROM app.orders;
-- @end
CREATE TYPE app.mood AS ENUM ('sad;', 'it''s ok', 'happy');
-- @end
ALTER TYPE app.mood ADD VALUE IF NOT EXISTS 'so;so' BEFORE 'happy';
-- @end
CREATE TYPE app.pair AS (a int, "b;c" text);
-- @end
CREATE TYPE app.span AS RANGE (SUBTYPE = float8, SUBTYPE_DIFF = float8mi);
-- @end
CREATE DOMAIN app.email AS text CHECK (VALUE ~ '^[^;@]+@[^;@]+$' AND VALUE !~ '\\');
-- @end
CREATE COLLATION app.c FROM "C";
-- @end
CREATE EXTENSION IF NOT EXISTS plpgsql;
-- @end
CREATE TEXT SEARCH CONFIGURATION app.cfg (COPY = pg_catalog.simple);
-- @end
ALTER TEXT SEARCH CONFIGURATION app.cfg ALTER MAPPING FOR asciiword WITH simple;
-- @end
CREATE FOREIGN DATA WRAPPER w OPTIONS (a 'b;c');
-- @end
CREATE SERVER s FOREIGN DATA WRAPPER w OPTIONS (host 'x;y');
-- @end
CREATE USER MAPPING FOR CURRENT_USER SERVER s OPTIONS (password 'p;''q');
-- @end
CREATE FOREIGN TABLE app.far (a int OPTIONS (o ';')) SERVER s;
-- @end
CREATE PUBLICATION pub FOR TABLE app.orders, app.users;
-- @end
CREATE OPERATOR app.=== (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq);
-- @end
CREATE AGGREGATE app.total (int) (SFUNC = int4pl, STYPE = int, INITCOND = '0');
-- @end
CREATE CAST (app.pair AS text) WITH INOUT;
-- @end
GRANT SELECT ON app.users TO PUBLIC;
-- @end
ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT SELECT ON TABLES TO PUBLIC;
-- @end
ALTER TABLE app.orders ENABLE ROW LEVEL SECURITY;
-- @end
CREATE POLICY "own; only" ON app.orders FOR SELECT USING (note <> ';' OR true);
-- @end
ALTER SEQUENCE app.seq OWNED BY app.orders.id;
-- @end
CREATE TABLE app."begin" ("end" int, "case" int, "atomic" int);
-- @end
CREATE TABLE app.function (procedure int, copy int, stdin int);
-- @end
SELECT procedure, copy FROM app.function AS stdin;
-- @end
DROP TABLE app.selected;
-- @end
