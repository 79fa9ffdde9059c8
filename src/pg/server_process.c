/* The server as a process: finding it, starting it so that it outlives us. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/file.h"
#include "pg/server_internal.h"

/* A zombie that nobody has waited for (PID 1 of a container) is gone too. */
bool gw_process_gone(pid_t pid)
{
    char path[64], text[512];
    if (kill(pid, 0) != 0 && errno == ESRCH)
        return true;
    snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT;
    ssize_t len = read(fd, text, sizeof text - 1);
    close(fd);
    if (len <= 0)
        return true;
    text[len] = '\0';
    const char *name_end = strrchr(text, ')');
    return name_end && name_end[1] == ' ' && (name_end[2] == 'Z' || name_end[2] == 'X');
}

/* A cluster as the kernel and as `ps` know it. */
typedef struct cluster {
    struct stat st;
    const char *data, *title;
} cluster;

static bool cluster_of(gw_arena *arena, const char *data, cluster *out)
{
    out->data = data;
    out->title = gw_printf(arena, "postgres: %s: ", gw_server_title(arena, data));
    return stat(data, &out->st) == 0;
}

/* A container's root may not look into the processes of others, but may read their words: the
 * postmaster was started with its folder, the rest bear the cluster's name. */
static bool says_it_works_in(pid_t pid, const cluster *of)
{
    char path[64], words[PATH_MAX + 256];
    struct stat st;
    snprintf(path, sizeof path, "/proc/%ld", (long)pid);
    if (stat(path, &st) != 0 || st.st_uid != of->st.st_uid)
        return false;
    snprintf(path, sizeof path, "/proc/%ld/cmdline", (long)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? -1 : read(fd, words, sizeof words - 1);
    if (fd >= 0)
        close(fd);
    if (len <= 0)
        return false;
    words[len] = '\0';
    if (strncmp(words, of->title, strlen(of->title)) == 0)
        return true;
    if (strcmp(gw_path_base(words), "postgres") != 0)
        return false;
    for (const char *word = words; word < words + len; word += strlen(word) + 1)
        if (strcmp(word, of->data) == 0)
            return true;
    return false;
}

/* Every process of a cluster has its data folder as working folder, and is a `postgres`. */
static bool works_in(pid_t pid, const cluster *of)
{
    char path[64], program[PATH_MAX];
    struct stat st;
    snprintf(path, sizeof path, "/proc/%ld/cwd", (long)pid);
    if (stat(path, &st) != 0)
        return (errno == EACCES || errno == EPERM) && says_it_works_in(pid, of);
    if (st.st_dev != of->st.st_dev || st.st_ino != of->st.st_ino)
        return false;
    snprintf(path, sizeof path, "/proc/%ld/exe", (long)pid);
    ssize_t len = readlink(path, program, sizeof program - 1);
    if (len < 0)
        return false;
    program[len] = '\0';
    /* An upgrade leaves " (deleted)" behind the name. */
    return strncmp(gw_path_base(program), "postgres", strlen("postgres")) == 0;
}

void gw_server_processes(gw_arena *arena, const char *data, gw_pids *out)
{
    cluster of;
    DIR *dir = cluster_of(arena, data, &of) ? opendir("/proc") : NULL;
    if (!dir)
        return;
    for (struct dirent *entry; (entry = readdir(dir));) {
        pid_t pid = (pid_t)atol(entry->d_name);
        if (isdigit((unsigned char)*entry->d_name) && works_in(pid, &of) && !gw_process_gone(pid))
            *gw_vec_push(arena, out) = pid;
    }
    closedir(dir);
}

/* Line `number` (from 1) of postmaster.pid, or NULL. */
static char *pid_file_line(gw_arena *arena, const char *text, unsigned number)
{
    while (--number && text) {
        text = strchr(text, '\n');
        text = text ? text + 1 : NULL;
    }
    return text && *text ? gw_strndup(arena, text, strcspn(text, "\r\n")) : NULL;
}

static long parent_of(gw_arena *arena, pid_t pid)
{
    gw_file_text text;
    gw_err ignored = {0};
    long parent = 0;
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
    if (gw_file_read(arena, path, 0, &text, &ignored)) {
        const char *name_end = strrchr(text.data, ')');
        char *rest = NULL;
        if (name_end && name_end[1] == ' ' && name_end[2])
            parent = strtol(name_end + 3, &rest, 10);
    }
    gw_err_clear(&ignored);
    return parent;
}

/* Orphans of a killed server still bear the names of what they were. */
static bool bears_a_title(gw_arena *arena, pid_t pid)
{
    gw_file_text words;
    gw_err ignored = {0};
    char path[64];
    snprintf(path, sizeof path, "/proc/%ld/cmdline", (long)pid);
    bool titled = gw_file_read(arena, path, 0, &words, &ignored) &&
                  strncmp(words.data, "postgres: ", strlen("postgres: ")) == 0;
    gw_err_clear(&ignored);
    return titled;
}

/* Of the processes that work in the folder, the one that started the others; 0: none of them. */
static pid_t postmaster_among(gw_arena *arena, const char *data)
{
    gw_pids pids = {0};
    gw_server_processes(arena, data, &pids);
    for (size_t i = 0; i < pids.len; i++) {
        long parent = parent_of(arena, pids.items[i]);
        bool child = bears_a_title(arena, pids.items[i]);
        for (size_t k = 0; k < pids.len && !child; k++)
            child = pids.items[k] == (pid_t)parent;
        if (!child)
            return pids.items[i];
    }
    return 0;
}

gw_postmaster gw_postmaster_read(gw_arena *arena, const char *data)
{
    enum { PID = 1, SOCKET = 5, STATUS = 8, LIMIT = 65536 };
    const char *path = gw_path_join(arena, data, "postmaster.pid");
    gw_postmaster out = {0};
    gw_file_text text;
    gw_err ignored = {0};
    cluster of;
    struct stat st;
    if (gw_file_read(arena, path, LIMIT, &text, &ignored)) {
        const char *pid = pid_file_line(arena, text.data, PID);
        out.pid = pid ? (pid_t)labs(atol(pid)) : 0;
        out.broken = out.pid <= 0;
    } else {
        out.broken = lstat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > LIMIT;
        gw_err_clear(&ignored);
    }
    if (out.broken) {
        out.pid = postmaster_among(arena, data);
        out.alive = out.pid > 0;
        return out;
    }
    if (out.pid <= 0 || !cluster_of(arena, data, &of))
        return out;
    const char *status = pid_file_line(arena, text.data, STATUS);
    out.socket_dir = pid_file_line(arena, text.data, SOCKET);
    out.alive = !gw_process_gone(out.pid) && works_in(out.pid, &of);
    out.foreign = !out.alive && (kill(out.pid, 0) == 0 || errno == EPERM);
    out.ready = out.alive && status && strncmp(status, "ready", strlen("ready")) == 0;
    return out;
}

char *gw_server_title(gw_arena *arena, const char *data)
{
    char *hash = gw_digest_hex(arena, GW_SHA256, data, strlen(data));
    return gw_printf(arena, "godwit-%.12s", hash);
}

const char *const *gw_server_env(gw_arena *arena, const gw_server_user *user)
{
    /* TZ and LANG shape messages; the rest is what a program cannot run without. */
    static const char *const kept[] = {"PATH", "LANG", "TZ", "TMPDIR", "LD_LIBRARY_PATH", NULL};
    GW_VEC(const char *) env = {0};
    for (size_t i = 0; kept[i]; i++) {
        const char *value = getenv(kept[i]);
        if (value && *value)
            *gw_vec_push(arena, &env) = gw_printf(arena, "%s=%s", kept[i], value);
    }
    *gw_vec_push(arena, &env) = gw_printf(arena, "USER=%s", user->name);
    *gw_vec_push(arena, &env) = "HOME=/";
    *gw_vec_push(arena, &env) = NULL;
    return env.items;
}

enum { REPORT_FD = 3 };

/* After fork: only what is safe there. Tells the reason over REPORT_FD and ends where it fails. */
static _Noreturn void become_server(const gw_spawn *spawn)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    for (int sig = 1; sig < NSIG; sig++)
        signal(sig, SIG_DFL);
    int null = open("/dev/null", O_RDONLY);
    bool ok = null >= 0 && dup2(null, 0) == 0 && dup2(spawn->output, 1) == 1 &&
              dup2(spawn->output, 2) == 2 && chdir("/") == 0;
    if (ok && spawn->user->switched)
        ok = setgroups(0, NULL) == 0 &&
             setresgid(spawn->user->gid, spawn->user->gid, spawn->user->gid) == 0 &&
             setresuid(spawn->user->uid, spawn->user->uid, spawn->user->uid) == 0;
    if (ok) {
        umask(077);
        if (syscall(SYS_close_range, REPORT_FD + 1, ~0U, 0) != 0)
            for (int fd = REPORT_FD + 1; fd < 1024; fd++)
                close(fd);
        if (spawn->fence) {
            gw_fence_enter(spawn->fence);
            gw_fence_exec(spawn->argv, spawn->env);
        } else {
            execve(spawn->argv[0], (char *const *)(uintptr_t)spawn->argv,
                   (char *const *)(uintptr_t)spawn->env);
        }
    }
    int code = -errno;
    ssize_t written = write(REPORT_FD, &code, sizeof code);
    (void)written;
    _exit(127);
}

