#include "arena_test.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cancel.h"
#include "base/clock.h"

static void a_plain_session_keeps_the_roles_settings(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *admin = open_plain(arena);
    assert_ok(gw_exec(admin,
                      "CREATE ROLE odd LOGIN; ALTER ROLE odd SET search_path = 'app';"
                      "ALTER ROLE odd SET DateStyle = 'German';"
                      "ALTER ROLE odd SET TimeZone = 'Asia/Tokyo';"
                      "ALTER ROLE odd SET statement_timeout = '7s';"
                      "ALTER ROLE odd SET bytea_output = 'escape'",
                      &err));
    const char *conninfo =
        gw_printf(arena, "host=%s dbname=postgres user=odd", server_fixture_dir());
    gw_session *plain = open_with(arena, &(gw_connect){.conninfo = conninfo});
    assert_string_equal(ask(plain, arena, "SHOW search_path"), "app");
    assert_string_equal(ask(plain, arena, "SHOW DateStyle"), "German, DMY");
    assert_string_equal(ask(plain, arena, "SHOW TimeZone"), "Asia/Tokyo");
    assert_string_equal(ask(plain, arena, "SHOW statement_timeout"), "7s");
    assert_string_equal(ask(plain, arena, "SHOW client_encoding"), "UTF8");
    assert_string_equal(ask(plain, arena, "SHOW application_name"), "godwit");

    gw_session *pinned = open_with(
        arena, &(gw_connect){.conninfo = conninfo, .pinned = true, .lock_timeout_ms = 1234});
    assert_string_equal(ask(pinned, arena, "SHOW search_path"), "pg_catalog, pg_temp");
    assert_string_equal(ask(pinned, arena, "SHOW DateStyle"), "ISO, YMD");
    assert_string_equal(ask(pinned, arena, "SHOW TimeZone"), "UTC");
    assert_string_equal(ask(pinned, arena, "SHOW statement_timeout"), "0");
    assert_string_equal(ask(pinned, arena, "SHOW lock_timeout"), "1234ms");
    assert_string_equal(ask(pinned, arena, "SHOW bytea_output"), "hex");
    assert_string_equal(ask(pinned, arena, "SHOW extra_float_digits"), "3");
}

static void says_where_it_is(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *session = open_plain(arena);
    assert_int_equal(gw_session_version(session) / 10000, server_fixture_major());
    assert_false(gw_session_pooled(session));
    assert_false(gw_session_read_only(session));
    assert_string_equal(gw_session_database(session), "postgres");
    assert_string_equal(gw_session_user(session), "postgres");
    assert_string_equal(gw_session_host(session), server_fixture_dir());
    assert_int_equal(gw_session_backend_pid(session),
                     atoi(ask(session, arena, "SELECT pg_backend_pid()")));
    assert_true(gw_session_standard_strings(session));
    assert_ok(gw_exec(session, "SET standard_conforming_strings = off", &err));
    assert_false(gw_session_standard_strings(session));

    const char *read_only = gw_printf(arena, "%s options='-c default_transaction_read_only=on'",
                                      server_fixture_conninfo());
    assert_true(gw_session_read_only(open_with(arena, &(gw_connect){.conninfo = read_only})));

    gw_session_close(session);
    gw_session_close(session);
    assert_true(gw_session_lost(session));
    assert_string_equal(gw_session_host(session), "");
    assert_false(gw_exec(session, "SELECT 1", &err));
    assert_kind(GW_ERR_LOST);
}

/* What a parameter can be set to without keeping the connection from the fixture's server; NULL:
 * it says where the server is, and is in the string already. */
