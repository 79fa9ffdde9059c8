/*
 * Keys of a project: made, listed, replaced, handed on, taken out of use; and which of them its backups
 * are for. What they are kept in and what encrypts them godwit.yaml says.
 */
#ifndef GW_APP_KEYS_H
#define GW_APP_KEYS_H

#include "app/app.h"
#include "vault/key.h"

typedef enum gw_store_kind {
    GW_STORE_DEFAULT, /* as godwit.yaml says */
    GW_STORE_FILE,
    GW_STORE_TABLE,
    GW_STORE_QUANTUM, /* KEMBridge's table: another kind of keys, of its users */
} gw_store_kind;

typedef struct gw_key_options {
    gw_store_kind store;
    const char *user;            /* of GW_STORE_QUANTUM: a UUID */
    const char *type;            /* NULL: the best that is here */
    int64_t lasts_ms;            /* GW_NULL_INT: for ever */
    gw_cipher cipher;            /* 0: AES-256-GCM */
    const char *id;              /* or the beginning of one; NULL */
    const char *passphrase_file; /* what encrypts private halves here; NULL: as configured */
    const char *path;            /* of export and import; "-": standard output */
    const char *with_passphrase_file; /* what encrypts the private half in that file; NULL: the same */
    bool public_only;
    bool resume;                 /* rotate: no new key, only what was left */
    bool retire, lose_backups;   /* deactivate */
} gw_key_options;

typedef struct gw_key_shown {
    gw_key key;
    const char *id;      /* as its store calls it */
    const char *user;    /* NULL */
    size_t backups;      /* of the folder that have a slot for it */
} gw_key_shown;

typedef struct gw_keys_shown {
    gw_key_shown *items;
    size_t len, cap;
    const char *where; /* path of the file, or the table's name */
} gw_keys_shown;

bool gw_app_keys(gw_app *app, gw_arena *arena, const gw_key_options *options, gw_keys_shown *out,
                 gw_err *err);
bool gw_app_key_generate(gw_app *app, gw_arena *arena, const gw_key_options *options,
                         gw_key_shown *out, gw_err *err);

typedef struct gw_rotated {
    gw_key_shown key;         /* which is active now */
    const char *before;       /* id of the one that no longer is; NULL */
    size_t rewrapped;         /* backups */
    const char *const *left;  /* paths of those that could not be, and why; NULL-terminated */
} gw_rotated;
bool gw_app_key_rotate(gw_app *app, gw_arena *arena, const gw_key_options *options, gw_rotated *out,
                       gw_err *err);

/* *none_left: no key is active any more. */
bool gw_app_key_deactivate(gw_app *app, gw_arena *arena, const gw_key_options *options,
                           gw_key_shown *out, bool *none_left, gw_err *err);
bool gw_app_key_export(gw_app *app, gw_arena *arena, const gw_key_options *options,
                       const char **text, gw_err *err);
bool gw_app_key_import(gw_app *app, gw_arena *arena, const gw_key_options *options,
                       gw_keys_shown *out, gw_err *err);

#endif