/* Between us and the server: its end makes the server an orphan, so that nobody has to wait for
 * it. The report starts with the server's pid. */
static _Noreturn void be_parent(const gw_spawn *spawn, int report)
{
    setsid();
    int output = fcntl(spawn->output, F_DUPFD_CLOEXEC, 10);
    int lifted = fcntl(report, F_DUPFD_CLOEXEC, 10);
    gw_spawn moved = *spawn;
    moved.output = output;
    if (output < 0 || lifted < 0 || dup3(lifted, REPORT_FD, O_CLOEXEC) != REPORT_FD)
        _exit(127);
    pid_t server = fork();
    if (server == 0)
        become_server(&moved);
    int said = (int)server;
    bool told = server > 0 && write(REPORT_FD, &said, sizeof said) == (ssize_t)sizeof said;
    _exit(told ? 0 : 127);
}

/* The pid comes from who forked, the errno of a failed exec, negative, from who was forked. */
static int read_reports(int fd, int numbers[2])
{
    int count = 0;
    while (count < 2) {
        ssize_t n = read(fd, &numbers[count], sizeof numbers[count]);
        if (n < 0 && errno == EINTR)
            continue;
        if (n != (ssize_t)sizeof numbers[count])
            break;
        count++;
    }
    return count;
}

bool gw_server_spawn(const gw_spawn *spawn, pid_t *pid, gw_err *err)
{
    int ends[2], numbers[2] = {0};
    if (pipe2(ends, O_CLOEXEC) != 0)
        return gw_err_errno(err, errno, "cannot start %s", spawn->argv[0]);
    pid_t child = fork();
    if (child == 0)
        be_parent(spawn, ends[1]);
    int code = errno;
    close(ends[1]);
    if (child < 0) {
        close(ends[0]);
        return gw_err_errno(err, code, "cannot start %s", spawn->argv[0]);
    }
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
        continue;
    int count = read_reports(ends[0], numbers);
    close(ends[0]);
    code = EAGAIN;
    for (int i = 0; i < count; i++)
        if (numbers[i] < 0)
            code = -numbers[i];
    if (count != 1 || numbers[0] <= 0)
        return gw_err_errno(err, code, "cannot start %s", spawn->argv[0]);
    *pid = numbers[0];
    return true;
}
