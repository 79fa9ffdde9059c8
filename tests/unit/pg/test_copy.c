#include "arena_test.h"

#include <stdlib.h>

#include "base/cancel.h"
#include "pg/copy.h"

static int set_up(void **state)
{
    gw_err err = {0};
    server_fixture_setup(state);
    gw_arena *own = gw_arena_new();
    assert_ok(gw_exec(open_plain(own), "CREATE TABLE t (a int PRIMARY KEY, b text)", &err));
    gw_arena_free(own);
    return 0;
}

static int empty_table(void **state)
{
    gw_err err = {0};
    assert_ok(gw_exec(open_plain(arena), "TRUNCATE t", &err));
    return free_arena(state);
}

static bool put(gw_session *session, const char *text, gw_err *err)
{
    return gw_copy_in_data(session, text, strlen(text), err);
}

static void copies_rows_and_counts_them(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *session = open_plain(arena);
    int64_t rows = 0;
    assert_ok(gw_copy_in_start(session, "COPY t FROM STDIN", &err));
    assert_ok(put(session, "1\teins\n2\tzw", &err));
    assert_ok(put(session, "ei\n", &err));
    assert_ok(gw_copy_in_end(session, NULL, &rows, &err));
    assert_int_equal(rows, 2);
    assert_string_equal(ask(session, arena, "SELECT string_agg(b, ',' ORDER BY a) FROM t"),
                        "eins,zwei");
}

static void an_empty_copy_is_none(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *session = open_plain(arena);
    int64_t rows = -1;
    assert_ok(gw_copy_in_start(session, "COPY t FROM STDIN", &err));
    assert_ok(gw_copy_in_end(session, NULL, &rows, &err));
    assert_int_equal(rows, 0);
}

static void a_row_that_the_table_refuses_fails_the_copy(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *session = open_plain(arena);
    assert_ok(gw_copy_in_start(session, "COPY t FROM STDIN", &err));
    assert_ok(put(session, "1\ta\n2\tb\n1\tagain\n", &err));
    /* The source goes on: 20 MB more, which the server throws away. */
    char line[1001];
    for (int i = 0; i < 20000; i++) {
        int len = snprintf(line, sizeof line, "%d\t%0980d\n", i + 10, i);
        assert_ok(gw_copy_in_data(session, line, (size_t)len, &err));
    }
    assert_false(gw_copy_in_end(session, NULL, NULL, &err));
    assert_string_equal(err.sqlstate, "23505");
    assert_non_null(strstr(err.object, "t_pkey"));
    assert_true(err.context_count > 0);
    assert_non_null(strstr(err.contexts[0], "line 3"));
    assert_kind(GW_ERR_SQL);
    assert_string_equal(ask(session, arena, "SELECT count(*) FROM t"), "0");
}

static void a_bad_value_is_placed_by_line_and_column(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *session = open_plain(arena);
    assert_ok(gw_copy_in_start(session, "COPY t FROM STDIN", &err));
    assert_ok(put(session, "1\ta\nzwei\tb\n", &err));
    assert_false(gw_copy_in_end(session, NULL, NULL, &err));
    assert_string_equal(err.sqlstate, "22P02");
    assert_non_null(strstr(err.contexts[err.context_count - 1], "line 2, column a"));
    assert_kind(GW_ERR_SQL);
}

static void a_source_that_fails_fails_the_copy(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *session = open_plain(arena);
    assert_ok(gw_copy_in_start(session, "COPY t FROM STDIN", &err));
    assert_ok(put(session, "1\ta\n", &err));
    assert_false(gw_copy_in_end(session, "the file could not be read", NULL, &err));
    assert_non_null(strstr(err.message, "the file could not be read"));
    assert_kind(GW_ERR_CANCELED);
    assert_string_equal(ask(session, arena, "SELECT count(*) FROM t"), "0");
}

