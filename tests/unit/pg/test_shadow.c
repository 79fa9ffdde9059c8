/* Shadow databases on a private server: what they are, templates, who uses the server. */
#include "shadow_bench.h"

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
    assert_string_equal(ask(session, b->arena, "select current_user"), "postgres");
    assert_string_equal(ask(session, b->arena, "select count(*) from pg_class "
                                               "where relnamespace = 'public'::regnamespace"),
                        "0");
    gw_shadow_drop(db);
    gw_shadow_drop(db);
    session = on(made(b->shadow, b->arena), b->arena);
    assert_string_equal(ask(session, b->arena, "select count(*) from pg_database "
                                               "where datname like 'godwit%'"), "1");
}

static void test_dropped_with_its_arena(void **state)
{
    bench *b = *state;
    b->shadow = opened(b);
    gw_arena *inner = gw_arena_new();
    gw_shadow_db *db = made(b->shadow, inner);
    gw_session *other = on(db, b->arena); /* outlives it, and is ended */
    execute(on(db, inner), "create table t ()");
    gw_arena_free(inner);
    gw_err err = {0};
    assert_false(gw_exec(other, "select 1", &err));
    gw_err_clear(&err);
    gw_session *session = on(made(b->shadow, b->arena), b->arena);
    assert_string_equal(ask(session, b->arena, "select count(*) from pg_database "
                                               "where datname like 'godwit%'"), "1");
    gw_shadow_close(b->shadow);
    gw_shadow_close(b->shadow);
}

/* ---- templates ------------------------------------------------------------------------- */

static unsigned loads;

static bool load(void *self, gw_shadow_db *db, gw_err *err)
{
    bench *b = self;
    gw_session *session = NULL;
    loads++;
    return gw_shadow_connect(db, b->arena, &(gw_shadow_session){0}, &session, err) &&
           gw_exec(session, "create table t as select generate_series(1, 100) as n", err);
}

static gw_shadow_db *make(bench *b, const char *fingerprint)
{
    gw_err err = {0};
    gw_shadow_db *db = NULL;
    assert_ok(gw_shadow_make(b->shadow, b->arena, fingerprint, load, b, &db, &err));
    return db;
}

static void test_templates(void **state)
{
    bench *b = *state;
    gw_err err = {0};
    const char *fingerprint = "any 'text' \"é\"; \\";
    loads = 0;
    b->shadow = opened(b);
    gw_session *first = on(make(b, fingerprint), b->arena);
    execute(first, "delete from t; create table more ()");
    gw_session *second = on(make(b, fingerprint), b->arena);
    assert_string_equal(ask(second, b->arena, "select count(*) from t"), "100");
    assert_string_equal(ask(first, b->arena, "select count(*) from t"), "0");
    assert_int_equal(loads, 1);
    gw_shadow_close(b->shadow);

    b->shadow = opened(b); /* the server has stopped in between */
    gw_session *third = on(make(b, fingerprint), b->arena);
    assert_string_equal(ask(third, b->arena, "select count(*) from t"), "100");
    assert_string_equal(ask(third, b->arena, "select count(*) from pg_class "
                                             "where relname = 'more'"), "0");
    assert_int_equal(loads, 1);
    b->options.target.collate = b->options.target.ctype = "C"; /* loaded under another locale */
    gw_shadow *other = opened(b);
    gw_shadow_db *db = NULL;
    assert_ok(gw_shadow_copy(other, b->arena, fingerprint, &db, &err));
    assert_null(db);
    gw_shadow_close(other);
    assert_ok(gw_shadow_forget(b->shadow, fingerprint, &err));
    assert_ok(gw_shadow_forget(b->shadow, fingerprint, &err));
    assert_ok(gw_shadow_copy(b->shadow, b->arena, fingerprint, &db, &err));
    assert_null(db);
}

static bool load_badly(void *self, gw_shadow_db *db, gw_err *err)
{
    load(self, db, err);
    return gw_err_set(err, GW_ERR_INPUT, "this file is wrong");
}

static void test_a_load_that_fails_leaves_nothing(void **state)
{
    bench *b = *state;
    gw_err err = {0};
    gw_shadow_db *db = NULL;
    b->shadow = opened(b);
    assert_false(gw_shadow_make(b->shadow, b->arena, "bad", load_badly, b, &db, &err));
    assert_string_equal(err.message, "this file is wrong");
    gw_err_clear(&err);
    assert_ok(gw_shadow_copy(b->shadow, b->arena, "bad", &db, &err));
    assert_null(db);
    gw_session *session = on(make(b, NULL), b->arena);
    assert_string_equal(ask(session, b->arena, "select count(*) from pg_database "
                                               "where datname ~ '^(godwit|tpl)_'"), "1");
}

