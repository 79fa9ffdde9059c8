#include "../base/unit.h"

#include "base/buf.h"
#include "sql/classify.h"

static gw_stmt_class classify(gw_arena *arena, const char *text)
{
    /* A copy of the exact size, so that a read past it is seen. */
    size_t len = strlen(text);
    return gw_sql_classify(arena, gw_memdup(arena, text, len), len);
}

typedef struct kind_row {
    const char *text;
    gw_stmt_kind kind;
    const char *label;
} kind_row;

static void check_kinds(gw_arena *arena, const kind_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        gw_stmt_class c = classify(arena, rows[i].text);
        if (c.kind != rows[i].kind || strcmp(gw_stmt_kind_name(&c), rows[i].label) != 0)
            fail_msg("%s: kind %d, \"%s\"", rows[i].text, c.kind, gw_stmt_kind_name(&c));
    }
}

#define CHECK_KINDS(rows) check_kinds(*state, rows, sizeof rows / sizeof *rows)

static void knows_transaction_control(void **state)
{
    static const kind_row rows[] = {
        {"", GW_STMT_EMPTY, "nothing"},
        {" -- a\n/* b */ ;", GW_STMT_EMPTY, "nothing"},
        {"BEGIN", GW_STMT_BEGIN, "BEGIN"},
        {"begin work", GW_STMT_BEGIN, "BEGIN"},
        {"/* x */ BEGIN ISOLATION LEVEL SERIALIZABLE", GW_STMT_BEGIN, "BEGIN"},
        {"START TRANSACTION READ ONLY", GW_STMT_BEGIN, "START TRANSACTION"},
        {"COMMIT", GW_STMT_COMMIT, "COMMIT"},
        {"END", GW_STMT_COMMIT, "END"},
        {"COMMIT AND CHAIN", GW_STMT_COMMIT, "COMMIT"},
        {"ROLLBACK", GW_STMT_ROLLBACK, "ROLLBACK"},
        {"ABORT", GW_STMT_ROLLBACK, "ABORT"},
        {"ROLLBACK TRANSACTION AND NO CHAIN", GW_STMT_ROLLBACK, "ROLLBACK"},
        {"ROLLBACK TO a", GW_STMT_SAVEPOINT, "ROLLBACK TO SAVEPOINT"},
        {"ROLLBACK WORK TO SAVEPOINT a", GW_STMT_SAVEPOINT, "ROLLBACK TO SAVEPOINT"},
        {"SAVEPOINT a", GW_STMT_SAVEPOINT, "SAVEPOINT"},
        {"RELEASE a", GW_STMT_SAVEPOINT, "RELEASE"},
        {"PREPARE TRANSACTION 'a'", GW_STMT_PREPARED_XACT, "PREPARE TRANSACTION"},
        {"COMMIT PREPARED 'a'", GW_STMT_PREPARED_XACT, "COMMIT PREPARED"},
        {"ROLLBACK PREPARED 'a'", GW_STMT_PREPARED_XACT, "ROLLBACK PREPARED"},
        {"\"begin\"", GW_STMT_OTHER, "statement"},
    };
    CHECK_KINDS(rows);
}

static void knows_settings(void **state)
{
    static const kind_row rows[] = {
        {"SET a = 1", GW_STMT_SET, "SET"},
        {"SET SESSION a TO 'b'", GW_STMT_SET, "SET"},
        {"SET TIME ZONE 'UTC'", GW_STMT_SET, "SET"},
        {"SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", GW_STMT_SET, "SET"},
        {"RESET ALL", GW_STMT_SET, "RESET"},
        {"SET LOCAL a = 1", GW_STMT_SET_LOCAL, "SET LOCAL"},
        {"SET LOCAL ROLE a", GW_STMT_SET_LOCAL, "SET LOCAL"},
        {"SET ROLE a", GW_STMT_SET_ROLE, "SET ROLE"},
        {"SET SESSION ROLE a", GW_STMT_SET_ROLE, "SET ROLE"},
        {"SET SESSION AUTHORIZATION a", GW_STMT_SET_ROLE, "SET ROLE"},
        {"RESET ROLE", GW_STMT_SET_ROLE, "RESET ROLE"},
        {"RESET SESSION AUTHORIZATION", GW_STMT_SET_ROLE, "RESET ROLE"},
        {"SELECT pg_catalog.set_config('search_path', '', false)", GW_STMT_SET, "SET"},
        {"SELECT set_config('a.b', 'x', true)", GW_STMT_SET_LOCAL, "SET LOCAL"},
        {"SELECT set_config('a.b', 'x', false), 1", GW_STMT_SELECT, "SELECT"},
        {"SET CONSTRAINTS ALL DEFERRED", GW_STMT_OTHER, "SET"},
        {"SET TRANSACTION READ ONLY", GW_STMT_OTHER, "SET"},
        {"DISCARD ALL", GW_STMT_OTHER, "DISCARD ALL"},
        {"DISCARD TEMP", GW_STMT_OTHER, "DISCARD"},
    };
    CHECK_KINDS(rows);
}

