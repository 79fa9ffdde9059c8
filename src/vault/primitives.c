#include "vault/primitives.h"

#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/provider.h>
#include <pthread.h>
#include <string.h>

#include "vault/openssl.h"
#include "vault/secret.h"

enum { SCRYPT_MEMORY = 256 * 1024 * 1024 };

static struct {
    OSSL_LIB_CTX *library;
    EVP_CIPHER *gcm, *chacha;
    EVP_KDF *hkdf, *scrypt;
    EVP_MAC *hmac;
    bool mlkem;
} algorithms;

static void must(int ok)
{
    if (ok != 1)
        gw_out_of_memory(sizeof algorithms);
}

static void fetch(void)
{
    algorithms.library = OSSL_LIB_CTX_new();
    must(algorithms.library && OSSL_PROVIDER_load(algorithms.library, "default"));
    algorithms.gcm = EVP_CIPHER_fetch(algorithms.library, "AES-256-GCM", NULL);
    algorithms.hkdf = EVP_KDF_fetch(algorithms.library, "HKDF", NULL);
    algorithms.scrypt = EVP_KDF_fetch(algorithms.library, "SCRYPT", NULL);
    algorithms.hmac = EVP_MAC_fetch(algorithms.library, "HMAC", NULL);
    algorithms.chacha = EVP_CIPHER_fetch(algorithms.library, "ChaCha20-Poly1305", NULL);
    must(algorithms.gcm && algorithms.chacha && algorithms.hkdf && algorithms.scrypt && algorithms.hmac);
    EVP_KEM *kem = EVP_KEM_fetch(algorithms.library, "ML-KEM-1024", NULL);
    algorithms.mlkem = kem != NULL;
    EVP_KEM_free(kem);
}

static void ready(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, fetch);
}

void *gw_openssl_plain(const void *data)
{
    union {
        const void *in;
        void *out;
    } both = {.in = data ? data : ""};
    return both.out;
}

OSSL_LIB_CTX *gw_openssl_library(void)
{
    ready();
    return algorithms.library;
}

void gw_hkdf(const void *key, size_t key_len, const void *salt, size_t salt_len, const char *info,
             void *out, size_t out_len)
{
    ready();
    EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(algorithms.hkdf);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, gw_openssl_plain("SHA256"), 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, gw_openssl_plain(key), key_len),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, gw_openssl_plain(salt), salt_len),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, gw_openssl_plain(info), strlen(info)),
        OSSL_PARAM_construct_end()};
    must(ctx != NULL);
    must(EVP_KDF_derive(ctx, out, out_len, params));
    EVP_KDF_CTX_free(ctx);
}

void gw_hmac_sha256(const void *key, size_t key_len, const void *data, size_t len,
                    unsigned char out[GW_MAC_BYTES])
{
    size_t written = 0;
    ready();
    EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(algorithms.hmac);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, gw_openssl_plain("SHA256"), 0),
        OSSL_PARAM_construct_end()};
    must(ctx != NULL);
    must(EVP_MAC_init(ctx, key, key_len, params));
    must(EVP_MAC_update(ctx, data, len));
    must(EVP_MAC_final(ctx, out, &written, GW_MAC_BYTES));
    EVP_MAC_CTX_free(ctx);
}

bool gw_scrypt(const void *passphrase, size_t len, const void *salt, size_t salt_len,
               unsigned log2_n, unsigned r, unsigned p, unsigned char out[GW_KEY_BYTES])
{
    if (log2_n < 1 || log2_n > 24 || r < 1 || r > 32 || p < 1 || p > 16 ||
        ((uint64_t)128 * r << log2_n) > SCRYPT_MEMORY)
        return false;
    ready();
    uint64_t n = (uint64_t)1 << log2_n, limit = (uint64_t)SCRYPT_MEMORY * 2;
    uint32_t r32 = r, p32 = p;
    EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(algorithms.scrypt);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_PASSWORD, gw_openssl_plain(passphrase), len),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, gw_openssl_plain(salt), salt_len),
        OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_N, &n),
        OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_R, &r32),
        OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_P, &p32),
        OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_MAXMEM, &limit),
        OSSL_PARAM_construct_end()};
    must(ctx != NULL);
    bool ok = EVP_KDF_derive(ctx, out, GW_KEY_BYTES, params) == 1;
    EVP_KDF_CTX_free(ctx);
    return ok;
}

