/*
 * Writing a .gwb file: bytes in, compressed, sealed chunk by chunk, with a bounded memory. It has its
 * name only once it is whole (part.h).
 */
#ifndef GW_VAULT_WRITER_H
#define GW_VAULT_WRITER_H

#include "vault/manifest.h"
#include "vault/part.h"
#include "vault/slot.h"

typedef struct gw_backup_writer gw_backup_writer;

/*
 * recipients: none leaves the file open to everybody (and it says so). The manifest is copied by
 * reference: its numbers, encryption and keys are filled in here. Kind IO where the folder cannot
 * be written to.
 */
bool gw_backup_begin(gw_arena *arena, const char *directory, gw_manifest *manifest,
                     const gw_recipient *recipients, size_t count, gw_backup_writer **out,
                     gw_err *err);
bool gw_backup_write(gw_backup_writer *writer, const void *data, size_t len, gw_err *err);
/* Whole: fsynced and renamed. *path is its name. Where it fails nothing is left. */
bool gw_backup_finish(gw_backup_writer *writer, const char **path, gw_err *err);
/* Nothing is left. Safe after finish and twice; the arena does it too. */
void gw_backup_abandon(gw_backup_writer *writer);

/* Bytes in the file so far. */
int64_t gw_backup_stored(const gw_backup_writer *writer);

#endif