static bool has(bench *b, const char *fingerprint)
{
    gw_err err = {0};
    gw_shadow_db *db = NULL;
    assert_ok(gw_shadow_copy(b->shadow, b->arena, fingerprint, &db, &err));
    gw_shadow_drop(db);
    return db != NULL;
}

static void test_templates_are_bounded(void **state)
{
    bench *b = *state;
    b->options.templates = 2;
    b->shadow = opened(b);
    make(b, "one");
    make(b, "two");
    assert_true(has(b, "one")); /* used after two was */
    make(b, "three");
    assert_true(has(b, "one"));
    assert_false(has(b, "two"));
    assert_true(has(b, "three"));
    assert_int_equal(gw_shadow_forget(b->shadow, "one", NULL), true);
    assert_int_equal(gw_shadow_forget(b->shadow, "three", NULL), true);
}

/* What a file with CREATE SUBSCRIPTION leaves; a copy would be without it. */
static void test_subscriptions(void **state)
{
    bench *b = *state;
    gw_err err = {0};
    bool kept = true;
    b->shadow = opened(b);
    gw_shadow_db *db = made(b->shadow, b->arena);
    gw_session *session = on(db, b->arena);
    execute(session, "create subscription \"s \"\"1\" connection 'host=192.0.2.1' publication p "
                     "with (connect = false, slot_name = none)");
    execute(session, "alter subscription \"s \"\"1\" set (slot_name = 'x')");
    assert_ok(gw_shadow_keep(db, "subscribed", &kept, &err));
    assert_false(kept);
    gw_shadow_drop(db);
    session = on(made(b->shadow, b->arena), b->arena);
    assert_string_equal(ask(session, b->arena, "select count(*) from pg_subscription"), "0");
}

/* ---- several at once ------------------------------------------------------------------- */

static void test_the_last_one_out_stops_it(void **state)
{
    bench *b = *state;
    gw_shadow *first = opened(b), *second = opened(b);
    int pid = running_pid(b->arena);
    assert_true(pid > 1);
    gw_shadow_close(first);
    assert_false(gw_process_gone(pid));
    on(made(second, b->arena), b->arena);
    gw_shadow_close(second);
    assert_true(gw_process_gone(pid));
    assert_int_equal(running_pid(b->arena), 0);
}

/* What another process does with shadows; 0 where all went well. */
static pid_t in_another_process(int (*work)(void))
{
    pid_t child = fork();
    if (child == 0)
        _exit(work());
    return child;
}

static int ended(pid_t child)
{
    int status = -1;
    waitpid(child, &status, 0);
    return status;
}

static int work_with_a_template(void)
{
    bench *b;
    gw_err err = {0};
    gw_shadow_db *db = NULL;
    bench_open((void **)&b);
    bool ok = gw_shadow_open(b->arena, &b->options, &b->shadow, &err);
    for (int i = 0; ok && i < 3; i++) {
        gw_session *session = NULL;
        ok = gw_shadow_make(b->shadow, b->arena, "shared", load, b, &db, &err) &&
             gw_shadow_connect(db, b->arena, &(gw_shadow_session){0}, &session, &err) &&
             gw_exec(session, "do $$ begin assert (select count(*) from t) = 100; end $$", &err);
        gw_shadow_drop(db);
    }
    if (!ok)
        print_error("%s / %s\n", err.message, err.detail);
    gw_arena_free(b->arena);
    return ok ? 0 : 1;
}

static void test_several_processes(void **state)
{
    bench *b = *state;
    pid_t children[5];
    for (size_t i = 0; i < 5; i++)
        children[i] = in_another_process(work_with_a_template);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(ended(children[i]), 0);
    assert_int_equal(running_pid(b->arena), 0);
    b->shadow = opened(b);
    gw_session *session = on(made(b->shadow, b->arena), b->arena);
    assert_string_equal(ask(session, b->arena, "select count(*) from pg_database "
                                               "where datname like 'godwit%'"), "1");
    assert_true(gw_shadow_forget(b->shadow, "shared", NULL));
}