static const char *harmless(const char *keyword)
{
    static const char *const values[][2] = {
        {"host", NULL},            {"hostaddr", NULL},        {"port", NULL},
        {"user", NULL},            {"dbname", NULL},          {"service", NULL},
        {"servicefile", NULL},     {"client_encoding", "UTF8"}, {"connect_timeout", "17"},
        {"options", "-c work_mem=7MB"}, {"sslmode", "prefer"}, {"sslcompression", "0"},
        {"requirepeer", NULL},     {"ssl_min_protocol_version", "TLSv1.2"},
        {"ssl_max_protocol_version", "TLSv1.3"},              {"gssencmode", "disable"},
        {"replication", "0"},      {"target_session_attrs", "any"}, {"channel_binding", "prefer"},
        {"keepalives", "1"},       {"keepalives_idle", "7"},  {"keepalives_interval", "7"},
        {"keepalives_count", "7"}, {"tcp_user_timeout", "7"}, {"sslsni", "1"},
        {"gssdelegation", "0"},    {"load_balance_hosts", "disable"}, {"require_auth", "none"},
        {"sslcertmode", "allow"},  {"sslnegotiation", "postgres"}, {"min_protocol_version", "3.0"},
        {"max_protocol_version", "3.0"},                      {"scram_client_key", NULL},
        {"scram_server_key", NULL},
    };
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        if (strcmp(values[i][0], keyword) == 0)
            return values[i][1];
    return "a value";
}

static const char *in_effect(gw_session *session, const char *keyword)
{
    const char *value = NULL;
    PQconninfoOption *options = PQconninfo(gw_session_raw(session));
    for (PQconninfoOption *o = options; o->keyword; o++)
        if (strcmp(o->keyword, keyword) == 0)
            value = gw_strdup(arena, o->val);
    PQconninfoFree(options);
    return value;
}

/* Each that the libpq here knows, as a keyword and in a URL: it is what libpq works with. */
static void every_parameter_of_libpq_reaches_it(void **state)
{
    (void)state;
    unsigned tried = 0;
    PQconninfoOption *known = PQconndefaults();
    for (PQconninfoOption *o = known; o->keyword; o++) {
        const char *value = harmless(o->keyword);
        if (!value)
            continue;
        const char *forms[] = {
            gw_printf(arena, "%s %s='%s'", server_fixture_conninfo(), o->keyword, value),
            gw_printf(arena, "postgresql:///postgres?user=postgres&host=%s&%s=%s", server_fixture_dir(),
                      o->keyword, strcmp(value, "-c work_mem=7MB") == 0 ? "-c%20work_mem%3D7MB" : strcmp(value, "a value") == 0 ? "a%20value" : value),
        };
        for (size_t i = 0; i < 2; i++) {
            gw_session *session = open_with(arena, &(gw_connect){.conninfo = forms[i]});
            const char *found = in_effect(session, o->keyword);
            if (!found || strcmp(found, value) != 0)
                fail_msg("%s: %s is %s", forms[i], o->keyword, found ? found : "not set");
            if (strcmp(o->keyword, "options") == 0)
                assert_string_equal(ask(session, arena, "SHOW work_mem"), "7MB");
            gw_session_close(session);
        }
        tried++;
    }
    PQconninfoFree(known);
    assert_true(tried >= 25);
}

static bool libpq_knows(const char *keyword)
{
    bool found = false;
    PQconninfoOption *known = PQconndefaults();
    for (PQconninfoOption *o = known; o->keyword; o++)
        found |= strcmp(o->keyword, keyword) == 0;
    PQconninfoFree(known);
    return found;
}

