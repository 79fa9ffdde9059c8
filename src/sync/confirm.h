/*
 * Deletions that are none are taken back: a kept row that was not seen may have moved to a place
 * that was not read. Its key is looked up under the same snapshot, as the source itself compares
 * keys; a row that is there is told as moved or modified, with what it is now.
 *
 * Where equal keys may be spelled otherwise (numeric 1.0 and 1.00), such a row looks as if it were new
 * under the one spelling and gone under the other: what is new is held until it is known which of
 * them have been told as modified.
 */
#ifndef GW_SYNC_CONFIRM_H
#define GW_SYNC_CONFIRM_H

#include "source/lookup.h"
#include "sync/pool.h"

typedef struct gw_confirm gw_confirm;

/* fn is told of everything else at once (but see above), of deletions a batch at a time. kept: a
 * session of the destination that nothing else reads from meanwhile. */
gw_confirm *gw_confirm_new(gw_arena *arena, const gw_lookup *lookup, gw_session *kept,
                           const char *entity, gw_row_change_fn *fn, void *self);

/* A gw_row_change_fn whose self is the gw_confirm. A deletion must not be told while the session
 * of the look-up is reading something else. */
bool gw_confirm_deleted(void *confirm, gw_row_change change, const gw_fingerprint *seen,
                        const gw_fingerprint *kept, gw_err *err);

/* What still waits. *found: candidates that were there after all. */
bool gw_confirm_end(gw_confirm *confirm, int64_t *found, gw_err *err);

#endif