static int die_in_the_middle(void)
{
    bench *b;
    bench_open((void **)&b);
    b->shadow = opened(b);
    gw_session *session = on(made(b->shadow, b->arena), b->arena);
    gw_session *busy = on(made(b->shadow, b->arena), b->arena);
    execute(session, "create table t (); create role left_behind");
    execute(session, "create database theirs_not");
    PQsendQuery(gw_session_raw(busy), "select pg_sleep(100)");
    raise(SIGKILL);
    return 1;
}

static void test_a_killed_run(void **state)
{
    bench *b = *state;
    assert_true(WIFSIGNALED(ended(in_another_process(die_in_the_middle))));
    int pid = running_pid(b->arena);
    assert_true(pid > 1); /* nobody was there to stop it */
    b->shadow = opened(b);
    assert_int_equal(running_pid(b->arena), pid);
    gw_session *session = on(made(b->shadow, b->arena), b->arena);
    assert_string_equal(ask(session, b->arena, "select string_agg(datname, ' ') from pg_database "
                                               "where datname ~ '^(godwit|theirs)' "
                                               "and datname <> current_database()"), "");
    assert_string_equal(ask(session, b->arena, "select count(*) from pg_roles "
                                               "where rolname = 'left_behind'"), "0");
}

static void test_a_killed_run_beside_a_living_one(void **state)
{
    bench *b = *state;
    gw_shadow *living = opened(b);
    gw_session *session = on(made(living, b->arena), b->arena);
    execute(session, "create table kept ()");
    assert_true(WIFSIGNALED(ended(in_another_process(die_in_the_middle))));
    b->shadow = opened(b);
    execute(session, "drop table kept");
    /* The server notices the death of a client a moment later where it was busy. */
    int64_t end = gw_monotonic_us() + 10 * 1000 * 1000;
    const char *left = "";
    do {
        gw_shadow_close(b->shadow);
        b->shadow = opened(b);
        left = ask(session, b->arena, "select count(*) from pg_database "
                                      "where datname like 'godwit%'");
    } while (strcmp(left, "1") != 0 && gw_monotonic_us() < end);
    assert_string_equal(left, "1");
    gw_shadow_close(living);
}

/* ---- the server itself ----------------------------------------------------------------- */

static void test_a_broken_server_is_made_anew(void **state)
{
    bench *b = *state;
    gw_shadow_close(opened(b));
    gw_shadow_servers list;
    gw_err err = {0};
    assert_ok(gw_shadow_servers_list(b->arena, &b->options, &list, &err));
    assert_int_equal(list.len, 1);
    const char *control = gw_path_join(b->arena, list.items[0].data_directory,
                                       "global/pg_control");
    assert_int_equal(unlink(control), 0);
    b->shadow = opened(b);
    on(made(b->shadow, b->arena), b->arena);
}

static void test_a_killed_server_is_started_again(void **state)
{
    bench *b = *state;
    gw_shadow *shadow = opened(b);
    kill(running_pid(b->arena), SIGKILL);
    gw_shadow_close(shadow);
    b->shadow = opened(b);
    on(made(b->shadow, b->arena), b->arena);
}

static void test_no_such_version(void **state)
{
    bench *b = *state;
    b->options.target.major = 99;
    b->shadow = opened(b);
    assert_true(gw_shadow_facts_of(b->shadow)->other_major);
    gw_shadow_close(b->shadow);
    b->options.target.major = gw_shadow_facts_of(b->shadow)->major;
    b->shadow = opened(b);
    assert_false(gw_shadow_facts_of(b->shadow)->other_major);
}

static void test_no_postgres(void **state)
{
    bench *b = *state;
    gw_err err = {0};
    char empty[] = "/tmp/gw-shadow-none-XXXXXX";
    assert_non_null(mkdtemp(empty));
    b->options.bindir = empty;
    b->options.project_dir = empty;
    assert_false(gw_shadow_open(b->arena, &b->options, &b->shadow, &err));
    assert_non_null(err.hint);
    assert_kind(GW_ERR_CONFIG);
    gw_file_remove_tree(empty, &err);
}

static void test_a_long_path(void **state)
{
    bench *b = *state;
    gw_err err = {0};
    char *deep = gw_path_join(b->arena, project, "deep");
    while (strlen(deep) < 130)
        deep = gw_path_join(b->arena, deep, "a-folder-with-a-name");
    assert_ok(gw_file_make_dirs(deep, 0755, &err));
    b->options.project_dir = deep;
    b->shadow = opened(b);
    on(made(b->shadow, b->arena), b->arena);
    gw_shadow_close(b->shadow);
    assert_ok(gw_shadow_servers_destroy(b->arena, &b->options, &err));
}

