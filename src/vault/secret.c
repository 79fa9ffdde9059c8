#include "vault/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

typedef struct mapping {
    void *start;
    size_t size;
} mapping;

static void release(void *arg)
{
    mapping *m = arg;
    OPENSSL_cleanse(m->start, m->size);
    munlock(m->start, m->size);
    munmap(m->start, m->size);
}

gw_secret gw_secret_new(gw_arena *arena, size_t len)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    mapping *m = gw_alloc(arena, sizeof *m);
    m->size = (len + 1 + page - 1) / page * page;
    m->start = mmap(NULL, m->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (m->start == MAP_FAILED)
        gw_out_of_memory(m->size);
    /* Where the limit of locked memory is used up the secret is still wiped and never dumped. */
    int ignored = mlock(m->start, m->size);
    (void)ignored;
    madvise(m->start, m->size, MADV_DONTDUMP);
    gw_arena_defer(arena, release, m);
    return (gw_secret){m->start, len};
}

gw_secret gw_secret_copy(gw_arena *arena, const void *data, size_t len)
{
    gw_secret secret = gw_secret_new(arena, len);
    if (len)
        memcpy(secret.data, data, len);
    return secret;
}

bool gw_secret_of_file(gw_arena *arena, const char *path, size_t limit, gw_secret *out, gw_err *err)
{
    /* Without O_NONBLOCK a named pipe would hold us until somebody writes to it. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return gw_err_errno(err, errno, "cannot read %s", path);
    gw_secret whole = gw_secret_new(arena, limit + 1);
    size_t len = 0;
    ssize_t n = 1;
    while (n > 0 && len <= limit) {
        n = read(fd, whole.data + len, limit + 1 - len);
        if (n < 0 && errno == EINTR)
            n = 1;
        else if (n > 0)
            len += (size_t)n;
    }
    int why = errno;
    close(fd);
    if (n < 0)
        return gw_err_errno(err, why, "cannot read %s", path);
    if (len > limit)
        return gw_err_set(err, GW_ERR_CONFIG, "%s is longer than %zu bytes", path, limit);
    while (len && (whole.data[len - 1] == '\n' || whole.data[len - 1] == '\r'))
        whole.data[--len] = 0;
    *out = (gw_secret){whole.data, len};
    return true;
}

void gw_secret_wipe(void *data, size_t len)
{
    OPENSSL_cleanse(data, len);
}

int gw_secret_same(const void *a, const void *b, size_t len)
{
    return CRYPTO_memcmp(a, b, len) == 0;
}

void gw_secret_no_dumps(void)
{
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
#ifndef GW_ARENA_DEBUG /* leaks are looked for by a tracer */
    prctl(PR_SET_DUMPABLE, 0);
#endif
}
