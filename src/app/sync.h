/* Moving rows: the two sides of a project's environment, and its mappings. */
#ifndef GW_APP_SYNC_H
#define GW_APP_SYNC_H

#include "app/app.h"
#include "sync/check.h"
#include "sync/definition.h"
#include "sync/scaffold.h"

/* Both sides, connected. */
typedef struct gw_sync_sides {
    gw_sync_settings settings;
    gw_source *source;
    gw_session *destination; /* pinned */
} gw_sync_sides;

bool gw_app_sync_settings(gw_app *app, gw_arena *arena, gw_sync_settings *out, gw_err *err);

/* A missing source is kind CONFIG; an engine that is not there is kind REFUSED, before anything is
 * connected. */
bool gw_app_sync_open(gw_app *app, gw_arena *arena, gw_sync_sides *out, gw_err *err);

/* The destination alone: for what is registered. */
bool gw_app_sync_destination(gw_app *app, gw_arena *arena, gw_session **out, gw_err *err);

typedef struct gw_mapping_check {
    gw_problems problems;    /* of the texts: what could not be read is not checked */
    gw_mapping_list mappings;
    bool checked;            /* there was something to check */
    gw_check check;
} gw_mapping_check;

/* files: none: the project's folder. What is wrong with a mapping is no error. */
bool gw_app_mapping_check(gw_app *app, gw_arena *arena, const char *const *files, size_t count,
                          gw_mapping_check *out, gw_err *err);

typedef struct gw_mapping_registered {
    const char *entity, *version;
    gw_registered what;
} gw_mapping_registered;

/* All that were checked, or none: nothing is written where the check has something against one. */
bool gw_app_mapping_register(gw_app *app, gw_arena *arena, const char *const *files, size_t count,
                             bool activate, gw_mapping_check *check, gw_mapping_registered **out,
                             gw_err *err);

bool gw_app_mapping_list(gw_app *app, gw_arena *arena, const char *entity,
                         gw_definition_list *out, gw_err *err);
bool gw_app_mapping_activate(gw_app *app, gw_arena *arena, const char *entity,
                             const char *version, gw_err *err);

typedef struct gw_scaffolded {
    const char *table, *entity;
    const char *file;        /* written; NULL: it was not */
    const char *reason;      /* why not */
} gw_scaffolded;

/* tables: of the source, NAME or SCHEMA.NAME; none: all of them. Files that are there stay. */
bool gw_app_mapping_scaffold(gw_app *app, gw_arena *arena, const char *const *tables,
                             size_t count, gw_scaffolded **out, size_t *out_count, gw_err *err);

typedef struct gw_imported {
    const char *what, *entity, *detail;
    int64_t total, imported, present, conflicts;
} gw_imported;

/* migration_control and migration_mappings of an older system, in this schema of the destination. */
bool gw_app_sync_import(gw_app *app, gw_arena *arena, const char *schema, gw_imported **out,
                        size_t *count, gw_err *err);

#endif
