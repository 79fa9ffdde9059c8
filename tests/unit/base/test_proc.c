#include "folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>

#include "base/proc.h"

#define ARGV(...) ((const char *const[]){__VA_ARGS__, NULL})
#define SHELL(script) ARGV("sh", "-c", (script))

static gw_proc_result run(gw_arena *arena, gw_proc proc)
{
    gw_err err = {0};
    gw_proc_result got = {0};
    if (!gw_proc_run(arena, &proc, &got, &err))
        fail_msg("%s: %s", err.message, err.detail);
    assert_non_null(got.out);
    assert_non_null(got.err);
    return got;
}

static void output_and_exit_code(void **state)
{
    folder *f = *state;
    gw_proc_result got = run(
        f->arena, (gw_proc){.argv = SHELL("echo out; echo err >&2; exit 3"), .keep_output = true});
    assert_int_equal(got.exit_code, 3);
    assert_string_equal(got.out, "out\n");
    assert_string_equal(got.err, "err\n");
    got = run(f->arena, (gw_proc){.argv = SHELL("echo out; echo err >&2")});
    assert_int_equal(got.exit_code, 0);
    assert_string_equal(got.out, "");
    assert_string_equal(got.err, "");
}

static void much_on_every_stream_at_once(void **state)
{
    folder *f = *state;
    size_t len = 1000 * 1000;
    char *input = gw_alloc(f->arena, len + 1);
    memset(input, 'i', len);
    const char script[] = "head -c 300000 /dev/zero | tr '\\0' e >&2; cat; "
                          "head -c 300000 /dev/zero | tr '\\0' e >&2; cat /dev/fd/0";
    gw_proc_result got =
        run(f->arena, (gw_proc){.argv = SHELL(script), .input = input, .keep_output = true});
    assert_int_equal(got.exit_code, 0);
    assert_int_equal(strlen(got.out), len);
    assert_int_equal(strspn(got.out, "i"), len);
    assert_int_equal(strspn(got.err, "e"), 600000);
}

static void input_that_nobody_reads(void **state)
{
    folder *f = *state;
    char *input = gw_alloc(f->arena, 500001);
    memset(input, 'i', 500000);
    gw_proc_result got =
        run(f->arena,
            (gw_proc){.argv = SHELL("exec <&-; exit 4"), .input = input, .keep_output = true});
    assert_int_equal(got.exit_code, 4);
    /* Nothing of the broken pipe is left for the next to trip over. */
    sigset_t pending;
    assert_int_equal(sigpending(&pending), 0);
    assert_int_equal(sigismember(&pending, SIGPIPE), 0);
}

static void no_input_is_the_end_of_file(void **state)
{
    folder *f = *state;
    gw_proc_result got = run(f->arena, (gw_proc){.argv = ARGV("cat"), .keep_output = true});
    assert_int_equal(got.exit_code, 0);
    assert_string_equal(got.out, "");
    got = run(f->arena, (gw_proc){.argv = ARGV("cat"), .input = "", .keep_output = true});
    assert_string_equal(got.out, "");
}

static void a_killed_program(void **state)
{
    folder *f = *state;
    assert_int_equal(run(f->arena, (gw_proc){.argv = SHELL("kill -KILL $$")}).exit_code, 137);
    assert_int_equal(run(f->arena, (gw_proc){.argv = SHELL("kill -TERM $$")}).exit_code, 143);
}

static void environment(void **state)
{
    folder *f = *state;
    setenv("GW_KEPT", "kept", 1);
    setenv("GW_CHANGED", "old", 1);
    setenv("GW_GONE", "here", 1);
    setenv("GW_GONE_NOT", "prefix", 1);
    gw_proc_result got = run(
        f->arena,
        (gw_proc){.argv = SHELL("echo $GW_KEPT-$GW_CHANGED-${GW_GONE-unset}-$GW_GONE_NOT-$GW_NEW"),
                  .env = ARGV("GW_CHANGED=new", "GW_NEW=a=b c"),
                  .unset = ARGV("GW_GONE", "GW_NEVER"),
                  .keep_output = true});
    assert_string_equal(got.out, "kept-new-unset-prefix-a=b c\n");
    assert_string_equal(getenv("GW_CHANGED"), "old");
}

