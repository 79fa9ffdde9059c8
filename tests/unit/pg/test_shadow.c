/* Shadow databases on a private server that is made for the purpose. */
#include "pg_test.h"

#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "pg/server_internal.h"
#include "pg/shadow.h"

/* One project for all tests: making its server takes a second. Each test ends with it stopped. */
static char project[] = "/tmp/gw-shadow-XXXXXX";

typedef struct bench {
    gw_arena *arena;
    gw_shadow_options options;
    gw_shadow *shadow;
    gw_err err;
} bench;

static int bench_open(void **state)
{
    bench *b = calloc(1, sizeof *b);
    b->arena = gw_arena_new();
    b->options.project_dir = project;
    b->options.bindir = getenv("GODWIT_TEST_PG_BINDIR");
    *state = b;
    return 0;
}

static gw_shadow_servers servers_of(bench *b)
{
    gw_shadow_servers list;
    gw_err err = {0};
    assert_ok(gw_shadow_servers_list(b->arena, project, &list, &err));
    return list;
}

static int bench_close(void **state)
{
    bench *b = *state;
    gw_shadow_close(b->shadow);
    gw_shadow_servers list = servers_of(b);
    int running = 0;
    for (size_t i = 0; i < list.len; i++)
        running += list.items[i].pid != 0;
    gw_err_clear(&b->err);
    gw_arena_free(b->arena);
    free(b);
    return running; /* the last one out stops it */
}

static gw_shadow *opened(bench *b)
{
    gw_err err = {0};
    gw_shadow *shadow = NULL;
    assert_ok(gw_shadow_open(b->arena, &b->options, &shadow, &err));
    return shadow;
}

static gw_shadow_db *made(gw_shadow *shadow, gw_arena *arena)
{
    gw_err err = {0};
    gw_shadow_db *db = NULL;
    assert_ok(gw_shadow_create(shadow, arena, &db, &err));
    return db;
}

static gw_session *on(gw_shadow_db *db, gw_arena *arena)
{
    gw_err err = {0};
    gw_session *session = NULL;
    assert_ok(gw_shadow_connect(db, arena, &(gw_shadow_session){0}, &session, &err));
    return session;
}

static void test_life(void **state)
{
    bench *b = *state;
    b->shadow = opened(b);
    const gw_shadow_facts *facts = gw_shadow_facts_of(b->shadow);
    assert_true(facts->is_private);
    assert_true(facts->major >= 12);
    assert_false(facts->other_major);
    assert_null(facts->note_locale);
    gw_shadow_db *db = made(b->shadow, b->arena);
    gw_session *session = on(db, b->arena);
    assert_string_equal(ask(session, b->arena, "select current_database()"),
                        gw_shadow_db_name(db));
    assert_string_equal(ask(session, b->arena, "show fsync"), "off");
    assert_string_equal(ask(session, b->arena, "show listen_addresses"), "");
    assert_string_equal(ask(session, b->arena, "show server_encoding"), "UTF8");
    assert_string_equal(ask(session, b->arena, "select count(*) from pg_class "
                                               "where relnamespace = 'public'::regnamespace"),
                        "0");
    gw_shadow_drop(db);
    gw_shadow_drop(db);
    session = on(made(b->shadow, b->arena), b->arena);
    assert_string_equal(ask(session, b->arena, "select count(*) from pg_database "
                                               "where datname like 'godwit%'"), "1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_life, bench_open, bench_close),
    };
    if (!mkdtemp(project))
        return 1;
    chmod(project, 0755);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    gw_arena *arena = gw_arena_new();
    gw_err err = {0};
    gw_shadow_servers_destroy(arena, project, NULL, &err);
    gw_file_remove_tree(project, &err);
    gw_arena_free(arena);
    return failed;
}
