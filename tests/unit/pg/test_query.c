#include "arena_test.h"

#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cancel.h"

static void parameters_travel_as_they_are(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *session = open_pinned(arena);
    gw_param params[] = {gw_p_text("it's \"ä\" \\ $1"), gw_p_int(INT64_MIN), gw_p_bool(true),
                         gw_p_text(NULL)};
    gw_result result;
    assert_ok(gw_query_text(session, arena, "params",
                            "SELECT $1::text, $2::int8, $3::bool, $4::text", params, 4, &result,
                            &err));
    assert_string_equal(PQgetvalue(result.pg, 0, 0), "it's \"ä\" \\ $1");
    assert_string_equal(PQgetvalue(result.pg, 0, 1), "-9223372036854775808");
    assert_string_equal(PQgetvalue(result.pg, 0, 2), "t");
    assert_true(PQgetisnull(result.pg, 0, 3));
}

static void more_parameters_than_the_small_array(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *session = open_pinned(arena);
    gw_param params[100];
    gw_buf text = GW_BUF(arena);
    gw_buf_add(&text, "SELECT 0");
    for (int i = 0; i < 100; i++) {
        params[i] = gw_p_int(i);
        gw_buf_addf(&text, " + $%d::int8", i + 1);
    }
    gw_result result;
    assert_ok(gw_query_text(session, arena, "params", text.data, params, 100, &result, &err));
    assert_string_equal(PQgetvalue(result.pg, 0, 0), "4950");
}

static void counts_the_rows_that_a_statement_touches(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *session = open_pinned(arena);
    int64_t n = 0;
    assert_ok(gw_exec_user(session, "CREATE TEMP TABLE counted (a int)", &n, &err));
    assert_int_equal(n, -1);
    assert_ok(gw_exec_user(session, "INSERT INTO counted SELECT generate_series(1, 70)", &n, &err));
    assert_int_equal(n, 70);
    assert_ok(gw_exec_user(session, "UPDATE counted SET a = a WHERE a > 60", &n, &err));
    assert_int_equal(n, 10);
    assert_ok(gw_exec_user(session, "DELETE FROM counted RETURNING a", &n, &err));
    assert_int_equal(n, 70);
    assert_ok(gw_exec_user(session, "SELECT 1", &n, &err));
    assert_int_equal(n, -1);
    assert_ok(gw_exec_user(session, "  ", &n, &err));
    assert_int_equal(n, -1);
}

static void an_error_has_all_that_the_server_said(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *session = open_plain(arena);
    assert_false(gw_exec_user(session, "SELECT 'größer', '\xF0\x9F\x90\xA6', nix FROM pg_class",
                              NULL, &err));
    assert_string_equal(err.sqlstate, "42703");
    assert_int_equal(err.position, 23); /* characters, not bytes */
    assert_non_null(strstr(err.statement, "nix"));
    assert_kind(GW_ERR_SQL);

    assert_ok(gw_exec(
        session, "CREATE SCHEMA e; CREATE TABLE e.t (a int CONSTRAINT a_pos CHECK (a > 0))", &err));
    assert_false(gw_exec_user(session, "INSERT INTO e.t VALUES (-1)", NULL, &err));
    assert_string_equal(err.sqlstate, "23514");
    assert_string_equal(err.object, "e.t.a_pos");
    assert_non_null(strstr(err.detail, "-1"));
    assert_kind(GW_ERR_SQL);

    assert_false(gw_exec_user(
        session, "DO $$ BEGIN RAISE EXCEPTION 'no' USING HINT = 'try', DETAIL = 'why'; END $$",
        NULL, &err));
    assert_string_equal(err.message, "no");
    assert_string_equal(err.detail, "why");
    assert_string_equal(err.hint, "try");
    assert_true(err.context_count > 0);
    assert_non_null(strstr(err.contexts[0], "RAISE"));
    assert_kind(GW_ERR_SQL);
    assert_string_equal(ask(session, arena, "SELECT 1"), "1");
}

