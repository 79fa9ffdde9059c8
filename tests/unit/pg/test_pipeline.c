#include "arena_test.h"

#include <stdlib.h>

#include "pg/pipeline.h"

static void results_come_in_order(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *session = open_plain(arena);
    bool skipped;
    assert_ok(gw_pipeline_start(session, &err));
    for (int i = 0; i < 50; i++) {
        gw_param param = gw_p_int(i);
        assert_ok(gw_pipeline_add(session, "SELECT $1::int", &param, 1, &err));
    }
    assert_ok(gw_pipeline_sync(session, &err));
    for (int i = 0; i < 50; i++) {
        gw_result result;
        assert_ok(gw_pipeline_next(session, arena, "n", &result, &skipped, &err));
        assert_false(skipped);
        assert_int_equal(atoi(PQgetvalue(result.pg, 0, 0)), i);
    }
    assert_ok(gw_pipeline_end(session, &err));
    assert_string_equal(ask(session, arena, "SELECT 1"), "1");
}

static void an_error_skips_the_rest_of_its_group(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *session = open_plain(arena);
    bool skipped;
    gw_result result;
    assert_ok(gw_pipeline_start(session, &err));
    assert_ok(gw_pipeline_add(session, "CREATE TABLE gone (a int)", NULL, 0, &err));
    assert_ok(gw_pipeline_add(session, "SELECT 1/0", NULL, 0, &err));
    assert_ok(gw_pipeline_add(session, "SELECT 2", NULL, 0, &err));
    assert_ok(gw_pipeline_add(session, "SELECT 3", NULL, 0, &err));
    assert_ok(gw_pipeline_sync(session, &err));
    assert_ok(gw_pipeline_add(session, "SELECT 4", NULL, 0, &err));
    assert_ok(gw_pipeline_sync(session, &err));
    assert_ok(gw_pipeline_next(session, NULL, "create", NULL, &skipped, &err));
    assert_false(gw_pipeline_next(session, NULL, "divide", NULL, &skipped, &err));
    assert_string_equal(err.sqlstate, "22012");
    assert_string_equal(err.statement, "divide");
    assert_kind(GW_ERR_SQL);
    for (int i = 0; i < 2; i++) {
        assert_ok(gw_pipeline_next(session, arena, "skipped", &result, &skipped, &err));
        assert_true(skipped);
    }
    assert_ok(gw_pipeline_next(session, arena, "four", &result, &skipped, &err));
    assert_false(skipped);
    assert_string_equal(PQgetvalue(result.pg, 0, 0), "4");
    assert_ok(gw_pipeline_end(session, &err));
    /* A group is one transaction. */
    assert_string_equal(ask(session, arena, "SELECT to_regclass('gone') IS NULL"), "t");
}

static void what_was_not_read_is_read_at_the_end(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *session = open_plain(arena);
    bool skipped;
    for (int with_error = 0; with_error < 2; with_error++) {
        assert_ok(gw_pipeline_start(session, &err));
        assert_ok(gw_pipeline_add(session, "SELECT generate_series(1, 1000)", NULL, 0, &err));
        assert_ok(gw_pipeline_add(session, with_error ? "SELECT 1/0" : "SELECT 1", NULL, 0, &err));
        assert_ok(gw_pipeline_add(session, "SELECT 1", NULL, 0, &err));
        assert_ok(gw_pipeline_sync(session, &err));
        assert_ok(gw_pipeline_next(session, NULL, "one", NULL, &skipped, &err));
        assert_ok(gw_pipeline_add(session, "SELECT 5", NULL, 0, &err)); /* never synced */
        assert_ok(gw_pipeline_end(session, &err));
        assert_string_equal(ask(session, arena, "SELECT 1"), "1");
    }
}

static void a_failed_transaction_can_be_rolled_back(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *session = open_plain(arena);
    bool skipped;
    assert_ok(gw_pipeline_start(session, &err));
    assert_ok(gw_pipeline_add(session, "BEGIN", NULL, 0, &err));
    assert_ok(gw_pipeline_add(session, "nonsense", NULL, 0, &err));
    assert_ok(gw_pipeline_add(session, "COMMIT", NULL, 0, &err));
    assert_ok(gw_pipeline_sync(session, &err));
    assert_ok(gw_pipeline_next(session, NULL, "begin", NULL, &skipped, &err));
    assert_false(gw_pipeline_next(session, NULL, "bad", NULL, &skipped, &err));
    assert_string_equal(err.sqlstate, "42601");
    assert_int_equal(err.position, 1);
    gw_err_clear(&err);
    gw_session_rollback(session); /* ends the pipeline too */
    assert_false(gw_session_in_transaction(session));
    assert_string_equal(ask(session, arena, "SELECT 1"), "1");
}

static void both_directions_are_served(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *session = open_plain(arena);
    /* Each answer is far more than a socket holds, and so are the questions. */
    char *big = malloc(300 * 1000);
    memset(big, 'q', 300 * 1000);
    big[300 * 1000 - 1] = '\0';
    gw_param param = gw_p_text(big);
    bool skipped;
    assert_ok(gw_pipeline_start(session, &err));
    for (int i = 0; i < 40; i++)
        assert_ok(gw_pipeline_add(session, "SELECT $1::text || $1::text", &param, 1, &err));
    assert_ok(gw_pipeline_sync(session, &err));
    for (int i = 0; i < 40; i++)
        assert_ok(gw_pipeline_next(session, NULL, "big", NULL, &skipped, &err));
    assert_ok(gw_pipeline_end(session, &err));
    free(big);
}

