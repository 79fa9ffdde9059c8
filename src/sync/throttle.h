/* Whether a run has to wait: for replicas, for others who work, or for the time of the day. */
#ifndef GW_SYNC_THROTTLE_H
#define GW_SYNC_THROTTLE_H

#include "config/config.h"
#include "pg/query.h"

typedef struct gw_throttle {
    int64_t max_replica_lag_ms; /* 0: not asked */
    double max_load;            /* active sessions of others; 0: not asked */
    const gw_config_window *windows;
    size_t window_count;
} gw_throttle;

/* now_us: UTC. *why: NULL, or a constant text. */
bool gw_throttle_holds(const gw_throttle *throttle, gw_session *destination, int64_t now_us,
                       const char **why, gw_err *err);

/* Is this time of the day in one of them? A window ends on the next day where to <= from. */
bool gw_throttle_in_window(const gw_throttle *throttle, int64_t now_us);

#endif
