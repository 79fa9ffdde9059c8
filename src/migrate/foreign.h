/*
 * Facts about other tools' files that adoption and `compat:` rest on: their own checksums.
 * Source of each rule: the tool's code, as written down in docs/formats.md.
 */
#ifndef GW_MIGRATE_FOREIGN_H
#define GW_MIGRATE_FOREIGN_H

#include "base/arena.h"
#include "base/err.h"
#include "migrate/folder.h"
#include "migrate/migration.h"

/*
 * The checksum that the tool itself would store for this migration, as text: sqlx SHA-384 hex of
 * the raw file; Flyway CRC-32 as a signed decimal; drizzle SHA-256 hex; sqitch SHA-1 hex; atlas
 * its atlas.sum "h1:…"; graphile-migrate its "sha1:…" chain. NULL for tools that store none.
 * With `lf` the text is taken with CRLF as LF (the other form that a checkout may have).
 */
bool gw_foreign_checksum(gw_arena *arena, const gw_migration *migration, bool lf,
                         const char **out, gw_err *err);

/* Flyway's of a repeatable file: it takes the text as its placeholders have been filled in. */
bool gw_foreign_checksum_filled(gw_arena *arena, const gw_migration *migration,
                                const gw_script_context *context, const char **out, gw_err *err);

/* A file as atlas.sum sums it up: its bytes, or `text` where it is not written yet. */
typedef struct gw_atlas_file {
    const char *name, *path, *text;
    bool ignored; /* -- atlas:sum ignore */
} gw_atlas_file;

/* The text of the atlas.sum of these files, which stand in the order of their names. */
bool gw_atlas_sum(gw_arena *arena, const gw_atlas_file *files, size_t count, const char **out,
                  gw_err *err);

#endif
