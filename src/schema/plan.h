/*
 * From one schema to another: what differs, and the statements that take x to y.
 *
 * Matching is by kind and identity. An object that ALTER can change is altered; where it cannot,
 * the object and what depends on it is dropped and made again, in the order of pg_depend. Loops
 * are broken at foreign keys, column defaults and views.
 */
#ifndef GW_SCHEMA_PLAN_H
#define GW_SCHEMA_PLAN_H

#include "schema/ddl.h"
#include "schema/value.h"

typedef struct gw_change {
    gw_ddl_action action;
    const gw_object *x, *y;       /* NULL: not there */
    GW_VEC(const char *) details; /* names of the attributes that differ; "owner", "comment", … */
    bool rebuilt;                 /* only because something that it depends on is made anew */
    bool loses;                   /* rows or values may be lost */
} gw_change;

typedef struct gw_schema_plan {
    const gw_schema *x, *y;
    GW_VEC(gw_change) changes;
    GW_VEC(gw_ddl_statement) statements;
    /* What no statement can change and what is not compared: never silent. */
    GW_VEC(const char *) notes;
    bool equal; /* no change, and nothing on either side that cannot be rendered */
} gw_schema_plan;

bool gw_schema_plan_make(gw_arena *arena, const gw_schema *x, const gw_schema *y,
                  const gw_ddl_options *options, gw_schema_plan **out, gw_err *err);

/* Neighbouring statements that run together: in one transaction, or one alone outside any. */
typedef struct gw_plan_block {
    size_t first, count;
    bool transaction;
} gw_plan_block;
typedef struct gw_plan_blocks {
    gw_plan_block *items;
    size_t len, cap;
} gw_plan_blocks;
void gw_plan_blocks_of(gw_arena *arena, const gw_ddl_statement *statements, size_t count,
                       gw_plan_blocks *out);

/* Every statement with its semicolon. Where they do not all fit into one transaction, BEGIN and
 * COMMIT stand around those that go together. */
char *gw_ddl_text(gw_arena *arena, const gw_ddl_statement *statements, size_t count);
char *gw_schema_plan_text(gw_arena *arena, const gw_schema_plan *plan);

#endif
