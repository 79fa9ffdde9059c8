/*
 * KEMBridge's table of its users' keys, public.quantum_keys: rows with a type, a public half, and a
 * private half encrypted as key.h does it. The table's own rules hold: it knows no X25519, and a key
 * that is switched off stays so.
 */
#ifndef GW_VAULT_QUANTUM_H
#define GW_VAULT_QUANTUM_H

#include "vault/key.h"

typedef struct gw_quantum_key {
    const char *id, *user; /* UUIDs */
    gw_key key;            /* key.id is made of the public half */
} gw_quantum_key;

typedef struct gw_quantum_keys {
    gw_quantum_key *items;
    size_t len, cap;
} gw_quantum_keys;

/* Which of the table's types a name is; kind USAGE, with those that it takes. */
bool gw_quantum_type(const char *name, gw_pair_type *out, gw_err *err);

/* Of one user (a UUID), or of all. Kind STATE where there is no such table. Rows that were encrypted
 * by another program are there, too. */
bool gw_quantum_read(gw_session *session, gw_arena *arena, const char *user, gw_quantum_keys *out,
                     gw_err *err);

/* A row of a key that was made (gw_key_make); kind USAGE where there is no such user. With `before`
 * (a row's id) that one is switched off in the same transaction. */
bool gw_quantum_put(gw_session *session, gw_arena *arena, const char *user, const gw_key *key,
                    const char *before, const char **id, gw_err *err);

/* Kind STATE where it is off already. */
bool gw_quantum_off(gw_session *session, gw_arena *arena, const char *id, gw_err *err);

#endif
