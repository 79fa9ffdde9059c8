#include "../base/unit.h"

#include "sql/outside.h"

typedef struct row {
    const char *text;
    gw_reach reach;
    gw_reach_action on_private, on_shared;
} row;

#define RUN GW_REACH_RUN
#define SKIP GW_REACH_SKIP
#define REFUSE GW_REACH_REFUSE
#define ROLE GW_REACH_RUN_ROLE
#define INSTEAD GW_REACH_RUN_INSTEAD

static gw_reach_verdict verdict_of(gw_arena *arena, const char *text)
{
    size_t len = strlen(text);
    return gw_sql_reach(arena, gw_memdup(arena, text, len), len);
}

static void check(gw_arena *arena, const row *rows, size_t count)
{
    unsigned bad = 0;
    for (size_t i = 0; i < count; i++) {
        gw_reach_verdict v = verdict_of(arena, rows[i].text);
        gw_reach_action alone = gw_reach_on_private(&v, true), shared = gw_reach_on_shared(&v);
        if (v.reach == rows[i].reach && alone == rows[i].on_private &&
            shared == rows[i].on_shared && (v.reach == GW_REACH_NONE || v.reason))
            continue;
        bad++;
        print_error("%s\n  is %s, %s, %s (%s)\n", rows[i].text, gw_reach_name(v.reach),
                    gw_reach_action_name(alone), gw_reach_action_name(shared), v.reason);
    }
    assert_int_equal(bad, 0);
}

#define CHECK(rows) check(*state, rows, sizeof rows / sizeof *rows)

static void most_statements_stay_inside(void **state)
{
    static const char *const texts[] = {
        "", "-- nothing", "SELECT 1", "CREATE TABLE role (database int, tablespace int)",
        "CREATE TABLE t (id int) TABLESPACE fast", "INSERT INTO t VALUES ('DROP ROLE x')",
        "COMMENT ON TABLE t IS 'COPY t FROM PROGRAM ''x'''", "DROP TABLE subscription",
        "GRANT SELECT ON t TO app", "REVOKE ALL ON SCHEMA s FROM PUBLIC",
        "GRANT EXECUTE ON FUNCTION pg_read_file(text) TO app", /* pg_proc is the database's own */
        "ALTER DEFAULT PRIVILEGES FOR ROLE a GRANT SELECT ON TABLES TO b",
        "ALTER TABLE t OWNER TO app", "SET ROLE app", "SET search_path = a, b",
        "CREATE EXTENSION dblink", "CREATE PUBLICATION p FOR ALL TABLES",
        "COPY t FROM stdin", "COPY t TO stdout", "BEGIN", "COMMIT", "SAVEPOINT a",
        "CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION f()",
        "CREATE TRIGGER g AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()",
        "CREATE POLICY p ON t USING (owner = current_user)",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN EXECUTE 'SELECT 1' INTO x; RETURN NEW; END $$",
        "DO $$ BEGIN CREATE TABLE t (role text); END $$",
        "DO $$ BEGIN GRANT EXECUTE ON FUNCTION f() TO app; END $$", /* see below: roles */
        "SELECT \"role\" FROM \"database\"", "ALTER TABLE t RENAME COLUMN a TO dblink_url",
        "SELECT dblink_url FROM t", "SELECT 'dblink(1)'", "VACUUM t", "LISTEN a",
        "CREATE SUBTYPE",
    };
    for (size_t i = 0; i + 1 < sizeof texts / sizeof *texts; i++) {
        gw_reach_verdict v = verdict_of(*state, texts[i]);
        if (v.reach != GW_REACH_NONE || gw_reach_on_private(&v, false) != RUN ||
            gw_reach_on_shared(&v) != RUN)
            fail_msg("%s: %s (%s)", texts[i], gw_reach_name(v.reach), v.reason);
    }
}

