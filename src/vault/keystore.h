/*
 * Where keys are kept: a file, or godwit.keys in a database. Changes are made one after another,
 * whoever makes them; a reader sees all of a change or nothing.
 */
#ifndef GW_VAULT_KEYSTORE_H
#define GW_VAULT_KEYSTORE_H

#include "vault/key.h"

typedef struct gw_keystore {
    const char *path;    /* of the file; NULL: the table */
    gw_session *session; /* of the table */
    const char *by;
} gw_keystore;

/* In the order in which they were made. A file or a table that is not there has none. */
bool gw_keystore_read(const gw_keystore *store, gw_arena *arena, gw_key_list *out, gw_err *err);

/* The keys as they are, under the store's lock; what `change` leaves of them is what is kept. Where
 * it says false nothing has changed. It takes no key away. */
typedef bool gw_keystore_change_fn(void *self, gw_key_list *keys, gw_err *err);
bool gw_keystore_change(const gw_keystore *store, gw_arena *arena, gw_keystore_change_fn *change,
                        void *self, gw_err *err);

/* The only one whose id begins so. Kind USAGE. */
bool gw_key_find(const gw_key_list *keys, const char *id, gw_key **out, gw_err *err);

#endif
