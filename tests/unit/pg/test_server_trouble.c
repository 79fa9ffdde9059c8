/* Everything that can befall a private server. */
#include "server_bench.h"

#include <pthread.h>
#include <sys/mount.h>

/* kill -9 of the postmaster: pid file, socket, and children in the middle of a statement stay. */
static void test_killed(void **state)
{
    bench *b = *state;
    assert_started(b);
    ask(b, "create table kept as select 7 as n");
    PGconn *busy = PQconnectdb(b->server.url);
    assert_int_equal(PQsendQuery(busy, "select pg_sleep(600)"), 1);
    assert_int_equal(PQflush(busy), 0);
    assert_string_equal(ask(b, "select 1"), "1");
    assert_int_equal(kill(b->server.pid, SIGKILL), 0);
    while (!gw_process_gone(b->server.pid))
        gw_sleep_ms(1, NULL);
    assert_true(gw_server_inspect(b->arena, &b->options, &b->server, &b->err));
    assert_false(b->server.running);
    assert_started(b);
    assert_string_equal(ask(b, "select n from kept"), "7");
    PQfinish(busy);
}

/* The pid in the file belongs to a program that has nothing to do with it. */
static void test_reused_pid(void **state)
{
    bench *b = *state;
    assert_started(b);
    const char *data = b->server.data_directory;
    const char *path = gw_path_join(b->arena, data, "postmaster.pid");
    gw_file_text text;
    assert_true(gw_file_read(b->arena, path, 0, &text, &b->err));
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(kill(b->server.pid, SIGKILL), 0);
    while (!gw_process_gone(b->server.pid))
        gw_sleep_ms(1, NULL);

    pid_t other = fork(); /* of the same user: PostgreSQL alone would take it for a server */
    if (other == 0) {
        if (geteuid() == 0 && setuid(st.st_uid) != 0)
            _exit(1);
        for (;;)
            pause();
    }
    const char *forged = gw_printf(b->arena, "%ld%s", (long)other, strchr(text.data, '\n'));
    assert_true(gw_file_write(path, forged, strlen(forged), 0600, &b->err));
    assert_int_equal(chown(path, st.st_uid, st.st_gid), 0);
    gw_postmaster seen = gw_postmaster_read(b->arena, data);
    assert_int_equal(seen.pid, other);
    assert_true(seen.foreign);
    assert_false(seen.alive);
    assert_started(b);
    assert_int_not_equal(b->server.pid, other);
    assert_string_equal(ask(b, "select 1"), "1");
    assert_false(gw_process_gone(other)); /* and it was left alone */
    kill(other, SIGKILL);
    waitpid(other, NULL, 0);
}

/* A container's root has no CAP_SYS_PTRACE and may not look where a process works. */
static void test_words_of_processes(void **state)
{
    bench *b = *state;
    assert_started(b);
    gw_pids pids = {0};
    gw_server_processes(b->arena, b->server.data_directory, &pids);
    assert_true(pids.len >= 4);
    const char *title = gw_server_title(b->arena, b->server.data_directory);
    size_t titled = 0;
    bool postmaster = false;
    for (size_t i = 0; i < pids.len; i++) {
        gw_file_text words;
        const char *path = gw_printf(b->arena, "/proc/%ld/cmdline", (long)pids.items[i]);
        if (!gw_file_read(b->arena, path, 0, &words, &b->err)) {
            gw_err_clear(&b->err); /* it has ended since */
            continue;
        }
        bool has_title = strstr(words.data, title) != NULL;
        /* A child that is just being born still has the postmaster's words. */
        const char *folder = memmem(words.data, words.len, b->server.data_directory,
                                    strlen(b->server.data_directory));
        assert_true(has_title || folder || words.len == 0);
        titled += has_title;
        postmaster = postmaster || (pids.items[i] == b->server.pid && folder);
    }
    assert_true(postmaster);
    assert_true(titled >= 3);
}

static void test_lost_socket(void **state)
{
    bench *b = *state;
    assert_started(b);
    int pid = b->server.pid;
    assert_int_equal(unlink(gw_path_join(b->arena, b->server.socket_directory,
                                         ".s.PGSQL.5432")), 0);
    assert_started(b);
    assert_int_not_equal(b->server.pid, pid);
    assert_string_equal(ask(b, "select 1"), "1");
}

