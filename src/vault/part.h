/*
 * A backup's file while it is written: ID.gwb.part, locked, until it is whole, on disk and renamed.
 * What a killed process left is removed by the next one that writes into the folder.
 */
#ifndef GW_VAULT_PART_H
#define GW_VAULT_PART_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

#define GW_BACKUP_SUFFIX ".gwb"
#define GW_BACKUP_PART ".part"

typedef struct gw_part gw_part;

/* Kind IO where the folder cannot be written to. The arena abandons it. */
bool gw_part_open(gw_arena *arena, const char *directory, const char *id, gw_part **out, gw_err *err);
bool gw_part_write(gw_part *part, const void *data, size_t len, gw_err *err);
/* What is written next goes to the beginning. */
bool gw_part_rewind(gw_part *part, gw_err *err);
/* Fsynced, renamed (over what has its name), and the folder fsynced. */
bool gw_part_publish(gw_part *part, const char **path, gw_err *err);
/* Nothing is left. Safe after publish and twice. */
void gw_part_abandon(gw_part *part);

#endif