static void a_big_result_is_thrown_away_as_it_arrives(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *session = open_plain(arena);
    bool skipped;
    long before = peak_kib();
    assert_ok(gw_pipeline_start(session, &err));
    assert_ok(gw_pipeline_add(session, "BEGIN", NULL, 0, &err));
    assert_ok(gw_pipeline_add(session, "SELECT repeat('x', 1000) FROM generate_series(1, 50000)",
                              NULL, 0, &err));
    assert_ok(gw_pipeline_add(session, "COMMIT", NULL, 0, &err));
    assert_ok(gw_pipeline_sync(session, &err));
    for (int i = 0; i < 3; i++)
        assert_ok(gw_pipeline_next(session, NULL, "big", NULL, &skipped, &err));
    assert_ok(gw_pipeline_end(session, &err));
    assert_true(peak_kib() - before < 16 * 1024); /* of 50 MB */
}

static void a_killed_backend_loses_the_pipeline(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *session = open_plain(arena);
    bool skipped;
    assert_ok(gw_pipeline_start(session, &err));
    assert_ok(gw_pipeline_add(session, "SELECT 1", NULL, 0, &err));
    assert_ok(
        gw_pipeline_add(session, "SELECT pg_terminate_backend(pg_backend_pid())", NULL, 0, &err));
    assert_ok(gw_pipeline_add(session, "SELECT 2", NULL, 0, &err));
    assert_ok(gw_pipeline_sync(session, &err));
    assert_ok(gw_pipeline_next(session, NULL, "one", NULL, &skipped, &err));
    assert_false(gw_pipeline_next(session, NULL, "kill", NULL, &skipped, &err));
    assert_kind(GW_ERR_LOST);
    assert_false(gw_pipeline_next(session, NULL, "after", NULL, &skipped, &err));
    assert_kind(GW_ERR_LOST);
    assert_false(gw_pipeline_end(session, &err));
    assert_kind(GW_ERR_LOST);
}

static void a_copy_ends_the_session_and_not_the_patience(void **state)
{
    (void)state;
    static const char *const copies[] = {"COPY (SELECT 1) TO STDOUT", "COPY held FROM STDIN"};
    for (size_t i = 0; i < 4; i++) {
        bool read_by_next = i < 2, skipped;
        gw_err err = {0};
        gw_session *session = open_plain(arena), *other = open_plain(arena);
        assert_ok(gw_exec(session, "DROP TABLE IF EXISTS held; CREATE TABLE held (a int)", &err));
        assert_ok(gw_pipeline_start(session, &err));
        assert_ok(gw_pipeline_add(session, "BEGIN", NULL, 0, &err));
        assert_ok(gw_pipeline_add(session, "LOCK TABLE held", NULL, 0, &err));
        assert_ok(gw_pipeline_add(session, copies[i % 2], NULL, 0, &err));
        assert_ok(gw_pipeline_add(session, "SELECT 2", NULL, 0, &err));
        assert_ok(gw_pipeline_sync(session, &err));
        if (read_by_next) {
            assert_ok(gw_pipeline_next(session, NULL, "begin", NULL, &skipped, &err));
            assert_ok(gw_pipeline_next(session, NULL, "lock", NULL, &skipped, &err));
            assert_false(gw_pipeline_next(session, NULL, "copy", NULL, &skipped, &err));
            assert_string_equal(err.statement, "copy");
        } else {
            assert_false(gw_pipeline_end(session, &err));
        }
        assert_int_equal(err.kind, GW_ERR_INPUT);
        assert_non_null(strstr(err.message, i % 2 ? "FROM STDIN" : "TO STDOUT"));
        assert_non_null(strstr(err.detail, "pipeline"));
        gw_err_clear(&err);
        assert_true(gw_session_lost(session));
        assert_false(gw_pipeline_end(session, &err));
        assert_kind(GW_ERR_LOST);
        gw_session_rollback(session);
        assert_false(gw_pipeline_start(session, &err));
        assert_kind(GW_ERR_LOST);
        /* Its locks are gone although nobody has closed it. */
        assert_ok(gw_exec(other, "SET lock_timeout = '20s'; SELECT count(*) FROM held", &err));
        gw_session_close(other);
        gw_session_close(session);
    }
}

static void misuse_is_a_bug_that_is_named(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *session = open_plain(arena);
    bool skipped;
    assert_ok(gw_pipeline_start(session, &err));
    assert_false(gw_pipeline_next(session, NULL, "none", NULL, &skipped, &err));
    assert_kind(GW_ERR_INTERNAL);
    assert_ok(gw_pipeline_add(session, "SELECT 1", NULL, 0, &err));
    assert_false(gw_pipeline_next(session, NULL, "not synced", NULL, &skipped, &err));
    assert_kind(GW_ERR_INTERNAL);
    assert_ok(gw_pipeline_end(session, &err));
    assert_ok(gw_pipeline_end(session, &err)); /* twice is fine */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        each(results_come_in_order),
        each(an_error_skips_the_rest_of_its_group),
        each(what_was_not_read_is_read_at_the_end),
        each(a_failed_transaction_can_be_rolled_back),
        each(both_directions_are_served),
        each(a_big_result_is_thrown_away_as_it_arrives),
        each(a_killed_backend_loses_the_pipeline),
        each(a_copy_ends_the_session_and_not_the_patience),
        each(misuse_is_a_bug_that_is_named),
    };
    return cmocka_run_group_tests(tests, server_fixture_setup, server_fixture_teardown);
}