static void knows_queries(void **state)
{
    static const kind_row rows[] = {
        {"SELECT 1", GW_STMT_SELECT, "SELECT"},
        {"(SELECT 1)", GW_STMT_SELECT, "SELECT"},
        {"((SELECT 1) UNION SELECT 2)", GW_STMT_SELECT, "SELECT"},
        {"VALUES (1)", GW_STMT_SELECT, "VALUES"},
        {"TABLE a", GW_STMT_SELECT, "TABLE"},
        {"INSERT INTO a VALUES (1)", GW_STMT_INSERT, "INSERT"},
        {"UPDATE ONLY a SET b = 1", GW_STMT_UPDATE, "UPDATE"},
        {"DELETE FROM a", GW_STMT_DELETE, "DELETE"},
        {"MERGE INTO a USING b ON true WHEN MATCHED THEN DELETE", GW_STMT_MERGE, "MERGE"},
        {"WITH a AS (SELECT 1) SELECT 2", GW_STMT_SELECT, "SELECT"},
        {"WITH RECURSIVE a(x) AS MATERIALIZED (INSERT INTO b SELECT (1)), c AS (SELECT 1) "
         "DELETE FROM d",
         GW_STMT_DELETE, "DELETE"},
        {"WITH \"select\" AS (SELECT 1), insert AS (SELECT 2) UPDATE x SET y = 1", GW_STMT_UPDATE,
         "UPDATE"},
        {"WITH a AS (SELECT 1) MERGE INTO b USING a ON true WHEN MATCHED THEN DELETE",
         GW_STMT_MERGE, "MERGE"},
        {"COPY a FROM stdin", GW_STMT_COPY_IN, "COPY FROM stdin"},
        {"COPY a TO STDOUT", GW_STMT_COPY_OUT, "COPY TO stdout"},
        {"COPY (SELECT 1) TO stdout (FORMAT csv)", GW_STMT_COPY_OUT, "COPY TO stdout"},
        {"COPY a (b, c) FROM STDIN WITH (FORMAT csv)", GW_STMT_COPY_IN, "COPY FROM stdin"},
        {"DO $$ BEGIN END $$", GW_STMT_DO, "DO"},
        {"CALL a.b(1)", GW_STMT_CALL, "CALL"},
        {"EXPLAIN ANALYZE INSERT INTO a VALUES (1)", GW_STMT_INSERT, "EXPLAIN"},
        {"EXPLAIN (ANALYZE, BUFFERS off) DELETE FROM a", GW_STMT_DELETE, "EXPLAIN"},
        {"EXPLAIN (ANALYZE false) DELETE FROM a", GW_STMT_OTHER, "EXPLAIN"},
        {"EXPLAIN DELETE FROM a", GW_STMT_OTHER, "EXPLAIN"},
        {"frobnicate the table", GW_STMT_OTHER, "statement"},
    };
    CHECK_KINDS(rows);
}

