#include "base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/vec.h"

/* Where the child failed between fork and exec; it tells us through a pipe. */
enum step { STEP_DIR, STEP_GROUPS, STEP_GID, STEP_UID, STEP_STREAMS, STEP_EXEC };

static const char *const step_names[] = {
    [STEP_DIR] = "its working folder could not be entered",
    [STEP_GROUPS] = "setgroups failed",
    [STEP_GID] = "setgid failed",
    [STEP_UID] = "setuid failed",
    [STEP_STREAMS] = "its streams could not be set up",
    [STEP_EXEC] = "it could not be executed",
};

struct report {
    int step, code;
};

enum { IN, OUT, ERR, STREAMS };

/* One run. Every descriptor is close-on-exec and -1 where it is closed or not there. */
typedef struct running {
    const gw_proc *proc;
    const char *path; /* of the program, resolved before fork */
    char *const *env;
    int child[STREAMS]; /* the child's ends */
    int ours[STREAMS];  /* our ends; non-blocking */
    int report_read, report_write;
    pid_t pid;
    int pidfd;
    const unsigned char *input;
    size_t input_done, input_len;
    bool stopped; /* take or give said no */
    int64_t late_at_us; /* 0 = never */
    bool late;
    gw_buf text[STREAMS]; /* what came from OUT and ERR */
    int status;           /* of waitpid */
    int64_t kill_at_us;   /* when SIGTERM becomes SIGKILL; 0 = not asked to end */
    bool killed;
} running;

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static void close_all(running *run)
{
    for (int i = 0; i < STREAMS; i++) {
        close_fd(&run->child[i]);
        close_fd(&run->ours[i]);
    }
    close_fd(&run->report_read);
    close_fd(&run->report_write);
    close_fd(&run->pidfd);
}

/* Off 0 to 2, where a program that was started without its streams would get one. */
static bool lift(int *fd)
{
    if (*fd < 0 || *fd > 2)
        return *fd >= 0;
    int lifted = fcntl(*fd, F_DUPFD_CLOEXEC, 3);
    close(*fd);
    *fd = lifted;
    return lifted >= 0;
}

static bool make_pipe(int *read_end, int *write_end)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    *read_end = ends[0];
    *write_end = ends[1];
    return lift(read_end) && lift(write_end);
}

static bool open_null(int *fd)
{
    *fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    return lift(fd);
}

static bool open_streams(running *run)
{
    const gw_proc *proc = run->proc;
    if (!make_pipe(&run->report_read, &run->report_write))
        return false;
    if (proc->inherit_io)
        return true;
    bool ok = proc->input || proc->give ? make_pipe(&run->child[IN], &run->ours[IN]) : open_null(&run->child[IN]);
    for (int i = OUT; ok && i <= ERR; i++)
        ok = proc->keep_output ? make_pipe(&run->ours[i], &run->child[i])
                               : open_null(&run->child[i]);
    for (int i = 0; ok && i < STREAMS; i++)
        if (run->ours[i] >= 0)
            ok = fcntl(run->ours[i], F_SETFL, O_NONBLOCK) == 0;
    return ok;
}

/* ---- the child: async-signal-safe calls only, since other threads may hold any lock ---- */

static _Noreturn void give_up(const running *run, enum step step)
{
    struct report report = {.step = (int)step, .code = errno};
    ssize_t written = write(run->report_write, &report, sizeof report);
    (void)written;
    _exit(127);
}

