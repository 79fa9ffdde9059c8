/*
 * Backups of an environment: made, listed, proven to restore, pruned, restored. They lie in the
 * project's folder of backups, one file each.
 */
#ifndef GW_APP_BACKUP_H
#define GW_APP_BACKUP_H

#include "app/app.h"
#include "vault/manifest.h"

typedef struct gw_backup_options {
    const char *const *tables; /* NULL-terminated; NULL: all */
    bool schema_only;
    bool directory;            /* pg_dump's directory format, by as many as the environment's connections */
    const char *passphrase_file; /* NULL */
    const char *folder; /* where the file goes; NULL: the project's folder of backups */
    const char *id;     /* NULL: a new one */
} gw_backup_options;

typedef struct gw_backup_made {
    const char *id, *path;
    bool encrypted;
    int64_t bytes;        /* of the file */
    const char *sha256;   /* of the file's chunks */
    gw_manifest manifest;
    int64_t duration_ms;
    bool recorded;        /* the audit has it */
} gw_backup_made;

bool gw_app_backup(gw_app *app, gw_arena *arena, const gw_backup_options *options,
                   gw_backup_made *out, gw_err *err);

typedef struct gw_backup_file {
    const char *path;
    gw_manifest manifest;  /* id is the file's name where it cannot be read */
    const char *trouble;   /* it cannot be read: why; else NULL */
    int64_t bytes, verified_at, restore_ms; /* GW_NULL_INT: never verified */
} gw_backup_file;
typedef struct gw_backup_files {
    gw_backup_file *items; /* newest first */
    size_t len, cap;
} gw_backup_files;
bool gw_app_backups(gw_app *app, gw_arena *arena, gw_backup_files *out, gw_err *err);
/* Those, and what maintain has archived: all that keys are needed for. */
bool gw_app_sealed_files(gw_app *app, gw_arena *arena, gw_backup_files *out, gw_err *err);

typedef struct gw_verified {
    const char *id;
    int64_t restore_ms, rows;
    size_t tables;
    const char *different; /* what came back otherwise, for people; NULL: nothing */
} gw_verified;
/* id: of a backup, the beginning of one, or a path; NULL: the newest. */
bool gw_app_backup_verify(gw_app *app, gw_arena *arena, const char *id,
                          const char *passphrase_file, gw_verified *out, gw_err *err);
/* What pg_dump wrote, to a new file; "-": standard output. Of a directory, to a new folder. */
bool gw_app_backup_extract(gw_app *app, gw_arena *arena, const char *id, const char *path,
                           const char *passphrase_file, gw_err *err);

typedef struct gw_prune_options {
    const char *keep;  /* "30d" or a number; NULL: the project's */
    int64_t daily, weekly, monthly; /* the newest of so many days, weeks, months; 0: none */
    bool dry_run;
} gw_prune_options;
/* What was removed. The newest verified one of each environment stays, whatever is asked. */
bool gw_app_backup_prune(gw_app *app, gw_arena *arena, const gw_prune_options *options,
                         gw_backup_files *out, gw_err *err);

typedef struct gw_restore_options {
    const char *id;
    bool replace, to_new;
    const char *passphrase_file;
} gw_restore_options;
typedef struct gw_restored {
    const char *id, *database;
    const char *kept;        /* name under which the database of before is kept, or NULL */
    const char **before;     /* every database that a restore has put aside, this one's too */
    size_t before_count;
    const char *different;   /* what came back otherwise than the backup says, for people; NULL: nothing */
    int64_t duration_ms;
    const gw_status *status; /* of the restored history beside the files; NULL: not known */
} gw_restored;
/* into: a URL; NULL: the environment's database. */
bool gw_app_restore(gw_app *app, gw_arena *arena, const char *into,
                    const gw_restore_options *options,
                    gw_restored *out, gw_err *err);

#endif