static void every_result_of_several_statements_is_read(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *session = open_plain(arena);
    assert_ok(gw_exec(session, "SELECT 1; SELECT 2; CREATE TEMP TABLE x (a int); SELECT 3", &err));
    assert_false(gw_exec(session, "SELECT 1; SELECT 1/0; SELECT 2", &err));
    assert_string_equal(err.sqlstate, "22012");
    assert_kind(GW_ERR_SQL);
    assert_string_equal(ask(session, arena, "SELECT 1"), "1");
}

static void a_copy_without_data_is_an_error_and_leaves_a_usable_session(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *session = open_plain(arena);
    static const char *const texts[] = {
        "COPY (SELECT generate_series(1, 300000)) TO STDOUT",
        "COPY pg_temp.c FROM STDIN",
        "COPY pg_temp.c TO STDOUT",
    };
    assert_ok(gw_exec(session, "CREATE TEMP TABLE c (a int)", &err));
    for (size_t i = 0; i < 3; i++) {
        assert_false(gw_exec_user(session, texts[i], NULL, &err));
        assert_non_null(err.hint);
        assert_kind(GW_ERR_INPUT);
        assert_string_equal(ask(session, arena, "SELECT count(*) FROM pg_temp.c"), "0");
    }
    assert_false(gw_exec(session, "SELECT 1; COPY pg_temp.c FROM STDIN; SELECT 2", &err));
    assert_kind(GW_ERR_INPUT);
    assert_string_equal(ask(session, arena, "SELECT 1"), "1");
}

static void a_big_result_is_thrown_away_as_it_arrives(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *session = open_plain(arena);
    assert_ok(gw_exec_user(session, "SELECT 1", NULL, &err));
    long before = peak_kib();
    assert_ok(gw_exec_user(session, "SELECT repeat('x', 1000) FROM generate_series(1, 50000)", NULL,
                           &err));
    assert_true(peak_kib() - before < 16 * 1024); /* of 50 MB */
}

static void a_long_statement_goes_through(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *session = open_plain(arena);
    size_t len = 20 * 1000 * 1000;
    char *text = malloc(len + 32);
    memcpy(text, "SELECT '", 8);
    memset(text + 8, 'x', len);
    memcpy(text + 8 + len, "'", 2);
    assert_ok(gw_exec_user(session, text, NULL, &err));
    free(text);
}

typedef struct notices {
    int count;
    char last[200], severity[20], sqlstate[6];
} notices;

static void on_notice(void *self, const char *severity, const char *sqlstate, const char *message)
{
    notices *n = self;
    n->count++;
    snprintf(n->last, sizeof n->last, "%s", message);
    snprintf(n->severity, sizeof n->severity, "%s", severity);
    snprintf(n->sqlstate, sizeof n->sqlstate, "%s", sqlstate);
}

static void notices_are_passed_on(void **state)
{
    (void)state;
    gw_err err = {0};
    notices n = {0};
    gw_session *session = open_plain(arena);
    gw_session_on_notice(session, on_notice, &n);
    assert_ok(gw_exec_user(
        session, "DO $$ BEGIN FOR i IN 1..1000 LOOP RAISE WARNING 'no. %', i; END LOOP; END $$",
        NULL, &err));
    assert_int_equal(n.count, 1000);
    assert_string_equal(n.last, "no. 1000");
    assert_string_equal(n.severity, "WARNING");
    assert_string_equal(n.sqlstate, "01000");
}

static void a_killed_backend_is_a_lost_connection(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *session = open_plain(arena), *other = open_plain(arena);
    assert_false(
        gw_exec_user(session, "SELECT pg_terminate_backend(pg_backend_pid())", NULL, &err));
    assert_string_equal(err.sqlstate, "57P01");
    assert_kind(GW_ERR_LOST);
    assert_true(gw_session_lost(session));
    /* Everything after it says the same. */
    gw_result result;
    assert_false(gw_exec(session, "SELECT 1", &err));
    assert_kind(GW_ERR_LOST);
    assert_false(gw_query_text(session, arena, "x", "SELECT 1", NULL, 0, &result, &err));
    assert_kind(GW_ERR_LOST);
    assert_false(gw_session_commit(session, &err));
    assert_kind(GW_ERR_LOST);
    gw_session_rollback(session);
    assert_string_equal(ask(other, arena, "SELECT 1"), "1");
}

typedef struct killer {
    gw_session *session;
    int pid;
    bool done;
} killer;

