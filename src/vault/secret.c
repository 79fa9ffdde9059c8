#include "vault/secret.h"

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