/* initdb was killed half-way: what it left is not taken for a cluster. */
static void test_interrupted_making(void **state)
{
    bench *b = *state;
    const char *half = gw_path_join(b->arena, b->dir, ".godwit/postgres.new-abcdef");
    assert_true(gw_file_make_dirs(gw_path_join(b->arena, half, "base"), 0700, &b->err));
    assert_true(gw_file_write(gw_path_join(b->arena, half, "PG_VERSION"), "15\n", 3, 0600,
                              &b->err));
    assert_true(gw_server_inspect(b->arena, &b->options, &b->server, &b->err));
    assert_false(b->server.exists);
    assert_started(b);
    assert_false(gw_file_exists(half));
}

static bool is_being_made(bench *b)
{
    gw_file_list names = {0};
    gw_err ignored = {0};
    bool found = false;
    gw_file_list_dir(b->arena, gw_path_join(b->arena, b->dir, ".godwit"), &names, &ignored);
    gw_err_clear(&ignored);
    for (size_t i = 0; i < names.len; i++)
        found = found || strncmp(names.items[i].name, "postgres.new-", 13) == 0;
    return found;
}

/* kill -9 while initdb works, which then goes on without anybody. */
static void test_killed_while_making(void **state)
{
    bench *b = *state;
    pid_t child = fork();
    if (child == 0) {
        gw_server_start(b->arena, &b->options, &b->server, &b->err);
        _exit(0);
    }
    while (!is_being_made(b))
        gw_sleep_ms(1, NULL);
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_false(gw_file_exists(gw_path_join(b->arena, b->dir, ".godwit/postgres")));
    assert_started(b);
    assert_string_equal(ask(b, "select 1"), "1");
}

static void test_stopped_while_making(void **state)
{
    bench *b = *state;
    gw_cancel cancel;
    gw_cancel_init(&cancel);
    gw_cancel_request(&cancel);
    gw_cancel_request(&cancel);
    b->options.cancel = &cancel;
    assert_false(gw_server_start(b->arena, &b->options, &b->server, &b->err));
    assert_int_equal(b->err.kind, GW_ERR_INTERRUPTED);
    b->options.cancel = NULL;
    gw_cancel_close(&cancel);
    gw_file_list left = {0};
    gw_err_clear(&b->err);
    assert_true(gw_file_list_dir(b->arena, gw_path_join(b->arena, b->dir, ".godwit"), &left,
                                 &b->err));
    for (size_t i = 0; i < left.len; i++)
        assert_false(left.items[i].is_dir);
    assert_started(b);
}

static void *start_in_thread(void *arg)
{
    bench *b = arg;
    bool ok = gw_server_start(b->arena, &b->options, &b->server, &b->err);
    return ok ? b : NULL;
}

static void test_two_starters(void **state)
{
    enum { STARTERS = 6 };
    bench *b = *state, each[STARTERS];
    pthread_t threads[STARTERS];
    for (size_t i = 0; i < STARTERS; i++) {
        each[i] = (bench){.arena = gw_arena_new(), .options = b->options};
        assert_int_equal(pthread_create(&threads[i], NULL, start_in_thread, &each[i]), 0);
    }
    for (size_t i = 0; i < STARTERS; i++) {
        void *ok;
        pthread_join(threads[i], &ok);
        if (!ok)
            fail_msg("%s / %s", each[i].err.message, each[i].err.detail);
        assert_int_equal(each[i].server.pid, each[0].server.pid);
        gw_err_clear(&each[i].err);
    }
    for (size_t i = 0; i < STARTERS; i++)
        gw_arena_free(each[i].arena);
    assert_started(b);
}

static void test_binaries_gone(void **state)
{
    bench *b = *state;
    assert_started(b);
    assert_stopped(b);
    const char *path = gw_path_join(b->arena, b->server.data_directory, "PG_VERSION");
    assert_true(gw_file_write(path, "77\n", 3, 0644, &b->err));
    assert_false(gw_server_start(b->arena, &b->options, &b->server, &b->err));
    assert_int_equal(b->err.kind, GW_ERR_UNSUPPORTED);
    assert_string_equal(b->err.message, "PostgreSQL 77 is not installed");
    assert_non_null(strstr(b->err.detail, "was made with version 77"));
    assert_true(gw_server_inspect(b->arena, &b->options, &b->server, &b->err));
    assert_string_equal(b->server.version, "77");
    assert_null(b->server.bindir);
}