/* Wait until the backend runs something that has "pg_sleep" in it, then end it. */
static void *kill_when_asleep(void *arg)
{
    killer *k = arg;
    gw_arena *own = gw_arena_new();
    gw_err err = {0};
    char text[400];
    snprintf(text, sizeof text,
             "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = %d"
             " AND state = 'active' AND wait_event = 'PgSleep'",
             k->pid);
    while (!k->done) {
        gw_result result;
        if (!gw_query_text(k->session, own, "kill", text, NULL, 0, &result, &err))
            break;
        k->done = result.rows == 1;
        gw_arena_reset(own);
    }
    gw_err_clear(&err);
    gw_arena_free(own);
    return NULL;
}

static void a_backend_killed_in_the_middle_of_a_statement(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *session = open_plain(arena);
    killer k = {.session = open_plain(arena), .pid = gw_session_backend_pid(session)};
    pthread_t thread;
    assert_ok(gw_session_begin(session, NULL, &err));
    pthread_create(&thread, NULL, kill_when_asleep, &k);
    bool ok = gw_exec_user(session, "SELECT pg_sleep(60)", NULL, &err);
    pthread_join(thread, NULL);
    assert_false(ok);
    assert_true(k.done);
    assert_kind(GW_ERR_LOST);
    assert_true(gw_session_lost(session));
}

typedef struct stopper {
    gw_session *observer;
    gw_cancel *cancel;
    int pid, levels;
    bool freeze; /* the server's process, and nothing is waited for any more */
} stopper;

static void *stop_when_asleep(void *arg)
{
    stopper *s = arg;
    gw_arena *own = gw_arena_new();
    gw_err err = {0};
    char text[300];
    snprintf(text, sizeof text,
             "SELECT 1 FROM pg_stat_activity WHERE pid = %d AND wait_event = 'PgSleep'", s->pid);
    bool asleep = false;
    while (!asleep) {
        gw_result result;
        if (!gw_query_text(s->observer, own, "watch", text, NULL, 0, &result, &err))
            break;
        asleep = result.rows == 1;
        gw_arena_reset(own);
    }
    if (s->freeze)
        kill(s->pid, SIGSTOP);
    for (int i = 0; i < s->levels; i++)
        gw_cancel_request(s->cancel);
    if (s->freeze)
        gw_cancel_cut(s->cancel);
    gw_err_clear(&err);
    gw_arena_free(own);
    return NULL;
}

static void a_stop_at_level_two_cancels_what_runs(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_cancel cancel;
    gw_cancel_init(&cancel);
    gw_session *session =
        open_with(arena, &(gw_connect){.conninfo = server_fixture_conninfo(), .cancel = &cancel});
    stopper s = {.observer = open_plain(arena),
                 .cancel = &cancel,
                 .pid = gw_session_backend_pid(session),
                 .levels = 2};
    pthread_t thread;
    assert_ok(gw_session_begin(session, NULL, &err));
    pthread_create(&thread, NULL, stop_when_asleep, &s);
    bool ok = gw_exec_user(session, "SELECT pg_sleep(60)", NULL, &err);
    pthread_join(thread, NULL);
    assert_false(ok);
    assert_string_equal(err.sqlstate, "57014");
    assert_kind(GW_ERR_INTERRUPTED);
    /* What puts things in order afterwards still runs; another of the user's does not. */
    assert_false(gw_exec_user(session, "SELECT 1", NULL, &err));
    assert_kind(GW_ERR_INTERRUPTED);
    gw_session_rollback(session);
    assert_false(gw_session_in_transaction(session));
    assert_string_equal(ask(session, arena, "SELECT 1"), "1");
    gw_cancel_close(&cancel);
}

/* Hands one connection through to the server; whoever comes later is never answered. */
typedef struct one_way {
    int listener;
    struct sockaddr_un server;
} one_way;

