/*
 * Memory for keys and passphrases: locked into RAM where the system allows it, kept out of core
 * dumps, and overwritten when its arena is freed.
 */
#ifndef GW_VAULT_SECRET_H
#define GW_VAULT_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

typedef struct gw_secret {
    unsigned char *data; /* NUL-terminated one past len, for texts */
    size_t len;
} gw_secret;

/* Zeroed; whole pages of its own. */
gw_secret gw_secret_new(gw_arena *arena, size_t len);
gw_secret gw_secret_copy(gw_arena *arena, const void *data, size_t len);
/* A whole file of up to limit bytes, read into the secret and nowhere else; line ends behind it are
 * left out. */
bool gw_secret_of_file(gw_arena *arena, const char *path, size_t limit, gw_secret *out, gw_err *err);
void gw_secret_wipe(void *data, size_t len);
/* The same time wherever they differ. */
int gw_secret_same(const void *a, const void *b, size_t len);

/* From now on this process leaves no core dump and cannot be traced by its own user. Called once a
 * secret is about to be read. */
void gw_secret_no_dumps(void);

#endif
