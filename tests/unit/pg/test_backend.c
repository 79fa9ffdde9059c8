#include "arena_test.h"

#include <pthread.h>

#include "base/buf.h"
#include "pg/backend.h"
#include "pg/blockers.h"

static void *lock_table(void *arg)
{
    gw_err err = {0};
    bool *ok = arg;
    gw_arena *own = gw_arena_new();
    gw_session *session = open_with(
        own, &(gw_connect){.conninfo = server_fixture_conninfo(), .application_name = "waiter"});
    *ok = gw_exec(session, "BEGIN; LOCK TABLE wanted; COMMIT", &err);
    gw_err_clear(&err);
    gw_arena_free(own);
    return NULL;
}

static void names_who_is_in_the_way(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *holder = open_with(
        arena, &(gw_connect){.conninfo = server_fixture_conninfo(), .application_name = "holder"});
    gw_session *observer = open_pinned(arena);
    assert_ok(gw_exec(holder, "CREATE TABLE wanted (a int)", &err));
    assert_ok(gw_session_begin(holder, NULL, &err));
    assert_ok(gw_exec(holder, "SELECT count(*)\n  FROM wanted", &err));
    pthread_t thread;
    bool locked = false;
    pthread_create(&thread, NULL, lock_table, &locked);
    int64_t waiter = 0;
    while (waiter == 0) {
        gw_result result;
        gw_arena *own = gw_arena_new();
        gw_col col = {"pid", GW_COL_INT, true, 0};
        assert_ok(gw_query_text(observer, own, "waiter",
                                "SELECT pid FROM pg_stat_activity WHERE application_name = 'waiter'"
                                " AND wait_event_type = 'Lock'",
                                NULL, 0, &result, &err));
        if (result.rows == 1)
            assert_ok(gw_row(own, &result, &col, 1, &waiter, &err));
        gw_arena_free(own);
    }
    gw_blocker_list list;
    assert_ok(gw_session_blockers(observer, arena, (int)waiter, &list, &err));
    gw_session_rollback(holder);
    pthread_join(thread, NULL);
    assert_true(locked);
    assert_int_equal(list.len, 1);
    gw_blocker *b = &list.items[0];
    assert_int_equal(b->pid, gw_session_backend_pid(holder));
    assert_string_equal(b->application, "holder");
    assert_string_equal(b->username, "postgres");
    assert_string_equal(b->state, "idle in transaction");
    assert_true(b->transaction_ms >= 0);
    assert_false(b->is_prepared);
    char *text = gw_blocker_text(arena, b);
    assert_non_null(strstr(text, "app \"holder\", user \"postgres\""));
    assert_non_null(strstr(text, "SELECT count(*) FROM wanted"));
    assert_ok(gw_session_blockers(observer, arena, gw_session_backend_pid(observer), &list, &err));
    assert_int_equal(list.len, 0);
}

static void a_long_query_is_cut_between_characters(void **state)
{
    (void)state;
    gw_buf query = GW_BUF(arena);
    for (int i = 0; i < 200; i++)
        gw_buf_add(&query, "ä");
    gw_blocker b = {
        .pid = 1, .query = query.data, .query_ms = GW_NULL_INT, .transaction_ms = GW_NULL_INT};
    char *text = gw_blocker_text(arena, &b);
    assert_true(strlen(text) < 200);
    assert_string_equal(text + strlen(text) - strlen("ä …"), "ä …");
    gw_blocker prepared = {.is_prepared = true};
    assert_non_null(strstr(gw_blocker_text(arena, &prepared), "prepared transaction"));
}

static void knows_a_backend_again(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *known = open_plain(arena), *observer = open_pinned(arena);
    int pid = gw_session_backend_pid(known);
    const char *started =
        ask(observer, arena,
            gw_printf(arena, "SELECT backend_start FROM pg_stat_activity WHERE pid = %d", pid));
    gw_backend b;
    assert_ok(gw_backend_find(observer, arena, pid, started, &b, &err));
    assert_true(b.alive);
    assert_string_equal(b.state, "idle");
    assert_true(b.started_us != GW_NULL_INT);
    assert_true(b.transaction_ms == GW_NULL_INT);
    assert_ok(gw_backend_find(observer, arena, pid, NULL, &b, &err));
    assert_true(b.alive);
    /* The same pid with another start is another backend. */
    assert_ok(gw_backend_find(observer, arena, pid, "2001-01-01 00:00:00+00", &b, &err));
    assert_false(b.alive);
    gw_session_close(known);
    do
        assert_ok(gw_backend_find(observer, arena, pid, started, &b, &err));
    while (b.alive);
}

static void what_a_role_may_not_see_counts_as_alive(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *known = open_plain(arena);
    assert_ok(gw_exec(known, "CREATE ROLE blind LOGIN", &err));
    gw_session *blind = open_with(
        arena, &(gw_connect){.conninfo = gw_printf(arena, "host=%s user=blind dbname=postgres",
                                                   server_fixture_dir()),
                             .pinned = true});
    gw_backend b;
    assert_ok(gw_backend_find(blind, arena, gw_session_backend_pid(known), "2001-01-01 00:00:00+00",
                              &b, &err));
    assert_true(b.alive);
    assert_true(b.started_us == GW_NULL_INT);
    assert_null(b.state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        each(names_who_is_in_the_way),
        each(a_long_query_is_cut_between_characters),
        each(knows_a_backend_again),
        each(what_a_role_may_not_see_counts_as_alive),
    };
    return cmocka_run_group_tests(tests, server_fixture_setup, server_fixture_teardown);
}
