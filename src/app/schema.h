/*
 * Schemas as a person asks for them: dump, diff. Sides are `migrations`, `database`, a URL, a
 * .sql file or a folder of them. Results live on the arena that is passed in.
 */
#ifndef GW_APP_SCHEMA_H
#define GW_APP_SCHEMA_H

#include "app/app.h"
#include "schema/plan.h"
#include "schema/value.h"

typedef struct gw_texts {
    const char **items;
    size_t len, cap;
} gw_texts;

/* ---- dump ------------------------------------------------------------------------------ */

/* The environment's database: its schema, and the statements that make it from nothing. */
bool gw_app_dump(gw_app *app, gw_arena *arena, const gw_schema **schema,
                 const gw_schema_plan **plan, gw_err *err);

/* ---- diff ------------------------------------------------------------------------------ */

typedef struct gw_diff_options {
    const char *from, *to;
    bool concurrently, no_owner, no_privileges;
    bool unproven;              /* leave the proof out, and say so */
    const char *const *renames; /* "old=new" */
    size_t rename_count;
} gw_diff_options;

typedef struct gw_statements_of_plan {
    gw_ddl_statement *items;
    size_t len, cap;
} gw_statements_of_plan;

typedef struct gw_diff {
    bool equal;
    const char *from, *to;            /* for people */
    const gw_schema *x, *y;           /* x as it is once the renames are done */
    const gw_schema_plan *plan;       /* from that x to y */
    gw_statements_of_plan renames;    /* run first */
    gw_statements_of_plan statements; /* all of it, renames included */
    const char *fingerprint;          /* of x as it was read: the plan is for nothing else */
    const char *proven_on;            /* "15.4"; NULL: it was not proven */
    gw_texts warnings;                /* what has to be said beside it */
} gw_diff;

/*
 * What turns `from` into `to`. A plan has been proven: run on a shadow made like `from`, the result
 * equal to `to`, and nothing left to do. Kind STATE where that fails: then there is no plan.
 */
bool gw_app_diff(gw_app *app, gw_arena *arena, const gw_diff_options *options, gw_diff *out,
                 gw_err *err);

/* The plan as SQL with what has to be known about it as comments. */
char *gw_diff_text(gw_arena *arena, const gw_diff *diff);
/* SETs that stand before its statements, "" where none are needed. */
const char *gw_diff_settings(const gw_diff *diff);

#endif
