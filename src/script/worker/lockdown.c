#include "lockdown.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "script/wire.h"

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#else
#error "no list of system calls for this processor"
#endif

/* What JavaScriptCore needs to run, collect and compile; nothing in it names a file. */
static const uint32_t allowed[] = {
    SYS_read, SYS_write, SYS_close, SYS_mmap, SYS_munmap, SYS_mprotect, SYS_madvise, SYS_mremap,
    SYS_brk, SYS_futex, SYS_clock_gettime, SYS_clock_nanosleep, SYS_nanosleep, SYS_sched_yield,
    SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_rt_sigsuspend, SYS_sigaltstack,
    SYS_gettid, SYS_getpid, SYS_exit, SYS_exit_group, SYS_set_robust_list, SYS_rseq, SYS_getrandom,
    SYS_sched_setscheduler, SYS_sched_getscheduler, SYS_sched_getparam, SYS_sched_getaffinity,
    SYS_membarrier, SYS_restart_syscall, SYS_getrusage, SYS_sysinfo, SYS_ppoll, SYS_eventfd2,
    SYS_mincore, SYS_getppid, SYS_set_tid_address,
#ifdef SYS_poll
    SYS_poll,
#endif
};

enum { ALLOWED = sizeof allowed / sizeof *allowed, ROOM = 64 };
_Static_assert(ALLOWED < 200, "jumps are 8 bits wide");

static void die(const char *what)
{
    fprintf(stderr, "godwit-script: %s: %s\n", what, strerror(errno));
    _exit(3);
}

void lockdown_begin(void)
{
    /* The parent may be gone already: then init would be the parent, and the socket is at its end. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        die("prctl");
    struct rlimit none = {0, 0};
    if (setrlimit(RLIMIT_CORE, &none) != 0)
        die("RLIMIT_CORE");
    syscall(SYS_close_range, (unsigned)GW_WIRE_MEMORY + 1, ~0U, 0);
}

static void limit_memory(uint64_t memory)
{
#ifndef GW_WORKER_SANITIZED /* a sanitizer's own memory is without measure */
    FILE *file = fopen("/proc/self/statm", "re");
    unsigned long pages = 0;
    if (!file || fscanf(file, "%lu", &pages) != 1)
        die("/proc/self/statm");
    fclose(file);
    rlim_t most = pages * (unsigned long)sysconf(_SC_PAGESIZE) + memory;
    struct rlimit space = {most, most};
    if (setrlimit(RLIMIT_AS, &space) != 0)
        die("RLIMIT_AS");
#else
    (void)memory;
#endif
    struct rlimit none = {0, 0};
    if (setrlimit(RLIMIT_FSIZE, &none) != 0)
        die("RLIMIT_FSIZE");
}

typedef struct filter {
    struct sock_filter code[ALLOWED + ROOM];
    unsigned short len;
} filter;

static void put(filter *f, uint16_t code, uint32_t k, uint8_t yes, uint8_t no)
{
    f->code[f->len++] = (struct sock_filter){.code = code, .jt = yes, .jf = no, .k = k};
}

static void load(filter *f, size_t offset)
{
    put(f, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void answer(filter *f, uint32_t action)
{
    put(f, BPF_RET | BPF_K, action, 0, 0);
}

static const uint32_t refused = SECCOMP_RET_ERRNO | EPERM;

/* System call `nr` is allowed only where its argument `index`, under `mask`, is `wanted`. */
static void only_where(filter *f, uint32_t nr, int index, uint32_t mask, uint32_t wanted)
{
    put(f, BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 5);
    load(f, offsetof(struct seccomp_data, args) + 8 * (size_t)index);
    put(f, BPF_ALU | BPF_AND | BPF_K, mask, 0, 0);
    put(f, BPF_JMP | BPF_JEQ | BPF_K, wanted, 0, 1);
    answer(f, SECCOMP_RET_ALLOW);
    answer(f, refused);
}

void lockdown_finish(uint64_t memory)
{
    limit_memory(memory);
    filter f = {.len = 0};
    load(&f, offsetof(struct seccomp_data, arch));
    put(&f, BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0);
    answer(&f, SECCOMP_RET_KILL_PROCESS);
    load(&f, offsetof(struct seccomp_data, nr));
    /* Threads, signals to itself, names of threads; told by the first argument. */
    only_where(&f, SYS_clone, 0, 0x00010000 /* CLONE_THREAD */, 0x00010000);
    only_where(&f, SYS_tgkill, 0, ~0U, (uint32_t)getpid());
    only_where(&f, SYS_prctl, 0, ~0U, PR_SET_NAME);
    /* glibc goes on with clone, whose flags a filter can see. */
    put(&f, BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1);
    answer(&f, SECCOMP_RET_ERRNO | ENOSYS);
    for (size_t i = 0; i < ALLOWED; i++)
        put(&f, BPF_JMP | BPF_JEQ | BPF_K, allowed[i], (uint8_t)(ALLOWED - i), 0);
    answer(&f, refused);
    answer(&f, SECCOMP_RET_ALLOW);
    struct sock_fprog program = {.len = f.len, .filter = f.code};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        die("PR_SET_NO_NEW_PRIVS");
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) != 0)
        die("seccomp");
}
