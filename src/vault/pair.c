#include "vault/pair.h"

#include <openssl/core_names.h>
#include <string.h>

#include "base/clock.h"
#include "vault/openssl.h"

enum { SLH_SIGNATURE = 49856 }; /* the longest signature of all */

static const gw_pair_kind kinds[GW_PAIR_TYPES] = {
    {"x25519", NULL, "X25519 (RFC 7748)", "key", GW_KEY_BYTES, GW_KEY_BYTES},
    {"x25519+ml-kem-1024", "ML-KEM-1024", "X25519 (RFC 7748) and ML-KEM-1024 (FIPS 203)", "key and seed",
     GW_KEY_BYTES + GW_MLKEM_PUBLIC, GW_KEY_BYTES + GW_MLKEM_SEED},
    {"ml-kem-1024", "ML-KEM-1024", "ML-KEM-1024 (FIPS 203)", "seed", GW_MLKEM_PUBLIC, GW_MLKEM_SEED},
    {"dilithium-5", "ML-DSA-87", "ML-DSA-87 (FIPS 204)", "seed", 2592, 32},
    {"sphincs+", "SLH-DSA-SHAKE-256s", "SLH-DSA-SHAKE-256s (FIPS 205)", "key", 64, 128},
};

const gw_pair_kind *gw_pair_kind_of(gw_pair_type type)
{
    return &kinds[type];
}

bool gw_pair_type_named(const char *name, gw_pair_type *out)
{
    for (size_t i = 0; i < GW_PAIR_TYPES; i++)
        if (strcmp(kinds[i].name, name) == 0) {
            *out = (gw_pair_type)i;
            return true;
        }
    return false;
}

bool gw_pair_here(gw_pair_type type, gw_err *err)
{
    const gw_pair_kind *kind = &kinds[type];
    if (!kind->algorithm)
        return true;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(gw_openssl_library(), kind->algorithm, NULL);
    EVP_PKEY_CTX_free(ctx);
    if (ctx)
        return true;
    gw_err_set(err, GW_ERR_UNSUPPORTED, "%s needs OpenSSL 3.5 or newer", kind->algorithm);
    gw_err_detail(err, "this is OpenSSL %s", gw_openssl_version());
    return gw_err_hint(err, "use Debian 13 or newer%s",
                       type <= GW_PAIR_MLKEM ? ", or an X25519 key for backups" : "");
}

static EVP_PKEY *private_key(gw_pair_type type, const unsigned char *private)
{
    const gw_pair_kind *kind = &kinds[type];
    return gw_openssl_key(kind->algorithm,
                          type == GW_PAIR_SLHDSA ? OSSL_PKEY_PARAM_PRIV_KEY : "seed",
                          EVP_PKEY_KEYPAIR, private, kind->private_len);
}

static bool public_of(EVP_PKEY *key, unsigned char *out, size_t len)
{
    size_t got = 0;
    return key &&
           EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, out, len, &got) == 1 &&
           got == len;
}

/* A seed has no inner structure: random bytes are one. SLH-DSA's private key has a root in it. */
static bool make_signing(gw_pair_type type, unsigned char *public, unsigned char *private)
{
    const gw_pair_kind *kind = &kinds[type];
    EVP_PKEY *key = NULL;
    size_t got = 0;
    bool ok = true;
    if (type == GW_PAIR_SLHDSA) {
        key = EVP_PKEY_Q_keygen(gw_openssl_library(), NULL, kind->algorithm);
        ok = key && EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PRIV_KEY, private,
                                                    kind->private_len, &got) == 1 &&
             got == kind->private_len;
    } else {
        gw_random_bytes(private, kind->private_len);
        key = private_key(type, private);
    }
    ok = ok && public_of(key, public, kind->public_len);
    EVP_PKEY_free(key);
    return ok;
}

static void make_x25519(unsigned char *public, unsigned char *private)
{
    gw_random_bytes(private, GW_KEY_BYTES);
    gw_x25519_public(private, public);
}

static bool make_mlkem(unsigned char *public, unsigned char *private)
{
    gw_random_bytes(private, GW_MLKEM_SEED);
    return gw_mlkem_public(private, public);
}