static void knows_definitions(void **state)
{
    static const kind_row rows[] = {
        {"CREATE TABLE a ()", GW_STMT_CREATE_TABLE, "CREATE TABLE"},
        {"CREATE UNLOGGED TABLE IF NOT EXISTS a.b (c int)", GW_STMT_CREATE_TABLE, "CREATE TABLE"},
        {"CREATE LOCAL TEMPORARY TABLE a AS SELECT 1", GW_STMT_CREATE_TABLE, "CREATE TABLE"},
        {"CREATE FOREIGN TABLE a (b int) SERVER s", GW_STMT_OTHER, "CREATE FOREIGN TABLE"},
        {"CREATE UNIQUE INDEX a ON b (c)", GW_STMT_CREATE_INDEX, "CREATE INDEX"},
        {"CREATE INDEX CONCURRENTLY ON b (c)", GW_STMT_CREATE_INDEX, "CREATE INDEX CONCURRENTLY"},
        {"DROP INDEX CONCURRENTLY IF EXISTS a", GW_STMT_DROP_INDEX, "DROP INDEX CONCURRENTLY"},
        {"DROP TABLE a, b CASCADE", GW_STMT_DROP_TABLE, "DROP TABLE"},
        {"ALTER TABLE IF EXISTS ONLY a.b ADD c int", GW_STMT_ALTER_TABLE, "ALTER TABLE"},
        {"ALTER TABLE a DETACH PARTITION b CONCURRENTLY", GW_STMT_DETACH_PARTITION,
         "ALTER TABLE … DETACH PARTITION CONCURRENTLY"},
        {"ALTER TABLE a DETACH PARTITION b FINALIZE", GW_STMT_DETACH_PARTITION,
         "ALTER TABLE … DETACH PARTITION"},
        {"ALTER TYPE a ADD VALUE 'b'", GW_STMT_ALTER_TYPE_ADD_VALUE, "ALTER TYPE … ADD VALUE"},
        {"ALTER TYPE a ADD ATTRIBUTE b int", GW_STMT_OTHER, "ALTER TYPE"},
        {"TRUNCATE a", GW_STMT_TRUNCATE, "TRUNCATE TABLE"},
        {"LOCK a IN SHARE MODE", GW_STMT_LOCK_TABLE, "LOCK TABLE"},
        {"REINDEX (VERBOSE) TABLE CONCURRENTLY a", GW_STMT_REINDEX, "REINDEX TABLE CONCURRENTLY"},
        {"REINDEX (CONCURRENTLY) INDEX a", GW_STMT_REINDEX, "REINDEX INDEX CONCURRENTLY"},
        {"VACUUM (FULL) a", GW_STMT_VACUUM, "VACUUM"},
        {"CLUSTER a USING b", GW_STMT_CLUSTER, "CLUSTER"},
        {"ALTER SYSTEM SET a = 1", GW_STMT_ALTER_SYSTEM, "ALTER SYSTEM"},
        {"CREATE DATABASE a", GW_STMT_CREATE_DATABASE, "CREATE DATABASE"},
        {"DROP DATABASE IF EXISTS a WITH (FORCE)", GW_STMT_DROP_DATABASE, "DROP DATABASE"},
        {"ALTER DATABASE a SET b = c", GW_STMT_ALTER_DATABASE, "ALTER DATABASE"},
        {"CREATE TABLESPACE a LOCATION '/x'", GW_STMT_CREATE_TABLESPACE, "CREATE TABLESPACE"},
        {"DROP TABLESPACE a", GW_STMT_DROP_TABLESPACE, "DROP TABLESPACE"},
        {"ALTER SUBSCRIPTION a ENABLE", GW_STMT_SUBSCRIPTION, "ALTER SUBSCRIPTION"},
        {"CREATE OR REPLACE VIEW a AS SELECT 1", GW_STMT_OTHER, "CREATE VIEW"},
        {"CREATE MATERIALIZED VIEW a AS SELECT 1", GW_STMT_OTHER, "CREATE MATERIALIZED VIEW"},
        {"REFRESH MATERIALIZED VIEW CONCURRENTLY a", GW_STMT_OTHER,
         "REFRESH MATERIALIZED VIEW CONCURRENTLY"},
        {"CREATE TEXT SEARCH CONFIGURATION a (PARSER = b)", GW_STMT_OTHER,
         "CREATE TEXT SEARCH CONFIGURATION"},
        {"COMMENT ON TABLE a IS 'b'", GW_STMT_OTHER, "COMMENT"},
        {"GRANT SELECT ON a TO b", GW_STMT_OTHER, "GRANT"},
    };
    CHECK_KINDS(rows);
}

