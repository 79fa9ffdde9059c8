/*
 * Many rows of a DEFAULT partition get the partition that they lack in small parts: it is made beside the table, a trigger
 * carries changes over, the rows are copied in batches by the primary key, and are shown by the DEFAULT partition until one
 * short transaction takes them from there and attaches the other. Killed anywhere, the next call goes on: the comment
 * of the half-filled table says for what it is and how far it was.
 */
#ifndef GW_CARE_DRAIN_H
#define GW_CARE_DRAIN_H

#include "care/copying.h"
#include "care/partition.h"
#include "care/steps.h"

typedef struct gw_drain {
    const gw_partitioned *table;
    gw_range range;
    const char *name;    /* of the partition, in the table's schema */
    bool begun;          /* it is there, and changes are captured */
    bool fits;           /* it can be gone on with; else the table is another since: gw_drain_discard */
    gw_copying copying;
    gw_care_steps steps; /* begin; columns, key, type, which */
} gw_drain;

/* What a run has begun: name NULL where there is none. */
bool gw_drain_find(const gw_partitioned *table, gw_session *session, gw_arena *arena, gw_drain *out,
                   gw_err *err);

/* How that range would be filled. *worth: there are more rows than go in one transaction, and a primary key. */
bool gw_drain_plan(const gw_partitioned *table, gw_session *session, gw_arena *arena, gw_range range,
                   const char *name, gw_drain *out, bool *worth, gw_err *err);

/* Each in a transaction of the caller; between them the rows are copied. Kind LOCK as in partition.h. */
bool gw_drain_begin(const gw_drain *d, gw_session *session, gw_arena *arena, gw_err *err);
bool gw_drain_end(const gw_drain *d, gw_session *session, gw_arena *arena, int64_t *moved, gw_err *err);
/* What was begun goes; the rows are all in the DEFAULT partition. */
bool gw_drain_discard(const gw_drain *d, gw_session *session, gw_arena *arena, gw_err *err);

#endif