static void a_parameter_of_a_newer_libpq_is_told_as_that(void **state)
{
    (void)state;
    static const char *const newer[] = {
        "gssdelegation",   "load_balance_hosts",   "require_auth",         "sslcertmode",
        "sslnegotiation",  "max_protocol_version", "min_protocol_version", "oauth_issuer",
        "oauth_client_id", "oauth_client_secret",  "oauth_scope",          "scram_client_key",
        "servicefile",     "sslkeylogfile",
    };
    for (size_t i = 0; i < sizeof newer / sizeof *newer; i++) {
        const char *forms[] = {
            gw_printf(arena, "%s %s=hush", server_fixture_conninfo(), newer[i]),
            gw_printf(arena, "postgresql:///postgres?host=%s&%s=hush", server_fixture_dir(), newer[i])};
        for (size_t k = 0; k < 2 && !libpq_knows(newer[i]); k++) {
            gw_err err = {0};
            gw_session *session = NULL;
            assert_false(gw_session_open(arena, &(gw_connect){.conninfo = forms[k]}, &session, &err));
            assert_non_null(strstr(err.detail, newer[i]));
            assert_non_null(strstr(err.hint, gw_printf(arena, "%s is a parameter of libpq 1", newer[i])));
            assert_non_null(strstr(err.hint, gw_printf(arena, "here is %d", PQlibVersion() / 10000)));
            assert_null(strstr(err.detail, "hush"));
            assert_kind(GW_ERR_CONFIG);
        }
    }
}

static void what_the_user_gave_comes_first(void **state)
{
    (void)state;
    const char *own = gw_printf(arena, "%s application_name=mine client_encoding=latin1",
                                server_fixture_conninfo());
    gw_session *session = open_with(arena, &(gw_connect){.conninfo = own});
    assert_string_equal(ask(session, arena, "SHOW application_name"), "mine");
    /* but for the encoding: what we send is UTF-8 */
    assert_string_equal(ask(session, arena, "SHOW client_encoding"), "UTF8");
    setenv("PGHOST", server_fixture_dir(), 1);
    setenv("PGUSER", "postgres", 1);
    setenv("PGDATABASE", "template1", 1);
    session = open_with(arena, &(gw_connect){.conninfo = ""});
    assert_string_equal(gw_session_database(session), "template1");
    session = open_with(arena, &(gw_connect){.conninfo = "postgres"});
    assert_string_equal(gw_session_database(session), "postgres");
    session = open_with(arena, &(gw_connect){0});
    assert_string_equal(gw_session_database(session), "template1");
    unsetenv("PGHOST");
    unsetenv("PGUSER");
    unsetenv("PGDATABASE");
}

static void transactions_begin_commit_and_roll_back(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *session = open_plain(arena);
    assert_ok(gw_session_begin(session, "repeatable read read only", &err));
    assert_true(gw_session_in_transaction(session));
    assert_string_equal(ask(session, arena, "SHOW transaction_isolation"), "repeatable read");
    assert_false(gw_exec(session, "CREATE TABLE no (a int)", &err));
    assert_string_equal(err.sqlstate, "25006");
    assert_kind(GW_ERR_PRIVILEGE);
    /* COMMIT of a failed transaction is not a success, though the server calls it one. */
    assert_false(gw_session_commit(session, &err));
    assert_kind(GW_ERR_STATE);
    assert_false(gw_session_in_transaction(session));
    assert_ok(gw_session_begin(session, NULL, &err));
    assert_ok(gw_exec(session, "CREATE TABLE yes (a int)", &err));
    assert_ok(gw_session_commit(session, &err));
    assert_ok(gw_session_begin(session, NULL, &err));
    assert_ok(gw_exec(session, "DROP TABLE yes", &err));
    gw_session_rollback(session);
    gw_session_rollback(session);
    assert_string_equal(ask(session, arena, "SELECT to_regclass('yes') IS NOT NULL"), "t");
}

static void an_error_of_the_commit_itself_is_told(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *session = open_plain(arena);
    assert_ok(
        gw_exec(session, "CREATE TABLE late (a int UNIQUE DEFERRABLE INITIALLY DEFERRED)", &err));
    assert_ok(gw_session_begin(session, NULL, &err));
    assert_ok(gw_exec(session, "INSERT INTO late VALUES (1), (1)", &err));
    assert_false(gw_session_commit(session, &err));
    assert_string_equal(err.sqlstate, "23505");
    assert_kind(GW_ERR_SQL);
    assert_false(gw_session_in_transaction(session));
}