static void knows_what_hides(void **state)
{
    static const row rows[] = {
        /* Foreign servers in bodies. */
        {"DO $$ BEGIN CREATE SERVER s FOREIGN DATA WRAPPER postgres_fdw; END $$",
         GW_REACH_FOREIGN, RUN, REFUSE},
        {"DO $$ BEGIN EXECUTE 'CREATE FOREIGN TABLE f (x int) SERVER s'; END $$", GW_REACH_FOREIGN,
         RUN, REFUSE},
        {"DO $$ BEGIN CREATE USER MAPPING FOR PUBLIC SERVER s; END $$", GW_REACH_FOREIGN, RUN, REFUSE},
        {"CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN "
         "IMPORT FOREIGN SCHEMA a FROM SERVER s INTO b; END $$",
         GW_REACH_FOREIGN, RUN, REFUSE},
        /* Catalogs that all databases share. */
        {"UPDATE pg_authid SET rolsuper = true", GW_REACH_SERVER, SKIP, SKIP},
        {"DELETE FROM pg_catalog.pg_auth_members", GW_REACH_SERVER, SKIP, SKIP},
        {"WITH w AS (INSERT INTO pg_database VALUES (1) RETURNING 1) SELECT * FROM w",
         GW_REACH_SERVER, SKIP, SKIP},
        {"COPY pg_catalog.pg_tablespace FROM stdin", GW_REACH_SERVER, SKIP, SKIP},
        {"UPDATE mine.pg_database SET a = 1", GW_REACH_NONE, RUN, RUN},
        {"SELECT * FROM pg_authid", GW_REACH_NONE, RUN, RUN},
        {"DO $$ BEGIN UPDATE ONLY pg_catalog.\"pg_authid\" SET rolsuper = true; END $$",
         GW_REACH_SERVER, RUN, REFUSE},
        {"DO $$ BEGIN DELETE FROM pg_database; END $$", GW_REACH_SERVER, RUN, REFUSE},
        {"DO $$ BEGIN PERFORM 1 FROM pg_database; DELETE FROM t; END $$", GW_REACH_NONE, RUN, RUN},
        /* A query that is put together, a function under another name. */
        {"SELECT query_to_xml(reverse('x'), true, true, '')", GW_REACH_NONE, RUN, REFUSE},
        {"SELECT query_to_xml('SELECT 1', true, true, '')", GW_REACH_NONE, RUN, RUN},
        {"SELECT ts_stat('SELECT pg_terminate_backend(1)')", GW_REACH_SERVER, RUN, REFUSE},
        {"DO $$ BEGIN PERFORM query_to_xml(a || b, true, true, ''); END $$", GW_REACH_NONE, RUN, REFUSE},
        {"ALTER FUNCTION pg_read_file(text) RENAME TO f", GW_REACH_FILES, SKIP, SKIP},
        {"ALTER FUNCTION pg_terminate_backend SET SCHEMA s", GW_REACH_SERVER, SKIP, SKIP},
        {"CREATE CAST (a AS b) WITH FUNCTION pg_read_file(a)", GW_REACH_FILES, RUN, REFUSE},
    };
    CHECK(rows);
}

static void knows_roles(void **state)
{
    static const row rows[] = {
        {"CREATE ROLE a", GW_REACH_ROLE, ROLE, SKIP},
        {"CREATE USER \"A b\" PASSWORD 'x'", GW_REACH_ROLE, ROLE, SKIP},
        {"CREATE GROUP g", GW_REACH_ROLE, ROLE, SKIP},
        {"ALTER ROLE a SET search_path = x", GW_REACH_ROLE, ROLE, SKIP},
        {"ALTER ROLE ALL SET work_mem = '1MB'", GW_REACH_ROLE, ROLE, SKIP},
        {"ALTER USER a SUPERUSER", GW_REACH_ROLE, ROLE, SKIP},
        {"ALTER ROLE a RENAME TO b", GW_REACH_ROLE, ROLE, SKIP},
        {"DROP ROLE IF EXISTS a, b", GW_REACH_ROLE, ROLE, SKIP},
        {"GRANT a TO b", GW_REACH_ROLE, ROLE, SKIP},
        {"REVOKE a FROM b", GW_REACH_ROLE, ROLE, SKIP},
        {"REASSIGN OWNED BY a TO b", GW_REACH_ROLE, ROLE, SKIP},
        {"DROP OWNED BY a", GW_REACH_ROLE, ROLE, SKIP},
        {"COMMENT ON ROLE a IS 'x'", GW_REACH_ROLE, ROLE, SKIP},
        {"SECURITY LABEL ON ROLE a IS 'x'", GW_REACH_ROLE, ROLE, SKIP},
        {"/* a */ create -- b\n role x", GW_REACH_ROLE, ROLE, SKIP},
        {"DO $$ BEGIN CREATE ROLE a; END $$", GW_REACH_ROLE, RUN, REFUSE},
        {"DO $$ BEGIN EXECUTE 'CREATE ROLE a'; END $$", GW_REACH_ROLE, RUN, REFUSE},
    };
    CHECK(rows);
}

