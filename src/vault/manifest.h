/*
 * What a backup says about itself: the JSON in its head. It is not secret (lists are made of it
 * without a key), it is authenticated with the file's key.
 */
#ifndef GW_VAULT_MANIFEST_H
#define GW_VAULT_MANIFEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/vec.h"

typedef struct gw_backup_table {
    const char *schema, *name;
    int64_t rows; /* -1: the backup has no rows */
} gw_backup_table;

typedef struct gw_manifest {
    const char *id;
    int64_t created_at; /* microseconds UTC: when the snapshot was taken */
    int64_t duration_ms;
    const char *project, *environment, *database;
    const char *godwit, *server_version, *pg_dump; /* "15.20" */
    const char *contents;          /* all, schema, tables */
    const char *format;            /* of pg_dump: custom, directory; NULL when written: custom */
    const char *fingerprint;       /* of the schema of the whole database */
    const char *migration_version; /* newest applied, or NULL */
    const char *encryption;        /* "none", or the kinds of its slots: "passphrase, x25519" */
    GW_VEC(const char *) keys;     /* hexadecimal ids of the keys that open it */
    GW_VEC(gw_backup_table) tables;
    int64_t plain_bytes, stored_bytes;      /* what pg_dump wrote; the chunks in the file */
    const char *plain_sha256, *stored_sha256;
} gw_manifest;

/* Of the same length or shorter than with no number known yet (GW_MANIFEST_UNKNOWN), so that room
 * can be kept for it. */
#define GW_MANIFEST_UNKNOWN INT64_MAX
char *gw_manifest_write(gw_arena *arena, const gw_manifest *manifest);

/* Kind INPUT. Members that are not known are passed over. */
bool gw_manifest_read(gw_arena *arena, const char *text, size_t len, gw_manifest *out, gw_err *err);

#endif
