#include "care/locks.h"

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
