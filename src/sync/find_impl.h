/* A detection under way. Of find*.c only. */
#ifndef GW_SYNC_FIND_IMPL_H
#define GW_SYNC_FIND_IMPL_H

#include "base/buf.h"
#include "sync/find.h"

/* Of the last mark, into that of this detection: see gw_mark_carry. */
typedef enum gw_carried { GW_CARRIED_NOTHING, GW_CARRIED_PLACES, GW_CARRIED_FILES } gw_carried;

typedef struct gw_finding_run {
    const gw_find *find;
    gw_find_result *out;
    gw_arena *arena;
    const char *entity;
    gw_mark *marks; /* newest first */
    size_t mark_count;
    gw_buf not ; /* methods that were passed over, and why */
    gw_unsound blocks_not;
    gw_carried carried;
    gw_pool *told; /* keys that were told of; NULL where the quarantine is empty */
} gw_finding_run;

/* A gw_row_change_fn. */
bool gw_finding_tell(void *run, gw_row_change change, const gw_fingerprint *seen,
                     const gw_fingerprint *kept, gw_err *err);

/* Before a method runs: where there is a quarantine, what is told is remembered. */
bool gw_finding_watch(gw_finding_run *run, gw_err *err);
/* After it: keys of the quarantine that it has not told of. */
bool gw_finding_quarantine(gw_finding_run *run, gw_err *err);

#endif