static void knows_databases_and_the_server(void **state)
{
    static const row rows[] = {
        {"CREATE DATABASE d", GW_REACH_DATABASE, SKIP, SKIP},
        {"DROP DATABASE d WITH (FORCE)", GW_REACH_DATABASE, SKIP, SKIP},
        {"ALTER DATABASE d SET search_path = x", GW_REACH_DATABASE, SKIP, SKIP},
        {"ALTER DATABASE d OWNER TO x", GW_REACH_DATABASE, SKIP, SKIP},
        {"ALTER DATABASE d RENAME TO e", GW_REACH_DATABASE, SKIP, SKIP},
        {"ALTER DATABASE d REFRESH COLLATION VERSION", GW_REACH_DATABASE, SKIP, SKIP},
        {"GRANT CONNECT ON DATABASE d TO a", GW_REACH_DATABASE, SKIP, SKIP},
        {"COMMENT ON DATABASE d IS 'x'", GW_REACH_DATABASE, SKIP, SKIP},
        {"CREATE TABLESPACE s LOCATION '/x'", GW_REACH_TABLESPACE, GW_REACH_RUN_TABLESPACE, SKIP},
        {"DROP TABLESPACE s", GW_REACH_TABLESPACE, SKIP, SKIP},
        {"ALTER TABLESPACE s RENAME TO t", GW_REACH_TABLESPACE, SKIP, SKIP},
        {"GRANT CREATE ON TABLESPACE s TO a", GW_REACH_TABLESPACE, SKIP, SKIP},
        {"ALTER SYSTEM SET work_mem = '1GB'", GW_REACH_SYSTEM, SKIP, SKIP},
        {"GRANT SET ON PARAMETER work_mem TO a", GW_REACH_SYSTEM, SKIP, SKIP},
        {"SELECT pg_reload_conf()", GW_REACH_SYSTEM, SKIP, SKIP},
        {"SELECT pg_create_logical_replication_slot('a', 'pgoutput')", GW_REACH_SLOT, SKIP, SKIP},
        {"SELECT pg_catalog.pg_drop_replication_slot('a')", GW_REACH_SLOT, SKIP, SKIP},
        {"SELECT pg_terminate_backend(pid) FROM pg_stat_activity", GW_REACH_SERVER, SKIP, SKIP},
        {"SELECT * FROM t WHERE EXISTS (SELECT pg_switch_wal())", GW_REACH_SERVER, SKIP, SKIP},
        {"PREPARE TRANSACTION 'x'", GW_REACH_SERVER, SKIP, SKIP},
        {"COMMIT PREPARED 'x'", GW_REACH_SERVER, SKIP, SKIP},
        {"DO $$ BEGIN EXECUTE 'ALTER DATABASE d SET a = b'; END $$", GW_REACH_DATABASE, RUN,
         REFUSE},
    };
    CHECK(rows);
}

