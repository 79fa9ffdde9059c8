/*
 * Taking over another tool's history: its table is read, its checksums are checked by its own
 * rule, and Godwit's history is written. Nothing else in the database is changed, and the tool's
 * table stays as it is. Doing it twice is no error.
 *
 * What a tool stores and how it counts: docs/formats.md. Knows nothing of configuration.
 */
#ifndef GW_MIGRATE_ADOPT_H
#define GW_MIGRATE_ADOPT_H

#include "control/actor.h"
#include "control/lock.h"
#include "migrate/folder.h"
#include "migrate/plan.h"

typedef struct gw_adopt_item {
    const char *version, *name;
    const char *service, *tenant;
    int64_t applied_at;        /* GW_NULL_INT: the tool does not say */
    const char *checksum;      /* "match", "mismatch", "none" (the tool keeps none), "line-endings" */
} gw_adopt_item;
typedef struct gw_adopt_result {
    const char *tool, *table;
    gw_adopt_item *items;
    size_t len, cap;
    size_t already;            /* rows that Godwit's history had */
} gw_adopt_result;

typedef struct gw_adopt_options {
    gw_format tool;
    const char *table;         /* "name" or "schema.name"; NULL: where the tool puts it */
    const char *schema;        /* look in this one only (a tenant's); NULL: search_path first */
    const char *tenant;        /* of the history rows; NULL = "" */
    const char *service;       /* take over files of this one only; NULL = all */
    const char *project_dir;   /* alembic: where alembic.ini is looked for */
    const char *const *placeholders; /* flyway: name, value, …, NULL; NULL: none */
    bool only_ours;            /* gw_adopt_recognise: nothing without a row that is one of the files' */
    bool dry_run;
    const gw_actor *actor;     /* may be NULL with dry_run */
    gw_run_lock *lock;         /* held by the caller, takes the tool's lock too; NULL with dry_run */
    int64_t wait_ms;           /* for the tool's lock */
} gw_adopt_options;

/*
 * `session` is pinned and not in a transaction. One transaction does it all. `files` were read in
 * the tool's own convention (any for alembic, whose files are Python: its revisions become rows
 * of kind 'baseline', which need no file and stand before every file).
 *
 * kind STATE, with nothing written: no such table, a half-done migration in it, versions without
 * a file, files that changed since (drizzle never looks at that: reported in the result only).
 * kind INPUT: files of another convention.
 */
bool gw_adopt(gw_arena *arena, gw_session *session, const gw_migration_list *files,
              const gw_adopt_options *options, gw_adopt_result *out, gw_err *err);

/* A tool that has migrated this database. */
typedef struct gw_foreign_history {
    const char *tool;
    const char *table;         /* for people: "public.schema_migrations" */
    int64_t rows;              /* migrations in it; of golang-migrate and alembic always few */
} gw_foreign_history;
typedef struct gw_foreign_histories {
    gw_foreign_history *items;
    size_t len, cap;
    const char *service;       /* whose files they may be: NULL = Godwit has no history here at all */
} gw_foreign_histories;

/*
 * Tools whose tables hold a history that may be the one of these files: those in the search_path
 * and in the tools' own schemas; in any other schema (a platform may keep histories of its own)
 * only where a row belongs to one of the files. Empty tables, and those that this role may not
 * read, are passed over; with only_ours also those that were taken over already. Of the options
 * schema, project_dir and only_ours count. The session is pinned and
 * not in a transaction; nothing is changed. One round trip where there is no such table.
 */
bool gw_adopt_recognise(gw_arena *arena, gw_session *session, const gw_migration_list *files,
                        const gw_adopt_options *options, gw_foreign_histories *out, gw_err *err);

/* Files about to run that a tool, whose history was taken over, has run since. */
typedef struct gw_gone_on_item {
    const gw_plan_item *item;
    const char *tool, *table;
} gw_gone_on_item;
typedef struct gw_gone_on {
    gw_gone_on_item *items;
    size_t len, cap;
} gw_gone_on;

/*
 * Of those `chosen`, the ones that the tables of tools taken over say are applied. Of the options schema
 * and project_dir count. The session is pinned, not in a transaction, and Godwit's tables are there.
 * kind STATE: a tool left something half-done.
 */
bool gw_adopt_gone_on(gw_arena *arena, gw_session *session, const gw_migration_list *files,
                      const gw_adopt_options *options, const gw_selection *chosen, gw_gone_on *out,
                      gw_err *err);

/* Is it where a tool keeps its history: all of a schema that is the tool's own, or a table of the
 * tool's name in any other? table NULL: it is no table. */
bool gw_adopt_is_history(const char *schema, const char *table);

#endif