static void working_folder(void **state)
{
    folder *f = *state;
    char *real = realpath(f->path, NULL);
    gw_proc_result got =
        run(f->arena, (gw_proc){.argv = ARGV("pwd"), .dir = f->path, .keep_output = true});
    assert_string_equal(got.out, gw_printf(f->arena, "%s\n", real));
    free(real);
}

static void arguments_meet_no_shell(void **state)
{
    folder *f = *state;
    gw_proc_result got =
        run(f->arena, (gw_proc){.argv = ARGV("printf", "%s|", "a b", "$HOME", "*", "", "'\"`;"),
                                .keep_output = true});
    assert_string_equal(got.out, "a b|$HOME|*||'\"`;|");
}

static void check_cannot_start(folder *f, gw_proc proc, gw_err_kind kind, const char *why)
{
    gw_err err = {0};
    gw_proc_result got = {0};
    assert_false(gw_proc_run(f->arena, &proc, &got, &err));
    assert_int_equal(err.kind, kind);
    assert_holds(err.message, proc.argv[0]);
    assert_holds(err.detail, why);
    gw_err_clear(&err);
}

static void what_cannot_be_started(void **state)
{
    folder *f = *state;
    check_cannot_start(f, (gw_proc){.argv = ARGV("gw-no-such-program")}, GW_ERR_UNSUPPORTED,
                       "PATH");
    check_cannot_start(f, (gw_proc){.argv = ARGV("/no/such/program")}, GW_ERR_IO, "No such file");
    char *plain = in_folder(f, "plain");
    put_text(plain, "x");
    check_cannot_start(f, (gw_proc){.argv = ARGV(plain)}, GW_ERR_IO, "Permission denied");
    check_cannot_start(f, (gw_proc){.argv = ARGV("true"), .dir = "/no/such/folder"}, GW_ERR_IO,
                       "working folder");
    check_cannot_start(f, (gw_proc){.argv = ARGV("true"), .dir = plain}, GW_ERR_IO,
                       "working folder");
}

static void another_user(void **state)
{
    folder *f = *state;
    gw_proc proc = {.argv = SHELL("id -u; id -g; id -G"),
                    .dir = "/",
                    .keep_output = true,
                    .switch_user = true,
                    .uid = 65534,
                    .gid = 65534};
    if (geteuid() == 0)
        assert_string_equal(run(f->arena, proc).out, "65534\n65534\n65534\n");
    else
        check_cannot_start(f, proc, GW_ERR_IO, "setgroups");
}

/* Nothing of ours is open in the child, not even what a library opened carelessly. */
static void descriptors_stay_here(void **state)
{
    folder *f = *state;
    int careless = open("/dev/null", O_RDONLY | O_CLOEXEC);
    assert_true(careless >= 0);
    assert_int_equal(dup2(careless, 77), 77); /* without close-on-exec */
    close(careless);
    gw_proc_result got = run(
        f->arena, (gw_proc){.argv = SHELL("test -e /proc/$$/fd/1 && test ! -e /proc/$$/fd/77")});
    close(77);
    assert_int_equal(got.exit_code, 0);
}

static size_t open_descriptors(void)
{
    size_t count = 0;
    DIR *dir = opendir("/proc/self/fd");
    assert_non_null(dir);
    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}

static void nothing_stays_open(void **state)
{
    folder *f = *state;
    size_t before = open_descriptors();
    run(f->arena, (gw_proc){.argv = ARGV("cat"), .input = "x", .keep_output = true});
    run(f->arena, (gw_proc){.argv = ARGV("true"), .inherit_io = true});
    check_cannot_start(f, (gw_proc){.argv = ARGV("/no/such"), .input = "x", .keep_output = true},
                       GW_ERR_IO, "No such file");
    assert_int_equal(open_descriptors(), before);
}

