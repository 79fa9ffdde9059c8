#include "sync/cascade.h"

#include "sql_sync.h"

bool gw_cascades_read(gw_session *session, gw_arena *arena, int64_t table, gw_cascade **out,
                      size_t *count, gw_err *err)
{
    static const gw_col cols[] = {
        {"name", GW_COL_TEXT, true, offsetof(gw_cascade, name)},
        {"action", GW_COL_TEXT, true, offsetof(gw_cascade, action)},
        {"schema", GW_COL_TEXT, true, offsetof(gw_cascade, schema)},
        {"relation", GW_COL_TEXT, true, offsetof(gw_cascade, relation)},
        {"shown", GW_COL_TEXT, true, offsetof(gw_cascade, shown)},
        {"referring", GW_COL_TEXT, true, offsetof(gw_cascade, referring)},
        {"target", GW_COL_TEXT, true, offsetof(gw_cascade, target)},
        {"same", GW_COL_TEXT, true, offsetof(gw_cascade, same)},
        {"own", GW_COL_BOOL, true, offsetof(gw_cascade, own)},
        {"readable", GW_COL_BOOL, true, offsetof(gw_cascade, readable)},
    };
    gw_param param = gw_p_int(table);
    gw_result result;
    void *rows;
    if (!gw_query(session, arena, &gw_sql_cascades, &param, 1, &result, err) ||
        !gw_rows(arena, &result, cols, sizeof cols / sizeof *cols, sizeof **out, &rows, err))
        return false;
    *out = rows;
    *count = result.rows;
    return true;
}
