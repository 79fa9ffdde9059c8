/* Rejected rows tried again. */
#ifndef GW_APP_SYNC_REJECTS_H
#define GW_APP_SYNC_REJECTS_H

#include "app/sync.h"
#include "sync/retry.h"

typedef struct gw_retried_entity {
    const char *entity;
    gw_retried counts;
} gw_retried_entity;

/* entity NULL: all, in the order in which they run. max_deletes in percent, below 0: the settings'.
 * Kind BUSY while a run is under way; REFUSED for too many deletes, before anything is applied. */
bool gw_app_sync_retry(gw_app *app, gw_arena *arena, const char *entity, double max_deletes,
                       gw_retried_entity **out, size_t *count, gw_err *err);

#endif
