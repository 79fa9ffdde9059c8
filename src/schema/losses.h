/*
 * What a plan may cost: rows of dropped tables, values of dropped columns, values that do not fit a
 * new type, nulls where none may be, labels that go. First found in the plan (or by foresight.h in
 * statements), then counted in the database that it is meant for. Knows nothing of who asks, or what becomes of the answer.
 */
#ifndef GW_SCHEMA_LOSSES_H
#define GW_SCHEMA_LOSSES_H

#include "schema/plan.h"

typedef enum gw_loss_kind {
    GW_LOSS_TABLE,    /* rows of a table that is dropped, or dropped and made again */
    GW_LOSS_COLUMN,   /* values of a column that is dropped, or dropped and made again */
    GW_LOSS_TYPE,     /* values that do not fit the new type, or come out of it changed */
    GW_LOSS_ENUM,     /* values that are one of the labels which go */
    GW_LOSS_NOT_NULL, /* nulls: nothing is lost, the plan will fail */
    GW_LOSS_DEFAULT,  /* a default goes: nothing is lost, inserts may begin to fail */
    /* Of statements only: */
    GW_LOSS_TRUNCATED,
    GW_LOSS_DELETED,     /* DELETE without WHERE */
    GW_LOSS_OVERWRITTEN, /* UPDATE without WHERE: said, and not refused */
    GW_LOSS_DATABASE,
    GW_LOSS_UNKNOWN, /* a statement that cannot be read, or is put together at run time */
} gw_loss_kind;
const char *gw_loss_kind_name(gw_loss_kind kind); /* "dropped_table" */

typedef struct gw_loss {
    gw_loss_kind kind;
    const char *object;      /* "public.t.c" */
    const gw_object *of;     /* the same in the first schema; NULL: of a statement */
    const char *to;          /* the new type; else NULL */
    const char *count_sql;   /* gives one number, n; NULL: nothing to count */
    const char *else_sql;    /* where that fails for a value that cannot be cast; or NULL */
    const char *table;       /* the table to count in, as SQL */
    const char *column;      /* its column's name; NULL: rows */
    bool unsure;             /* which values fit is not known: all that are not null are counted */
    int64_t rows;            /* -1: not counted */
    bool estimated;          /* by the planner's statistics */
    const char *why_estimated;
    /* Of a statement in a file (schema/foresight.h); NULL, 0, false: none. */
    const char *file, *version, *tenant;
    unsigned line;
    const char *by;     /* who does it, where the statement's text does not say; or NULL */
    bool some;          /* of GW_LOSS_DELETED: not all rows */
    bool accepted;      /* the file says that it is meant */
    bool only_observed; /* on a shadow: no statement's text says it */
} gw_loss;

typedef struct gw_losses {
    gw_loss *items;
    size_t len, cap;
} gw_losses;

typedef struct gw_losses_options {
    /* The object as the database to count in has it (renames come first); NULL: as it is. */
    const gw_object *(*original)(void *self, const gw_object *object);
    void *self;
} gw_losses_options;

void gw_losses_find(gw_arena *arena, const gw_schema_plan *plan, const gw_losses_options *options,
                    gw_losses *out);

/*
 * Count, outside a transaction; all of it takes limit_ms at most, then the rest is estimated. A table
 * that is locked, or of which this role may not read all rows (row security), is estimated too.
 */
bool gw_losses_count(gw_session *session, gw_losses *losses, int64_t limit_ms, gw_err *err);

/* Would something be lost that nobody accepted? Not where it was counted and there is nothing. */
bool gw_loss_loses(const gw_loss *loss);
/* Will the plan fail for it? */
bool gw_loss_fails(const gw_loss *loss);

/* "table public.t is dropped: 1200 rows". */
char *gw_loss_text(gw_arena *arena, const gw_loss *loss);

#endif