bool gw_pair_make(gw_arena *arena, gw_pair_type type, unsigned char **public, gw_secret *private,
                  gw_err *err)
{
    const gw_pair_kind *kind = &kinds[type];
    bool ok = true;
    if (!gw_pair_here(type, err))
        return false;
    *public = gw_alloc(arena, kind->public_len);
    *private = gw_secret_new(arena, kind->private_len);
    if (type == GW_PAIR_X25519 || type == GW_PAIR_HYBRID)
        make_x25519(*public, private->data);
    if (type == GW_PAIR_HYBRID)
        ok = make_mlkem(*public + GW_KEY_BYTES, private->data + GW_KEY_BYTES);
    else if (type == GW_PAIR_MLKEM)
        ok = make_mlkem(*public, private->data);
    else if (type != GW_PAIR_X25519)
        ok = make_signing(type, *public, private->data);
    return (ok && gw_pair_agrees(type, *public, private->data)) ||
           gw_err_set(err, GW_ERR_INTERNAL, "OpenSSL made no usable pair of %s", kind->algorithm);
}

static bool agrees_x25519(const unsigned char *public, const unsigned char *private)
{
    unsigned char own[GW_KEY_BYTES];
    gw_x25519_public(private, own);
    return memcmp(own, public, sizeof own) == 0;
}

static bool agrees_mlkem(const unsigned char *public, const unsigned char *private)
{
    unsigned char own[GW_MLKEM_PUBLIC], cipher[GW_MLKEM_CIPHER];
    unsigned char sent[GW_KEY_BYTES], got[GW_KEY_BYTES];
    bool ok = gw_mlkem_public(private, own) && memcmp(own, public, sizeof own) == 0 &&
              gw_mlkem_encapsulate(public, cipher, sent) &&
              gw_mlkem_decapsulate(private, cipher, got) &&
              gw_secret_same(sent, got, sizeof sent);
    gw_secret_wipe(sent, sizeof sent);
    gw_secret_wipe(got, sizeof got);
    return ok;
}

static bool sign(EVP_PKEY *key, const unsigned char *text, size_t len, unsigned char *out,
                 size_t *out_len)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = ctx &&
              EVP_DigestSignInit_ex(ctx, NULL, NULL, gw_openssl_library(), NULL, key, NULL) == 1 &&
              EVP_DigestSign(ctx, out, out_len, text, len) == 1;
    EVP_MD_CTX_free(ctx);
    return ok;
}

static bool approves(EVP_PKEY *key, const unsigned char *text, size_t len,
                     const unsigned char *signature, size_t signature_len)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = ctx &&
              EVP_DigestVerifyInit_ex(ctx, NULL, NULL, gw_openssl_library(), NULL, key, NULL) ==
                  1 &&
              EVP_DigestVerify(ctx, signature, signature_len, text, len) == 1;
    EVP_MD_CTX_free(ctx);
    return ok;
}

static bool agrees_signing(gw_pair_type type, const unsigned char *public,
                           const unsigned char *private)
{
    const gw_pair_kind *kind = &kinds[type];
    unsigned char text[32];
    size_t len = SLH_SIGNATURE;
    gw_arena *scratch = gw_arena_new();
    unsigned char *signature = gw_alloc(scratch, len), *own = gw_alloc(scratch, kind->public_len);
    EVP_PKEY *mine = private_key(type, private);
    EVP_PKEY *theirs = gw_openssl_key(kind->algorithm, OSSL_PKEY_PARAM_PUB_KEY, EVP_PKEY_PUBLIC_KEY,
                                      public, kind->public_len);
    gw_random_bytes(text, sizeof text);
    bool ok = theirs && public_of(mine, own, kind->public_len) &&
              memcmp(own, public, kind->public_len) == 0 &&
              sign(mine, text, sizeof text, signature, &len) &&
              approves(theirs, text, sizeof text, signature, len);
    EVP_PKEY_free(mine);
    EVP_PKEY_free(theirs);
    gw_arena_free(scratch);
    return ok;
}

bool gw_pair_agrees(gw_pair_type type, const unsigned char *public, const unsigned char *private)
{
    switch (type) {
    case GW_PAIR_X25519:
        return agrees_x25519(public, private);
    case GW_PAIR_HYBRID:
        return agrees_x25519(public, private) &&
               agrees_mlkem(public + GW_KEY_BYTES, private + GW_KEY_BYTES);
    case GW_PAIR_MLKEM:
        return agrees_mlkem(public, private);
    default:
        return agrees_signing(type, public, private);
    }
}
