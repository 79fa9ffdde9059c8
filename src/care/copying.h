/*
 * Rows of one table copied into another in batches, in the order of a key, while people write to the first. A batch
 * holds what it copies against changes; those of before and after a trigger carries over. How far it is stands in
 * the comment of the table that is filled, in the batch's transaction.
 */
#ifndef GW_CARE_COPYING_H
#define GW_CARE_COPYING_H

#include "pg/query.h"

typedef struct gw_copying {
    const char *from, *into;    /* as SQL names them */
    const char *columns;        /* those that are not generated, as SQL lists them */
    const char *const *key;     /* columns of a unique key, quoted */
    const char *const *types;
    size_t keys;
    const char *which;          /* a condition that the rows meet; NULL: all of them */
    const char *comment;        /* what stands around the place: before it … */
    const char *comment_end;    /* … and behind it */
    const char *place;          /* the key up to which rows are copied; NULL: none are; "" all are */
} gw_copying;

/* In a transaction, whose lock timeout it makes short: the next rows; c->place moves on where that commits. */
bool gw_copy_batch(gw_copying *c, gw_session *session, gw_arena *arena, int64_t *rows, gw_err *err);

/* What it runs, the place as $1 where there is one: the last key of the next batch ("place"; no row: fewer are
 * left); the rows behind the place, up to that key (the parameter behind the place) where `bounded`. */
const char *gw_copy_end_sql(const gw_copying *c, gw_arena *arena);
const char *gw_copy_rows_sql(const gw_copying *c, gw_arena *arena, bool bounded);
enum { GW_COPY_BATCH = 2000 };

/* Whoever would be shown some of the rows only is told so, and nothing is lost. In a transaction. */
bool gw_copy_see_all(gw_session *session, gw_err *err);

#endif
