#include "../base/unit.h"

#include "base/buf.h"
#include "sql/effects.h"

static const char *const names[] = {
    [GW_EFFECT_SETS_PATH] = "path",           [GW_EFFECT_MAKES_TABLE] = "makes",
    [GW_EFFECT_MAKES_TYPE] = "makes-type",    [GW_EFFECT_MAKES_COLUMN] = "makes-column",
    [GW_EFFECT_RENAMES_TABLE] = "renames",    [GW_EFFECT_RENAMES_COLUMN] = "renames-column",
    [GW_EFFECT_RENAMES_TYPE] = "renames-type", [GW_EFFECT_RENAMES_SCHEMA] = "renames-schema",
    [GW_EFFECT_MOVES_TABLE] = "moves",        [GW_EFFECT_MOVES_TYPE] = "moves-type",
    [GW_EFFECT_WRITES] = "writes",            [GW_EFFECT_DROPS_TABLE] = "drops",
    [GW_EFFECT_DROPS_COLUMN] = "drops-column", [GW_EFFECT_DROPS_ATTRIBUTE] = "drops-attribute",
    [GW_EFFECT_DROPS_TYPE] = "drops-type",    [GW_EFFECT_DROPS_COLLATION] = "drops-collation",
    [GW_EFFECT_DROPS_SCHEMA] = "drops-schema", [GW_EFFECT_DROPS_EXTENSION] = "drops-extension",
    [GW_EFFECT_DROPS_OWNED] = "drops-owned",  [GW_EFFECT_DROPS_DATABASE] = "drops-database",
    [GW_EFFECT_CHANGES_TYPE] = "type",        [GW_EFFECT_SETS_NOT_NULL] = "not-null",
    [GW_EFFECT_DROPS_DEFAULT] = "no-default", [GW_EFFECT_TRUNCATES] = "truncates",
    [GW_EFFECT_DELETES] = "deletes",          [GW_EFFECT_OVERWRITES] = "overwrites",
    [GW_EFFECT_UNKNOWN] = "unknown",          [GW_EFFECT_DELETES_SOME] = "deletes-some",
    [GW_EFFECT_MAKES_TRIGGER] = "trigger",    [GW_EFFECT_MAKES_RULE] = "rule",
    [GW_EFFECT_STOPS_TRIGGER] = "stops",      [GW_EFFECT_STARTS_TRIGGER] = "starts",
    [GW_EFFECT_MAKES_KEY] = "key",            [GW_EFFECT_STOPS_CONSTRAINT] = "stops-constraint",
    [GW_EFFECT_MAKES_WATCH] = "watch",        [GW_EFFECT_STOPS_WATCH] = "stops-watch",
    [GW_EFFECT_STARTS_WATCH] = "starts-watch",
};

typedef struct row {
    const char *text;
    const char *effects; /* "kind schema.name[.column][=to]", blanks between; flags behind: !cascade
                            @only ~temporary ?expression */
} row;

static const char *effects_of(gw_arena *arena, const char *text)
{
    gw_effects effects = {0};
    gw_buf buf = GW_BUF(arena);
    size_t len = strlen(text);
    gw_sql_effects(arena, gw_memdup(arena, text, len + 1), len, &effects);
    for (size_t i = 0; i < effects.len; i++) {
        const gw_effect *e = &effects.items[i];
        assert_true(gw_sql_has_effects(text, len));
        if (e->kind == GW_EFFECT_COMMANDS) /* test_commands */
            continue;
        gw_buf_addf(&buf, "%s%s", buf.len ? "; " : "", names[e->kind]);
        if (e->name)
            gw_buf_addf(&buf, " %s%s%s", e->schema ? e->schema : "", e->schema ? "." : "", e->name);
        if (e->column)
            gw_buf_addf(&buf, "/%s", e->column);
        if (e->to && e->kind != GW_EFFECT_UNKNOWN)
            gw_buf_addf(&buf, "=%s", e->to);
        gw_buf_addf(&buf, "%s%s%s%s", e->cascade ? "!" : "", e->only ? "@" : "",
                    e->temporary ? "~" : "", e->expression ? "?" : "");
        /* What loses something is seen by the quick look too. */
        if (e->kind >= GW_EFFECT_DROPS_TABLE)
            assert_true(gw_sql_may_lose(text, len));
    }
    return gw_buf_str(&buf);
}