/* A start that fails shows why: the server's own last words. */
static void test_bad_configuration(void **state)
{
    bench *b = *state;
    assert_started(b);
    assert_stopped(b);
    const char *path = gw_path_join(b->arena, b->server.data_directory, "postgresql.conf");
    FILE *file = fopen(path, "a");
    assert_non_null(file);
    fputs("shared_buffers = 'plenty'\n", file);
    fclose(file);
    assert_false(gw_server_start(b->arena, &b->options, &b->server, &b->err));
    assert_int_equal(b->err.kind, GW_ERR_STATE);
    assert_non_null(strstr(b->err.message, "ended while it started"));
    assert_non_null(strstr(b->err.detail, "shared_buffers"));
    assert_non_null(strstr(b->err.detail, ".godwit/postgres.log"));
}

static void test_not_a_cluster(void **state)
{
    bench *b = *state;
    const char *data = gw_path_join(b->arena, b->dir, ".godwit/postgres");
    assert_true(gw_file_make_dirs(data, 0700, &b->err));
    if (geteuid() == 0)
        assert_int_equal(chown(data, getpwnam("postgres")->pw_uid, (gid_t)-1), 0);
    assert_false(gw_server_start(b->arena, &b->options, &b->server, &b->err));
    assert_non_null(strstr(b->err.message, "is not a PostgreSQL cluster"));
}

static void test_full_disk(void **state)
{
    bench *b = *state;
    if (mount("godwit-test", b->dir, "tmpfs", 0, "size=8m,mode=0755") != 0)
        skip();
    bool ok = gw_server_start(b->arena, &b->options, &b->server, &b->err);
    gw_file_list left = {0};
    gw_err ignored = {0};
    gw_file_list_dir(b->arena, gw_path_join(b->arena, b->dir, ".godwit"), &left, &ignored);
    gw_err_clear(&ignored);
    umount2(b->dir, MNT_DETACH);
    assert_false(ok);
    assert_int_equal(b->err.kind, GW_ERR_IO);
    assert_non_null(strstr(b->err.detail, "No space left on device"));
    assert_non_null(strstr(b->err.hint, "make room"));
    for (size_t i = 0; i < left.len; i++)
        assert_false(left.items[i].is_dir);
}

/* It goes on when the one who started it ends, and Ctrl-C at that terminal does not reach it. */
static void test_outlives_its_starter(void **state)
{
    bench *b = *state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        setpgid(0, 0);
        close(ends[0]);
        bool ok = gw_server_start(b->arena, &b->options, &b->server, &b->err);
        ssize_t n = write(ends[1], &b->server.pid, sizeof b->server.pid);
        signal(SIGINT, SIG_DFL);
        kill(0, SIGINT); /* the whole foreground group, as a terminal does */
        _exit(ok && n > 0 ? 0 : 1);
    }
    int status, pid = 0;
    waitpid(child, &status, 0);
    close(ends[1]);
    assert_int_equal(read(ends[0], &pid, sizeof pid), sizeof pid);
    /* The end of the pipe would not come if the server still held it. */
    char more;
    assert_int_equal(read(ends[0], &more, 1), 0);
    close(ends[0]);
    assert_true(WIFSIGNALED(status));
    assert_started(b);
    assert_int_equal(b->server.pid, pid);
    assert_int_equal(getsid(pid), getpgid(pid));
    assert_int_not_equal(getsid(pid), getsid(0));
}

/* Neither passwords nor PG* settings of ours reach the server's processes. */
static void test_clean_environment(void **state)
{
    bench *b = *state;
    setenv("DATABASE_URL", "postgres://u:secret-word@h/d", 1);
    setenv("PGOPTIONS", "-c no_such_setting=1", 1);
    assert_started(b);
    gw_file_text environment;
    const char *path = gw_printf(b->arena, "/proc/%d/environ", b->server.pid);
    assert_true(gw_file_read(b->arena, path, 0, &environment, &b->err));
    assert_true(environment.len > 0);
    assert_null(memmem(environment.data, environment.len, "secret-word", 11));
    assert_null(memmem(environment.data, environment.len, "PGOPTIONS", 9));
    unsetenv("DATABASE_URL");
    unsetenv("PGOPTIONS");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        M(test_killed),
        M(test_reused_pid),
        M(test_words_of_processes),
        M(test_lost_socket),
        T(test_interrupted_making),
        T(test_killed_while_making),
        T(test_stopped_while_making),
        T(test_two_starters),
        M(test_binaries_gone),
        M(test_bad_configuration),
        T(test_not_a_cluster),
        T(test_full_disk),
        M(test_outlives_its_starter),
        M(test_clean_environment),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, template_make, template_remove);
}
