"""Each kind of object through states of its own: from nothing to each, from each to the next, and
back; what a plan makes is what it was made after."""
import pytest
from psycopg2 import errors

from harness.schemas import load, turn_both_ways

T = "CREATE TABLE t (id int PRIMARY KEY, a int, b text);\n"
F = "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';\n"
E = "CREATE FUNCTION e() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';\n"
FDW = "CREATE EXTENSION postgres_fdw;\n"
SERVER = FDW + "CREATE SERVER s FOREIGN DATA WRAPPER postgres_fdw;\n"

# name → (oldest version, states)
STATES = {
    "tables that refer to each other, logged and not": (12, [
        """CREATE UNLOGGED TABLE z (id int PRIMARY KEY); CREATE UNLOGGED TABLE c (z int REFERENCES z);
        CREATE UNLOGGED TABLE a (id int PRIMARY KEY); CREATE UNLOGGED TABLE w (a int REFERENCES a);
        CREATE UNLOGGED TABLE s (id int PRIMARY KEY REFERENCES s);
        CREATE UNLOGGED TABLE m1 (id int PRIMARY KEY); CREATE UNLOGGED TABLE m2 (id int PRIMARY KEY REFERENCES m1);
        ALTER TABLE m1 ADD CONSTRAINT "k's" FOREIGN KEY (id) REFERENCES m2;
        CREATE UNLOGGED TABLE g1 (id int PRIMARY KEY); CREATE UNLOGGED TABLE g2 (id int CONSTRAINT goes REFERENCES g1);
        CREATE UNLOGGED TABLE n1 (id int PRIMARY KEY); CREATE UNLOGGED TABLE n2 (id int);
        CREATE UNLOGGED TABLE o1 (id int PRIMARY KEY); CREATE UNLOGGED TABLE o2 (id int CONSTRAINT k REFERENCES o1);""",
        """CREATE TABLE z (id int PRIMARY KEY); CREATE TABLE c (z int REFERENCES z);
        CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE w (a int REFERENCES a);
        CREATE TABLE s (id int PRIMARY KEY REFERENCES s);
        CREATE TABLE m1 (id int PRIMARY KEY); CREATE TABLE m2 (id int PRIMARY KEY REFERENCES m1);
        ALTER TABLE m1 ADD CONSTRAINT "k's" FOREIGN KEY (id) REFERENCES m2;
        CREATE UNLOGGED TABLE g1 (id int PRIMARY KEY); CREATE TABLE g2 (id int);
        CREATE TABLE n1 (id int PRIMARY KEY); CREATE TABLE n2 (id int CONSTRAINT comes REFERENCES n1); CREATE TABLE b (id int REFERENCES n1);
        CREATE TABLE o1 (id int PRIMARY KEY); CREATE TABLE o2 (id int CONSTRAINT k REFERENCES o1 ON DELETE CASCADE);""",
    ]),
    "policies": (12, [
        T,
        T + "ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON t USING (a > 0);",
        T + "ALTER TABLE t ENABLE ROW LEVEL SECURITY; ALTER TABLE t FORCE ROW LEVEL SECURITY;"
            "CREATE POLICY p ON t TO kind_a, kind_b USING (a > 1) WITH CHECK (b <> '');"
            "COMMENT ON POLICY p ON t IS 'who''s';",
        T + "CREATE POLICY p ON t TO kind_a USING (a > 1);",
        T + "CREATE POLICY p ON t AS RESTRICTIVE FOR INSERT WITH CHECK (a > 1);"
            "CREATE POLICY q ON t FOR DELETE TO CURRENT_USER USING (EXISTS (SELECT FROM t x WHERE x.a = t.a));",
        T + "ALTER TABLE t ALTER a TYPE bigint; CREATE POLICY p ON t USING (a > 0);",
    ]),
    "rules": (12, [
        T + "CREATE VIEW v AS SELECT id, a FROM t;",
        T + "CREATE VIEW v AS SELECT id, a FROM t;"
            "CREATE RULE r AS ON INSERT TO v DO INSTEAD INSERT INTO t (id) VALUES (NEW.id);"
            "CREATE RULE quiet AS ON DELETE TO t DO INSTEAD NOTHING;",
        T + "CREATE VIEW v AS SELECT id, a FROM t;"
            "CREATE RULE r AS ON UPDATE TO v WHERE NEW.a > 1 DO INSTEAD NOTHING;"
            "CREATE RULE quiet AS ON DELETE TO t DO ALSO (NOTIFY x; NOTIFY y);"
            "ALTER TABLE t DISABLE RULE quiet; COMMENT ON RULE quiet ON t IS 'sh';",
        T + "CREATE RULE quiet AS ON DELETE TO t DO ALSO NOTIFY x; ALTER TABLE t ENABLE ALWAYS RULE quiet;",
    ]),
    "event triggers": (12, [
        E + "CREATE EVENT TRIGGER et ON ddl_command_end EXECUTE FUNCTION e();",
        E + "CREATE EVENT TRIGGER et ON sql_drop WHEN TAG IN ('DROP TABLE', 'DROP VIEW') EXECUTE FUNCTION e();"
            "ALTER EVENT TRIGGER et DISABLE; COMMENT ON EVENT TRIGGER et IS 'x';",
        E + "CREATE EVENT TRIGGER et ON sql_drop WHEN TAG IN ('DROP VIEW', 'DROP TABLE') EXECUTE FUNCTION e();"
            "ALTER EVENT TRIGGER et ENABLE ALWAYS;",
    ]),
    "statistics": (12, [
        T + "CREATE STATISTICS st ON a, b FROM t;",
        T + "CREATE STATISTICS st (ndistinct) ON a, b FROM t; COMMENT ON STATISTICS st IS 'x';"
            "CREATE SCHEMA o; CREATE STATISTICS o.st (mcv, dependencies) ON id, b FROM t;",
        T + "ALTER TABLE t ALTER a TYPE bigint; CREATE STATISTICS st (ndistinct) ON a, b FROM t;"
            "ALTER STATISTICS st OWNER TO kind_a;",
        "CREATE TABLE t (id int PRIMARY KEY, b text, c int); CREATE STATISTICS st ON c, b FROM t;",
    ]),
    "statistics on expressions": (14, [
        T + "CREATE STATISTICS st ON a, (id % 2), lower(b) FROM t; ALTER STATISTICS st SET STATISTICS 500;",
        T + "CREATE STATISTICS st ON a, (id % 2), lower(b) FROM t; CREATE STATISTICS u ON (a + 1) FROM t;",
    ]),
    "publications": (12, [
        T + "CREATE PUBLICATION p;",
        T + "CREATE PUBLICATION p FOR TABLE t WITH (publish = 'insert, delete'); COMMENT ON PUBLICATION p IS 'x';",
        T + "CREATE TABLE u (id int); CREATE PUBLICATION p FOR TABLE t, u; ALTER PUBLICATION p OWNER TO kind_super;",
        T + "CREATE PUBLICATION p FOR ALL TABLES WITH (publish = '');",
    ]),
    "publications with filters": (15, [
        T + "CREATE PUBLICATION p FOR TABLE t (id, b) WHERE (id > 5) WITH (publish_via_partition_root);",
        T + "CREATE SCHEMA o; CREATE PUBLICATION p FOR TABLE t WHERE (id > 6 AND id < 10), TABLES IN SCHEMA o;",
        T + "CREATE SCHEMA o; CREATE TABLE o.t (id int PRIMARY KEY);"
            "CREATE PUBLICATION p FOR TABLE o.t (id), t (a, id) WITH (publish = 'insert');",
        "CREATE TABLE t (id bigint PRIMARY KEY, a int, b text); CREATE PUBLICATION p FOR TABLE t WHERE (id > 5);",
    ]),
    "publications of generated columns": (18, [
        T + "CREATE PUBLICATION p FOR TABLE t WITH (publish_generated_columns = stored);",
        T + "CREATE PUBLICATION p FOR TABLE t;",
    ]),
    "foreign data": (12, [
        "CREATE FOREIGN DATA WRAPPER w;",
        FDW + "CREATE FOREIGN DATA WRAPPER w HANDLER postgres_fdw_handler OPTIONS (debug 'true', \"Odd n\" 'it''s');"
              "COMMENT ON FOREIGN DATA WRAPPER w IS 'x'; GRANT USAGE ON FOREIGN DATA WRAPPER w TO kind_a;",
        SERVER + "ALTER SERVER s OPTIONS (host 'h', dbname 'd'); CREATE USER MAPPING FOR PUBLIC SERVER s;",
        FDW + "CREATE SERVER s TYPE 'x' VERSION '1' FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'k');"
              "CREATE USER MAPPING FOR kind_a SERVER s OPTIONS (user 'a');"
              "CREATE FOREIGN TABLE ft (id int OPTIONS (column_name 'x')) SERVER s OPTIONS (table_name 'y');"
              "GRANT USAGE ON FOREIGN SERVER s TO kind_b WITH GRANT OPTION; ALTER SERVER s OWNER TO kind_super;",
        FDW + "CREATE SERVER s TYPE 'x' FOREIGN DATA WRAPPER postgres_fdw;"
              "CREATE USER MAPPING FOR kind_a SERVER s OPTIONS (user 'b');",
    ]),
    "foreign data with certificates": (13, [
        SERVER + "CREATE USER MAPPING FOR kind_a SERVER s OPTIONS (user 'b', sslcert '/c', sslkey '/it''s k');",
        SERVER + "CREATE USER MAPPING FOR kind_a SERVER s OPTIONS (user 'b', sslcert '/d');"
                 "ALTER SERVER s OPTIONS (sslmode 'verify-full', sslrootcert '/r');",
    ]),
    "text search": (12, [
        "CREATE TEXT SEARCH DICTIONARY d (TEMPLATE = simple, stopwords = english);"
        "CREATE TEXT SEARCH CONFIGURATION c (COPY = simple);",
        "CREATE TEXT SEARCH DICTIONARY d (TEMPLATE = simple, accept = false);"
        "CREATE TEXT SEARCH CONFIGURATION c (PARSER = default);"
        "ALTER TEXT SEARCH CONFIGURATION c ADD MAPPING FOR asciiword, word WITH d, simple;"
        "COMMENT ON TEXT SEARCH CONFIGURATION c IS 'x'; COMMENT ON TEXT SEARCH DICTIONARY d IS 'x';",
        "CREATE TEXT SEARCH DICTIONARY d (TEMPLATE = snowball, language = 'russian');"
        "CREATE TEXT SEARCH CONFIGURATION c (PARSER = default);"
        "ALTER TEXT SEARCH CONFIGURATION c ADD MAPPING FOR word, email WITH d; ALTER TEXT SEARCH DICTIONARY d OWNER TO kind_a;"
        "CREATE TABLE t (b text); CREATE INDEX i ON t USING gin (to_tsvector('c', b));",
        "CREATE TEXT SEARCH PARSER tp (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end,"
        " LEXTYPES = prsd_lextype, HEADLINE = prsd_headline);"
        "CREATE TEXT SEARCH TEMPLATE tt (INIT = dsimple_init, LEXIZE = dsimple_lexize);"
        "CREATE TEXT SEARCH DICTIONARY d (TEMPLATE = tt); CREATE TEXT SEARCH CONFIGURATION c (PARSER = tp);"
        "ALTER TEXT SEARCH CONFIGURATION c ADD MAPPING FOR word WITH d; COMMENT ON TEXT SEARCH PARSER tp IS 'x';",
    ]),
    "default privileges": (12, [
        "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO kind_a;"
        "CREATE TABLE t (id int); CREATE TABLE before_it (id int); REVOKE ALL ON before_it FROM kind_a;",
        "CREATE SCHEMA o; ALTER DEFAULT PRIVILEGES IN SCHEMA o GRANT ALL ON SEQUENCES TO kind_b WITH GRANT OPTION;"
        "ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;"
        "CREATE FUNCTION g() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE SEQUENCE o.q;"
        "CREATE TABLE z (id int); CREATE VIEW zv AS SELECT * FROM z;",
        "ALTER DEFAULT PRIVILEGES FOR ROLE kind_a GRANT INSERT ON TABLES TO PUBLIC;"
        "ALTER DEFAULT PRIVILEGES REVOKE DELETE ON TABLES FROM postgres;"
        "ALTER DEFAULT PRIVILEGES REVOKE USAGE ON TYPES FROM PUBLIC; ALTER DEFAULT PRIVILEGES GRANT USAGE ON SCHEMAS TO kind_b;"
        "CREATE SCHEMA p2; CREATE TABLE t (id int); CREATE TYPE mood AS ENUM ('x'); CREATE FUNCTION g() RETURNS int LANGUAGE sql AS 'SELECT 1';",
        "CREATE SCHEMA o; CREATE SEQUENCE o.q; CREATE SCHEMA p2; CREATE TABLE t (id int); ALTER TABLE t OWNER TO kind_a;"
        "CREATE FUNCTION g() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE TYPE mood AS ENUM ('x'); CREATE TABLE z (id int);",
    ]),
    "options of a TOAST table that is needed no more": (12, [
        "CREATE TABLE t (a int, b varchar(9), c text) WITH (toast.autovacuum_enabled = false, fillfactor = 70);",
        "CREATE TABLE t (a int, b varchar(9), c text) WITH (toast.autovacuum_enabled = false, fillfactor = 70); ALTER TABLE t DROP c;"
        "CREATE TABLE wide (a varchar(3000)) WITH (toast.autovacuum_enabled = false);",
    ]),
    "default privileges of who becomes the owner": (12, [
        "ALTER DEFAULT PRIVILEGES GRANT ALL ON SEQUENCES TO kind_a WITH GRANT OPTION;",
        "CREATE SEQUENCE q; ALTER SEQUENCE q OWNER TO kind_a;"
        "ALTER DEFAULT PRIVILEGES GRANT ALL ON SEQUENCES TO kind_a WITH GRANT OPTION;",
    ]),
    "privileges": (12, [
        T + "CREATE SEQUENCE q; CREATE TYPE mood AS ENUM ('x'); CREATE FUNCTION g() RETURNS int LANGUAGE sql AS 'SELECT 1';",
        T + "CREATE SEQUENCE q; CREATE TYPE mood AS ENUM ('x'); CREATE FUNCTION g() RETURNS int LANGUAGE sql AS 'SELECT 1';"
            "GRANT SELECT ON t TO kind_a WITH GRANT OPTION; GRANT UPDATE (a, b), REFERENCES (id) ON t TO kind_b;"
            "REVOKE EXECUTE ON FUNCTION g() FROM PUBLIC; REVOKE USAGE ON TYPE mood FROM PUBLIC;"
            "GRANT USAGE ON TYPE mood TO kind_b; REVOKE DELETE, TRUNCATE ON t FROM postgres; GRANT USAGE ON SEQUENCE q TO PUBLIC;",
        T + "CREATE SEQUENCE q; CREATE TYPE mood AS ENUM ('x'); CREATE FUNCTION g() RETURNS int LANGUAGE sql AS 'SELECT 1';"
            "GRANT SELECT ON t TO kind_a; GRANT UPDATE (a) ON t TO kind_b WITH GRANT OPTION;"
            "GRANT EXECUTE ON FUNCTION g() TO kind_a; ALTER TABLE t OWNER TO kind_b; REVOKE ALL ON SCHEMA public FROM PUBLIC;"
            "ALTER TYPE mood OWNER TO kind_a; ALTER FUNCTION g() OWNER TO kind_b; GRANT CREATE ON SCHEMA public TO kind_a;",
        "ALTER SCHEMA public OWNER TO kind_a; GRANT USAGE ON SCHEMA public TO kind_b;",
        "ALTER SCHEMA public OWNER TO kind_b; REVOKE CREATE ON SCHEMA public FROM kind_b; GRANT USAGE ON SCHEMA public TO kind_a;",
    ]),
    "identity of another type than its column": (12, [
        "CREATE TABLE t (a int GENERATED ALWAYS AS IDENTITY, b bigint GENERATED BY DEFAULT AS IDENTITY);",
        "CREATE TABLE t (a int GENERATED ALWAYS AS IDENTITY, b bigint GENERATED BY DEFAULT AS IDENTITY);"
        "ALTER SEQUENCE t_a_seq AS bigint MAXVALUE 5000000000; ALTER SEQUENCE t_b_seq AS smallint CYCLE;",
        "CREATE TABLE t (a smallint GENERATED ALWAYS AS IDENTITY, b int GENERATED BY DEFAULT AS IDENTITY (INCREMENT -1));"
        "ALTER SEQUENCE t_a_seq AS int MAXVALUE 70000;",
        "CREATE TABLE t (a smallint, b int GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME \"Odd ' \"\"Name\" START 5));"
        "ALTER SEQUENCE \"Odd ' \"\"Name\" AS bigint MAXVALUE 99999999999;",
        "CREATE TABLE t (a smallint, b smallint);",
    ]),
    "identity sequences that change their names": (12, [
        "CREATE TABLE t (a int GENERATED ALWAYS AS IDENTITY);",
        "CREATE TABLE u (a int GENERATED ALWAYS AS IDENTITY); ALTER TABLE u RENAME TO t; CREATE TABLE t_a_seq (q int);",
        "CREATE TABLE t (a int GENERATED ALWAYS AS IDENTITY); CREATE TABLE u (a int GENERATED ALWAYS AS IDENTITY);",
    ]),
    "identity of partitions": (17, [
        "CREATE TABLE p (k int GENERATED ALWAYS AS IDENTITY, v text) PARTITION BY LIST (k);"
        "CREATE TABLE c (k int NOT NULL, v text);",
        "CREATE TABLE p (k int GENERATED ALWAYS AS IDENTITY, v text) PARTITION BY LIST (k);"
        "CREATE TABLE c PARTITION OF p FOR VALUES IN (1);",
        "CREATE TABLE p (k int NOT NULL, v text) PARTITION BY LIST (k);"
        "CREATE TABLE c (k int GENERATED BY DEFAULT AS IDENTITY, v text);",
    ]),
    "checks not valid that are handed down": (12, [
        "CREATE TABLE p (k int, v text) PARTITION BY LIST (k); CREATE TABLE c (k int, v text);",
        "CREATE TABLE p (k int, v text) PARTITION BY LIST (k); CREATE TABLE c PARTITION OF p FOR VALUES IN (1);"
        "CREATE TABLE d PARTITION OF p FOR VALUES IN (2) PARTITION BY LIST (k);"
        "ALTER TABLE p ADD CONSTRAINT ck CHECK (k > 0) NOT VALID;"
        "CREATE TABLE e PARTITION OF p FOR VALUES IN (3); CREATE TABLE f PARTITION OF d FOR VALUES IN (2);",
        "CREATE TABLE p (k int, v text) PARTITION BY LIST (k);"
        "ALTER TABLE p ADD CONSTRAINT ck CHECK (k > 0) NOT VALID;",
        "CREATE TABLE p (k int, v text) PARTITION BY LIST (k); CREATE TABLE g PARTITION OF p FOR VALUES IN (1);"
        "ALTER TABLE p ADD CONSTRAINT ck CHECK (k > 0) NOT VALID;",
    ]),
    "views that read themselves through a function": (14, [
        "CREATE VIEW v AS SELECT 1 AS a; CREATE FUNCTION f() RETURNS SETOF v LANGUAGE sql AS 'SELECT * FROM v';"
        "CREATE OR REPLACE VIEW v AS SELECT a FROM f(); CREATE VIEW w AS SELECT * FROM v;",
        "CREATE VIEW v AS SELECT 1 AS a; CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT a FROM v; END;"
        "CREATE OR REPLACE VIEW v AS SELECT f() AS a;",
        "CREATE TYPE e AS ENUM ('a'); CREATE VIEW v AS SELECT 'a'::e AS a, 2 AS c;"
        "CREATE FUNCTION f() RETURNS SETOF v LANGUAGE sql AS 'SELECT * FROM v'; CREATE OR REPLACE VIEW v AS SELECT a, c FROM f();"
        "CREATE MATERIALIZED VIEW m AS SELECT count(*) FROM v WITH NO DATA; CREATE VIEW w AS SELECT * FROM v;"
        "CREATE FUNCTION g(w) RETURNS int LANGUAGE sql AS 'SELECT 1';"
        "CREATE OR REPLACE VIEW w AS SELECT v.* FROM v WHERE g(ROW(v.a, v.c)::w) = 1;",
    ]),
    "names": (12, [
        'CREATE SCHEMA "Sch ema"; CREATE TABLE "Sch ema"."T""x" ("Col 1" int, "select" text);',
        'CREATE SCHEMA "Sch ema"; CREATE TABLE "Sch ema"."T""x" ("Col 1" int, "select" text);'
        'CREATE POLICY "po licy" ON "Sch ema"."T""x" USING ("Col 1" > 0);'
        'CREATE RULE "Ru""le" AS ON DELETE TO "Sch ema"."T""x" DO INSTEAD NOTHING;'
        'CREATE STATISTICS "Sch ema"."sta ts" ON "Col 1", "select" FROM "Sch ema"."T""x";'
        'CREATE PUBLICATION "Pub x" FOR TABLE "Sch ema"."T""x";'
        'CREATE TEXT SEARCH DICTIONARY "Sch ema"."D i" (TEMPLATE = simple);'
        'CREATE TEXT SEARCH CONFIGURATION "Sch ema"."C o" (PARSER = default);'
        'ALTER TEXT SEARCH CONFIGURATION "Sch ema"."C o" ADD MAPPING FOR word WITH "Sch ema"."D i";'
        'GRANT SELECT ("Col 1") ON "Sch ema"."T""x" TO "kind ""C"; CREATE FOREIGN DATA WRAPPER "F w";'
        'CREATE SERVER "S r" FOREIGN DATA WRAPPER "F w"; CREATE USER MAPPING FOR "kind ""C" SERVER "S r";'
        'ALTER DEFAULT PRIVILEGES IN SCHEMA "Sch ema" GRANT SELECT ON TABLES TO "kind ""C";'
        'COMMENT ON POLICY "po licy" ON "Sch ema"."T""x" IS \'x\';',
    ]),
}
STEPS = [(name, i, j) for name, (_, states) in STATES.items()
         for i, j in [(None, n) for n in range(len(states))] + [(n, n + 1) for n in range(len(states) - 1)]]


@pytest.fixture(scope="module")
def roles(server):
    for name, options in (("kind_a", ""), ("kind_b", ""), ("kind_super", "SUPERUSER"), ('kind ""C', "")):
        try:
            server.execute(f'CREATE ROLE "{name}" {options}')
        except errors.DuplicateObject:
            pass


@pytest.mark.many
@pytest.mark.parametrize("name,i,j", STEPS, ids=[f"{n}-{'empty' if i is None else i}-{j}" for n, i, j in STEPS])
def test_step(name, i, j, plan_tool, server, make_database, roles):
    minimum, states = STATES[name]
    if server.major < minimum:
        pytest.skip(f"needs PostgreSQL {minimum}")
    x, y = make_database(), make_database()
    for database, state in ((x, "" if i is None else states[i]), (y, states[j])):
        problem = load(database, state)
        assert not problem, problem
    problems = turn_both_ways(plan_tool, server, x, y)
    assert not problems, "\n".join(problems)