static void what_is_no_copy_is_refused(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *session = open_plain(arena);
    assert_false(gw_copy_in_start(session, "SELECT 1", &err));
    assert_kind(GW_ERR_INTERNAL);
    assert_false(gw_copy_in_start(session, "COPY t TO STDOUT", &err));
    assert_kind(GW_ERR_INTERNAL);
    assert_false(gw_copy_in_start(session, "COPY nix FROM STDIN", &err));
    assert_string_equal(err.sqlstate, "42P01");
    assert_kind(GW_ERR_SQL);
    assert_false(put(session, "x", &err));
    assert_kind(GW_ERR_INTERNAL);
    assert_false(gw_copy_in_end(session, NULL, NULL, &err));
    assert_kind(GW_ERR_INTERNAL);
    assert_string_equal(ask(session, arena, "SELECT 1"), "1");
}

static void a_stop_ends_the_copy(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_cancel cancel;
    gw_cancel_init(&cancel);
    gw_session *session =
        open_with(arena, &(gw_connect){.conninfo = server_fixture_conninfo(), .cancel = &cancel});
    assert_ok(gw_copy_in_start(session, "COPY t FROM STDIN", &err));
    assert_ok(put(session, "1\ta\n", &err));
    gw_cancel_request(&cancel);
    assert_ok(put(session, "2\tb\n", &err));
    gw_cancel_request(&cancel);
    assert_false(put(session, "3\tc\n", &err));
    assert_kind(GW_ERR_INTERRUPTED);
    assert_false(gw_copy_in_end(session, "stopped", NULL, &err));
    gw_err_clear(&err);
    assert_string_equal(ask(session, arena, "SELECT count(*) FROM t"), "0");
    gw_cancel_close(&cancel);
}

static void a_backend_that_dies_loses_the_copy(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *session = open_plain(arena), *other = open_plain(arena);
    assert_ok(gw_copy_in_start(session, "COPY t FROM STDIN", &err));
    assert_ok(put(session, "1\ta\n", &err));
    assert_string_equal(
        ask(other, arena,
            gw_printf(arena, "SELECT pg_terminate_backend(%d)", gw_session_backend_pid(session))),
        "t");
    bool ok = true;
    for (int i = 0; ok && i < 100000; i++)
        ok = put(session, "2\tb\n", &err);
    if (ok)
        ok = gw_copy_in_end(session, NULL, NULL, &err);
    assert_false(ok);
    assert_kind(GW_ERR_LOST);
    assert_true(gw_session_lost(session));
}

static void memory_stays_flat_while_the_server_is_slow(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *session = open_plain(arena);
    assert_ok(gw_exec(session,
                      "CREATE TEMP TABLE slow (a text);"
                      "CREATE FUNCTION pg_temp.slow() RETURNS trigger LANGUAGE plpgsql AS"
                      " $$ BEGIN PERFORM md5(repeat(new.a, 20)); RETURN NULL; END $$;"
                      "CREATE TRIGGER slow BEFORE INSERT ON slow FOR EACH ROW"
                      " EXECUTE FUNCTION pg_temp.slow()",
                      &err));
    enum { LINE = 10000, LINES = 4000 };
    char *line = malloc(LINE);
    memset(line, 'y', LINE);
    line[LINE - 1] = '\n';
    assert_ok(gw_copy_in_start(session, "COPY slow FROM STDIN", &err));
    long before = peak_kib();
    for (int i = 0; i < LINES; i++)
        assert_ok(gw_copy_in_data(session, line, LINE, &err));
    assert_true(peak_kib() - before < 4 * 1024); /* of 40 MB */
    assert_ok(gw_copy_in_end(session, NULL, NULL, &err));
    free(line);
}

#define with_t(test) cmocka_unit_test_setup_teardown(test, new_arena, empty_table)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_t(copies_rows_and_counts_them),
        with_t(an_empty_copy_is_none),
        with_t(a_row_that_the_table_refuses_fails_the_copy),
        with_t(a_bad_value_is_placed_by_line_and_column),
        with_t(a_source_that_fails_fails_the_copy),
        with_t(what_is_no_copy_is_refused),
        with_t(a_stop_ends_the_copy),
        with_t(a_backend_that_dies_loses_the_copy),
        with_t(memory_stays_flat_while_the_server_is_slow),
    };
    return cmocka_run_group_tests(tests, set_up, server_fixture_teardown);
}