static void check(gw_arena *arena, const row *rows, size_t count)
{
    unsigned bad = 0;
    for (size_t i = 0; i < count; i++) {
        const char *found = effects_of(arena, rows[i].text);
        if (strcmp(found, rows[i].effects) == 0)
            continue;
        bad++;
        print_error("%s\n  has    %s\n  wanted %s\n", rows[i].text, found, rows[i].effects);
    }
    assert_int_equal(bad, 0);
}

#define CHECK(rows) check(*state, rows, sizeof rows / sizeof *rows)

static void test_what_is_dropped(void **state)
{
    static const row rows[] = {
        {"DROP TABLE a.b, \"C d\" CASCADE", "drops a.b!; drops C d!"},
        {"drop table if exists t", "drops t"},
        {"DROP TYPE s.m", "drops-type s.m"},
        {"DROP DOMAIN d CASCADE", "drops-type d!"},
        {"DROP SCHEMA s CASCADE", "drops-schema s!"},
        {"DROP EXTENSION e", "drops-extension e"},
        {"DROP COLLATION c CASCADE", "drops-collation c!"},
        {"DROP OWNED BY joe, CURRENT_USER", "drops-owned joe; drops-owned"},
        {"DROP DATABASE d", "drops-database d"},
        {"DROP VIEW v CASCADE", "drops v!"},
        {"DROP SEQUENCE s CASCADE", "drops s!"},
        {"DROP INDEX CONCURRENTLY i", ""},
        {"DROP FUNCTION f(int)", ""},
        {"DROP TRIGGER g ON t", "stops t/g"},
    };
    CHECK(rows);
}

static void test_alter(void **state)
{
    static const row rows[] = {
        {"ALTER TABLE ONLY t DROP a, DROP COLUMN IF EXISTS b CASCADE", "drops-column t/a@; drops-column t/b!@"},
        {"ALTER TABLE t DROP CONSTRAINT c", "stops-constraint t/c"},
        {"ALTER TABLE t ALTER a TYPE varchar(10)", "type t/a=varchar(10)"},
        {"ALTER TABLE t ALTER a SET DATA TYPE timestamp(3) with time zone COLLATE \"C\" USING a::text, ADD b int",
         "type t/a=timestamp(3) with time zone; makes-column t/b"},
        {"ALTER TABLE t ALTER a TYPE s.\"M 2\"[] USING upper(a)", "type t/a=s.\"M 2\"[]?"},
        {"ALTER TABLE t ALTER a TYPE numeric(10, 2) USING a::text::numeric(10, 2)", "type t/a=numeric(10, 2)"},
        {"ALTER TABLE t ALTER a TYPE int USING b", "type t/a=int?"},
        {"ALTER TABLE t ALTER a SET NOT NULL, ALTER a DROP DEFAULT, ALTER b SET DEFAULT 1, ALTER c DROP IDENTITY",
         "not-null t/a; no-default t/a; no-default t/c"},
        {"ALTER TABLE t DETACH PARTITION p", ""},
        {"ALTER TYPE s.addr DROP ATTRIBUTE zip CASCADE", "drops-attribute s.addr/zip!@"},
        {"ALTER TABLE a RENAME TO b", "renames a=b"},
        {"ALTER TABLE a RENAME COLUMN x TO y", "renames-column a/x=y"},
        {"ALTER TABLE a RENAME CONSTRAINT x TO y", ""},
        {"ALTER TYPE a RENAME TO b", "renames-type a=b"},
        {"ALTER SCHEMA a RENAME TO b", "renames-schema a=b"},
        {"ALTER TABLE a SET SCHEMA s", "moves a=s"},
        {"ALTER TYPE a SET SCHEMA s", "moves-type a=s"},
    };
    CHECK(rows);
}

