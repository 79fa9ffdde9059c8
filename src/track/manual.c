#include "track/manual.h"

#include <string.h>

#include "control/control.h"
#include "track/block.h"
#include "sql_track.h"

bool gw_track_step_stage(gw_session *session, const char *tracker, const char *stage,
                         const char *step, const char *why, gw_err *err)
{
    static const gw_col cols[] = {{"problem", GW_COL_TEXT, false, 0}};
    gw_param params[] = {gw_p_text(tracker), gw_p_text(stage), gw_p_text(step), gw_p_text(why)};
    gw_arena *arena = gw_arena_new();
    gw_result result;
    const char *problem = NULL;
    bool ok = gw_query(session, arena, &gw_sql_stage_step, params, 4, &result, err) &&
              gw_row(arena, &result, cols, 1, &problem, err);
    if (ok && problem)
        ok = gw_err_set(err, GW_ERR_STATE, "%s", problem);
    else if (!ok)
        gw_control_explain(session, err);
    gw_arena_free(arena);
    return ok;
}

bool gw_track_count(gw_session *session, const char *tracker, const json_t *event, gw_err *err)
{
    gw_arena *arena = gw_arena_new();
    gw_track_block block = {.number = -1, .sums = gw_sums_start(arena)};
    const char *wrong = gw_event_add(arena, event, 1, NULL, 0, &block);
    gw_buf buf = GW_BUF(arena);
    gw_sums_json(&buf, &block.sums);
    gw_param params[] = {gw_p_text(tracker), gw_p_text(gw_buf_str(&buf))};
    bool ok = wrong ? gw_err_set(err, GW_ERR_USAGE, "%s", wrong)
                    : gw_exec_sql(session, &gw_sql_counts_add, params, 2, err);
    if (!ok && !wrong)
        gw_control_explain(session, err);
    gw_arena_free(arena);
    return ok;
}
