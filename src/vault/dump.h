/*
 * One database, as it is in one snapshot: which tables with how many rows, and what pg_dump writes
 * of them, into a backup. And the other way: pg_restore into an empty database.
 */
#ifndef GW_VAULT_DUMP_H
#define GW_VAULT_DUMP_H

#include "base/lines.h"
#include "pg/query.h"
#include "vault/client.h"
#include "vault/reader.h"
#include "vault/writer.h"

typedef struct gw_dump_progress {
    void (*see)(void *self, int64_t done, int64_t total); /* bytes; total -1: not known */
    void *self;
} gw_dump_progress;

typedef struct gw_dump_view {
    const char *snapshot;          /* exported; as long as the session's transaction is open */
    GW_VEC(gw_backup_table) tables;
    const char **wanted;           /* pg_dump patterns, NULL-terminated; NULL: the whole database */
    int64_t bytes;                 /* of the tables on disk, about */
    int64_t taken_at;
} gw_dump_view;

/* Opens the transaction of the snapshot in a pinned session. names (NULL-terminated; NULL: all):
 * "table" or "schema.table", as they are or quoted; one that there is not is kind USAGE. */
bool gw_dump_look(gw_session *session, gw_arena *arena, const char *const *names, bool rows,
                  gw_dump_view *out, gw_err *err);

typedef struct gw_dump_run {
    const gw_client *client;
    const char *conninfo;
    const gw_dump_view *view;
    bool schema_only;
    unsigned jobs;         /* pg_dump's directory format, by so many at once; 0: its custom format */
    const char *directory; /* with jobs: where it may write its files meanwhile (spill.h) */
    const gw_cancel *cancel;
    gw_dump_progress progress;
} gw_dump_run;
bool gw_dump_write(gw_arena *arena, const gw_dump_run *run, gw_backup_writer *writer, gw_err *err);

/* pg_restore reads all of it, without a database: which rows it would load, as COPY writes them. */
bool gw_dump_read_through(gw_arena *arena, const gw_client *client, gw_backup_reader *reader,
                          const gw_cancel *cancel, gw_lines_sum *rows, gw_err *err);

/* Row counts of the tables that a manifest names, now; -1: there is no such table. */
bool gw_dump_count(gw_session *session, gw_arena *arena, const gw_manifest *manifest,
                   int64_t **rows, gw_err *err);

/* Has this database nothing that a user made? */
bool gw_dump_is_empty(gw_session *session, gw_arena *arena, bool *empty, gw_err *err);

typedef struct gw_restore_run {
    const gw_client *client;
    const char *conninfo;
    gw_backup_reader *reader; /* unlocked and at its beginning */
    unsigned jobs;            /* of a backup in directory format, by so many at once, each statement for itself;
                                 0: in one transaction, all of it or nothing. Another format is always so */
    const char *directory;    /* where the files of a directory may lie meanwhile (spill.h) */
    const gw_cancel *cancel;
    const gw_dump_progress *progress;
} gw_restore_run;
bool gw_dump_restore(gw_arena *arena, const gw_restore_run *run, gw_err *err);

/* A backup in directory format as the folder that pg_restore reads; it may not exist yet. */
bool gw_dump_unpack(gw_arena *arena, gw_backup_reader *reader, const char *folder,
                    const gw_cancel *cancel, const gw_dump_progress *progress, gw_err *err);
/* Is it of that format? */
bool gw_dump_is_directory(const gw_manifest *manifest);

#endif