static void test_rows(void **state)
{
    static const row rows[] = {
        {"TRUNCATE ONLY a, s.b CASCADE", "truncates a!@; truncates s.b!"},
        {"DELETE FROM t", "deletes t"},
        {"DELETE FROM t WHERE true", "deletes t"},
        {"DELETE FROM t WHERE id = 1", "deletes-some t= id = 1"},
        {"DELETE FROM t WHERE id BETWEEN $1 AND $2", "deletes t"},
        {"DELETE FROM t WHERE id >= $1 AND id < $2", "deletes t"},
        {"DELETE FROM t WHERE id >= $1 AND old", "deletes-some t"},
        {"DELETE FROM t a USING b WHERE a.id = b.id", "deletes-some t"},
        {"DELETE FROM t WHERE f(id) RETURNING id", "deletes-some t"},
        {"DELETE FROM ONLY t WHERE id = 'x' /* c */ RETURNING id;", "deletes-some t= id = 'x'@"},
        {"MERGE INTO s.t USING u ON t.a = u.a WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (1)",
         "writes s.t; deletes-some s.t"},
        {"COPY t FROM stdin", "writes t"},
        {"COPY t TO stdout", ""},
        {"WITH n AS (INSERT INTO t VALUES (1) RETURNING a) SELECT * FROM n", "writes t"},
        {"INSERT INTO \"A b\".t VALUES (1) NO SUCH GRAMMAR", "writes A b.t"},
        {"UPDATE t SET a = 1, b = b + 1, c = upper(a)", "writes t; overwrites t/a; overwrites t/c"},
        {"UPDATE t SET a = 1 WHERE b", "writes t"},
        {"UPDATE t SET a = x.a FROM x", "writes t"},
        {"WITH gone AS (DELETE FROM a RETURNING *) INSERT INTO b SELECT * FROM gone", "writes b; deletes a"},
        {"EXPLAIN ANALYZE DELETE FROM t", "deletes t"},
        {"PREPARE p AS DELETE FROM t", "deletes t"},
        {"INSERT INTO t VALUES ('DELETE FROM x')", "writes t"},
    };
    CHECK(rows);
}

static void test_what_waits_for_rows(void **state)
{
    static const row rows[] = {
        {"CREATE TRIGGER x AFTER UPDATE OR DELETE ON s.t FOR EACH ROW EXECUTE FUNCTION a.f()", "trigger s.t/x=f"},
        {"CREATE CONSTRAINT TRIGGER \"X y\" AFTER INSERT ON t FOR EACH ROW EXECUTE PROCEDURE f()", "trigger t/X y=f"},
        {"CREATE RULE r AS ON DELETE TO t DO INSTEAD NOTHING",
         "rule t/r=CREATE RULE r AS ON DELETE TO t DO INSTEAD NOTHING?"},
        {"DROP RULE r ON s.t", "stops s.t/r"},
        {"ALTER TABLE t DISABLE TRIGGER ALL, ENABLE TRIGGER x", "stops t!; starts t/x"},
    };
    CHECK(rows);
    assert_true(gw_sql_may_arm("CREATE OR REPLACE TRIGGER", 25));
    assert_true(gw_sql_may_arm("create constraint trigger", 25));
    assert_false(gw_sql_may_arm("CREATE TABLE trigger (", 22));
    assert_true(gw_sql_may_fire("COPY t FROM stdin", 17));
    assert_false(gw_sql_may_fire("SELECT 1", 8));
}

