/*
 * A folder for what pg_dump writes and pg_restore reads as many files: closed to others, locked, gone
 * with the arena. What a killed process left is removed by the next one that needs one there.
 */
#ifndef GW_VAULT_SPILL_H
#define GW_VAULT_SPILL_H

#include "base/arena.h"
#include "base/err.h"

/* In `directory`, which is made; *path is a folder that does not exist yet, inside of it. */
bool gw_spill_open(gw_arena *arena, const char *directory, const char **path, gw_err *err);

#endif
