/*
 * The private server, for real: each test makes clusters in a folder of its own and ends with none
 * running. As root the servers run as `postgres`; as anybody else, as that user.
 */
#ifndef GW_TEST_PG_SERVER_BENCH_H
#define GW_TEST_PG_SERVER_BENCH_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../base/room.h"

#include "base/clock.h"
#include "base/file.h"
#include "pg/server_internal.h"

typedef struct bench {
    gw_arena *arena;
    char *dir;
    gw_server_options options;
    gw_server server;
    gw_err err;
} bench;

static inline int bench_open(void **state)
{
    bench *b = calloc(1, sizeof *b);
    b->arena = gw_arena_new();
    char template[64];
    snprintf(template, sizeof template, "%s/gw-server-XXXXXX", test_room());
    b->dir = gw_path_absolute(b->arena, mkdtemp(template));
    chmod(b->dir, 0755);
    b->options.project_dir = b->dir;
    unsetenv("GODWIT_PG_BINDIR");
    b->options.bindir = getenv("GODWIT_TEST_PG_BINDIR"); /* the version matrix */
    *state = b;
    return 0;
}

static inline int bench_close(void **state)
{
    bench *b = *state;
    gw_err_clear(&b->err);
    if (!gw_server_destroy(b->arena, &b->options, &b->err))
        fprintf(stderr, "destroy: %s / %s\n", b->err.message, b->err.detail);
    gw_err_clear(&b->err);
    gw_file_remove_tree(b->dir, &b->err);
    gw_err_clear(&b->err);
    gw_arena_free(b->arena);
    free(b);
    return 0;
}

/* A cluster as an earlier run left it: copied, since making one takes its time. */
static char template_dir[64];

static inline void run_program(const char *const *argv)
{
    pid_t child = fork();
    if (child == 0) {
        execvp(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    int status;
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
}

static inline void assert_started(bench *b);
static inline void assert_stopped(bench *b);

static inline int template_make(void **state)
{
    snprintf(template_dir, sizeof template_dir, "%s/gw-server-template-XXXXXX", test_room());
    assert_non_null(mkdtemp(template_dir));
    chmod(template_dir, 0755);
    bench b = {.arena = gw_arena_new(),
               .options = {.project_dir = template_dir,
                           .bindir = getenv("GODWIT_TEST_PG_BINDIR")}};
    assert_started(&b);
    assert_stopped(&b);
    /* What is tested on copies is not whether PostgreSQL survives a power cut. */
    FILE *conf = fopen(gw_path_join(b.arena, b.server.data_directory, "postgresql.conf"), "a");
    assert_non_null(conf);
    fputs("fsync = off\n", conf);
    fclose(conf);
    gw_arena_free(b.arena);
    *state = NULL;
    return 0;
}

static inline int template_remove(void **state)
{
    gw_err err = {0};
    (void)state;
    return gw_file_remove_tree(template_dir, &err) ? 0 : -1;
}

static inline int bench_open_made(void **state)
{
    char from[sizeof template_dir + 16];
    bench_open(state);
    bench *b = *state;
    snprintf(from, sizeof from, "%s/.godwit", template_dir);
    run_program((const char *const[]){"cp", "-a", from, b->dir, NULL});
    return 0;
}

static inline void assert_started(bench *b)
{
    gw_err_clear(&b->err);
    if (!gw_server_start(b->arena, &b->options, &b->server, &b->err))
        fail_msg("%s / %s / %s", b->err.message, b->err.detail, b->err.hint);
    assert_true(b->server.running);
    assert_true(b->server.exists);
    assert_true(b->server.pid > 1);
    assert_false(gw_process_gone(b->server.pid));
}

static inline void assert_stopped(bench *b)
{
    gw_err_clear(&b->err);
    if (!gw_server_stop(b->arena, &b->options, &b->err))
        fail_msg("%s / %s", b->err.message, b->err.detail);
}

/* The first value of a statement, over the url that any client would use. */
static inline char *ask(bench *b, const char *statement)
{
    PGconn *conn = PQconnectdb(b->server.url);
    if (PQstatus(conn) != CONNECTION_OK)
        fail_msg("%s", PQerrorMessage(conn));
    PGresult *result = PQexec(conn, statement);
    if (PQresultStatus(result) != PGRES_TUPLES_OK && PQresultStatus(result) != PGRES_COMMAND_OK)
        fail_msg("%s: %s", statement, PQerrorMessage(conn));
    char *value = PQntuples(result) ? gw_strdup(b->arena, PQgetvalue(result, 0, 0)) : NULL;
    PQclear(result);
    PQfinish(conn);
    return value;
}

#define T(name) cmocka_unit_test_setup_teardown(name, bench_open, bench_close)
#define M(name) cmocka_unit_test_setup_teardown(name, bench_open_made, bench_close)

#endif
