/*
 * The rows of an entity's quarantine once more, and no others: by the same batches as a run, under
 * one snapshot of the source. A row that passes leaves the quarantine, and so does one that the
 * source no longer has; any other is rejected once more, and counted.
 */
#ifndef GW_SYNC_RETRY_H
#define GW_SYNC_RETRY_H

#include "sync/view.h"

struct gw_apply_to; /* apply.h */

typedef struct gw_retried {
    int64_t tried, passed, gone, rejected, left;
} gw_retried;

/* Kind REFUSED where more of the entity's rows than that many percent would be deleted because the
 * source no longer has them. Nothing is applied. */
bool gw_retry_allowed(gw_session *destination, gw_arena *arena, const gw_viewed *viewed,
                      double max_deletes, gw_err *err);

/* source: in a transaction, with the snapshot; the caller holds the lock of sessions. */
bool gw_retry(gw_session *source, gw_session *destination, gw_arena *arena,
              const gw_projection *projection, gw_log *log, gw_retried *out, gw_err *err);

/*
 * Of the rows that this run has rejected, those that another row may have stood in the way of by then.
 * to: its hook is asked in each batch. Page by page, for as long as some come through. The second
 * pass of those is the caller's.
 */
bool gw_retry_again(gw_session *source, gw_session *destination, gw_arena *arena,
                    const gw_projection *projection, const struct gw_apply_to *to, gw_log *log,
                    gw_retried *out, gw_err *err);

#endif