/* ---- AES-256-GCM --------------------------------------------------------------------------- */

struct gw_gcm {
    EVP_CIPHER_CTX *seal, *open;
};

static void release_gcm(void *arg)
{
    gw_gcm *gcm = arg;
    EVP_CIPHER_CTX_free(gcm->seal); /* wipes the key */
    EVP_CIPHER_CTX_free(gcm->open);
}

gw_gcm *gw_gcm_new(gw_arena *arena, const unsigned char key[GW_KEY_BYTES])
{
    return gw_aead_new(arena, GW_AES_256_GCM, key);
}

gw_gcm *gw_aead_new(gw_arena *arena, gw_cipher cipher, const unsigned char key[GW_KEY_BYTES])
{
    ready();
    EVP_CIPHER *how = cipher == GW_CHACHA20_POLY1305 ? algorithms.chacha : algorithms.gcm;
    gw_gcm *gcm = gw_alloc(arena, sizeof *gcm);
    gcm->seal = EVP_CIPHER_CTX_new();
    gcm->open = EVP_CIPHER_CTX_new();
    gw_arena_defer(arena, release_gcm, gcm);
    must(gcm->seal && gcm->open);
    must(EVP_EncryptInit_ex2(gcm->seal, how, key, NULL, NULL));
    must(EVP_DecryptInit_ex2(gcm->open, how, key, NULL, NULL));
    return gcm;
}

void gw_gcm_seal(gw_gcm *gcm, const unsigned char nonce[GW_NONCE_BYTES], const void *aad,
                 size_t aad_len, const void *in, size_t len, unsigned char *out)
{
    int n = 0;
    must(len <= INT_MAX && aad_len <= INT_MAX);
    must(EVP_EncryptInit_ex2(gcm->seal, NULL, NULL, nonce, NULL));
    must(!aad_len || EVP_EncryptUpdate(gcm->seal, NULL, &n, aad, (int)aad_len) == 1);
    must(EVP_EncryptUpdate(gcm->seal, out, &n, gw_openssl_plain(in), (int)len));
    must(EVP_EncryptFinal_ex(gcm->seal, out + len, &n));
    must(EVP_CIPHER_CTX_ctrl(gcm->seal, EVP_CTRL_AEAD_GET_TAG, GW_TAG_BYTES, out + len));
}

bool gw_gcm_open(gw_gcm *gcm, const unsigned char nonce[GW_NONCE_BYTES], const void *aad,
                 size_t aad_len, const void *in, size_t len, unsigned char *out)
{
    int n = 0;
    unsigned char tag[GW_TAG_BYTES], nothing[GW_TAG_BYTES];
    memcpy(tag, (const unsigned char *)in + len, sizeof tag);
    must(len <= INT_MAX && aad_len <= INT_MAX);
    must(EVP_DecryptInit_ex2(gcm->open, NULL, NULL, nonce, NULL));
    must(!aad_len || EVP_DecryptUpdate(gcm->open, NULL, &n, aad, (int)aad_len) == 1);
    must(EVP_DecryptUpdate(gcm->open, out, &n, gw_openssl_plain(in), (int)len));
    must(EVP_CIPHER_CTX_ctrl(gcm->open, EVP_CTRL_AEAD_SET_TAG, GW_TAG_BYTES, tag));
    if (EVP_DecryptFinal_ex(gcm->open, nothing, &n) == 1)
        return true;
    gw_secret_wipe(out, len);
    return false;
}

/* ---- X25519 --------------------------------------------------------------------------------- */

void gw_x25519_public(const unsigned char private[GW_KEY_BYTES], unsigned char out[GW_KEY_BYTES])
{
    ready();
    size_t len = GW_KEY_BYTES;
    EVP_PKEY *key =
        EVP_PKEY_new_raw_private_key_ex(algorithms.library, "X25519", NULL, private, GW_KEY_BYTES);
    must(key != NULL);
    must(EVP_PKEY_get_raw_public_key(key, out, &len));
    EVP_PKEY_free(key);
}

