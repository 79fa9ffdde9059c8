/*
 * The fence of a disposable server. A statement can hide what it does (EXECUTE in a function), so
 * the kernel is asked to refuse: connect() and execve() by seccomp, files by Landlock. All
 * processes of the server inherit it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>

#include "base/file.h"
#include "pg/server_internal.h"

#if defined(__x86_64__)
#define FENCE_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define FENCE_ARCH AUDIT_ARCH_AARCH64
#endif

struct gw_fence {
    const char *owned[6];    /* read and written; NULL at the end */
    const char *readable[16];
};

gw_fence *gw_fence_new(gw_arena *arena, const char *data, const char *socket_dir,
                       const char *bindir)
{
    gw_fence *fence = gw_alloc(arena, sizeof *fence);
    *fence = (gw_fence){
        .owned = {data, socket_dir, "/dev/null"},
        /* The programs, their libraries and extensions, time zones, locales. */
        .readable = {gw_path_dir(arena, bindir), "/usr", "/lib", "/lib64", "/opt", "/nix",
                     "/etc/ld.so.cache", "/etc/localtime", "/etc/timezone", "/etc/ssl",
                     "/etc/nsswitch.conf", "/etc/passwd", "/proc", "/sys", "/dev/urandom"},
    };
    return fence;
}

/* ---- Landlock: files ------------------------------------------------------------------- */

#define READS LANDLOCK_ACCESS_FS_READ_FILE
#define WRITES                                                                                     \
    (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |                               \
     LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR | \
     LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |   \
     LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM)
/* Of the second and third version of Landlock; headers may be older than the kernel. */
#define REFER (1ULL << 13)
#define TRUNCATE (1ULL << 14)
#define OF_FILES (READS | LANDLOCK_ACCESS_FS_WRITE_FILE | TRUNCATE)

static int landlock_version(void)
{
    return (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

bool gw_fence_files_work(void)
{
    return landlock_version() > 0;
}

static void allow(int rules, const char *path, __u64 access)
{
    struct stat st;
    struct landlock_path_beneath_attr beneath = {.allowed_access = access};
    beneath.parent_fd = open(path, O_PATH | O_CLOEXEC);
    if (beneath.parent_fd < 0)
        return;
    if (fstat(beneath.parent_fd, &st) == 0 && !S_ISDIR(st.st_mode))
        beneath.allowed_access &= OF_FILES;
    syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0);
    close(beneath.parent_fd);
}

static void fence_files(const gw_fence *fence)
{
    int version = landlock_version();
    if (version <= 0)
        return;
    struct landlock_ruleset_attr attr = {
        .handled_access_fs = READS | WRITES | (version > 1 ? REFER : 0) |
                             (version > 2 ? TRUNCATE : 0)};
    int rules = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof attr, 0);
    if (rules < 0)
        return;
    for (size_t i = 0; fence->owned[i]; i++)
        allow(rules, fence->owned[i], attr.handled_access_fs);
    for (size_t i = 0; fence->readable[i]; i++)
        allow(rules, fence->readable[i], READS);
    syscall(SYS_landlock_restrict_self, rules, 0);
    close(rules);
}

/* ---- seccomp: connections and programs ------------------------------------------------- */

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define REFUSE(code) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (code))
#define IF_CALL(call) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (call), 0, 1)

static void fence_calls(void)
{
#ifdef FENCE_ARCH
    static const struct sock_filter filter[] = {
        LOAD(arch),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, FENCE_ARCH, 1, 0),
        REFUSE(EPERM), /* system calls of another kind of program */
        LOAD(nr),
#ifdef __x86_64__
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1), /* x32 */
        REFUSE(EPERM),
#endif
        IF_CALL(SYS_connect),
        REFUSE(EACCES),
        /* The server itself is started by execveat; popen() and system() are not. */
        IF_CALL(SYS_execve),
        REFUSE(EACCES),
        IF_CALL(SYS_io_uring_setup), /* it could connect behind the filter's back */
        REFUSE(EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = sizeof filter / sizeof *filter,
                                 .filter = (struct sock_filter *)(uintptr_t)filter};
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
#endif
}

void gw_fence_enter(const gw_fence *fence)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return;
    fence_files(fence);
    fence_calls();
}

void gw_fence_exec(const char *const *argv, const char *const *env)
{
    syscall(SYS_execveat, AT_FDCWD, argv[0], argv, env, 0);
}

bool gw_fence_holds(pid_t pid)
{
    char path[64], line[256];
    int mode = 0;
    snprintf(path, sizeof path, "/proc/%ld/status", (long)pid);
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "Seccomp: %d", &mode) == 1)
            break;
    if (file)
        fclose(file);
    return mode == SECCOMP_MODE_FILTER;
}
