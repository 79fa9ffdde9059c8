/* Shared by the files about keys; private to this folder. */
#ifndef GW_APP_KEYS_INTERNAL_H
#define GW_APP_KEYS_INTERNAL_H

#include "app/backup_internal.h"
#include "app/keys.h"
#include "vault/keystore.h"

/* The project's store, or the one that was asked for. */
bool gw_keys_store(gw_app *app, gw_arena *arena, gw_store_kind kind, gw_keystore *out, gw_err *err);
gw_session *gw_keys_session(gw_app *app, gw_arena *arena, gw_err *err); /* NULL: *err is set */

/* Everything that private halves may be encrypted with, of what is configured. */
typedef struct gw_masters {
    gw_master file, passphrase;
} gw_masters;
bool gw_keys_masters(gw_app *app, gw_arena *arena, const char *passphrase_file, gw_masters *out,
                     gw_err *err);
/* For what is sealed anew: the master key where there is one. */
const gw_master *gw_masters_first(const gw_masters *masters);
bool gw_keys_open(gw_arena *arena, const gw_key *key, const gw_masters *masters, gw_secret *out,
                  gw_err *err);

/* A passphrase out of a file, as a master. */
bool gw_keys_passphrase_of(gw_arena *arena, const char *path, gw_master *out, gw_err *err);

/* Of a key that was opened, for gw_unlock. */
gw_private_key gw_keys_private(const gw_key *key, gw_secret private);

/* Whom a new backup is for: the store's active keys, and the passphrase where there is one. Kind STATE
 * where there are keys and none of them may be used: it would silently not be encrypted. */
typedef struct gw_recipients {
    gw_recipient *items;
    size_t len, cap;
} gw_recipients;
bool gw_keys_recipients(gw_app *app, gw_arena *arena, const char *passphrase_file,
                        gw_recipients *out, gw_err *err);

/* What opens this backup: the passphrase, and the store's keys that it has slots for. */
bool gw_keys_unlock(gw_app *app, gw_arena *arena, const gw_head *head, const char *passphrase_file,
                    gw_unlock *out, gw_err *err);

/* Could what is encrypted now be opened here again? Kind STATE, or what the secrets' absence is. */
bool gw_keys_can_open(gw_app *app, gw_arena *arena, const char *passphrase_file, gw_err *err);

/* NULL: none of them. (keys.c) */
gw_key *gw_key_of_id(gw_key_list *keys, const char *id);

/* The keys of one database's godwit.keys, as they are there, into another's; what that one has besides stays.
 * Where there are none nothing is written. (keys_carry.c) */
bool gw_keys_carry(gw_app *app, gw_arena *arena, gw_session *from, gw_session *to, gw_err *err);

/* The same operations on KEMBridge's table (keys_quantum.c). */
bool gw_quantum_shown(gw_app *app, gw_arena *arena, const gw_key_options *options,
                      gw_keys_shown *out, gw_err *err);
bool gw_quantum_generate(gw_app *app, gw_arena *arena, const gw_key_options *options,
                         gw_key_shown *out, gw_err *err);
bool gw_quantum_rotate(gw_app *app, gw_arena *arena, const gw_key_options *options,
                       gw_rotated *out, gw_err *err);
bool gw_quantum_deactivate(gw_app *app, gw_arena *arena, const gw_key_options *options,
                           gw_key_shown *out, gw_err *err);

#endif