/* Each of these is tried on a real server too: tests/e2e/test_split_verdict.py. */
static void knows_what_cannot_run_in_a_transaction(void **state)
{
    static const char *const never[] = {
        "CREATE INDEX CONCURRENTLY a ON b (c)",
        "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS a ON b (c)",
        "DROP INDEX CONCURRENTLY a",
        "REINDEX TABLE CONCURRENTLY a",
        "REINDEX (CONCURRENTLY) TABLE a",
        "REINDEX (VERBOSE, CONCURRENTLY ON) INDEX a",
        "REINDEX SCHEMA a",
        "REINDEX DATABASE a",
        "REINDEX SYSTEM",
        "VACUUM",
        "VACUUM (ANALYZE) a",
        "VACUUM FULL a",
        "CLUSTER",
        "CLUSTER VERBOSE",
        "CLUSTER (VERBOSE)",
        "ALTER SYSTEM RESET ALL",
        "CREATE DATABASE a",
        "DROP DATABASE a",
        "ALTER DATABASE a SET TABLESPACE b",
        "CREATE TABLESPACE a LOCATION '/b'",
        "DROP TABLESPACE a",
        "CREATE SUBSCRIPTION a CONNECTION 'b' PUBLICATION c",
        "CREATE SUBSCRIPTION a CONNECTION 'b' PUBLICATION c WITH (create_slot = true)",
        "DROP SUBSCRIPTION a",
        "ALTER SUBSCRIPTION a REFRESH PUBLICATION",
        "ALTER SUBSCRIPTION a SET PUBLICATION b",
        "ALTER SUBSCRIPTION a ADD PUBLICATION b WITH (copy_data = false)",
        "ALTER SUBSCRIPTION a SET (failover = true)",
        "ALTER TABLE a DETACH PARTITION b.c CONCURRENTLY",
        "DISCARD ALL",
        "COMMIT PREPARED 'a'",
        "ROLLBACK PREPARED 'a'",
    };
    static const char *const allowed[] = {
        "CREATE INDEX concurrently_a ON b (c)",
        "CREATE INDEX \"concurrently\" ON b (c)",
        "DROP INDEX a",
        "REINDEX TABLE a",
        "REINDEX (CONCURRENTLY false) TABLE a",
        "REINDEX (VERBOSE) INDEX a",
        "ANALYZE a",
        "CLUSTER a",
        "CLUSTER VERBOSE a USING b",
        "ALTER DATABASE a SET b = c",
        "ALTER TABLESPACE a RENAME TO b",
        "CREATE SUBSCRIPTION a CONNECTION 'b' PUBLICATION c WITH (connect = false)",
        "CREATE SUBSCRIPTION a CONNECTION 'b' PUBLICATION c, d WITH (slot_name = NONE, "
        "create_slot = false, enabled = off)",
        "ALTER SUBSCRIPTION a SET PUBLICATION b WITH (refresh = false)",
        "ALTER SUBSCRIPTION a DISABLE",
        "ALTER SUBSCRIPTION a SET (synchronous_commit = off)",
        "ALTER TABLE a DETACH PARTITION b",
        "ALTER TABLE a DETACH PARTITION b FINALIZE",
        "DISCARD TEMP",
        "PREPARE TRANSACTION 'a'",
        "REFRESH MATERIALIZED VIEW CONCURRENTLY a",
        "SELECT 'VACUUM'",
        "ALTER TYPE a ADD VALUE 'b'",
    };
    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        if (!classify(*state, never[i]).never_in_transaction)
            fail_msg("%s", never[i]);
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
        if (classify(*state, allowed[i]).never_in_transaction)
            fail_msg("%s", allowed[i]);
}