static void signals_are_as_at_first(void **state)
{
    folder *f = *state;
    sigset_t some, before, after;
    sigemptyset(&some);
    sigaddset(&some, SIGTERM);
    sigaddset(&some, SIGINT);
    signal(SIGHUP, SIG_IGN);
    pthread_sigmask(SIG_BLOCK, &some, &before);
    gw_proc_result got =
        run(f->arena,
            (gw_proc){.argv = ARGV("grep", "^Sig[BI]", "/proc/self/status"), .keep_output = true});
    pthread_sigmask(SIG_SETMASK, &before, &after);
    signal(SIGHUP, SIG_DFL);
    unsigned long long blocked = ~0ULL, ignored = ~0ULL;
    assert_int_equal(sscanf(got.out, "SigBlk: %llx SigIgn: %llx", &blocked, &ignored), 2);
    assert_int_equal(blocked, 0);
    /* Signals 32 and 33 are the C library's own; make, for one, hands them down ignored. */
    assert_int_equal(ignored & 0x7fffffff, 0);
    assert_int_equal(sigismember(&after, SIGTERM), 1);
    assert_int_equal(sigismember(&after, SIGPIPE), 0);
}

/* A server left behind holds the streams; the wait is for the program that started it. */
static void what_is_left_behind_is_not_waited_for(void **state)
{
    folder *f = *state;
    gw_proc_result got =
        run(f->arena, (gw_proc){.argv = SHELL("sleep 600 & echo $!"), .keep_output = true});
    pid_t left = (pid_t)strtol(got.out, NULL, 10);
    assert_true(left > 1);
    assert_int_equal(kill(left, 0), 0);
    assert_int_equal(kill(left, SIGKILL), 0);
}

static void interactive_has_our_streams(void **state)
{
    folder *f = *state;
    char *path = in_folder(f, "out");
    fflush(NULL);
    int saved = dup(1), to = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    assert_true(saved > 0 && to > 0);
    dup2(to, 1);
    gw_err err = {0};
    gw_proc_result got = {0};
    bool ok = gw_proc_run(
        f->arena, &(gw_proc){.argv = SHELL("echo here; exit 6"), .inherit_io = true}, &got, &err);
    dup2(saved, 1);
    close(saved);
    close(to);
    assert_true(ok);
    assert_int_equal(got.exit_code, 6);
    gw_file_text text;
    assert_true(gw_file_read(f->arena, path, 0, &text, &err));
    assert_string_equal(text.data, "here\n");
}

typedef struct stopper {
    const char *ready, *go; /* named pipes */
    int requests;
    gw_cancel cancel;
} stopper;

/* Waits until the program says that it is ready, then asks for the stop. */
static void *stop_when_ready(void *arg)
{
    stopper *s = arg;
    char byte;
    int fd = open(s->ready, O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && read(fd, &byte, 1) == 1)
        for (int i = 0; i < s->requests; i++)
            gw_cancel_request(&s->cancel);
    close(fd);
    fd = s->go ? open(s->go, O_WRONLY | O_CLOEXEC) : -1;
    if (fd >= 0) {
        ssize_t n = write(fd, "x\n", 2);
        (void)n;
        close(fd);
    }
    return NULL;
}

static gw_proc_result run_and_stop(folder *f, stopper *s, const char *script, bool wake_fd)
{
    s->ready = in_folder(f, "ready");
    assert_int_equal(mkfifo(s->ready, 0600), 0);
    gw_cancel_init(&s->cancel);
    if (!wake_fd)
        gw_cancel_close(&s->cancel);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, stop_when_ready, s), 0);
    gw_proc_result got =
        run(f->arena,
            (gw_proc){
                .argv = SHELL(script), .dir = f->path, .keep_output = true, .cancel = &s->cancel});
    pthread_join(thread, NULL);
    gw_cancel_close(&s->cancel);
    unlink(s->ready);
    return got;
}

static void level_2_ends_it(void **state)
{
    folder *f = *state;
    for (int wake_fd = 0; wake_fd < 2; wake_fd++) {
        stopper s = {.requests = 2};
        assert_int_equal(run_and_stop(f, &s, "echo > ready; exec sleep 600", wake_fd).exit_code,
                         128 + SIGTERM);
    }
}

static void level_2_ends_its_children(void **state)
{
    folder *f = *state;
    stopper s = {.requests = 2};
    /* The shell outlives the signal and sees its child go; else it is killed with it. */
    const char script[] = "trap : TERM; sh -c 'echo > ready; exec sleep 600' & "
                          "while kill -0 $! 2>/dev/null; do wait $!; done; echo gone";
    gw_proc_result got = run_and_stop(f, &s, script, true);
    assert_int_equal(got.exit_code, 0);
    assert_string_equal(got.out, "gone\n");
}