static void *hand_one_through(void *arg)
{
    one_way *way = arg;
    int ends[2] = {accept(way->listener, NULL, NULL), socket(AF_UNIX, SOCK_STREAM, 0)};
    bool open = connect(ends[1], (struct sockaddr *)&way->server, sizeof way->server) == 0;
    while (open) {
        struct pollfd fds[2] = {{.fd = ends[0], .events = POLLIN},
                                {.fd = ends[1], .events = POLLIN}};
        poll(fds, 2, -1);
        for (int i = 0; i < 2 && open; i++) {
            char data[8192];
            ssize_t n = fds[i].revents ? read(ends[i], data, sizeof data) : 0;
            if (fds[i].revents)
                open = n > 0 && write(ends[1 - i], data, (size_t)n) == n;
        }
    }
    close(ends[0]);
    close(ends[1]);
    return NULL;
}

static void a_request_to_cancel_that_hangs_is_given_up(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_cancel cancel;
    gw_cancel_init(&cancel);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    one_way way = {.listener = socket(AF_INET, SOCK_STREAM, 0), .server.sun_family = AF_UNIX};
    snprintf(way.server.sun_path, sizeof way.server.sun_path, "%s/.s.PGSQL.%s",
             server_fixture_dir(), PQport(gw_session_raw(open_plain(arena))));
    assert_int_equal(bind(way.listener, (struct sockaddr *)&address, len), 0);
    assert_int_equal(listen(way.listener, 5), 0);
    assert_int_equal(getsockname(way.listener, (struct sockaddr *)&address, &len), 0);
    pthread_t through, stopping;
    pthread_create(&through, NULL, hand_one_through, &way);
    const char *conninfo = gw_printf(arena,
                                     "host=127.0.0.1 port=%d user=postgres dbname=postgres "
                                     "sslmode=disable gssencmode=disable",
                                     ntohs(address.sin_port));
    gw_session *session =
        open_with(arena, &(gw_connect){.conninfo = conninfo, .cancel = &cancel});
    stopper s = {.observer = open_plain(arena),
                 .cancel = &cancel,
                 .pid = gw_session_backend_pid(session),
                 .levels = 2};
    pthread_create(&stopping, NULL, stop_when_asleep, &s);
    assert_false(gw_exec_user(session, "SELECT pg_sleep(3600)", NULL, &err));
    assert_kind(GW_ERR_LOST);
    assert_true(gw_session_lost(session));
    gw_session_close(session); /* while the request is still under way */
    pthread_join(stopping, NULL);
    pthread_join(through, NULL);
    close(way.listener); /* which ends it */
    gw_cancel_close(&cancel);
}

static void who_stands_still_is_let_go_of(void **state)
{
    (void)state;
    for (int levels = 0; levels <= 2; levels++) {
        gw_err err = {0};
        gw_cancel cancel;
        gw_cancel_init(&cancel);
        gw_session *session =
            open_with(arena, &(gw_connect){.conninfo = server_fixture_conninfo(), .cancel = &cancel});
        stopper s = {.observer = open_plain(arena),
                     .cancel = &cancel,
                     .pid = gw_session_backend_pid(session),
                     .levels = levels,
                     .freeze = true};
        pthread_t thread;
        pthread_create(&thread, NULL, stop_when_asleep, &s);
        assert_false(gw_exec_user(session, "SELECT pg_sleep(3600)", NULL, &err));
        pthread_join(thread, NULL);
        assert_kind(GW_ERR_LOST);
        assert_true(gw_session_lost(session));
        gw_session_rollback(session);
        gw_session_close(session);
        kill(s.pid, SIGCONT);
        gw_connect again = {.conninfo = server_fixture_conninfo(), .cancel = &cancel};
        assert_false(gw_session_open(arena, &again, &session, &err));
        assert_kind(GW_ERR_INTERRUPTED);
        gw_cancel_close(&cancel);
    }
}

static void a_stop_at_level_one_lets_a_statement_finish(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_cancel cancel;
    gw_cancel_init(&cancel);
    gw_session *session =
        open_with(arena, &(gw_connect){.conninfo = server_fixture_conninfo(), .cancel = &cancel});
    stopper s = {.observer = open_plain(arena),
                 .cancel = &cancel,
                 .pid = gw_session_backend_pid(session),
                 .levels = 1};
    pthread_t thread;
    pthread_create(&thread, NULL, stop_when_asleep, &s);
    bool ok = gw_exec_user(session, "SELECT pg_sleep(0.5)", NULL, &err);
    pthread_join(thread, NULL);
    assert_true(ok);
    assert_int_equal(gw_cancel_level(&cancel), 1);
    gw_cancel_close(&cancel);
}

