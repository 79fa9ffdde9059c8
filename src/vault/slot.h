/*
 * Key slots: a file's key wrapped for whoever may open the file, and unwrapped by them.
 */
#ifndef GW_VAULT_SLOT_H
#define GW_VAULT_SLOT_H

#include "base/vec.h"
#include "vault/head.h"
#include "vault/secret.h"

/* Who may open: exactly the members of its kind are there. */
typedef struct gw_recipient {
    gw_slot_kind kind;
    gw_secret passphrase;
    unsigned char key_id[GW_KEY_ID_BYTES];
    unsigned char x25519[GW_KEY_BYTES];    /* public */
    const unsigned char *mlkem;            /* public, of hybrid keys */
    unsigned scrypt_log2_n;                /* 0: what this version takes */
} gw_recipient;

typedef struct gw_private_key {
    bool hybrid;
    unsigned char key_id[GW_KEY_ID_BYTES];
    gw_secret x25519; /* 32 bytes; of hybrid keys the seed of ML-KEM follows: 96 */
} gw_private_key;

/* What is at hand for opening. */
typedef struct gw_unlock {
    gw_secret passphrase; /* data NULL: none */
    GW_VEC(gw_private_key) keys;
} gw_unlock;

/* A recipient of a pair of keys; its id is made of the public parts. mlkem NULL: X25519 alone. */
gw_recipient gw_recipient_of_keys(const unsigned char x25519[GW_KEY_BYTES],
                                  const unsigned char *mlkem);

/* Kind UNSUPPORTED where ML-KEM is asked for and this OpenSSL has none. */
bool gw_slot_wrap(gw_arena *arena, const gw_recipient *recipient,
                  const unsigned char file_key[GW_KEY_BYTES], gw_slot *out, gw_err *err);

/* For people: "passphrase, x25519"; "none" where a slot is open to everybody. */
const char *gw_slot_kinds(gw_arena *arena, const gw_head *head);

/* Is there anything at hand that this slot is for? */
bool gw_slot_is_for(const gw_slot *slot, const gw_unlock *unlock);
/* false: it is not the right key, or the slot is damaged. *why may be set (a constant). */
bool gw_slot_unwrap(gw_arena *arena, const gw_slot *slot, const gw_unlock *unlock,
                    unsigned char file_key[GW_KEY_BYTES], const char **why);

/* The first slot that opens, with the head's MAC agreeing. Kinds: CONFIG (no key at hand that any
 * slot is for), INPUT (a wrong key, or damage). */
bool gw_head_unlock(gw_arena *arena, const gw_head *head, const gw_unlock *unlock,
                    unsigned char file_key[GW_KEY_BYTES], gw_err *err);

#endif
