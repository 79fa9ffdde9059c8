/*
 * Tables that someone alters while rows are on their way. A plan is made from how both sides look;
 * what is read and written afterwards has to look so still: a column of another type may take the
 * same bytes for another value.
 */
#ifndef GW_SYNC_ALTERED_H
#define GW_SYNC_ALTERED_H

#include "sync/check.h"

/* Kind STATE where the plan's source is not as it was. Under the locks that keep it so, in their
 * transaction. */
bool gw_source_as_planned(gw_session *source, gw_arena *arena, const gw_entity_plan *plan,
                          gw_err *err);

/* The destination's columns when they were held against the plan last: on the arena. */
typedef struct gw_columns_seen {
    const gw_entity_plan *plan;
    const char *table, *columns;
} gw_columns_seen;

/* Kind STATE where they are not as they were planned. */
bool gw_destination_as_planned(gw_session *destination, gw_arena *arena,
                               const gw_entity_plan *plan, gw_columns_seen *out, gw_err *err);

/* The same, at the end of a transaction that has written: its own locks keep the table as it is. */
bool gw_destination_kept_still(gw_session *destination, gw_arena *arena,
                               const gw_columns_seen *seen, gw_err *err);

/* Something has failed, in a transaction that is over: because the table was altered? Then that is
 * said instead. Returns false. */
bool gw_destination_explain(gw_session *destination, gw_arena *arena, const gw_columns_seen *seen,
                            gw_err *err);

#endif
