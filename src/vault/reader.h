/*
 * Reading a .gwb file with a bounded memory. Nothing is handed out before it is authenticated;
 * that nothing is missing at the end is known only there, so what must not begin before all is
 * known to be right calls gw_backup_check first.
 */
#ifndef GW_VAULT_READER_H
#define GW_VAULT_READER_H

#include "vault/manifest.h"
#include "vault/slot.h"

typedef struct gw_backup_reader gw_backup_reader;

/* Reads the head. Kind INPUT where it is damaged; errors name the file. */
bool gw_backup_open(gw_arena *arena, const char *path, gw_backup_reader **out, gw_err *err);
/* Believed only after unlock. */
const gw_manifest *gw_backup_manifest(const gw_backup_reader *reader);
const gw_head *gw_backup_head(const gw_backup_reader *reader);
bool gw_backup_is_open(const gw_backup_reader *reader); /* not encrypted */

bool gw_backup_unlock(gw_backup_reader *reader, const gw_unlock *unlock, gw_err *err);

/* Every chunk is authenticated, and the digest compared; the place is the beginning again. `see`
 * (may be NULL) is called with the bytes read so far; false stops it (kind INTERRUPTED). */
bool gw_backup_check(gw_backup_reader *reader, bool (*see)(void *self, int64_t done), void *self,
                     gw_err *err);

/* The next bytes of what pg_dump wrote; *len 0 at the end, where all has been compared. `out`
 * stays valid until the next call. */
bool gw_backup_read(gw_backup_reader *reader, const unsigned char **out, size_t *len, gw_err *err);

#endif
