/* The real pgbouncer between, in both of its modes. */
#include "arena_test.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pg/pipeline.h"

static int bouncers[2];
static const char *const modes[2] = {"transaction", "session"};
static gw_arena *arena, *whole;
static const char *conninfos[2];

static const char *find_pgbouncer(void)
{
    static const char *const paths[] = {"/usr/sbin/pgbouncer", "/usr/bin/pgbouncer",
                                        "/usr/local/bin/pgbouncer"};
    for (size_t i = 0; i < 3; i++)
        if (access(paths[i], X_OK) == 0)
            return paths[i];
    return NULL;
}

static int set_up(void **state)
{
    const char *program = find_pgbouncer();
    if (!program) {
        puts("skipped: no pgbouncer here");
        exit(77);
    }
    server_fixture_setup(state);
    whole = gw_arena_new();
    const char *dir = server_fixture_dir();
    for (int i = 0; i < 2; i++) {
        const char *own = gw_printf(whole, "%s/%s", dir, modes[i]);
        assert_int_equal(mkdir(own, 0777), 0);
        assert_int_equal(chmod(own, 0777), 0);
        const char *ini = gw_printf(whole, "%s.ini", own);
        FILE *file = fopen(ini, "w");
        assert_non_null(file);
        fprintf(file,
                "[databases]\npostgres = host=%s user=postgres\n[pgbouncer]\n"
                "listen_addr =\nlisten_port = 6432\nunix_socket_dir = %s\n"
                "auth_type = any\npool_mode = %s\ndefault_pool_size = 1\n"
                "ignore_startup_parameters = options\n",
                dir, own, modes[i]);
        fclose(file);
        chmod(ini, 0644);
        bouncers[i] = server_fixture_spawn((const char *const[]){program, ini, NULL});
        conninfos[i] = gw_printf(whole, "host=%s port=6432 user=postgres dbname=postgres", own);
    }
    return 0;
}

static int tear_down(void **state)
{
    for (int i = 0; i < 2; i++)
        server_fixture_reap(bouncers[i], SIGTERM);
    gw_arena_free(whole);
    return server_fixture_teardown(state);
}

static void a_pooler_is_seen(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        gw_session *session = open_with(arena, &(gw_connect){.conninfo = conninfos[i]});
        assert_true(gw_session_pooled(session));
        assert_int_equal(gw_session_backend_pid(session), 0);
        gw_session_close(session);
    }
}

static void the_user_knows_better(void **state)
{
    (void)state;
    /* pgbouncer in session mode: the settings stay with this client. */
    gw_session *session = open_with(
        arena, &(gw_connect){.conninfo = conninfos[1], .pinned = true, .pooler = GW_POOLER_NO});
    assert_false(gw_session_pooled(session));
    assert_int_equal(gw_session_backend_pid(session),
                     atoi(ask(session, arena, "SELECT pg_backend_pid()")));
    assert_string_equal(ask(session, arena, "SHOW search_path"), "pg_catalog, pg_temp");
    gw_session_close(session);
    session = open_with(arena, &(gw_connect){.conninfo = server_fixture_conninfo(),
                                             .pinned = true,
                                             .pooler = GW_POOLER_YES});
    assert_true(gw_session_pooled(session));
    assert_string_equal(ask(session, arena, "SHOW search_path"), "\"$user\", public");
}

static void nothing_stays_for_the_next_client(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *pinned = open_with(arena, &(gw_connect){.conninfo = conninfos[0], .pinned = true});
    gw_session *next = open_with(arena, &(gw_connect){.conninfo = conninfos[0]});
    assert_ok(gw_session_begin(pinned, NULL, &err));
    assert_string_equal(ask(pinned, arena, "SHOW search_path"), "pg_catalog, pg_temp");
    assert_string_equal(ask(pinned, arena, "SHOW lock_timeout"), "10s");
    assert_string_equal(ask(pinned, arena, "SHOW TimeZone"), "UTC");
    assert_ok(gw_session_commit(pinned, &err));
    /* One server connection in the pool: it is the one that was pinned a moment ago. */
    assert_string_equal(ask(next, arena, "SHOW search_path"), "\"$user\", public");
    assert_string_equal(ask(next, arena, "SHOW lock_timeout"), "0");
}

static void a_fixed_statement_outside_a_transaction_is_pinned_too(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *pinned = open_with(arena, &(gw_connect){.conninfo = conninfos[0], .pinned = true});
    const gw_sql show = {.name = "test/show",
                         .text = "SELECT current_setting('search_path') || '|' || "
                                 "current_setting('TimeZone') WHERE $1::bool"};
    const gw_sql wrong = {.name = "test/wrong", .text = "SELECT 1/0"};
    gw_param yes = gw_p_bool(true);
    gw_result result;
    assert_ok(gw_query(pinned, arena, &show, &yes, 1, &result, &err));
    assert_string_equal(PQgetvalue(result.pg, 0, 0), "pg_catalog, pg_temp|UTC");
    assert_false(gw_query(pinned, arena, &wrong, NULL, 0, &result, &err));
    assert_string_equal(err.sqlstate, "22012");
    assert_string_equal(err.statement, "test/wrong");
    assert_kind(GW_ERR_SQL);
    assert_false(gw_session_in_transaction(pinned));
    assert_ok(gw_exec_sql(pinned, &show, &yes, 1, &err));
    gw_session *next = open_with(arena, &(gw_connect){.conninfo = conninfos[0]});
    assert_string_equal(ask(next, arena, "SHOW search_path"), "\"$user\", public");
    assert_string_equal(ask(next, arena, "SHOW TimeZone"),
                        ask(open_plain(arena), arena, "SHOW TimeZone"));
}

static void a_begin_that_fails_leaves_no_transaction(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *pinned = open_with(arena, &(gw_connect){.conninfo = conninfos[0], .pinned = true});
    assert_false(gw_session_begin(pinned, "nonsense", &err));
    assert_string_equal(err.sqlstate, "42601");
    assert_kind(GW_ERR_SQL);
    assert_false(gw_session_in_transaction(pinned));
    assert_ok(gw_session_begin(pinned, "serializable", &err));
    gw_session_rollback(pinned);
    assert_false(gw_session_in_transaction(pinned));
}

static void what_the_pooler_refuses_is_not_tried_again(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *session;
    gw_connect connect = {.conninfo = gw_printf(arena, "%s dbname=nix", conninfos[0])};
    assert_false(gw_session_open(arena, &connect, &session, &err));
    assert_string_equal(err.sqlstate, "08P01");
    assert_non_null(strstr(err.hint, "\"nix\""));
    assert_int_equal(err.context_count, 0); /* else it says how many attempts there were */
    assert_kind(GW_ERR_CONNECT);
}

static void a_dead_server_behind_it_is_a_lost_connection(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *session = open_with(arena, &(gw_connect){.conninfo = conninfos[0]});
    assert_ok(gw_session_begin(session, NULL, &err));
    assert_false(
        gw_exec_user(session, "SELECT pg_terminate_backend(pg_backend_pid())", NULL, &err));
    assert_kind(GW_ERR_LOST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        each(a_pooler_is_seen),
        each(the_user_knows_better),
        each(nothing_stays_for_the_next_client),
        each(a_fixed_statement_outside_a_transaction_is_pinned_too),
        each(a_begin_that_fails_leaves_no_transaction),
        each(what_the_pooler_refuses_is_not_tried_again),
        each(a_dead_server_behind_it_is_a_lost_connection),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
