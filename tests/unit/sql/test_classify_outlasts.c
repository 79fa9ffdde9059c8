/* What stays though its transaction does not, and which slot it is. */
#include "../base/unit.h"

#include "sql/classify.h"

static gw_stmt_class classify(gw_arena *arena, const char *text)
{
    /* A copy of the exact size, so that a read past it is seen. */
    size_t len = strlen(text);
    return gw_sql_classify(arena, gw_memdup(arena, text, len), len);
}

static void what_outlasts_its_transaction(void **state)
{
    static const char *const yes[] = {
        "SELECT dblink_exec('dbname=x', 'DELETE FROM t')",
        "SELECT * FROM public.dblink('x', 'SELECT 1') AS t(a int)",
        "SELECT \"dblink_exec\"('x')",
        "INSERT INTO t SELECT * FROM dblink('x', 'y') AS t(a int)",
        "UPDATE t SET a = 1 FROM dblink('x', 'y') AS u(a int)",
        "DELETE FROM t WHERE a IN (SELECT dblink_exec('x', 'y'))",
        "WITH x AS (SELECT dblink_exec('x', 'y')) SELECT 1",
        "CREATE TABLE t AS SELECT * FROM dblink('x', 'y') AS u(a int)",
        "DO $$ BEGIN PERFORM dblink_exec('x', 'y'); END $$",
        "VALUES (dblink_exec('x', 'y'))",
        "(SELECT dblink_exec('x', 'y'))",
        "EXPLAIN ANALYZE SELECT dblink_exec('x', 'y')",
        "EXECUTE p(dblink_exec('x', 'y'))",
        "CREATE MATERIALIZED VIEW v AS SELECT * FROM dblink('x', 'y') AS u(a int)",
        "SELECT lo_export(1, '/tmp/x')",
        "COPY t TO '/tmp/x'",
        "COPY t TO PROGRAM 'cat'",
        "COPY t FROM PROGRAM 'cat'",
        "COPY (SELECT 1) TO '/tmp/x'",
        "SELECT pg_replication_slot_advance('s', '0/1')",
        "SELECT pg_logical_slot_get_changes('s', NULL, NULL)",
        "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots",
    };
    static const char *const no[] = {
        "SELECT 'dblink_exec(1)'",
        "SELECT dblink FROM t",
        "SELECT lo_import('/tmp/x')",
        "SELECT pg_read_file('/tmp/x')",
        "SELECT pg_logical_slot_peek_changes('s', NULL, NULL)",
        "COPY t FROM '/tmp/x'",
        "COPY t FROM stdin",
        "CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$ SELECT dblink_exec('x', 'y') $$",
        "CREATE VIEW v AS SELECT * FROM dblink('x', 'y') AS t(a int)",
        "CREATE RULE r AS ON INSERT TO t DO ALSO SELECT dblink_exec('x', 'y')",
        "COMMENT ON TABLE t IS 'dblink(1)'",
        "",
    };
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        if (!classify(*state, yes[i]).outlasts)
            fail_msg("%s", yes[i]);
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        if (classify(*state, no[i]).outlasts)
            fail_msg("%s: %s", no[i], classify(*state, no[i]).outlasts);
}

static void knows_one_slot_with_a_literal_name(void **state)
{
    static const struct {
        const char *text, *slot;
        bool drops;
    } rows[] = {
        {"SELECT pg_create_logical_replication_slot('a', 'pgoutput')", "a", false},
        {"SELECT * FROM pg_catalog.pg_create_physical_replication_slot('a''b', true)", "a'b", false},
        {"SELECT pg_drop_replication_slot('a')", "a", true},
        {"SELECT pg_drop_replication_slot(E'a\\nb')", "a\nb", true},
        {"SELECT pg_copy_logical_replication_slot('a', 'b')", "b", false},
        {"SELECT pg_copy_physical_replication_slot('a', 'b', true)", "b", false},
        {"SELECT pg_create_logical_replication_slot('a', 'p') WHERE NOT EXISTS (SELECT 1)", "a", false},
        /* Nobody can tell from the text which one it is, or that it is the only one. */
        {"SELECT pg_create_logical_replication_slot('a' || 'b', 'p')", NULL, false},
        {"SELECT pg_copy_logical_replication_slot(x, 'b') FROM t", NULL, false},
        {"SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots", NULL, true},
        {"SELECT pg_drop_replication_slot('a'), pg_drop_replication_slot('b')", NULL, true},
        {"SELECT pg_drop_replication_slot('a'), f('b')", NULL, true},
        {"SELECT pg_replication_slot_advance('a', '0/1')", NULL, false},
        {"SELECT dblink_exec('a')", NULL, false},
        {"INSERT INTO t SELECT pg_drop_replication_slot('a')", NULL, false},
        {"SELECT pg_drop_replication_slot(", NULL, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        gw_stmt_class c = classify(*state, rows[i].text);
        bool same = rows[i].slot ? c.slot && strcmp(c.slot, rows[i].slot) == 0 : !c.slot;
        if (!same || !c.outlasts || (c.slot && c.drops_slot != rows[i].drops))
            fail_msg("%s: %s", rows[i].text, c.slot ? c.slot : "none");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(what_outlasts_its_transaction),
        with_arena(knows_one_slot_with_a_literal_name),
    };
    return cmocka_run_group_tests_name("classify_outlasts", tests, NULL, NULL);
}