static void check_reasons(gw_arena *arena, size_t offset, const char *const *given, size_t count,
                          bool expected)
{
    for (size_t i = 0; i < count; i++) {
        gw_stmt_class c = classify(arena, given[i]);
        const char *reason;
        memcpy(&reason, (const char *)&c + offset, sizeof reason);
        if ((reason != NULL) != expected)
            fail_msg("%s: %s", given[i], reason ? reason : "no reason");
    }
}

static void knows_what_needs_a_session(void **state)
{
    static const char *const needs[] = {
        "SET a = 1",
        "SET ROLE a",
        "SET SESSION AUTHORIZATION a",
        "SELECT set_config('a', 'b', false)",
        "SELECT 1, set_config('a', 'b', f)",
        "CREATE TEMP TABLE a (b int)",
        "CREATE TEMP VIEW a AS SELECT 1",
        "CREATE TEMPORARY SEQUENCE a",
        "CREATE TABLE pg_temp.a (b int)",
        "SELECT 1 INTO TEMP a",
        "LISTEN a",
        "PREPARE a AS SELECT 1",
        "EXECUTE a",
        "DEALLOCATE a",
        "LOAD 'a'",
        "DECLARE a CURSOR WITH HOLD FOR SELECT 1",
        "SELECT pg_advisory_lock(1)",
        "SELECT pg_catalog . pg_try_advisory_lock_shared (1)",
        "DO $$ BEGIN PERFORM pg_advisory_lock(1); END $$",
        "DO $$ BEGIN EXECUTE 'CREATE TEMP TABLE a (b int)'; END $$",
        "INSERT INTO a SELECT \"pg_advisory_lock\"(1)",
    };
    static const char *const does_not[] = {
        "SET LOCAL a = 1",
        "SET CONSTRAINTS ALL IMMEDIATE",
        "SET TRANSACTION READ ONLY",
        "RESET a",
        "SELECT set_config('a', 'b', true)",
        "SELECT set_config('a', concat('b', ',', 'c'), 'on')",
        "CREATE TEMP TABLE a (b int) ON COMMIT DROP",
        "CREATE TABLE a (temp int)",
        "DECLARE a CURSOR FOR SELECT 1",
        "SELECT pg_advisory_xact_lock(1)",
        "SELECT pg_advisory_lock FROM a",
        "SELECT 'pg_advisory_lock(1)'",
        "PREPARE TRANSACTION 'a'",
        "CREATE FUNCTION a() RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM "
        "pg_advisory_lock(1); END $$",
        "DO $$ BEGIN CREATE TEMP TABLE a (b int) ON COMMIT DROP; END $$",
    };
    size_t offset = offsetof(gw_stmt_class, needs_session);
    check_reasons(*state, offset, needs, sizeof needs / sizeof *needs, true);
    check_reasons(*state, offset, does_not, sizeof does_not / sizeof *does_not, false);
}

