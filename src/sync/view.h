/*
 * Entities of a source under one snapshot: what of their rows is read, from which leaves, and what
 * a mark of this moment would say. One snapshot for all of them, so that what refers to another row
 * of the source finds it.
 */
#ifndef GW_SYNC_VIEW_H
#define GW_SYNC_VIEW_H

#include "source/lookup.h"
#include "source/snapshot.h"
#include "sync/detect.h"
#include "sync/mark.h"
#include "sync/project.h"

typedef struct gw_viewed {
    const gw_entity_plan *entity;
    gw_projection projection;
    const char *digest;   /* of all that a row's fingerprint is made of: for marks */
    const char *unstable; /* why its SQL may give other values of the same row; NULL: it does not */
    bool user_names;      /* its statements hold a person's SQL: see gw_pg_user_names */
    gw_snapshot snapshot; /* the view's, with the leaves of this entity alone */
    gw_leaf *leaves;      /* with readers on the view's session; of a query: one without blocks */
    size_t leaf_count;
    gw_reader whole; /* the relation, for looking up */
    gw_lookup lookup;
} gw_viewed;

typedef struct gw_view {
    gw_session *session; /* of the source, in the snapshot's transaction */
    gw_snapshot snapshot;
    gw_viewed *entities; /* in the order given */
    size_t count;
} gw_view;

typedef struct gw_view_want {
    bool share; /* for gw_snapshot_join */
    int64_t lock_timeout_ms;
} gw_view_want;

/*
 * The session is outside a transaction, and in one afterwards, which is the caller's to end. A mark
 * and a low-water mark are taken where they can be had.
 *
 * What a query or a view reads is asked of the server and locked, too: a table that was truncated
 * between would look like as many deletes. Kind UNSUPPORTED where a partition is a foreign table.
 */
bool gw_view_open(gw_session *source, gw_arena *arena, const gw_entity_plan *const *entities,
                  size_t count, const gw_view_want *want, gw_view *out, gw_err *err);

#endif
