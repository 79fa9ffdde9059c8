/* Shadow databases, for real: one project for a test program (making its server takes a moment).
 * Each test ends with the server stopped: the last one out does it. */
#ifndef GW_TEST_PG_SHADOW_BENCH_H
#define GW_TEST_PG_SHADOW_BENCH_H

#include "pg_test.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "pg/server_internal.h"
#include "pg/shadow.h"

static char project[] = "/tmp/gw shadow's-XXXXXX";

typedef struct bench {
    gw_arena *arena;
    gw_shadow_options options;
    gw_shadow *shadow;
} bench;

static inline int bench_open(void **state)
{
    bench *b = calloc(1, sizeof *b);
    b->arena = gw_arena_new();
    b->options.project_dir = project;
    b->options.bindir = getenv("GODWIT_TEST_PG_BINDIR");
    *state = b;
    return 0;
}

static inline int running_pid(gw_arena *arena)
{
    gw_shadow_servers list;
    gw_err err = {0};
    int pid = 0;
    assert_ok(gw_shadow_servers_list(arena, &(gw_shadow_options){.project_dir = project}, &list,
                                     &err));
    for (size_t i = 0; i < list.len; i++)
        pid = list.items[i].pid ? list.items[i].pid : pid;
    return pid;
}

static inline int bench_close(void **state)
{
    bench *b = *state;
    gw_shadow_close(b->shadow);
    int pid = running_pid(b->arena);
    if (pid)
        print_error("the server still runs\n");
    gw_arena_free(b->arena);
    free(b);
    return pid ? -1 : 0;
}

static inline gw_shadow *opened(bench *b)
{
    gw_err err = {0};
    gw_shadow *shadow = NULL;
    assert_ok(gw_shadow_open(b->arena, &b->options, &shadow, &err));
    return shadow;
}

static inline gw_shadow_db *made(gw_shadow *shadow, gw_arena *arena)
{
    gw_err err = {0};
    gw_shadow_db *db = NULL;
    assert_ok(gw_shadow_create(shadow, arena, &db, &err));
    return db;
}

static inline gw_session *on(gw_shadow_db *db, gw_arena *arena)
{
    gw_err err = {0};
    gw_session *session = NULL;
    assert_ok(gw_shadow_connect(db, arena, &(gw_shadow_session){0}, &session, &err));
    return session;
}

static inline void execute(gw_session *session, const char *text)
{
    gw_err err = {0};
    assert_ok(gw_exec(session, text, &err));
}

/* The message of a statement that has to fail. */
static inline char *failure(gw_session *session, gw_arena *arena, const char *text)
{
    gw_err err = {0};
    if (gw_exec(session, text, &err))
        fail_msg("this ran: %s", text);
    char *message = gw_strdup(arena, err.message);
    gw_err_clear(&err);
    return message;
}

static inline int shadow_tests_begin(void)
{
    return mkdtemp(project) && chmod(project, 0755) == 0 ? 0 : 1;
}

static inline void shadow_tests_end(void)
{
    gw_arena *arena = gw_arena_new();
    gw_err err = {0};
    gw_shadow_servers_destroy(arena, &(gw_shadow_options){.project_dir = project}, &err);
    gw_file_remove_tree(project, &err);
    gw_err_clear(&err);
    gw_arena_free(arena);
}

#define T(name) cmocka_unit_test_setup_teardown(name, bench_open, bench_close)

#endif
