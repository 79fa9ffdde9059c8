/* What the statements of apply are built from (apply_sql*.c). */
#ifndef GW_SYNC_APPLY_SQL_IMPL_H
#define GW_SYNC_APPLY_SQL_IMPL_H

#include "base/vec.h"
#include "sync/apply_sql.h"

typedef struct gw_apply_target {
    const gw_source_column *column;
    const char *name;     /* quoted */
    const char *value;    /* over s (gw_stage), m1, x1 … */
    const char *fallback; /* in place of NULL */
    const char *second;   /* value in the second pass */
    bool later;           /* of the second pass: neither written nor fingerprinted */
    bool clock;           /* another value each time: not fingerprinted */
} gw_apply_target;

typedef struct gw_apply_builder {
    gw_arena *arena;
    gw_session *session;
    const gw_projection *projection;
    const gw_entity_plan *plan;
    const gw_mapping *mapping;
    const char *entity;      /* as a literal */
    const char *destination; /* quoted */
    GW_VEC(gw_apply_target) targets;
    gw_buf joins;      /* of the id map, behind gw_stage s */
    gw_buf references; /* what of them is missing; values that are too long */
    gw_buf wrong;      /* the same as conditions */
    gw_buf dangling;
    gw_buf *joined,
        *missing; /* where a reference adds to: those above, or those of the second pass */
    gw_buf later_joins, later_missing;
    gw_buf later_from; /* "s.gw_1 IS NOT NULL OR …" */
    const gw_source_names *leaving;
    gw_apply_sql *out;
} gw_apply_builder;

#define NOT_BAD(alias)                                                                             \
    "NOT EXISTS (SELECT FROM pg_temp.gw_bad b WHERE b.gw_n = " alias "." GW_NUMBER ")"

/* The row was in the destination when it was judged, and is locked since. */
#define THERE(alias)                                                                               \
    "EXISTS (SELECT FROM pg_temp.gw_there h WHERE h.gw_n = " alias "." GW_NUMBER ")"

#define NOT_BAD_STAGED "NOT EXISTS (SELECT FROM pg_temp.gw_bad b WHERE b.gw_n = s.gw_n)"

bool gw_apply_is_key(const gw_apply_builder *b, const gw_apply_target *one);
/* "a.k = b.k AND …" over the destination's key. */
const char *gw_apply_same_key(gw_apply_builder *b, const char *left, const char *right);

/* Of the columns that the second pass fills: their fingerprint, and "is there something in one of them?". */
const char *gw_apply_filled_print(gw_apply_builder *b, const char *alias);
const char *gw_apply_filled_any(gw_apply_builder *b, const char *alias);

/* Those of the second pass, where a field of the mapping is filled there. */
void gw_apply_sql_later(gw_apply_builder *b);

/* Behind what says how gone rows are found. */
void gw_apply_sql_let_go(gw_apply_builder *b);

#endif