bool gw_x25519_shared(const unsigned char private[GW_KEY_BYTES],
                      const unsigned char public[GW_KEY_BYTES], unsigned char out[GW_KEY_BYTES])
{
    ready();
    size_t len = GW_KEY_BYTES;
    EVP_PKEY *mine =
        EVP_PKEY_new_raw_private_key_ex(algorithms.library, "X25519", NULL, private, GW_KEY_BYTES);
    EVP_PKEY *theirs =
        EVP_PKEY_new_raw_public_key_ex(algorithms.library, "X25519", NULL, public, GW_KEY_BYTES);
    must(mine && theirs);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(algorithms.library, mine, NULL);
    must(ctx != NULL);
    bool ok = EVP_PKEY_derive_init(ctx) == 1 && EVP_PKEY_derive_set_peer(ctx, theirs) == 1 &&
              EVP_PKEY_derive(ctx, out, &len) == 1;
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(mine);
    EVP_PKEY_free(theirs);
    return ok;
}

/* ---- ML-KEM-1024: by name alone, so that it is there when the library is ---------------------- */

bool gw_mlkem_here(void)
{
    ready();
    return algorithms.mlkem;
}

const char *gw_openssl_version(void)
{
    return OpenSSL_version(OPENSSL_VERSION_STRING);
}

EVP_PKEY *gw_openssl_key(const char *algorithm, const char *part, int selection, const void *data,
                         size_t len)
{
    EVP_PKEY *key = NULL;
    ready();
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(algorithms.library, algorithm, NULL);
    OSSL_PARAM params[] = {OSSL_PARAM_construct_octet_string(part, gw_openssl_plain(data), len),
                           OSSL_PARAM_construct_end()};
    bool ok = ctx && EVP_PKEY_fromdata_init(ctx) == 1 &&
              EVP_PKEY_fromdata(ctx, &key, selection, params) == 1;
    EVP_PKEY_CTX_free(ctx);
    return ok ? key : NULL;
}

static EVP_PKEY *mlkem_key(const char *part, int selection, const void *data, size_t len)
{
    return gw_openssl_key("ML-KEM-1024", part, selection, data, len);
}

bool gw_mlkem_public(const unsigned char seed[GW_MLKEM_SEED], unsigned char out[GW_MLKEM_PUBLIC])
{
    size_t len = 0;
    if (!gw_mlkem_here())
        return false;
    EVP_PKEY *key = mlkem_key("seed", EVP_PKEY_KEYPAIR, seed, GW_MLKEM_SEED);
    bool ok = key &&
              EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, out, GW_MLKEM_PUBLIC,
                                              &len) == 1 &&
              len == GW_MLKEM_PUBLIC;
    EVP_PKEY_free(key);
    return ok;
}

bool gw_mlkem_encapsulate(const unsigned char public[GW_MLKEM_PUBLIC],
                          unsigned char cipher[GW_MLKEM_CIPHER],
                          unsigned char shared[GW_KEY_BYTES])
{
    size_t cipher_len = GW_MLKEM_CIPHER, shared_len = GW_KEY_BYTES;
    if (!gw_mlkem_here())
        return false;
    EVP_PKEY *key =
        mlkem_key(OSSL_PKEY_PARAM_PUB_KEY, EVP_PKEY_PUBLIC_KEY, public, GW_MLKEM_PUBLIC);
    EVP_PKEY_CTX *ctx = key ? EVP_PKEY_CTX_new_from_pkey(algorithms.library, key, NULL) : NULL;
    bool ok = ctx && EVP_PKEY_encapsulate_init(ctx, NULL) == 1 &&
              EVP_PKEY_encapsulate(ctx, cipher, &cipher_len, shared, &shared_len) == 1 &&
              cipher_len == GW_MLKEM_CIPHER && shared_len == GW_KEY_BYTES;
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(key);
    return ok;
}

bool gw_mlkem_decapsulate(const unsigned char seed[GW_MLKEM_SEED],
                          const unsigned char cipher[GW_MLKEM_CIPHER],
                          unsigned char shared[GW_KEY_BYTES])
{
    size_t len = GW_KEY_BYTES;
    if (!gw_mlkem_here())
        return false;
    EVP_PKEY *key = mlkem_key("seed", EVP_PKEY_KEYPAIR, seed, GW_MLKEM_SEED);
    EVP_PKEY_CTX *ctx = key ? EVP_PKEY_CTX_new_from_pkey(algorithms.library, key, NULL) : NULL;
    bool ok = ctx && EVP_PKEY_decapsulate_init(ctx, NULL) == 1 &&
              EVP_PKEY_decapsulate(ctx, shared, &len, cipher, GW_MLKEM_CIPHER) == 1 &&
              len == GW_KEY_BYTES;
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(key);
    return ok;
}
