#include "pg/backend.h"

#include "sql_pg.h"

bool gw_backend_find(gw_session *session, gw_arena *arena, int pid, const char *started_at,
                     gw_backend *out, gw_err *err)
{
    static const gw_col cols[] = {
        {"pid", GW_COL_INT, true, offsetof(gw_backend, pid)},
        {"started_at", GW_COL_TIME, false, offsetof(gw_backend, started_us)},
        {"state", GW_COL_TEXT, false, offsetof(gw_backend, state)},
        {"query", GW_COL_TEXT, false, offsetof(gw_backend, query)},
        {"transaction_ms", GW_COL_INT, false, offsetof(gw_backend, transaction_ms)},
    };
    gw_param params[] = {gw_p_int(pid), gw_p_text(started_at)};
    gw_result result;
    if (!gw_query(session, arena, &gw_sql_backend_alive, params, 2, &result, err))
        return false;
    *out = (gw_backend){.pid = pid, .started_us = GW_NULL_INT, .transaction_ms = GW_NULL_INT};
    if (result.rows == 0)
        return true;
    if (!gw_row(arena, &result, cols, sizeof cols / sizeof *cols, out, err))
        return false;
    out->alive = true;
    return true;
}
