#include "care/locks.h"

#include "sql/quote.h"
#include "sql_care.h"

bool gw_locks_take(gw_session *session, gw_arena *arena, const char *const *statements, size_t count,
                   gw_err *err)
{
    gw_param param = gw_p_int((int64_t)count);
    gw_result result;
    if (!gw_query(session, arena, &gw_sql_lock_share, &param, 1, &result, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!gw_exec(session, statements[i], err))
            return gw_err_context(err, "%s", statements[i]);
    return true;
}

bool gw_locks_end_vacuum(gw_session *session, gw_arena *arena, const char *schema, const char *name,
                         gw_err *err)
{
    typedef struct waits {
        int64_t wait_ms, else_ms;
    } waits;
    static const gw_col cols[] = {{"wait_ms", GW_COL_INT, true, offsetof(waits, wait_ms)},
                                  {"else_ms", GW_COL_INT, true, offsetof(waits, else_ms)}};
    gw_result result;
    waits ms;
    return gw_query(session, arena, &gw_sql_lock_behind_vacuum, NULL, 0, &result, err) &&
           gw_row(arena, &result, cols, 2, &ms, err) &&
           gw_exec(session, gw_printf(arena, "SET LOCAL lock_timeout = %lld", (long long)ms.wait_ms), err) &&
           gw_exec(session,
                   gw_printf(arena, "LOCK TABLE ONLY %s IN SHARE UPDATE EXCLUSIVE MODE",
                             gw_quote_name(arena, schema, name)),
                   err) &&
           gw_exec(session, gw_printf(arena, "SET LOCAL lock_timeout = %lld", (long long)ms.else_ms), err);
}
