/*
 * OpenSSL's primitives as the vault uses them, from a library context of our own: what
 * openssl.cnf says about the machine changes no backup. What built-in algorithms fail for is
 * memory alone, which ends the process; where there is another answer the function returns it.
 */
#ifndef GW_VAULT_PRIMITIVES_H
#define GW_VAULT_PRIMITIVES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

enum {
    GW_KEY_BYTES = 32, /* a key of AES-256, of HMAC, of X25519; a shared secret */
    GW_TAG_BYTES = 16,
    GW_NONCE_BYTES = 12,
    GW_MAC_BYTES = 32,
    GW_MLKEM_PUBLIC = 1568, /* of ML-KEM-1024 */
    GW_MLKEM_CIPHER = 1568,
    GW_MLKEM_SEED = 64,
};

/* HKDF-SHA256 (RFC 5869) of `key`; out_len at most 8160. */
void gw_hkdf(const void *key, size_t key_len, const void *salt, size_t salt_len, const char *info,
             void *out, size_t out_len);
void gw_hmac_sha256(const void *key, size_t key_len, const void *data, size_t len,
                    unsigned char out[GW_MAC_BYTES]);

/* scrypt (RFC 7914) into 32 bytes. false: more memory than 256 MiB, or nonsense for parameters. */
bool gw_scrypt(const void *passphrase, size_t len, const void *salt, size_t salt_len,
               unsigned log2_n, unsigned r, unsigned p, unsigned char out[GW_KEY_BYTES]);

/* AES-256-GCM, or another cipher of its shape, with one key. Belongs to its arena, which wipes it. */
typedef struct gw_gcm gw_gcm;
typedef enum gw_cipher { GW_AES_256_GCM = 1, GW_CHACHA20_POLY1305 = 2 } gw_cipher;
gw_gcm *gw_gcm_new(gw_arena *arena, const unsigned char key[GW_KEY_BYTES]);
gw_gcm *gw_aead_new(gw_arena *arena, gw_cipher cipher, const unsigned char key[GW_KEY_BYTES]);
/* out: len + GW_TAG_BYTES. in and out may be the same. */
void gw_gcm_seal(gw_gcm *gcm, const unsigned char nonce[GW_NONCE_BYTES], const void *aad,
                 size_t aad_len, const void *in, size_t len, unsigned char *out);
/* in: len + GW_TAG_BYTES; out: len. false where it is not what was sealed; out is wiped then. */
bool gw_gcm_open(gw_gcm *gcm, const unsigned char nonce[GW_NONCE_BYTES], const void *aad,
                 size_t aad_len, const void *in, size_t len, unsigned char *out);

/* X25519 (RFC 7748). The shared secret of a point of small order is refused. */
void gw_x25519_public(const unsigned char private[GW_KEY_BYTES], unsigned char out[GW_KEY_BYTES]);
bool gw_x25519_shared(const unsigned char private[GW_KEY_BYTES],
                      const unsigned char public[GW_KEY_BYTES], unsigned char out[GW_KEY_BYTES]);

/* ML-KEM-1024 (FIPS 203), where this OpenSSL has it (3.5 and newer). A private key is its seed. */
bool gw_mlkem_here(void);
const char *gw_openssl_version(void); /* "3.0.19": of the library that runs */
bool gw_mlkem_public(const unsigned char seed[GW_MLKEM_SEED], unsigned char out[GW_MLKEM_PUBLIC]);
bool gw_mlkem_encapsulate(const unsigned char public[GW_MLKEM_PUBLIC],
                          unsigned char cipher[GW_MLKEM_CIPHER],
                          unsigned char shared[GW_KEY_BYTES]);
bool gw_mlkem_decapsulate(const unsigned char seed[GW_MLKEM_SEED],
                          const unsigned char cipher[GW_MLKEM_CIPHER],
                          unsigned char shared[GW_KEY_BYTES]);

#endif
