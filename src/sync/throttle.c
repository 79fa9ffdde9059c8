#include "sync/throttle.h"

#include "sql_sync.h"

bool gw_throttle_in_window(const gw_throttle *throttle, int64_t now_us)
{
    const int64_t day = INT64_C(1440) * 60000000;
    int64_t of_day = (now_us % day + day) % day; /* a clock that was never set may be before 1970 */
    unsigned minute = (unsigned)(of_day / 60000000);
    for (size_t i = 0; i < throttle->window_count; i++) {
        const gw_config_window *w = &throttle->windows[i];
        if (w->from < w->to ? minute >= w->from && minute < w->to
                            : minute >= w->from || minute < w->to)
            return true;
    }
    return false;
}

typedef struct loaded {
    int64_t lag_ms, active;
} loaded;

bool gw_throttle_holds(const gw_throttle *throttle, gw_session *destination, int64_t now_us,
                       const char **why, gw_err *err)
{
    static const gw_col cols[] = {{"lag_ms", GW_COL_INT, false, offsetof(loaded, lag_ms)},
                                  {"active", GW_COL_INT, true, offsetof(loaded, active)}};
    gw_result result;
    loaded now;
    *why = gw_throttle_in_window(throttle, now_us) ? "the pause of the day" : NULL;
    if (*why || (!throttle->max_replica_lag_ms && !(throttle->max_load > 0)))
        return true;
    gw_arena *arena = gw_arena_new();
    bool ok = gw_query(destination, arena, &gw_sql_throttle_state, NULL, 0, &result, err) &&
              gw_row(arena, &result, cols, 2, &now, err);
    gw_arena_free(arena);
    if (!ok)
        return false;
    if (throttle->max_replica_lag_ms && now.lag_ms != GW_NULL_INT &&
        now.lag_ms > throttle->max_replica_lag_ms)
        *why = "a replica that is behind";
    else if (throttle->max_load > 0 && (double)now.active > throttle->max_load)
        *why = "other sessions at work";
    return true;
}
