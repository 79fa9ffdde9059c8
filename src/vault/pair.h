/*
 * Pairs of keys, by the names that people and tables use for them: made, and proven to be pairs. What
 * is post-quantum needs OpenSSL 3.5.
 */
#ifndef GW_VAULT_PAIR_H
#define GW_VAULT_PAIR_H

#include "base/err.h"
#include "vault/primitives.h"
#include "vault/secret.h"

typedef enum gw_pair_type {
    GW_PAIR_X25519,
    GW_PAIR_HYBRID,  /* X25519, then ML-KEM-1024 behind it, in both halves */
    GW_PAIR_MLKEM,   /* ML-KEM-1024: the private half is its seed */
    GW_PAIR_MLDSA,   /* dilithium-5 is ML-DSA-87: its seed */
    GW_PAIR_SLHDSA,  /* sphincs+ is SLH-DSA-SHAKE-256s */
    GW_PAIR_TYPES,
} gw_pair_type;

typedef struct gw_pair_kind {
    const char *name;      /* "dilithium-5" */
    const char *algorithm; /* OpenSSL's name; NULL: X25519 alone */
    const char *standard;  /* "ML-DSA-87 (FIPS 204)" */
    const char *private_is; /* "seed", "key" */
    size_t public_len, private_len;
} gw_pair_kind;
const gw_pair_kind *gw_pair_kind_of(gw_pair_type type);
bool gw_pair_type_named(const char *name, gw_pair_type *out);

/* Kind UNSUPPORTED, with what is needed, where this OpenSSL does not have it. */
bool gw_pair_here(gw_pair_type type, gw_err *err);

/* public: public_len bytes of the kind. The private half belongs to the arena. */
bool gw_pair_make(gw_arena *arena, gw_pair_type type, unsigned char **public, gw_secret *private,
                  gw_err *err);

/* Do the two belong together? What one half does the other one undoes, or approves of. */
bool gw_pair_agrees(gw_pair_type type, const unsigned char *public, const unsigned char *private);

#endif
