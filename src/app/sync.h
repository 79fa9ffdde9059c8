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

/* The destination alone: for what is registered. Also: one more session with it. */
bool gw_app_sync_destination(gw_app *app, gw_arena *arena, gw_session **out, gw_err *err);

/* One more session with the source: pinned, every transaction read only unless it says otherwise. */
bool gw_app_sync_source(gw_app *app, gw_arena *arena, const gw_sync_settings *settings,
                        gw_source **out, gw_err *err);

/* An entity whose mapping is active. */
typedef struct gw_sync_entity {
    const char *name;
    gw_definition definition;
    gw_entity_plan plan;         /* plan.mapping: the mapping */
    gw_source_names differences; /* lines: what is not as it was registered; then it is stopped */
    bool selected;               /* by the words of the command; all where there were none */
} gw_sync_entity;

/* What every command that moves or compares rows begins with. */
typedef struct gw_sync {
    gw_sync_sides sides;
    gw_source_identity source, destination;
    gw_sync_entity *entities; /* all that are active, in the order in which they run */
    size_t count;
} gw_sync;

/*
 * Both sides and the active mappings, each held against how both sides look now. names: the
 * entities to select, NULL or none: all. write: Godwit's tables are made or upgraded, and the
 * environment has to be one that may be written to.
 * Kinds: REFUSED where both sides are one database, or the source is none that rows can be read
 * from; STATE where no mapping is active or they cannot run together; USAGE for a name of none.
 */
bool gw_app_sync_begin(gw_app *app, gw_arena *arena, const char *const *names, size_t count,
                       bool write, gw_sync *out, gw_err *err);

/* NULL: none is called so. */
gw_sync_entity *gw_sync_entity_of(const gw_sync *sync, const char *name);

/* Kind STATE, with the differences, where the entity is stopped; else true. */
bool gw_sync_entity_fits(const gw_sync_entity *entity, gw_err *err);

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