static void level_2_kills_what_will_not_end(void **state)
{
    folder *f = *state;
    stopper s = {.requests = 2};
    assert_int_equal(
        run_and_stop(f, &s, "trap '' TERM; echo > ready; while :; do sleep 600; done", true)
            .exit_code,
        128 + SIGKILL);
}

static void level_1_lets_it_finish(void **state)
{
    folder *f = *state;
    stopper s = {.requests = 1, .go = in_folder(f, "go")};
    assert_int_equal(mkfifo(s.go, 0600), 0);
    gw_proc_result got = run_and_stop(f, &s, "echo > ready; read x < go; echo done", true);
    assert_int_equal(got.exit_code, 0);
    assert_string_equal(got.out, "done\n");
    assert_int_equal(gw_cancel_level(&s.cancel), 1);
}

static void its_time_is_over(void **state)
{
    folder *f = *state;
    /* It will not end when it is asked to, and has a child that holds its streams. */
    const char *text = "trap '' TERM; echo begun; sleep 1000 & sleep 1000";
    gw_proc_result got = run(f->arena, (gw_proc){.argv = ARGV("sh", "-c", text), .keep_output = true, .most_ms = 300});
    assert_true(got.late);
    assert_int_equal(got.exit_code, 128 + SIGKILL);
    got = run(f->arena, (gw_proc){.argv = ARGV("sh", "-c", "echo done"), .keep_output = true, .most_ms = 600000});
    assert_false(got.late);
    assert_string_equal(got.out, "done\n");
}

static void programs_are_looked_up(void **state)
{
    folder *f = *state;
    char *program = in_folder(f, "bin/tool"), *before = gw_strdup(f->arena, getenv("PATH"));
    gw_err err = {0};
    assert_true(gw_file_make_dirs(in_folder(f, "bin/folder"), 0755, &err));
    put_text(program, "#!/bin/sh\necho found\n");
    put_text(in_folder(f, "bin/plain"), "x");
    assert_int_equal(chmod(program, 0755), 0);
    setenv("PATH", gw_printf(f->arena, "/no/such:%s:%s", in_folder(f, "bin"), before), 1);
    assert_string_equal(gw_proc_which(f->arena, "tool"), program);
    assert_string_equal(gw_proc_which(f->arena, program), program);
    assert_null(gw_proc_which(f->arena, "plain"));
    assert_null(gw_proc_which(f->arena, "folder"));
    assert_null(gw_proc_which(f->arena, "gw-no-such-program"));
    assert_null(gw_proc_which(f->arena, ""));
    assert_string_equal(run(f->arena, (gw_proc){.argv = ARGV("tool"), .keep_output = true}).out,
                        "found\n");
    unsetenv("PATH");
    assert_null(gw_proc_which(f->arena, "tool"));
    /* The PATH that it is given counts, not ours. */
    gw_proc_result got =
        run(f->arena, (gw_proc){.argv = ARGV("tool"),
                                .env = ARGV(gw_printf(f->arena, "PATH=%s", in_folder(f, "bin"))),
                                .keep_output = true});
    setenv("PATH", before, 1);
    assert_string_equal(got.out, "found\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_folder(output_and_exit_code),
        with_folder(much_on_every_stream_at_once),
        with_folder(input_that_nobody_reads),
        with_folder(no_input_is_the_end_of_file),
        with_folder(a_killed_program),
        with_folder(environment),
        with_folder(working_folder),
        with_folder(arguments_meet_no_shell),
        with_folder(what_cannot_be_started),
        with_folder(another_user),
        with_folder(descriptors_stay_here),
        with_folder(nothing_stays_open),
        with_folder(signals_are_as_at_first),
        with_folder(what_is_left_behind_is_not_waited_for),
        with_folder(interactive_has_our_streams),
        with_folder(level_2_ends_it),
        with_folder(level_2_ends_its_children),
        with_folder(level_2_kills_what_will_not_end),
        with_folder(level_1_lets_it_finish),
        with_folder(its_time_is_over),
        with_folder(programs_are_looked_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