static void knows_what_reaches_outside(void **state)
{
    static const char *const outside[] = {
        "CREATE ROLE a",
        "ALTER USER a PASSWORD 'b'",
        "DROP GROUP IF EXISTS a",
        "GRANT a TO b",
        "REVOKE ADMIN OPTION FOR a FROM b",
        "GRANT ALL ON DATABASE a TO b",
        "GRANT SET ON PARAMETER a TO b",
        "REASSIGN OWNED BY a TO b",
        "DROP OWNED BY a",
        "COMMENT ON ROLE a IS 'b'",
        "COMMENT ON DATABASE a IS 'b'",
        "SECURITY LABEL FOR a ON ROLE b IS 'c'",
        "CREATE DATABASE a",
        "ALTER DATABASE a SET b = c",
        "CREATE TABLESPACE a LOCATION '/b'",
        "ALTER TABLESPACE a RENAME TO b",
        "ALTER SYSTEM SET a = 1",
        "CREATE SUBSCRIPTION a CONNECTION 'b' PUBLICATION c",
        "ALTER SUBSCRIPTION a DISABLE",
        "IMPORT FOREIGN SCHEMA a FROM SERVER b INTO c",
        "COPY a FROM '/b'",
        "COPY a TO PROGRAM 'b'",
        "COPY (SELECT 1) TO '/b'",
        "SELECT pg_create_logical_replication_slot('a', 'b')",
        "SELECT * FROM dblink('a', 'b') AS c(d int)",
        "SELECT public.dblink_exec('a', 'b')",
        "SELECT lo_import('/a')",
        "SELECT pg_read_file('a')",
        "SELECT pg_terminate_backend(1)",
        "DO LANGUAGE plpython3u $$ pass $$",
        "CREATE FUNCTION a() RETURNS int AS 'b', 'c' LANGUAGE C",
        "CREATE FUNCTION a() RETURNS int LANGUAGE 'plperlu' AS ''",
        "DO $$ BEGIN CREATE ROLE a; END $$",
        "DO $$ BEGIN IF true THEN EXECUTE 'ALTER USER a SET b = 1'; END IF; END $$",
        "DO $x$ BEGIN EXECUTE format($y$CREATE DATABASE %I$y$, 'a'); END $x$",
        "DO $$ BEGIN GRANT a TO b; END $$",
        "DO $$ BEGIN COPY a FROM '/x'; END $$",
        "DO $$ BEGIN COPY a FROM PROGRAM 'x'; END $$",
        "DO 'BEGIN PERFORM dblink_exec(''a'', ''b''); END'",
        "CREATE FUNCTION a() RETURNS void LANGUAGE plpgsql AS $$ BEGIN DROP ROLE b; END $$",
        "CREATE FUNCTION a() RETURNS void BEGIN ATOMIC SELECT dblink_exec('a', 'b'); END",
    };
    static const char *const inside[] = {
        "CREATE USER MAPPING FOR a SERVER b",
        "DROP USER MAPPING FOR a SERVER b",
        "GRANT SELECT ON TABLE a TO b",
        "GRANT USAGE ON SCHEMA a TO b",
        "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO a",
        "COMMENT ON TABLE a IS 'ALTER ROLE'",
        "ALTER TABLE a OWNER TO b",
        "COPY a FROM stdin",
        "COPY a TO stdout",
        "SET ROLE a",
        "CREATE TABLE a (role text, database text)",
        "INSERT INTO a VALUES ('CREATE ROLE b; dblink(')",
        "SELECT dblink FROM a",
        "CREATE FUNCTION a() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE FUNCTION a() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END'",
        "DO $$ BEGIN GRANT SELECT ON a TO b; ALTER TABLE c ADD d int; END $$",
        "DO $$ BEGIN CREATE USER MAPPING FOR a SERVER b; END $$",
        "CREATE PUBLICATION a FOR ALL TABLES",
    };
    size_t offset = offsetof(gw_stmt_class, reaches_outside);
    check_reasons(*state, offset, outside, sizeof outside / sizeof *outside, true);
    check_reasons(*state, offset, inside, sizeof inside / sizeof *inside, false);
}