static void test_a_named_directory(void **state)
{
    bench *b = *state;
    gw_err err = {0};
    const char *root = gw_path_join(b->arena, project, "on disk");
    assert_ok(gw_file_make_dirs(root, 0755, &err));
    b->options.directory = root;
    b->shadow = opened(b);
    const char *data = gw_strdup(b->arena, gw_shadow_facts_of(b->shadow)->directory);
    assert_int_equal(strncmp(data, root, strlen(root)), 0);
    on(made(b->shadow, b->arena), b->arena);
    gw_shadow_close(b->shadow);
    gw_shadow_servers list;
    assert_ok(gw_shadow_servers_list(b->arena, &b->options, &list, &err));
    assert_string_equal(list.items[list.len - 1].data_directory, data);
    b->options.project_dir = root; /* another project, made now: this one is still there */
    b->shadow = opened(b);
    assert_true(gw_file_exists(data));
    gw_shadow_close(b->shadow);
    assert_ok(gw_shadow_servers_destroy(b->arena, &b->options, &err));
    b->options.project_dir = project;
    b->options.directory = root;
    assert_true(gw_file_exists(data));
    assert_ok(gw_shadow_servers_destroy(b->arena, &b->options, &err));
    assert_false(gw_file_exists(data));
}

/* A project that is gone takes its server with it, when the next one is made. */
static void test_projects_that_are_gone(void **state)
{
    bench *b = *state;
    gw_err err = {0};
    const char *root = gw_path_join(b->arena, project, "root");
    const char *gone = gw_path_join(b->arena, project, "gone");
    assert_ok(gw_file_make_dirs(root, 0755, &err));
    assert_ok(gw_file_make_dirs(gone, 0755, &err));
    b->options.directory = root;
    b->options.project_dir = gone;
    gw_shadow *left = opened(b); /* its server still runs */
    const char *data = gw_shadow_facts_of(left)->directory;
    gw_shadow_servers list;
    assert_ok(gw_shadow_servers_list(b->arena, &b->options, &list, &err));
    int pid = list.items[0].pid;
    assert_ok(gw_file_remove_tree(gone, &err));
    b->options.project_dir = root;
    b->shadow = opened(b);
    assert_false(gw_file_exists(data));
    assert_true(gw_process_gone(pid));
    gw_shadow_close(left);
    gw_shadow_close(b->shadow);
    assert_ok(gw_shadow_servers_destroy(b->arena, &b->options, &err));
}

/* Somebody else's folder, or one that others can write to, is not used. */
static void test_a_folder_that_is_not_ours(void **state)
{
    bench *b = *state;
    gw_err err = {0};
    const char *root = gw_path_join(b->arena, project, "open");
    assert_ok(gw_file_make_dirs(root, 0755, &err));
    b->options.directory = root;
    gw_shadow_close(opened(b));
    gw_file_list names;
    assert_ok(gw_file_list_dir(b->arena, root, &names, &err));
    const char *folder = gw_path_join(b->arena, root, names.items[0].name);
    assert_int_equal(chmod(folder, 0777), 0);
    assert_false(gw_shadow_open(b->arena, &b->options, &b->shadow, &err));
    assert_kind(GW_ERR_STATE);
    assert_int_equal(chmod(folder, 0755), 0);
    assert_ok(gw_shadow_servers_destroy(b->arena, &b->options, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_life),
        T(test_dropped_with_its_arena),
        T(test_templates),
        T(test_a_load_that_fails_leaves_nothing),
        T(test_templates_are_bounded),
        T(test_subscriptions),
        T(test_the_last_one_out_stops_it),
        T(test_several_processes),
        T(test_a_killed_run),
        T(test_a_killed_run_beside_a_living_one),
        T(test_a_killed_server_is_started_again),
        T(test_a_broken_server_is_made_anew),
        T(test_no_such_version),
        T(test_no_postgres),
        T(test_a_long_path),
        T(test_a_named_directory),
        T(test_projects_that_are_gone),
        T(test_a_folder_that_is_not_ours),
    };
    if (shadow_tests_begin() != 0)
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    shadow_tests_end();
    return failed;
}