static void statement_timeout_is_not_a_stop(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *session = open_plain(arena);
    assert_ok(gw_exec(session, "SET statement_timeout = 10", &err));
    assert_false(gw_exec_user(session, "SELECT pg_sleep(60)", NULL, &err));
    assert_string_equal(err.sqlstate, "57014");
    assert_kind(GW_ERR_CANCELED);
}

static void the_parser_is_asked_and_nothing_runs(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *session = open_plain(arena);
    static const char *const good[] = {
        "SELECT 1",
        "CREATE TABLE asked (a int)",
        "SELECT nix FROM nowhere.at_all",
        "VACUUM",
        "COMMIT",
        "ROLLBACK",
        "CREATE RULE r AS ON INSERT TO t DO ALSO (SELECT 1; SELECT 2)",
        "COPY t FROM STDIN",
        "",
        "DO $$ nonsense $$",
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_ok(gw_query_parses(session, good[i], &err));
        assert_false(gw_session_in_transaction(session));
    }
    assert_false(gw_query_parses(session, "SELECT 'größer', 1 FROM FROM t", &err));
    assert_string_equal(err.sqlstate, "42601");
    assert_int_equal(err.position, 25); /* characters */
    assert_kind(GW_ERR_INPUT);
    assert_false(gw_query_parses(session, "CREATE TABLE", &err));
    assert_non_null(strstr(err.message, "at end of input"));
    assert_kind(GW_ERR_INPUT);
    /* Nothing gets out of the failed transaction by having more than one statement in it. */
    assert_false(gw_query_parses(session, "ROLLBACK; CREATE TABLE asked (a int)", &err));
    assert_kind(GW_ERR_INPUT);
    assert_string_equal(ask(session, arena, "SELECT to_regclass('asked') IS NULL"), "t");
    assert_false(gw_session_in_transaction(session));
}

static void a_lost_server_does_not_judge(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *session = open_plain(arena), *other = open_plain(arena);
    gw_param pid = gw_p_int(gw_session_backend_pid(session));
    gw_result result;
    assert_ok(gw_query_text(other, arena, "kill", "SELECT pg_terminate_backend($1, 10000)", &pid,
                            1, &result, &err));
    assert_false(gw_query_parses(session, "SELECT 1", &err));
    assert_kind(GW_ERR_LOST);
}

static void a_statement_for_newer_servers_says_so(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *session = open_plain(arena);
    const gw_sql future = {.name = "test/future", .text = "SELECT 1", .min_version = 990000};
    gw_result result;
    assert_false(gw_query(session, arena, &future, NULL, 0, &result, &err));
    assert_non_null(strstr(err.message, "test/future needs PostgreSQL 99"));
    assert_kind(GW_ERR_UNSUPPORTED);
    assert_false(gw_exec_sql(session, &future, NULL, 0, &err));
    assert_kind(GW_ERR_UNSUPPORTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        each(parameters_travel_as_they_are),
        each(more_parameters_than_the_small_array),
        each(counts_the_rows_that_a_statement_touches),
        each(an_error_has_all_that_the_server_said),
        each(every_result_of_several_statements_is_read),
        each(a_copy_without_data_is_an_error_and_leaves_a_usable_session),
        each(a_big_result_is_thrown_away_as_it_arrives),
        each(a_long_statement_goes_through),
        each(notices_are_passed_on),
        each(a_killed_backend_is_a_lost_connection),
        each(a_backend_killed_in_the_middle_of_a_statement),
        each(a_stop_at_level_two_cancels_what_runs),
        each(a_request_to_cancel_that_hangs_is_given_up),
        each(who_stands_still_is_let_go_of),
        each(a_stop_at_level_one_lets_a_statement_finish),
        each(statement_timeout_is_not_a_stop),
        each(the_parser_is_asked_and_nothing_runs),
        each(a_lost_server_does_not_judge),
        each(a_statement_for_newer_servers_says_so),
    };
    return cmocka_run_group_tests(tests, server_fixture_setup, server_fixture_teardown);
}
