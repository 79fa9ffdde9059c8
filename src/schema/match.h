/* What becomes of each object on the way from x to y: plan.c's first half. Of this folder only. */
#ifndef GW_SCHEMA_MATCH_H
#define GW_SCHEMA_MATCH_H

#include "schema/kind.h"
#include "schema/plan.h"

typedef enum gw_fate {
    GW_STAYS,
    GW_ALTERED,
    GW_REBUILT, /* dropped and made again */
    GW_ASIDE,   /* a type that columns are moved over to: renamed away, made, the old one dropped */
    GW_DROPPED,
    GW_CREATED,
} gw_fate;

typedef struct gw_pair {
    const gw_object *x, *y;
    gw_fate fate;
    gw_changed changed;
    bool aspects;   /* owner, comment, privileges or labels differ */
    bool because;   /* rebuilt only because of something else */
    bool uncommented; /* another type of a column takes its comment */
    gw_change *change;
    struct gw_op *drop, *main;
    struct gw_op *hold, *fill; /* of a table's rows: carry.c */
} gw_pair;

typedef struct gw_match {
    const gw_schema *x, *y;
    gw_pair *pairs;
    size_t count;
    gw_pair **of_x, **of_y; /* by object->index */
} gw_match;

/* Pair the objects and decide their fates, what depends on them included. */
gw_match *gw_match_make(gw_arena *arena, const gw_schema *x, const gw_schema *y,
                        const gw_ddl_options *options);

/* The changes of a plan, what it cannot render, and whether its sides are equal (describe.c). */
void gw_plan_describe(gw_arena *arena, const gw_match *match, const gw_ddl_options *options,
                      gw_schema_plan *plan);

/* What a parent table hands down: does it come, or go, with the parent's statement? (inherit.c) */
bool gw_comes_by_itself(const gw_match *match, const gw_object *y);
bool gw_goes_by_itself(const gw_match *match, const gw_object *x);
/* Is this new table made by itself, and told to inherit when all is there? A CHECK of its parent that
 * is not valid would be valid in it. */
bool gw_inherits_later(const gw_match *match, const gw_object *table);
/* The table that a new partition is made LIKE: one with a CHECK that cannot be written so that the
 * server takes both for the same. NULL: it needs none. */
const gw_object *gw_made_like(const gw_match *match, const gw_object *table);
/* Does a table stay that is a partition no more, or not as it was? */
bool gw_is_detached(const gw_match *match, const gw_object *table);
/* Does detaching its partition loosen x from what it hangs on? */
bool gw_comes_loose(const gw_match *match, const gw_object *x, const gw_object *on);
/* Does a child table keep what its parent loses? */
bool gw_stays_below(const gw_match *match, const gw_object *x);

/* Does a table become logged, or unlogged, and stay? */
bool gw_changes_persistence(const gw_pair *table);
/* The next of the tables that a foreign key refers to (its own is none); *at begins with 0. NULL, too,
 * where it is no foreign key. */
const gw_object *gw_referred_to(const gw_object *key, size_t *at);

/* The tables whose rows move over to a table that is made anew; false: there are none. */
typedef GW_VEC(const gw_object *) gw_tables;
bool gw_carry_sources(const gw_match *match, gw_arena *arena, const gw_pair *pair, gw_tables *list);
/* Hold them, before anything of the old tables goes; fill them in, when the new one is there. */
void gw_carry_out(gw_ddl *ddl, const gw_match *match, const gw_pair *pair);
void gw_carry_in(gw_ddl *ddl, const gw_match *match, const gw_pair *pair);

static inline bool gw_pair_goes(const gw_pair *pair)
{
    return pair->fate == GW_DROPPED || pair->fate == GW_REBUILT || pair->fate == GW_ASIDE;
}

static inline bool gw_pair_comes(const gw_pair *pair)
{
    return pair->fate == GW_CREATED || pair->fate == GW_REBUILT || pair->fate == GW_ASIDE;
}

#endif
