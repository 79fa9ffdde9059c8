/* What of a file's statements a shadow runs, and that nothing leaves it. */
#include "../pg/shadow_bench.h"

#include "control/gate.h"

static gw_gate_outcome pass(bench *b, gw_session *session, const char *text)
{
    gw_err err = {0};
    gw_gate_outcome outcome;
    gw_reach_verdict verdict;
    assert_ok(gw_gate_pass(b->shadow, session, b->arena, text, strlen(text), &outcome, &verdict,
                           &err));
    if (outcome == GW_GATE_RUN)
        execute(session, text);
    if (outcome == GW_GATE_LEFT_OUT)
        assert_non_null(verdict.reason);
    return outcome;
}

static void test_statements(void **state)
{
    static const struct {
        const char *text;
        gw_gate_outcome outcome;
    } rows[] = {
        {"CREATE TABLE t (id int)", GW_GATE_RUN},
        {"CREATE ROLE \"a \"\"role\"\"\" LOGIN PASSWORD 'x'", GW_GATE_DONE},
        {"CREATE ROLE \"a \"\"role\"\"\"", GW_GATE_DONE},
        {"GRANT SELECT ON t TO \"a \"\"role\"\"\"", GW_GATE_RUN},
        {"ALTER ROLE \"a \"\"role\"\"\" RENAME TO b", GW_GATE_DONE},
        {"CREATE DATABASE another", GW_GATE_LEFT_OUT},
        {"ALTER DATABASE production SET search_path = x", GW_GATE_LEFT_OUT},
        {"CREATE TABLESPACE \"a space\" LOCATION '/nowhere/at all'", GW_GATE_DONE},
        {"CREATE TABLE u (id int) TABLESPACE \"a space\"", GW_GATE_RUN},
        {"ALTER SYSTEM SET work_mem = '1GB'", GW_GATE_LEFT_OUT},
        {"SELECT pg_create_physical_replication_slot('x')", GW_GATE_LEFT_OUT},
        {"CREATE SUBSCRIPTION s CONNECTION 'host=192.0.2.1' PUBLICATION p", GW_GATE_DONE},
        {"ALTER SUBSCRIPTION s SET PUBLICATION p, q", GW_GATE_DONE},
        {"ALTER SUBSCRIPTION s REFRESH PUBLICATION", GW_GATE_LEFT_OUT},
        {"DROP SUBSCRIPTION s", GW_GATE_DONE},
        {"DROP SUBSCRIPTION IF EXISTS s", GW_GATE_DONE},
        {"COPY t FROM '/etc/passwd'", GW_GATE_LEFT_OUT},
        {"CREATE EXTENSION dblink", GW_GATE_RUN},
        {"CREATE FUNCTION f() RETURNS text LANGUAGE sql AS 'SELECT dblink_connect(''host=x'')'",
         GW_GATE_RUN},
    };
    bench *b = *state;
    b->shadow = opened(b);
    gw_session *session = on(made(b->shadow, b->arena), b->arena);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (pass(b, session, rows[i].text) != rows[i].outcome)
            fail_msg("%s: not %d", rows[i].text, rows[i].outcome);
}

static void test_what_cannot_be_tried(void **state)
{
    static const char *const texts[] = {
        "COPY (SELECT 1) TO PROGRAM 'cat'",
        "SELECT * FROM dblink('host=x', 'SELECT 1') AS d (a int)",
        "DO LANGUAGE plpython3u 'pass'",
    };
    bench *b = *state;
    b->shadow = opened(b);
    gw_session *session = on(made(b->shadow, b->arena), b->arena);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        gw_err err = {0};
        gw_gate_outcome outcome;
        gw_reach_verdict verdict;
        assert_false(gw_gate_pass(b->shadow, session, b->arena, texts[i], strlen(texts[i]),
                                  &outcome, &verdict, &err));
        assert_non_null(err.detail);
        assert_non_null(err.hint);
        assert_kind(GW_ERR_UNSUPPORTED);
    }
}

/* In a transaction a role that is there already does not end it. */
static void test_roles_in_a_transaction(void **state)
{
    bench *b = *state;
    gw_err err = {0};
    gw_gate_outcome outcome;
    gw_reach_verdict verdict;
    b->shadow = opened(b);
    gw_session *session = on(made(b->shadow, b->arena), b->arena);
    pass(b, session, "CREATE ROLE app");
    execute(session, "BEGIN");
    pass(b, session, "CREATE ROLE app");
    pass(b, session, "CREATE TABLE t ()");
    pass(b, session, "ALTER TABLE t OWNER TO app");
    const char *drop = "DROP ROLE app"; /* as on the target: its own table needs it */
    assert_false(gw_gate_pass(b->shadow, session, b->arena, drop, strlen(drop), &outcome,
                              &verdict, &err));
    assert_string_equal(err.sqlstate, "2BP01");
    gw_err_clear(&err);
    gw_session_rollback(session);
    gw_session *other = on(made(b->shadow, b->arena), b->arena);
    execute(other, "CREATE TABLE t (); ALTER TABLE t OWNER TO app");
    assert_int_equal(pass(b, session, drop), GW_GATE_DONE); /* only the other one needs it */
    const char *rename = "ALTER ROLE app RENAME TO app2";
    assert_false(gw_gate_pass(b->shadow, session, b->arena, rename, strlen(rename), &outcome,
                              &verdict, &err));
    assert_kind(GW_ERR_UNSUPPORTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_statements),
        T(test_what_cannot_be_tried),
        T(test_roles_in_a_transaction),
    };
    if (shadow_tests_begin() != 0)
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    shadow_tests_end();
    return failed;
}
