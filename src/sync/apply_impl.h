/* A batch being applied. Of apply*.c only. */
#ifndef GW_SYNC_APPLY_IMPL_H
#define GW_SYNC_APPLY_IMPL_H

#include "sync/apply.h"
#include "sync/apply_sql.h"

typedef struct gw_row_state {
    const gw_fingerprint *kept; /* NULL: it was not applied before */
    bool present;               /* in the destination */
    bool bad, left;
    uint64_t there, print; /* its fingerprint in the destination: found, written */
} gw_row_state;

struct gw_apply {
    gw_session *session;
    gw_arena *arena; /* of the batch */
    const gw_projection *projection;
    const gw_mapping *mapping;
    gw_apply_sql sql;
    gw_apply_to to;
    gw_stage *stage;
    gw_row_state *rows; /* stage->rows, one by one */
    struct {
        const gw_fingerprint **items;
        size_t len, cap;
    } gone; /* -1 is items[0] */
    gw_row_state *gone_rows;
};

/* A row goes no further; kind NULL: "keep". */
bool gw_apply_bad(gw_apply *apply, int64_t number, const char *kind, const char *message,
                  const char *sqlstate, const char *place, gw_err *err);

/* Lock what is there of the batch's rows and judge what somebody changed: apply_changed.c. */
bool gw_apply_present(gw_apply *apply, gw_err *err);
bool gw_apply_gone_present(gw_apply *apply, gw_err *err);

#endif