static bool fails(const char *conninfo, gw_err *err)
{
    gw_session *session;
    gw_connect connect = {.conninfo = conninfo, .connect_timeout_ms = 60 * 1000};
    assert_false(gw_session_open(arena, &connect, &session, err));
    assert_int_equal(err->kind, GW_ERR_CONNECT);
    assert_int_equal(err->context_count, 0); /* else it says how many attempts there were */
    assert_non_null(err->hint);
    return true;
}

static void what_waiting_cannot_mend_fails_at_once(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *admin = open_plain(arena);
    assert_ok(gw_exec(admin, "CREATE ROLE limited LOGIN", &err));
    assert_ok(gw_exec(admin, "CREATE DATABASE closed", &err));
    assert_ok(gw_exec(admin, "REVOKE CONNECT ON DATABASE closed FROM PUBLIC", &err));
    const char *dir = server_fixture_dir();
    fails(gw_printf(arena, "host=%s user=postgres dbname=nix", dir), &err);
    assert_string_equal(err.sqlstate, "3D000");
    assert_non_null(strstr(err.hint, gw_printf(arena, "createdb -h %s -p ", dir)));
    assert_non_null(strstr(err.hint, " -U postgres -- nix"));
    gw_err_clear(&err);
    fails(gw_printf(arena, "host=%s user=nobody_here dbname=postgres", dir), &err);
    assert_string_equal(err.sqlstate, "28000");
    assert_non_null(strstr(err.hint, "pg_hba.conf"));
    gw_err_clear(&err);
    fails(gw_printf(arena, "host=%s user=limited dbname=closed", dir), &err);
    assert_string_equal(err.sqlstate, "42501");
    assert_non_null(strstr(err.hint, "GRANT CONNECT"));
    gw_err_clear(&err);
    /* Words that nobody can read are a mistake in the configuration, not a server's fault. */
    gw_session *none = NULL;
    gw_connect unreadable = {.conninfo = "host=x nosuch=1"};
    assert_false(gw_session_open(arena, &unreadable, &none, &err));
    assert_int_equal(err.kind, GW_ERR_CONFIG);
    assert_non_null(strstr(err.hint, "parameter"));
    gw_err_clear(&err);
    unreadable.conninfo = "postgres://x/y?nosuch=1";
    assert_false(gw_session_open(arena, &unreadable, &none, &err));
    assert_non_null(strstr(err.hint, "parameter"));
    assert_kind(GW_ERR_CONFIG);
}

static void a_socket_that_is_closed_to_us(void **state)
{
    (void)state;
    gw_err err = {0};
    char dir[] = "/tmp/godwit-closed-XXXXXX";
    assert_non_null(mkdtemp(dir));
    assert_int_equal(chmod(dir, 0), 0);
    uid_t me = geteuid();
    if (me == 0)
        assert_int_equal(seteuid(65534), 0); /* root may go anywhere */
    fails(gw_printf(arena, "host=%s user=x dbname=y", dir), &err);
    assert_int_equal(seteuid(me), 0);
    assert_int_equal(rmdir(dir), 0);
    assert_non_null(strstr(err.hint, "permission"));
    gw_err_clear(&err);
}

/* A server without TLS: it answers 'N' to whoever asks for it. */
static void *refuse_tls(void *arg)
{
    char request[8];
    int client = accept(*(int *)arg, NULL, NULL);
    if (client >= 0 && read(client, request, sizeof request) == sizeof request &&
        write(client, "N", 1) != 1)
        return NULL;
    close(client);
    return NULL;
}

static void a_server_without_tls_fails_at_once(void **state)
{
    (void)state;
    gw_err err = {0};
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, len), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &len), 0);
    pthread_t thread;
    pthread_create(&thread, NULL, refuse_tls, &listener);
    fails(gw_printf(arena, "host=127.0.0.1 port=%d user=x sslmode=require gssencmode=disable",
                    ntohs(address.sin_port)),
          &err);
    pthread_join(thread, NULL);
    close(listener);
    assert_non_null(strstr(err.hint, "sslmode"));
    gw_err_clear(&err);
}