static void reset_signals(void)
{
    for (int sig = 1; sig < NSIG; sig++)
        if (sig != SIGKILL && sig != SIGSTOP)
            signal(sig, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void run_child(const running *run)
{
    const gw_proc *proc = run->proc;
    reset_signals();
    if (!proc->inherit_io) {
        /* A session of its own: Ctrl-C at the terminal reaches us alone, a password prompt finds
         * no terminal to wait at, and its children can be ended with it. */
        setsid();
        for (int i = 0; i < STREAMS; i++)
            if (dup2(run->child[i], i) < 0)
                give_up(run, STEP_STREAMS);
    }
    if (proc->switch_user) {
        if (setgroups(0, NULL) != 0)
            give_up(run, STEP_GROUPS);
        if (setgid(proc->gid) != 0)
            give_up(run, STEP_GID);
        if (setuid(proc->uid) != 0)
            give_up(run, STEP_UID);
    }
    if (proc->dir && chdir(proc->dir) != 0)
        give_up(run, STEP_DIR);
    /* Descriptors that a library opened without close-on-exec. */
    close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
    union {
        const char *const *in;
        char *const *out;
    } argv = {.in = proc->argv};
    execve(run->path, argv.out, run->env);
    give_up(run, STEP_EXEC);
}

/* ---- before the fork ---- */

static bool names(const char *entry, const char *name, size_t len)
{
    return strncmp(entry, name, len) == 0 && entry[len] == '=';
}

static bool replaced(const gw_proc *proc, const char *entry)
{
    for (size_t i = 0; proc->unset && proc->unset[i]; i++)
        if (names(entry, proc->unset[i], strlen(proc->unset[i])))
            return true;
    for (size_t i = 0; proc->env && proc->env[i]; i++) {
        const char *equals = strchr(proc->env[i], '=');
        if (equals && names(entry, proc->env[i], (size_t)(equals - proc->env[i])))
            return true;
    }
    return false;
}

static char **build_env(gw_arena *arena, const gw_proc *proc)
{
    GW_VEC(char *) list = {0};
    for (char **entry = environ; entry && *entry; entry++)
        if (!replaced(proc, *entry))
            *gw_vec_push(arena, &list) = gw_strdup(arena, *entry);
    for (size_t i = 0; proc->env && proc->env[i]; i++)
        *gw_vec_push(arena, &list) = gw_strdup(arena, proc->env[i]);
    gw_vec_push(arena, &list);
    return list.items;
}

static bool is_program(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

static char *look_up(gw_arena *arena, const char *path, const char *name)
{
    if (!*name)
        return NULL;
    if (strchr(name, '/'))
        return is_program(name) ? gw_strdup(arena, name) : NULL;
    for (const char *dir = path; dir;) {
        const char *colon = strchr(dir, ':');
        size_t len = colon ? (size_t)(colon - dir) : strlen(dir);
        /* An empty entry means the working folder. */
        char *full = len ? gw_path_join(arena, gw_strndup(arena, dir, len), name)
                         : gw_printf(arena, "./%s", name);
        if (is_program(full))
            return full;
        dir = colon ? colon + 1 : NULL;
    }
    return NULL;
}

char *gw_proc_which(gw_arena *arena, const char *name)
{
    return look_up(arena, getenv("PATH"), name);
}

static bool resolve(gw_arena *arena, running *run, gw_err *err)
{
    const char *name = run->proc->argv[0];
    const char *path = NULL;
    for (char *const *entry = run->env; *entry; entry++)
        if (names(*entry, "PATH", 4))
            path = *entry + 5;
    /* A name with a slash goes to exec as it is, whose error says what is wrong with it. */
    run->path = strchr(name, '/') ? name : look_up(arena, path, name);
    if (run->path)
        return true;
    gw_err_set(err, GW_ERR_UNSUPPORTED, "cannot start %s", name);
    gw_err_detail(err, "there is no such program in PATH");
    return gw_err_hint(err, "install it, or add its folder to PATH");
}

/* ---- after the fork ---- */

static bool wait_blocking(running *run)
{
    pid_t got;
    do
        got = waitpid(run->pid, &run->status, 0);
    while (got < 0 && errno == EINTR);
    return got == run->pid;
}

/* The report pipe closes at exec; what comes through it before is the reason of a failure. */
static bool started(running *run, gw_err *err)
{
    struct report report;
    ssize_t n;
    do
        n = read(run->report_read, &report, sizeof report);
    while (n < 0 && errno == EINTR);
    close_fd(&run->report_read);
    if (n != (ssize_t)sizeof report)
        return true;
    wait_blocking(run);
    gw_err_errno(err, report.code, "cannot start %s", run->proc->argv[0]);
    gw_err_detail(err, "%s: %s", step_names[report.step], strerror(report.code));
    if (report.step == STEP_DIR)
        gw_err_object(err, "%s", run->proc->dir);
    if (report.step == STEP_GROUPS || report.step == STEP_GID || report.step == STEP_UID)
        gw_err_hint(err, "only root may run a program as another user");
    return false;
}

static void write_input(running *run)
{
    const gw_proc *proc = run->proc;
    if (proc->give && run->input_done == run->input_len) {
        run->input_done = run->input_len = 0;
        if (!proc->give(proc->self, &run->input, &run->input_len)) {
            run->stopped = true; /* its end must not look like the end of all */
            return;
        }
    }
    ssize_t n = write(run->ours[IN], run->input + run->input_done, run->input_len - run->input_done);
    if (n > 0)
        run->input_done += (size_t)n;
    bool broken = n < 0 && errno != EAGAIN && errno != EINTR;
    bool all = run->input_done == run->input_len && (!proc->give || !run->input_len);
    if (broken || all)
        close_fd(&run->ours[IN]); /* a program need not read all that it is given */
}

static void take_output(running *run, int stream, const char *piece, size_t len)
{
    const gw_proc *proc = run->proc;
    if (stream != OUT || !proc->take)
        gw_buf_addn(&run->text[stream], piece, len);
    else if (!run->stopped && !proc->take(proc->self, piece, len))
        run->stopped = true;
}

/* Reads until there is nothing more at the moment. */
static void read_output(running *run, int stream)
{
    char piece[64 * 1024];
    for (;;) {
        ssize_t n = read(run->ours[stream], piece, sizeof piece);
        if (n > 0) {
            take_output(run, stream, piece, (size_t)n);
            continue;
        }
        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0 || errno != EAGAIN)
            close_fd(&run->ours[stream]);
        return;
    }
}

static void send_signal(const running *run, int sig)
{
    /* The child leads its session, so its group is its own; the interactive one shares ours. */
    if (run->proc->inherit_io || kill(-run->pid, sig) != 0)
        kill(run->pid, sig);
}

static void end_if_asked(running *run)
{
    enum { GRACE_US = 2 * 1000 * 1000 };
    if (run->killed)
        return;
    run->late = run->late_at_us && gw_monotonic_us() >= run->late_at_us;
    if (run->stopped || run->late) {
        run->killed = true;
        send_signal(run, SIGKILL);
        return;
    }
    if (gw_cancel_level(run->proc->cancel) < 2)
        return;
    int64_t now = gw_monotonic_us();
    if (!run->kill_at_us) {
        run->kill_at_us = now + GRACE_US;
        send_signal(run, SIGTERM);
    } else if (now >= run->kill_at_us) {
        run->killed = true;
        send_signal(run, SIGKILL);
    }
}

static void wait_for_something(running *run)
{
    enum { TICK_MS = 20 };
    const gw_cancel *cancel = run->proc->cancel;
    struct pollfd fds[STREAMS + 2];
    nfds_t count = 0;
    for (int i = 0; i < STREAMS; i++)
        if (run->ours[i] >= 0)
            fds[count++] =
                (struct pollfd){.fd = run->ours[i], .events = i == IN ? POLLOUT : POLLIN};
    /* The wake descriptor stays readable from level 1 on, so level 2 is looked for by the clock. */
    bool watch_wake = cancel && cancel->wake_fd >= 0 && gw_cancel_level(cancel) == 0;
    if (watch_wake)
        fds[count++] = (struct pollfd){.fd = cancel->wake_fd, .events = POLLIN};
    if (run->pidfd >= 0)
        fds[count++] = (struct pollfd){.fd = run->pidfd, .events = POLLIN};
    bool by_clock = run->pidfd < 0 || (cancel && !watch_wake) || (run->late_at_us && !run->killed);
    poll(fds, count, by_clock ? TICK_MS : -1);
}

/* The child's end, not the end of its streams: a server that it leaves behind may hold those. */
static bool attend(running *run)
{
    for (;;) {
        pid_t got = waitpid(run->pid, &run->status, WNOHANG);
        for (int i = OUT; i <= ERR; i++)
            if (run->ours[i] >= 0)
                read_output(run, i);
        if (got == run->pid)
            return true;
        if (got < 0 && errno != EINTR)
            return false;
        if (run->ours[IN] >= 0)
            write_input(run);
        end_if_asked(run);
        wait_for_something(run);
    }
}

static bool start_and_attend(running *run, gw_err *err)
{
    const char *name = run->proc->argv[0];
    if (!open_streams(run))
        return gw_err_errno(err, errno, "cannot start %s", name);
    run->pid = fork();
    if (run->pid < 0)
        return gw_err_errno(err, errno, "cannot start %s", name);
    if (run->pid == 0)
        run_child(run);
    run->pidfd = pidfd_open(run->pid, 0);
    for (int i = 0; i < STREAMS; i++)
        close_fd(&run->child[i]);
    close_fd(&run->report_write);
    if (!started(run, err))
        return false;
    if (!attend(run))
        return gw_err_errno(err, errno, "cannot wait for %s", name);
    return true;
}

/* A child that stops reading must not end us: SIGPIPE is kept from this thread meanwhile. */
static bool without_sigpipe(running *run, gw_err *err)
{
    sigset_t pipe_only, before, pending;
    sigemptyset(&pipe_only);
    sigaddset(&pipe_only, SIGPIPE);
    sigpending(&pending);
    bool was_pending = sigismember(&pending, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_only, &before);
    bool ok = start_and_attend(run, err);
    const struct timespec now = {0};
    while (!was_pending && sigtimedwait(&pipe_only, NULL, &now) < 0 && errno == EINTR) {
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return ok;
}

bool gw_proc_run(gw_arena *arena, const gw_proc *proc, gw_proc_result *out, gw_err *err)
{
    running run = {.proc = proc,
                   .child = {-1, -1, -1},
                   .ours = {-1, -1, -1},
                   .report_read = -1,
                   .report_write = -1,
                   .pidfd = -1,
                   .input = (const unsigned char *)proc->input,
                   .input_len = proc->input ? strlen(proc->input) : 0,
                   .late_at_us = proc->most_ms ? gw_monotonic_us() + proc->most_ms * 1000 : 0,
                   .text = {GW_BUF(arena), GW_BUF(arena), GW_BUF(arena)}};
    run.env = build_env(arena, proc);
    if (!resolve(arena, &run, err))
        return false;
    bool ok = without_sigpipe(&run, err);
    close_all(&run);
    if (!ok)
        return false;
    out->exit_code = WIFSIGNALED(run.status) ? 128 + WTERMSIG(run.status) : WEXITSTATUS(run.status);
    gw_buf_add(&run.text[OUT], "");
    gw_buf_add(&run.text[ERR], "");
    out->stopped = run.stopped;
    out->late = run.late;
    out->out = run.text[OUT].data;
    out->err = run.text[ERR].data;
    return true;
}
