/* What plan.c and plan_edges.c share: the operations of a plan and who waits for whom. */
#ifndef GW_SCHEMA_PLANNER_H
#define GW_SCHEMA_PLANNER_H

#include "schema/internal.h"
#include "schema/match.h"
#include "schema/plan.h"

typedef enum { OP_HOLD, OP_RELEASE, OP_DROP, OP_STUB, OP_ALTER, OP_CREATE, OP_FILL } op_sort;

typedef struct gw_op {
    op_sort sort;
    gw_pair *pair;
    GW_VEC(gw_pair *) members; /* written inside, or right after */
    GW_VEC(struct gw_op *) next;
    size_t waits_for;
    size_t rank;
    bool done;
} gw_op;

typedef struct planner {
    gw_arena *arena;
    gw_match *match;
    gw_schema_plan *plan;
    gw_ddl ddl;
    GW_VEC(gw_op *) ops;
    bool *apart; /* by y index: a table whose defaults and constraints stand alone */
    bool *unfastened; /* by x index: a foreign key that goes before its table */
    bool *placeholders; /* by y index: a view that is made in two steps */
    gw_op **placeholder_ops;
    bool *released; /* by x index: a view that needs nothing any more before it goes; an index, a
                       constraint or a column's NOT NULL that has another name meanwhile */
    gw_op **release_ops;
} planner;

/* Which operation has to come before which: all of it, from the pairs and their operations. */
void gw_plan_edges(planner *p);

/* In a loop: what has a name that another one takes gives it up first. true: one more does. */
bool gw_plan_unname(planner *p);

/* The column of a default. */
const gw_object *gw_plan_column_of(const gw_object *object);
bool gw_plan_needs(const gw_object *object, const gw_object *other);

#endif