/* Each of these is looked up in pg_locks too: tests/e2e/test_split_verdict.py. */
static void knows_strong_locks(void **state)
{
    static const char *const strong[] = {
        "ALTER TABLE a ADD b int",
        "ALTER TABLE a VALIDATE CONSTRAINT b, ADD c int",
        "ALTER TABLE a ALTER b TYPE int",
        "ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES c NOT VALID",
        "ALTER TABLE a DISABLE TRIGGER b",
        "ALTER TABLE a DETACH PARTITION b",
        "ALTER TABLE a ATTACH PARTITION b DEFAULT",
        "ALTER TABLE a SET (user_catalog_table = true)",
        "ALTER TABLE a SET SCHEMA b",
        "ALTER TABLE ALL IN TABLESPACE a SET TABLESPACE b",
        "ALTER INDEX a SET TABLESPACE b",
        "ALTER SEQUENCE a RESTART",
        "ALTER VIEW a RENAME TO b",
        "ALTER TYPE a ALTER ATTRIBUTE b TYPE int",
        "DROP TABLE a",
        "DROP VIEW a",
        "DROP INDEX a",
        "DROP TRIGGER a ON b",
        "DROP SCHEMA a CASCADE",
        "DROP TYPE a CASCADE",
        "TRUNCATE a",
        "LOCK a",
        "LOCK TABLE a IN SHARE ROW EXCLUSIVE MODE",
        "LOCK TABLE a, b IN ACCESS EXCLUSIVE MODE NOWAIT",
        "CREATE TRIGGER a BEFORE UPDATE ON b EXECUTE FUNCTION c()",
        "CREATE CONSTRAINT TRIGGER a AFTER UPDATE ON b EXECUTE FUNCTION c()",
        "CREATE RULE a AS ON UPDATE TO b DO NOTHING",
        "CREATE POLICY a ON b",
        "CREATE OR REPLACE VIEW a AS SELECT 1",
        "CREATE TABLE a (b int REFERENCES c)",
        "CREATE TABLE a PARTITION OF b DEFAULT",
        "REINDEX TABLE a",
        "CLUSTER a",
        "VACUUM FULL a",
        "VACUUM (FULL, VERBOSE) a",
        "REFRESH MATERIALIZED VIEW a",
    };
    static const char *const weak[] = {
        "ALTER TABLE a VALIDATE CONSTRAINT b",
        "ALTER TABLE a ALTER COLUMN b SET STATISTICS 100, ALTER c SET (n_distinct = 5)",
        "ALTER TABLE a SET (fillfactor = 70, autovacuum_enabled = off)",
        "ALTER TABLE a RESET (fillfactor)",
        "ALTER TABLE a CLUSTER ON b",
        "ALTER TABLE a SET WITHOUT CLUSTER",
        "ALTER TABLE a DETACH PARTITION b CONCURRENTLY",
        "ALTER INDEX a RENAME TO b",
        "ALTER INDEX a SET (fillfactor = 70)",
        "ALTER TYPE a ADD VALUE 'b'",
        "CREATE TABLE a (b int)",
        "CREATE INDEX a ON b (c)",
        "CREATE INDEX CONCURRENTLY a ON b (c)",
        "CREATE VIEW a AS SELECT 1",
        "DROP INDEX CONCURRENTLY a",
        "DROP FUNCTION a",
        "DROP SCHEMA a",
        "LOCK a IN SHARE MODE",
        "LOCK a IN ROW EXCLUSIVE MODE",
        "VACUUM a",
        "ANALYZE a",
        "REINDEX TABLE CONCURRENTLY a",
        "UPDATE a SET b = 1",
        "COMMENT ON TABLE a IS 'b'",
    };
    for (size_t i = 0; i < sizeof strong / sizeof *strong; i++)
        if (!classify(*state, strong[i]).strong_lock)
            fail_msg("%s", strong[i]);
    for (size_t i = 0; i < sizeof weak / sizeof *weak; i++)
        if (classify(*state, weak[i]).strong_lock)
            fail_msg("%s", weak[i]);
}

