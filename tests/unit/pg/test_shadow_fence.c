/* What hides from every reader of statements does not get out of the private server either. */
#include "shadow_bench.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

static gw_session *session_of(bench *b)
{
    b->shadow = opened(b);
    const gw_shadow_facts *facts = gw_shadow_facts_of(b->shadow);
    if (!facts->fenced_network || !facts->fenced_files)
        skip(); /* an old kernel, or another processor */
    return on(made(b->shadow, b->arena), b->arena);
}

static void test_no_program(void **state)
{
    bench *b = *state;
    gw_session *session = session_of(b);
    const char *trace = gw_path_join(b->arena, project, "trace");
    failure(session, b->arena,
            gw_printf(b->arena, "do $$ begin execute 'co' || 'py (select 1) to pro' || "
                                "'gram ''touch \"%s\"'''; end $$",
                      "/tmp/gw-shadow-trace"));
    assert_false(gw_file_exists("/tmp/gw-shadow-trace"));
    failure(session, b->arena, "create table t (a text); copy t from program 'echo 1'");
    assert_false(gw_file_exists(trace));
}

/* A server that would take the connection. */
static int listening(unsigned short *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(fd, 5), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    *port = ntohs(address.sin_port);
    return fd;
}

static void test_no_connection(void **state)
{
    bench *b = *state;
    gw_session *session = session_of(b);
    unsigned short port;
    int server = listening(&port);
    execute(session, "create extension dblink");
    failure(session, b->arena,
            gw_printf(b->arena, "select dblink_connect('host=127.0.0.1 port=%d connect_timeout=3')",
                      port));
    failure(session, b->arena,
            gw_printf(b->arena, "create subscription s connection 'host=127.0.0.1 port=%d "
                                "connect_timeout=3' publication p", port));
    assert_int_equal(accept(server, NULL, NULL), -1); /* nobody came */
    close(server);
    /* Not over a socket in the file system, either: its own, which root could enter. */
    char *message = failure(session, b->arena,
                            gw_printf(b->arena, "select dblink_connect('host=%s dbname=postgres')",
                                      server_fixture_dir()));
    assert_non_null(strstr(message, "connection"));
}

static void test_no_files(void **state)
{
    bench *b = *state;
    gw_err err = {0};
    gw_session *session = session_of(b);
    const char *secret = gw_path_join(b->arena, project, "secret");
    assert_ok(gw_file_write(secret, "secret", 6, 0644, &err));
    const char *quoted = PQescapeLiteral(gw_session_raw(session), secret, strlen(secret));
    failure(session, b->arena, gw_printf(b->arena, "select pg_read_file(%s)", quoted));
    failure(session, b->arena,
            gw_printf(b->arena, "create table s (a text); copy s from %s", quoted));
    PQfreemem((char *)(uintptr_t)quoted);
    failure(session, b->arena, "copy (select 1) to '/tmp/gw-shadow-written'");
    assert_false(gw_file_exists("/tmp/gw-shadow-written"));
    execute(session, "select lo_from_bytea(4711, 'x')");
    failure(session, b->arena, "select lo_export(4711, '/tmp/gw-shadow-written')");
    assert_false(gw_file_exists("/tmp/gw-shadow-written"));
    failure(session, b->arena, "create tablespace x location '/tmp'");
}

/* And yet it is a whole PostgreSQL. */
static void test_it_works(void **state)
{
    bench *b = *state;
    gw_session *session = session_of(b);
    execute(session, "create extension pgcrypto; create extension hstore; "
                     "create extension postgres_fdw");
    execute(session, "create table t as select n, md5(n::text) as m from "
                     "generate_series(1, 20000) as n; create index on t (m)");
    execute(session, "set max_parallel_workers_per_gather = 2; set parallel_setup_cost = 0; "
                     "set parallel_tuple_cost = 0; set min_parallel_table_scan_size = 0; "
                     "select count(*) from t where m like 'a%'");
    execute(session, "set work_mem = '64kB'; select m from t order by m");
    execute(session, "select to_tsvector('german', 'laufen'), now() at time zone 'Europe/Berlin'");
    execute(session, "vacuum t");
    execute(session, "set allow_in_place_tablespaces = on");
    execute(session, "create tablespace \"in place\" location ''");
    execute(session, "create table u () tablespace \"in place\"");
    assert_string_equal(ask(session, b->arena, "select count(*) > 0 from "
                                               "pg_available_extensions"), "t");
}

/* ALTER SYSTEM is forgotten; no slot can be made. */
static void test_nothing_stays(void **state)
{
    bench *b = *state;
    gw_session *session = session_of(b);
    execute(session, "alter system set work_mem = '7MB'");
    execute(session, "alter system set listen_addresses = '*'");
    failure(session, b->arena, "select pg_create_physical_replication_slot('x', true)");
    failure(session, b->arena, "select pg_create_logical_replication_slot('x', 'test_decoding')");
    gw_shadow_close(b->shadow);
    session = session_of(b);
    assert_string_equal(ask(session, b->arena, "show work_mem"), "4MB");
    assert_string_equal(ask(session, b->arena, "show listen_addresses"), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_no_program), T(test_no_connection), T(test_no_files), T(test_it_works),
        T(test_nothing_stays),
    };
    if (shadow_tests_begin() != 0)
        return 1;
    int failed = cmocka_run_group_tests(tests, server_fixture_setup, server_fixture_teardown);
    shadow_tests_end();
    return failed;
}
