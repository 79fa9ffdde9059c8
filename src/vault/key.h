/*
 * A key as it is kept: its public half, and its private half sealed under a master key or a
 * passphrase. docs/reference/key-format.md says what each byte is.
 */
#ifndef GW_VAULT_KEY_H
#define GW_VAULT_KEY_H

#include "base/vec.h"
#include "pg/query.h"
#include "vault/pair.h"
#include "vault/slot.h"

typedef enum gw_key_state {
    GW_KEY_ACTIVE,   /* new backups are for it, until it expires */
    GW_KEY_INACTIVE, /* opens what was wrapped for it, and no more */
    GW_KEY_RETIRED,  /* its private half is destroyed */
    GW_KEY_STATES,
} gw_key_state;

typedef struct gw_key {
    const char *id; /* 32 hexadecimal digits: as in a backup's slots */
    gw_pair_type type;
    gw_key_state state;
    int64_t created_at, expires_at; /* GW_NULL_INT: never */
    gw_bytes public;
    gw_bytes sealed; /* data NULL: only the public half is here */
} gw_key;

typedef struct gw_key_list {
    gw_key *items;
    size_t len, cap;
} gw_key_list;

/* What private halves are sealed under. */
typedef struct gw_master {
    bool is_passphrase;
    gw_secret secret; /* data NULL: none is at hand */
} gw_master;

/* A new pair, active. Kinds UNSUPPORTED (no ML-KEM here), CONFIG (no master). */
bool gw_key_make(gw_arena *arena, gw_pair_type type, int64_t expires_at, const gw_master *master,
                 gw_cipher cipher, gw_key *out, gw_err *err);

/* The private half; proven to belong to the public one. Kinds CONFIG (another kind of secret is
 * needed, or none is at hand), INPUT (a wrong one, or damage). */
bool gw_key_open(gw_arena *arena, const gw_key *key, const gw_master *master, gw_secret *out,
                 gw_err *err);
bool gw_key_seal(gw_arena *arena, gw_key *key, const gw_secret *private, const gw_master *master,
                 gw_cipher cipher, gw_err *err);
bool gw_key_by_passphrase(const gw_key *key);
gw_cipher gw_key_cipher(const gw_key *key);

/* May a new backup be for it? */
bool gw_key_usable(const gw_key *key, int64_t now);
gw_recipient gw_key_recipient(const gw_key *key);

const char *gw_key_state_name(gw_key_state state);
bool gw_key_state_named(const char *name, gw_key_state *out);
const char *gw_key_id(gw_arena *arena, const unsigned char *public, size_t len);
/* Lengths, and the id beside the public half. Kind INPUT. */
bool gw_key_check(gw_arena *arena, const gw_key *key, gw_err *err);

/* A text of keys, as the file has it; `what` is its name for errors. */
char *gw_keys_write(gw_arena *arena, const gw_key_list *keys);
bool gw_keys_parse(gw_arena *arena, const char *what, const char *text, size_t len,
                   gw_key_list *out, gw_err *err);

#endif
