/*
 * Schemas as a person asks for them: dump, diff. Sides are `migrations`, `database`, a URL, a
 * .sql file or a folder of them. Results live on the arena that is passed in.
 */
#ifndef GW_APP_SCHEMA_H
#define GW_APP_SCHEMA_H

#include "app/app.h"
#include "schema/losses.h"
#include "schema/plan.h"
#include "schema/value.h"

typedef struct gw_texts {
    const char **items;
    size_t len, cap;
} gw_texts;

/* ---- dump ------------------------------------------------------------------------------ */

/* The environment's database: its schema. */
bool gw_app_schema(gw_app *app, gw_arena *arena, gw_schema **schema, gw_err *err);

/* The same, and the statements that make it from nothing. */
bool gw_app_dump(gw_app *app, gw_arena *arena, const gw_schema **schema,
                 const gw_schema_plan **plan, gw_err *err);

/* ---- diff ------------------------------------------------------------------------------ */

typedef struct gw_diff_options {
    const char *from, *to;
    bool concurrently, no_owner, no_privileges;
    bool unproven;              /* leave the proof out, and say so */
    bool prove_rows;            /* rows have to come through it, too */
    const char *const *renames; /* "old=new" */
    size_t rename_count;
} gw_diff_options;

typedef struct gw_statements_of_plan {
    gw_ddl_statement *items;
    size_t len, cap;
} gw_statements_of_plan;

typedef struct gw_object_rename {
    const gw_object *object; /* of the first schema as it was read */
    const char *to;
    const char *to_schema;   /* it moves there; NULL: it stays */
    const gw_object *with;   /* the table whose name it carries; NULL */
} gw_object_rename;
typedef struct gw_object_renames {
    gw_object_rename *items;
    size_t len, cap;
} gw_object_renames;

/* A table whose rows could not be tried. */
typedef struct gw_untried_rows {
    const char *table, *reason;
} gw_untried_rows;

typedef struct gw_rows_proof {
    size_t tables, rows; /* rows of so many tables came through the plan */
    gw_untried_rows *items;
    size_t len, cap;
} gw_rows_proof;

typedef struct gw_diff {
    bool equal;
    const char *from, *to;            /* for people */
    const gw_schema *x, *y;           /* x as it is once the renames are done */
    const gw_schema_plan *plan;       /* from that x to y */
    const gw_schema *before;          /* the first as it was read */
    gw_object_renames renamed;
    gw_statements_of_plan renames;    /* those as statements, run first */
    gw_statements_of_plan statements; /* all of it, renames included */
    const char *fingerprint;          /* of x as it was read: the plan is for nothing else */
    const char *proven_on;            /* "15.4"; NULL: it was not proven */
    gw_rows_proof *rows;              /* NULL: not proven with rows */
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
/* What it may cost, in the database of its first side; not counted. */
void gw_diff_losses(gw_arena *arena, const gw_diff *diff, gw_losses *out);

/* ---- drift ----------------------------------------------------------------------------- */

typedef struct gw_drift {
    const char *not_compared; /* why it could not be; NULL: it was */
    const char *hint;
    bool equal;
    gw_diff to_files;         /* makes the database what its applied migrations say */
    gw_diff to_database;      /* makes of those what the database is */
} gw_drift;

/* The environment's database (or the one tenant of it that there is, or that --tenant names) against
 * its applied migrations, replayed on a shadow. */
bool gw_app_drift(gw_app *app, gw_arena *arena, gw_drift *out, gw_err *err);

/* The same of each tenant in turn; *several: there are tenants, and none was named: else `tenant` is "".
 * What is shown lives until see() returns. */
typedef void (*gw_drift_seen)(void *self, const char *tenant, const gw_drift *drift);
bool gw_app_drift_each(gw_app *app, gw_arena *arena, gw_drift_seen see, void *self, bool *several,
                       gw_err *err);

/* ---- push ------------------------------------------------------------------------------ */

typedef struct gw_push_options {
    const char *path;           /* a declared schema: a file or a folder */
    bool concurrently, no_owner, no_privileges, prove_rows;
    const char *const *renames;
    size_t rename_count;
} gw_push_options;

typedef struct gw_push gw_push;

/* The plan for the environment's database, with what it costs there counted (10 s at most, then
 * estimated). Nothing is changed. */
bool gw_app_push_plan(gw_app *app, gw_arena *arena, const gw_push_options *options, gw_push **out,
                      gw_err *err);
const gw_diff *gw_push_diff(const gw_push *push);
const gw_losses *gw_push_losses(const gw_push *push);
const char *gw_push_database(const gw_push *push);

/* Kind REFUSED where it loses rows or values and that was not allowed. */
bool gw_app_push_may(gw_push *push, bool allow_data_loss, gw_err *err);

/*
 * Run it, under the run lock, with the environment's timeouts and retries, and read back. Kind STATE
 * where the schema is another by now than the plan was made for: nothing is changed then. A plan of
 * several transactions that ends half-way goes on with the next push: that plans from what is there.
 * Each transaction leaves an event in the audit.
 */
bool gw_app_push_apply(gw_push *push, int64_t wait_ms, bool backup, int64_t *duration_ms, gw_err *err);

#endif
