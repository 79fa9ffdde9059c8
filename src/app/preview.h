/*
 * What `up` would do, seen before it does it: every pending migration run on a shadow that has the
 * target's real schema, with the locks, rewrites and scans of each statement, and the schema
 * change that comes of it. The target is read and never written.
 */
#ifndef GW_APP_PREVIEW_H
#define GW_APP_PREVIEW_H

#include "app/schema.h"
#include "migrate/trace.h"

typedef struct gw_preview_warning {
    const char *rule; /* "table_rewrite": one of lint's that are seen */
    const char *message;
} gw_preview_warning;

typedef struct gw_preview_statement {
    const gw_traced *traced;
    gw_preview_warning *warnings;
    size_t warning_count, warning_cap;
} gw_preview_statement;

typedef struct gw_preview_migration {
    const char *version, *name, *service, *file;
    bool transactional;
    gw_preview_statement *statements;
    size_t count;
} gw_preview_migration;

typedef struct gw_preview {
    gw_preview_migration *migrations;
    size_t count;
    const gw_schema_plan *change; /* from the target's schema to what it would be; NULL: nothing
                                     is pending */
    gw_losses losses;             /* what it would cost, counted in the target */
    const char *tried_on;         /* "15.4" */
    gw_texts warnings;
} gw_preview;

/* `options`: to, steps, service, out_of_order. What `up` would fail at is an error. */
bool gw_app_preview(gw_app *app, gw_arena *arena, const gw_run_options *options, gw_preview *out,
                    gw_err *err);

#endif