static void gives_names(void **state)
{
    static const struct {
        const char *text, *names; /* object schema.name table_schema.table value flags */
    } rows[] = {
        {"CREATE INDEX CONCURRENTLY IF NOT EXISTS \"A b\" ON S.T (c)",
         "INDEX s.A b s.t - concurrently if_exists"},
        {"CREATE INDEX ON t (c)", "INDEX -.- -.t -"},
        {"CREATE INDEX i ON ONLY t USING gin (c)", "INDEX -.i -.t -"},
        {"DROP INDEX CONCURRENTLY IF EXISTS s.i", "INDEX s.i -.- - concurrently if_exists"},
        {"REINDEX (VERBOSE) TABLE CONCURRENTLY s.t", "TABLE s.t -.- - concurrently"},
        {"REINDEX INDEX i", "INDEX -.i -.- -"},
        {"REINDEX SCHEMA \"S\"", "SCHEMA -.S -.- -"},
        {"REINDEX DATABASE CONCURRENTLY d", "DATABASE -.d -.- - concurrently"},
        {"ALTER TYPE s.mood ADD VALUE IF NOT EXISTS 'o''k' BEFORE 'x'",
         "TYPE s.mood -.- o'k if_exists splits"},
        {"ALTER TABLE s.p DETACH PARTITION s2.c CONCURRENTLY", "TABLE s2.c s.p - concurrently"},
        {"ALTER TABLE ONLY db.s.t ADD x int", "TABLE s.t -.- -"},
        {"ALTER DATABASE d SET TABLESPACE t", "DATABASE -.d -.- -"},
        {"CREATE DATABASE \"D\"", "DATABASE -.D -.- -"},
        {"DROP DATABASE IF EXISTS d", "DATABASE -.d -.- - if_exists"},
        {"CREATE TRIGGER g BEFORE UPDATE ON s.t EXECUTE FUNCTION f()", "TRIGGER -.g s.t -"},
        {"CREATE OR REPLACE RULE r AS ON INSERT TO s.t DO NOTHING", "RULE -.r s.t -"},
        {"DROP POLICY p ON t", "POLICY -.p -.t -"},
        {"CREATE TABLE IF NOT EXISTS s.t (a int)", "TABLE s.t -.- - if_exists"},
        {"INSERT INTO s.t SELECT 1", "TABLE s.t -.- -"},
        {"DELETE FROM ONLY t", "TABLE -.t -.- -"},
        {"SET standard_conforming_strings = off", "- -.standard_conforming_strings -.- off"},
        {"SET a.b TO 'C'", "- a.b -.- C"},
        {"SET LOCAL TIME ZONE 'UTC'", "- -.timezone -.- UTC"},
        {"SELECT set_config('search_path', '', false)", "- -.search_path -.- "},
        {"CREATE SCHEMA AUTHORIZATION joe", "SCHEMA -.- -.- -"},
        {"VACUUM (ANALYZE, VERBOSE) s.t (a)", "TABLE s.t -.- -"},
        {"CLUSTER VERBOSE t USING i", "- -.t -.- -"},
        {"CREATE SUBSCRIPTION sub CONNECTION '' PUBLICATION p", "SUBSCRIPTION -.sub -.- -"},
        {"REFRESH MATERIALIZED VIEW CONCURRENTLY s.v", "MATERIALIZED VIEW s.v -.- - concurrently"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        gw_stmt_class c = classify(*state, rows[i].text);
        const char *names = gw_printf(
            *state, "%s %s.%s %s.%s %s%s%s%s", c.object ? c.object : "-", c.schema ? c.schema : "-",
            c.name ? c.name : "-", c.table_schema ? c.table_schema : "-", c.table ? c.table : "-",
            c.value ? c.value : "-", c.concurrently ? " concurrently" : "",
            c.if_exists ? " if_exists" : "", c.splits_transaction ? " splits" : "");
        assert_string_equal(names, rows[i].names);
    }
}

/* A long statement is classified by its head; what it calls is found to its end. */
static void reads_long_statements_to_the_end(void **state)
{
    gw_buf text = GW_BUF(*state);
    gw_buf_add(&text, "WITH a AS (SELECT 1");
    for (int i = 0; i < 100000; i++)
        gw_buf_add(&text, ", (1)");
    gw_buf_add(&text, ") INSERT INTO t SELECT pg_advisory_lock(1)");
    gw_stmt_class c = gw_sql_classify(*state, text.data, text.len);
    assert_int_equal(c.kind, GW_STMT_INSERT);
    assert_non_null(c.needs_session);
}

static void stops_at_a_depth_of_strings(void **state)
{
    gw_buf text = GW_BUF(*state);
    gw_buf_add(&text, "DO ");
    for (int i = 0; i < 2000; i++)
        gw_buf_addf(&text, "$a%d$ ", i);
    gw_stmt_class c = gw_sql_classify(*state, text.data, text.len);
    assert_int_equal(c.kind, GW_STMT_DO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(knows_transaction_control),
        with_arena(knows_settings),
        with_arena(knows_queries),
        with_arena(knows_definitions),
        with_arena(knows_what_cannot_run_in_a_transaction),
        with_arena(knows_what_needs_a_session),
        with_arena(knows_what_reaches_outside),
        with_arena(knows_strong_locks),
        with_arena(gives_names),
        with_arena(reads_long_statements_to_the_end),
        with_arena(stops_at_a_depth_of_strings),
    };
    return cmocka_run_group_tests_name("classify", tests, NULL, NULL);
}