static void knows_other_servers_programs_and_files(void **state)
{
    static const row rows[] = {
        {"SELECT * FROM dblink('host=x', 'SELECT 1') AS t (a int)", GW_REACH_CONNECT, REFUSE,
         REFUSE},
        {"SELECT public.dblink_exec('x', 'DROP TABLE t')", GW_REACH_CONNECT, REFUSE, REFUSE},
        {"SELECT \"dblink\"('x', 'y')", GW_REACH_CONNECT, REFUSE, REFUSE},
        {"SELECT U&\"d\\0062link\"('x', 'y')", GW_REACH_CONNECT, REFUSE, REFUSE},
        {"INSERT INTO t SELECT a FROM dblink('x', 'y') AS d (a int)", GW_REACH_CONNECT, REFUSE,
         REFUSE},
        {"EXPLAIN ANALYZE SELECT dblink_connect('x')", GW_REACH_CONNECT, REFUSE, REFUSE},
        {"CREATE TABLE t AS SELECT dblink_connect('x')", GW_REACH_CONNECT, REFUSE, REFUSE},
        {"SELECT query_to_xml('SELECT dblink_connect(''x'')', true, true, '')", GW_REACH_CONNECT,
         REFUSE, REFUSE},
        {"DO $$ BEGIN PERFORM dblink_connect('x'); END $$", GW_REACH_CONNECT, REFUSE, REFUSE},
        {"CREATE VIEW v AS SELECT dblink_connect('x')", GW_REACH_CONNECT, RUN, REFUSE},
        {"CREATE FUNCTION f() RETURNS text LANGUAGE sql AS 'SELECT dblink_connect(''x'')'",
         GW_REACH_CONNECT, RUN, REFUSE},
        {"CREATE FUNCTION f() RETURNS text LANGUAGE sql RETURN dblink_connect('x')",
         GW_REACH_CONNECT, RUN, REFUSE},
        {"CREATE AGGREGATE a (text) (sfunc = dblink_exec, stype = text)", GW_REACH_CONNECT, RUN,
         REFUSE},
        {"IMPORT FOREIGN SCHEMA a FROM SERVER b INTO c", GW_REACH_CONNECT, REFUSE, REFUSE},
        {"CREATE SERVER s FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'x')", GW_REACH_FOREIGN,
         RUN, REFUSE},
        {"CREATE USER MAPPING FOR a SERVER s", GW_REACH_FOREIGN, RUN, REFUSE},
        {"CREATE FOREIGN TABLE f (a int) SERVER s", GW_REACH_FOREIGN, RUN, REFUSE},
        {"COPY t FROM PROGRAM 'curl x'", GW_REACH_PROGRAM, REFUSE, REFUSE},
        {"COPY (SELECT 1) TO PROGRAM 'cat > /tmp/x'", GW_REACH_PROGRAM, REFUSE, REFUSE},
        {"DO $$ BEGIN COPY t TO PROGRAM 'x'; END $$", GW_REACH_PROGRAM, REFUSE, REFUSE},
        {"DO $$ BEGIN EXECUTE $q$COPY t TO PROGRAM 'x'$q$; END $$", GW_REACH_PROGRAM, REFUSE,
         REFUSE},
        {"COPY t FROM '/data/t.csv'", GW_REACH_FILES, SKIP, SKIP},
        {"COPY t TO '/data/t.csv' (FORMAT csv)", GW_REACH_FILES, SKIP, SKIP},
        {"SELECT pg_read_file('/etc/passwd')", GW_REACH_FILES, SKIP, SKIP},
        {"SELECT lo_export(1, '/tmp/x')", GW_REACH_FILES, SKIP, SKIP},
        {"CREATE FUNCTION f() RETURNS int LANGUAGE c AS 'lib', 'f'", GW_REACH_LANGUAGE, RUN, REFUSE},
        {"CREATE FUNCTION f(text) RETURNS text LANGUAGE internal AS 'pg_read_file'",
         GW_REACH_LANGUAGE, RUN, REFUSE},
        {"CREATE FUNCTION f() RETURNS int AS 'x' LANGUAGE 'plpython3u'", GW_REACH_LANGUAGE, RUN,
         REFUSE},
        {"DO LANGUAGE plperlu 'system(1)'", GW_REACH_LANGUAGE, REFUSE, REFUSE},
        {"LOAD 'x'", GW_REACH_LANGUAGE, REFUSE, REFUSE},
    };
    CHECK(rows);
}

static void what_cannot_be_read_is_named(void **state)
{
    static const row rows[] = {
        {"CREATE SUBTYPE", GW_REACH_UNREAD, RUN, REFUSE},
        {"MERGE INTO t USING s ON true WHEN MATCHED THEN DELETE RETURNING *", GW_REACH_UNREAD, RUN,
         REFUSE},
        {"SELECT 1; DROP ROLE x; garbage", GW_REACH_UNREAD, RUN, REFUSE},
        {"SELECT JSON_SERIALIZE(dblink('x', 'y') RETURNING text)", GW_REACH_CONNECT, REFUSE,
         REFUSE},
        {"DO $$ BEGIN EXECUTE format('%s', x); END $$", GW_REACH_NONE, RUN, REFUSE},
        {"DO $$ BEGIN EXECUTE 'CO' || 'PY'; END $$", GW_REACH_NONE, RUN, REFUSE},
        {"CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS 'BEGIN EXECUTE x; END'",
         GW_REACH_NONE, RUN, REFUSE},
    };
    CHECK(rows);
}

/* Two statements are more than one may be. */
static void takes_one_statement(void **state)
{
    gw_reach_verdict v = verdict_of(*state, "SELECT 1; DROP ROLE x");
    assert_int_not_equal(gw_reach_on_shared(&v), RUN);
}

