#include "base/digest.h"

#include <openssl/evp.h>
#include <openssl/provider.h>
#include <pthread.h>
#include <string.h>
#include <zlib.h>

struct gw_digest {
    const EVP_MD *md;
    EVP_MD_CTX *ctx;
    EVP_MD_CTX *spare; /* for peek */
};

/*
 * Fetching an algorithm costs more than hashing a small file, so it is done once a process. The
 * library context is our own: a checksum names a file and must not change, or fail, with the
 * machine's openssl.cnf.
 */
static EVP_MD *algorithms[3];

/* What libcrypto's built-in digests fail for is memory and nothing else. */
static void must(int ok)
{
    if (ok != 1)
        gw_out_of_memory(sizeof(gw_digest));
}

static void fetch_algorithms(void)
{
    static const char *const names[] = {
        [GW_SHA1] = "SHA1", [GW_SHA256] = "SHA2-256", [GW_SHA384] = "SHA2-384"};
    static OSSL_LIB_CTX *library;
    library = OSSL_LIB_CTX_new();
    must(library && OSSL_PROVIDER_load(library, "default"));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        algorithms[i] = EVP_MD_fetch(library, names[i], NULL);
        must(algorithms[i] != NULL);
    }
}

static const EVP_MD *algorithm(gw_digest_kind kind)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, fetch_algorithms);
    return algorithms[kind];
}

static EVP_MD_CTX *new_context(void)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    must(ctx != NULL);
    return ctx;
}

static void release(void *arg)
{
    gw_digest *digest = arg;
    EVP_MD_CTX_free(digest->ctx);
    EVP_MD_CTX_free(digest->spare);
    digest->ctx = digest->spare = NULL;
}

gw_digest *gw_digest_start(gw_arena *arena, gw_digest_kind kind)
{
    gw_digest *digest = gw_alloc(arena, sizeof *digest);
    digest->md = algorithm(kind);
    gw_arena_defer(arena, release, digest);
    gw_digest_restart(digest);
    return digest;
}

void gw_digest_restart(gw_digest *digest)
{
    if (!digest->ctx)
        digest->ctx = new_context();
    must(EVP_DigestInit_ex2(digest->ctx, digest->md, NULL));
}

void gw_digest_add(gw_digest *digest, const void *data, size_t len)
{
    if (len)
        must(EVP_DigestUpdate(digest->ctx, data, len));
}

size_t gw_digest_peek(gw_digest *digest, unsigned char out[GW_DIGEST_MAX])
{
    unsigned len = 0;
    if (!digest->spare)
        digest->spare = new_context();
    must(EVP_MD_CTX_copy_ex(digest->spare, digest->ctx));
    must(EVP_DigestFinal_ex(digest->spare, out, &len));
    return len;
}

size_t gw_digest_take(gw_digest *digest, unsigned char out[GW_DIGEST_MAX])
{
    unsigned len = 0;
    must(EVP_DigestFinal_ex(digest->ctx, out, &len));
    return len;
}

size_t gw_digest_finish(gw_digest *digest, unsigned char out[GW_DIGEST_MAX])
{
    unsigned len = 0;
    must(EVP_DigestFinal_ex(digest->ctx, out, &len));
    release(digest);
    return len;
}

size_t gw_digest_of(gw_digest_kind kind, const void *data, size_t len,
                    unsigned char out[GW_DIGEST_MAX])
{
    unsigned written = 0;
    must(EVP_Digest(len ? data : "", len, out, &written, algorithm(kind), NULL));
    return written;
}

char *gw_digest_hex(gw_arena *arena, gw_digest_kind kind, const void *data, size_t len)
{
    unsigned char digest[GW_DIGEST_MAX];
    return gw_hex(arena, digest, gw_digest_of(kind, data, len, digest));
}

char *gw_hex(gw_arena *arena, const void *data, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *in = data;
    if (len > SIZE_MAX / 2 - 1)
        gw_out_of_memory(len);
    char *text = gw_alloc(arena, len * 2 + 1);
    for (size_t i = 0; i < len; i++) {
        text[i * 2] = digits[in[i] >> 4];
        text[i * 2 + 1] = digits[in[i] & 15];
    }
    return text;
}

bool gw_unhex(gw_arena *arena, const char *text, unsigned char **out, size_t *len)
{
    static const char digits[] = "0123456789abcdefABCDEF";
    size_t all = strlen(text);
    if (all % 2 || strspn(text, digits) != all)
        return false;
    *len = all / 2;
    *out = gw_alloc(arena, *len + 1);
    for (size_t i = 0; i < all; i++) {
        size_t at = (size_t)(strchr(digits, text[i]) - digits);
        (*out)[i / 2] = (unsigned char)((size_t)(*out)[i / 2] << 4 | (at < 16 ? at : at - 6));
    }
    return true;
}

char *gw_base64(gw_arena *arena, const void *data, size_t len)
{
    /* A multiple of 3, so that only the last piece is padded; EVP_EncodeBlock counts in int. */
    const size_t piece = (size_t)3 << 20;
    if (len > SIZE_MAX / 2)
        gw_out_of_memory(len);
    unsigned char *text = gw_alloc(arena, (len + 2) / 3 * 4 + 1);
    unsigned char *to = text;
    const unsigned char *from = data;
    while (len > 0) {
        size_t take = len < piece ? len : piece;
        to += EVP_EncodeBlock(to, from, (int)take);
        from += take;
        len -= take;
    }
    return (char *)text;
}

uint32_t gw_crc32(uint32_t crc, const void *data, size_t len)
{
    /* zlib answers 0 for a NULL pointer, which would forget what came before. */
    return len ? (uint32_t)crc32_z(crc, data, len) : crc;
}

uint32_t gw_fnv1_32(const void *data, size_t len)
{
    const unsigned char *in = data;
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < len; i++)
        hash = (hash * 16777619u) ^ in[i];
    return hash;
}