static void test_what_is_made(void **state)
{
    static const row rows[] = {
        {"CREATE TEMP TABLE t (a int)", "makes t~"},
        {"CREATE TABLE s.t AS SELECT 1", "makes s.t"},
        {"SELECT 1 AS a INTO t", "makes t"},
        {"CREATE TYPE m AS ENUM ('a', 'b''c')", "makes-type m='a', 'b''c'"},
        {"CREATE TYPE c AS (a int)", "makes-type c@"},
        {"CREATE DOMAIN s.d AS int", "makes-type s.d"},
        {"CREATE SCHEMA s CREATE TABLE t (a int)", "makes t"},
        {"CREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'DROP TABLE t'", ""},
        {"CREATE RULE r AS ON DELETE TO t DO INSTEAD DELETE FROM u", "rule t/r=CREATE RULE r AS ON DELETE TO t DO INSTEAD DELETE FROM u?"},
        {"SET search_path = a, \"B c\"", "path=a,B c"},
        {"RESET search_path", "path"},
        {"SELECT pg_catalog.set_config('search_path', '', false)", "path="},
        {"SET work_mem = '1MB'", ""},
    };
    CHECK(rows);
}

static void test_blocks(void **state)
{
    static const row rows[] = {
        {"DO $$ BEGIN IF EXISTS (SELECT) THEN DROP TABLE t; ELSE TRUNCATE u; END IF; END $$", "drops t; truncates u"},
        {"DO 'BEGIN DELETE FROM t WHERE a = 1 RETURNING a INTO b; END'", "deletes-some t= a = 1"},
        {"DO $$ BEGIN EXECUTE 'DROP TABLE t'; END $$", "drops t"},
        {"DO $$ BEGIN EXECUTE format('DROP TABLE %I', x); END $$", "unknown"},
        {"DO $$ BEGIN EXECUTE 'TRUNC' || 'ATE ' || x; EXECUTE 'TRUNCATE ' || x; END $$", "unknown"},
        {"DO $$ BEGIN EXECUTE 'ALTER TABLE ' || x || ' DROP CONSTRAINT c'; END $$", ""},
        {"DO $$ BEGIN EXECUTE 'ALTER TABLE ' || x || ' DROP c'; END $$", "unknown"},
        {"DO $$ BEGIN EXECUTE 'DELETE FROM ' || x; END $$", "unknown"},
        {"DO $$ BEGIN EXECUTE format('GRANT UPDATE, DELETE, TRUNCATE ON %s TO CURRENT_USER', x); END $$", ""},
        {"DO $$ BEGIN EXECUTE format('DROP TRIGGER a ON %s; DROP TABLE %s', x, x); END $$", "unknown"},
        {"DO $$ BEGIN EXECUTE 'DELETE FROM ' || x || ' WHERE id = 1'; END $$", ""},
        {"DO $$ BEGIN ALTER TABLE a RENAME TO b; ALTER TABLE b DROP c; END $$", "renames a=b; drops-column b/c"},
        {"DO $$ BEGIN RAISE NOTICE 'now drop table t'; PERFORM f('DROP TABLE t'); END $$", ""},
        {"DO LANGUAGE plpython3u $$plpy.execute(\"drop table t\")$$", "unknown"},
        {"DO $$ BEGIN -- ; DROP TABLE t;\n NULL; END $$", ""},
    };
    CHECK(rows);
}

static void test_what_cannot_be_read(void **state)
{
    static const row rows[] = {
        {"ALTER TABLE t DROP COLUMN a WITH SOMETHING NEW", "unknown"},
        {"ALTER TABLE t DROP CONSTRAINT a WITH SOMETHING NEW", ""},
        {"UPDATE t SET a = 1 WITH SOMETHING NEW", "writes t"},
        {"TRUNCATE t WITH SOMETHING NEW", "unknown"},
        {"", ""},
    };
    CHECK(rows);
}