static void a_silent_host_does_not_hide_the_next(void **state)
{
    (void)state;
    gw_err err = {0};
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0); /* lets in, and never says a word */
    assert_int_equal(bind(listener, (struct sockaddr *)&address, len), 0);
    assert_int_equal(listen(listener, 8), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &len), 0);
    int port = ntohs(address.sin_port);
    const char *dir = server_fixture_dir();
    gw_connect connect = {.conninfo = gw_printf(arena,
                                                "host=127.0.0.1,127.0.0.1,%s port=%d,%d,5432"
                                                " user=postgres dbname=postgres connect_timeout=1",
                                                dir, port, port),
                          .connect_timeout_ms = 3600 * 1000};
    gw_session *session;
    assert_ok(gw_session_open(arena, &connect, &session, &err));
    assert_string_equal(gw_session_host(session), dir);
    /* without a limit of its own each host gets its share of the whole */
    connect.conninfo = gw_printf(arena, "host=127.0.0.1,%s port=%d,5432 user=postgres", dir, port);
    connect.connect_timeout_ms = 1000;
    assert_ok(gw_session_open(arena, &connect, &session, &err));
    connect.conninfo = gw_printf(arena, "host=127.0.0.1 port=%d user=postgres", port);
    connect.connect_timeout_ms = 100;
    assert_false(gw_session_open(arena, &connect, &session, &err));
    assert_string_equal(err.detail, "it did not answer in time");
    assert_kind(GW_ERR_CONNECT);
    close(listener);
}

static void a_wrong_password_fails_at_once(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *admin = open_plain(arena);
    assert_ok(gw_exec(admin,
                      "SET password_encryption = 'scram-sha-256';"
                      "CREATE ROLE secretive LOGIN PASSWORD 'right'",
                      &err));
    assert_ok(gw_exec(admin,
                      "COPY (VALUES ('local all secretive scram-sha-256'),"
                      " ('local all all trust')) TO PROGRAM 'cat > pg_hba.conf'",
                      &err));
    assert_string_equal(ask(admin, arena, "SELECT pg_reload_conf()"), "t");
    const char *dir = server_fixture_dir();
    /* The reload reaches the postmaster when it does: until then a wrong password is let in. */
    bool refused = false;
    for (int i = 0; i < 500 && !refused; i++) {
        gw_session *session;
        gw_connect connect = {
            .conninfo =
                gw_printf(arena, "host=%s user=secretive password=wrong dbname=postgres", dir)};
        refused = !gw_session_open(arena, &connect, &session, &err);
        if (!refused)
            gw_session_close(session);
    }
    assert_true(refused);
    assert_string_equal(err.sqlstate, "28P01");
    assert_non_null(strstr(err.hint, "PGPASSWORD"));
    assert_kind(GW_ERR_CONNECT);
    fails(gw_printf(arena, "host=%s user=secretive dbname=postgres", dir), &err);
    assert_non_null(strstr(err.hint, "PGPASSWORD"));
    gw_err_clear(&err);
    open_with(arena,
              &(gw_connect){.conninfo = gw_printf(
                                arena, "postgres://secretive:right@/postgres?host=%s", dir)});
}

typedef struct retries {
    int count;
} retries;

static void count_retries(void *self, const gw_log_record *record)
{
    retries *r = self;
    if (strncmp(record->message, "cannot connect", 14) == 0)
        r->count++;
}