static void an_open_server_defines_less(void **state)
{
    static const char *const texts[] = {
        "CREATE FUNCTION f() RETURNS int LANGUAGE c AS 'lib', 'f'",
        "CREATE SERVER s FOREIGN DATA WRAPPER postgres_fdw",
        "CREATE VIEW v AS SELECT dblink_connect('x')",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        gw_reach_verdict v = verdict_of(*state, texts[i]);
        assert_int_equal(gw_reach_on_private(&v, true), RUN);
        assert_int_equal(gw_reach_on_private(&v, false), REFUSE);
    }
}

static void subscriptions_connect_to_nobody(void **state)
{
    static const struct {
        const char *text, *instead;
    } rows[] = {
        {"CREATE SUBSCRIPTION s CONNECTION 'host=x' PUBLICATION p",
         "CREATE SUBSCRIPTION \"s\" CONNECTION 'host=x' PUBLICATION \"p\" WITH (connect = false, "
         "slot_name = NONE); ALTER SUBSCRIPTION \"s\" SET (slot_name = 's')"},
        {"CREATE SUBSCRIPTION \"S \"\"1\" CONNECTION 'it''s' PUBLICATION a, \"B\" WITH (enabled, "
         "create_slot = true, copy_data = on, slot_name = other, binary = true, "
         "synchronous_commit = off)",
         "CREATE SUBSCRIPTION \"S \"\"1\" CONNECTION 'it''s' PUBLICATION \"a\", \"B\" WITH "
         "(connect = false, slot_name = NONE, \"binary\" = 'true', \"synchronous_commit\" = 'off');"
         " ALTER SUBSCRIPTION \"S \"\"1\" SET (slot_name = 'other')"},
        {"CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p WITH (connect = false, "
         "slot_name = NONE)",
         "CREATE SUBSCRIPTION \"s\" CONNECTION '' PUBLICATION \"p\" WITH (connect = false, "
         "slot_name = NONE)"},
        {"ALTER SUBSCRIPTION s SET PUBLICATION a, b WITH (refresh = true)",
         "ALTER SUBSCRIPTION \"s\" SET PUBLICATION \"a\", \"b\" WITH (refresh = false)"},
        {"ALTER SUBSCRIPTION s ENABLE", "ALTER SUBSCRIPTION s ENABLE"},
        {"ALTER SUBSCRIPTION s REFRESH PUBLICATION", NULL},
        {"DROP SUBSCRIPTION s",
         "ALTER SUBSCRIPTION \"s\" DISABLE; ALTER SUBSCRIPTION \"s\" SET (slot_name = NONE); "
         "DROP SUBSCRIPTION \"s\""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        gw_reach_verdict v = verdict_of(*state, rows[i].text);
        assert_int_equal(v.reach, GW_REACH_SUBSCRIPTION);
        assert_int_equal(gw_reach_on_shared(&v), SKIP);
        assert_int_equal(gw_reach_on_private(&v, true), rows[i].instead ? INSTEAD : SKIP);
        if (rows[i].instead)
            assert_string_equal(v.instead, rows[i].instead);
    }
}

static void names_what_it_found(void **state)
{
    gw_reach_verdict v = verdict_of(*state, "CREATE ROLE \"My role\"");
    assert_string_equal(v.statement, "CREATE ROLE");
    assert_string_equal(v.object, "My role");
    v = verdict_of(*state, "CREATE TABLESPACE \"a b\" LOCATION '/x'");
    assert_string_equal(v.object, "a b");
    v = verdict_of(*state, "ALTER ROLE \"a b\" RENAME TO c");
    assert_true(v.renames_role);
    assert_string_equal(v.object, "a b");
    for (int reach = GW_REACH_NONE; reach <= GW_REACH_UNREAD; reach++)
        assert_non_null(gw_reach_name((gw_reach)reach));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(most_statements_stay_inside),
        with_arena(knows_what_hides),
        with_arena(knows_roles),
        with_arena(knows_databases_and_the_server),
        with_arena(knows_other_servers_programs_and_files),
        with_arena(what_cannot_be_read_is_named),
        with_arena(takes_one_statement),
        with_arena(an_open_server_defines_less),
        with_arena(subscriptions_connect_to_nobody),
        with_arena(names_what_it_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