static void test_keys_and_event_triggers(void **state)
{
    static const row rows[] = {
        {"CREATE TABLE a.b (x int REFERENCES s.p (y) ON DELETE CASCADE, FOREIGN KEY (x) REFERENCES q)",
         "makes a.b; key a.b=p!; key a.b=q"},
        {"ALTER TABLE t ADD x int REFERENCES p, ADD CONSTRAINT k FOREIGN KEY (x) REFERENCES q",
         "makes-column t/x; key t=p; key t/k=q"},
        {"ALTER TABLE t ADD x int DEFAULT 1", "makes-column t/x?"},
        {"ALTER TABLE t DROP CONSTRAINT k", "stops-constraint t/k"},
        {"CREATE EVENT TRIGGER e ON sql_drop WHEN TAG IN ('DROP TABLE') EXECUTE FUNCTION s.f()", "watch/e=f"},
        {"DROP EVENT TRIGGER e", "stops-watch/e"},
        {"ALTER EVENT TRIGGER e DISABLE", "stops-watch/e"},
        {"ALTER EVENT TRIGGER e ENABLE ALWAYS", "starts-watch/e"},
    };
    CHECK(rows);
}

static void test_commands(void **state)
{
    static const struct {
        const char *text, *tag;
        unsigned events;
    } rows[] = {
        {"CREATE UNLOGGED TABLE t (a int GENERATED ALWAYS AS (1) STORED)", "CREATE TABLE", GW_ON_COMMAND},
        {"CREATE TABLE t AS SELECT 1", "CREATE TABLE AS", GW_ON_COMMAND},
        {"CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'", "CREATE FUNCTION", GW_ON_COMMAND},
        {"CREATE UNIQUE INDEX CONCURRENTLY i ON t (a)", "CREATE INDEX", GW_ON_COMMAND},
        {"DROP VIEW v", "DROP VIEW", GW_ON_COMMAND | GW_ON_DROP},
        {"ALTER TABLE t DROP CONSTRAINT c", "ALTER TABLE", GW_ON_COMMAND | GW_ON_DROP},
        {"ALTER TABLE t ALTER a DROP NOT NULL", "ALTER TABLE", GW_ON_COMMAND},
        {"ALTER TABLE t ALTER a TYPE text", "ALTER TABLE", GW_ON_COMMAND | GW_ON_REWRITE},
        {"ALTER TABLE t ADD b int DEFAULT 1", "ALTER TABLE", GW_ON_COMMAND},
        {"COMMENT ON TABLE t IS 'x'", "COMMENT", GW_ON_COMMAND},
        {"GRANT SELECT ON t TO r", "GRANT", GW_ON_COMMAND},
        {"GRANT a TO b", NULL, 0},
        {"CREATE ROLE r", NULL, 0},
        {"CREATE EVENT TRIGGER e ON sql_drop EXECUTE FUNCTION f()", NULL, 0},
        {"TRUNCATE t", NULL, 0},
        {"INSERT INTO t VALUES (1)", NULL, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        gw_effects effects = {0};
        size_t found = 0;
        gw_sql_effects(*state, rows[i].text, strlen(rows[i].text), &effects);
        for (size_t e = 0; e < effects.len; e++) {
            if (effects.items[e].kind != GW_EFFECT_COMMANDS)
                continue;
            found++;
            assert_non_null(rows[i].tag);
            assert_string_equal(effects.items[e].to, rows[i].tag);
            assert_int_equal(effects.items[e].events, rows[i].events);
            assert_true(gw_sql_may_command(rows[i].text, strlen(rows[i].text)));
        }
        assert_int_equal(found, rows[i].tag ? 1 : 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(test_what_is_dropped), with_arena(test_alter),  with_arena(test_rows),
        with_arena(test_what_waits_for_rows),
        with_arena(test_what_is_made),    with_arena(test_blocks), with_arena(test_what_cannot_be_read),
        with_arena(test_keys_and_event_triggers), with_arena(test_commands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
