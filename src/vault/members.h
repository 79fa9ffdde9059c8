/*
 * A flat folder of files as one stream, and back: the form of POSIX ustar, of which nothing but plain
 * files in one folder is written or taken. docs/reference/backup-format.md says what each byte is.
 */
#ifndef GW_VAULT_MEMBERS_H
#define GW_VAULT_MEMBERS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

/* Where the stream goes: false (and *err) ends it. */
typedef struct gw_members_sink {
    bool (*put)(void *self, const void *data, size_t len, gw_err *err);
    void *self;
} gw_members_sink;

/* All files of `folder`, sorted by name. Kind UNSUPPORTED where there is anything else in it. */
bool gw_members_pack(gw_arena *arena, const char *folder, gw_members_sink sink, gw_err *err);

/* The other way, into a new folder (mode 0700), piece by piece; the arena closes what is open. Kind
 * INPUT where it is no such stream: a name that is none, one that comes twice, an end too early. */
typedef struct gw_unpack gw_unpack;
bool gw_unpack_open(gw_arena *arena, const char *folder, gw_unpack **out, gw_err *err);
bool gw_unpack_take(gw_unpack *unpack, const void *data, size_t len, gw_err *err);
bool gw_unpack_end(gw_unpack *unpack, gw_err *err);

#endif