static void waits_for_a_server_that_is_starting(void **state)
{
    (void)state;
    gw_err err = {0};
    retries r = {0};
    gw_log *log = gw_log_new(arena);
    gw_log_add_sink(log, (gw_log_sink){.record = count_retries, .self = &r});
    server_fixture_stop();
    gw_session *session;
    gw_connect connect = {
        .conninfo = server_fixture_conninfo(), .connect_timeout_ms = 300, .log = log};
    assert_false(gw_session_open(arena, &connect, &session, &err));
    assert_non_null(strstr(err.hint, "is the server running"));
    assert_kind(GW_ERR_CONNECT);
    assert_true(r.count > 0);
    server_fixture_start_later();
    connect.connect_timeout_ms = 60 * 1000;
    assert_ok(gw_session_open(arena, &connect, &session, &err));
    assert_string_equal(ask(session, arena, "SELECT 1"), "1");
    server_fixture_start_wait();
}

static void a_server_that_restarts_loses_the_session(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *session = open_plain(arena);
    assert_ok(gw_session_begin(session, NULL, &err));
    server_fixture_stop();
    server_fixture_start();
    assert_false(gw_exec(session, "SELECT 1", &err));
    assert_string_equal(err.sqlstate, "57P01");
    assert_kind(GW_ERR_LOST);
    assert_true(gw_session_lost(session));
    gw_session_rollback(session);
    open_plain(arena);
}

static void too_many_clients_are_waited_for(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *admin = open_plain(arena);
    assert_ok(gw_exec(admin, "CREATE ROLE single LOGIN CONNECTION LIMIT 1", &err));
    gw_connect connect = {
        .conninfo = gw_printf(arena, "host=%s user=single dbname=postgres", server_fixture_dir()),
        .connect_timeout_ms = 200};
    gw_session *first = open_with(arena, &connect), *second;
    assert_false(gw_session_open(arena, &connect, &second, &err));
    assert_string_equal(err.sqlstate, "53300");
    assert_non_null(strstr(err.hint, "CONNECTION LIMIT"));
    assert_true(err.context_count > 0); /* after n attempts */
    assert_kind(GW_ERR_CONNECT);
    gw_session_close(first);
    connect.connect_timeout_ms = 60 * 1000;
    assert_ok(gw_session_open(arena, &connect, &second, &err));
}

static void *stop_soon(void *arg)
{
    gw_sleep_ms(50, NULL);
    gw_cancel_request(arg);
    return NULL;
}

static void a_stop_ends_the_attempts(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_cancel cancel;
    gw_cancel_init(&cancel);
    gw_session *session;
    gw_connect connect = {
        .conninfo = "host=127.0.0.1 port=1", .cancel = &cancel, .connect_timeout_ms = 3600 * 1000};
    pthread_t thread;
    pthread_create(&thread, NULL, stop_soon, &cancel);
    bool ok = gw_session_open(arena, &connect, &session, &err);
    pthread_join(thread, NULL);
    assert_false(ok);
    assert_kind(GW_ERR_INTERRUPTED);
    /* After the stop one attempt is still made: what has to be put in order may need a session. */
    connect.conninfo = server_fixture_conninfo();
    assert_ok(gw_session_open(arena, &connect, &session, &err));
    gw_cancel_close(&cancel);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        each(a_plain_session_keeps_the_roles_settings),
        each(says_where_it_is),
        each(what_the_user_gave_comes_first),
        each(every_parameter_of_libpq_reaches_it),
        each(a_parameter_of_a_newer_libpq_is_told_as_that),
        each(transactions_begin_commit_and_roll_back),
        each(an_error_of_the_commit_itself_is_told),
        each(a_socket_that_is_closed_to_us),
        each(what_waiting_cannot_mend_fails_at_once),
        each(a_server_without_tls_fails_at_once),
        each(a_silent_host_does_not_hide_the_next),
        each(a_wrong_password_fails_at_once),
        each(waits_for_a_server_that_is_starting),
        each(a_server_that_restarts_loses_the_session),
        each(too_many_clients_are_waited_for),
        each(a_stop_ends_the_attempts),
    };
    return cmocka_run_group_tests(tests, server_fixture_setup, server_fixture_teardown);
}
