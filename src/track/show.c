#include "track/show.h"

#include <string.h>

#include "base/vec.h"
#include "control/control.h"
#include "sql_track.h"

#define COLS(list) list, sizeof(list) / sizeof *(list)

static const gw_col stage_cols[] = {
    {"id", GW_COL_INT, true, offsetof(gw_shown_stage, id)},
    {"tracker", GW_COL_TEXT, true, offsetof(gw_shown_stage, tracker)},
    {"stage_name", GW_COL_TEXT, true, offsetof(gw_shown_stage, name)},
    {"status", GW_COL_TEXT, true, offsetof(gw_shown_stage, status)},
    {"started_at", GW_COL_TIME, false, offsetof(gw_shown_stage, started_at)},
    {"completed_at", GW_COL_TIME, false, offsetof(gw_shown_stage, completed_at)},
    {"error_count", GW_COL_INT, true, offsetof(gw_shown_stage, errors)},
    {"last_updated", GW_COL_TIME, true, offsetof(gw_shown_stage, updated_at)},
    {"paused", GW_COL_BOOL, true, offsetof(gw_shown_stage, paused)},
    {"note", GW_COL_TEXT, false, offsetof(gw_shown_stage, note)},
    /* of Godwit's own runs only */
    {"done", GW_COL_INT, true, offsetof(gw_shown_stage, done)},
    {"total", GW_COL_INT, true, offsetof(gw_shown_stage, total)},
};
enum { RUN_COLS = sizeof stage_cols / sizeof *stage_cols, STAGE_COLS = RUN_COLS - 2 };

static const gw_col xcm_cols[] = {
    {"id", GW_COL_INT, true, offsetof(gw_shown_xcm, id)},
    {"tracker", GW_COL_TEXT, true, offsetof(gw_shown_xcm, tracker)},
    {"source_chain", GW_COL_TEXT, true, offsetof(gw_shown_xcm, source)},
    {"destination_chain", GW_COL_TEXT, true, offsetof(gw_shown_xcm, destination)},
    {"messages_sent", GW_COL_INT, true, offsetof(gw_shown_xcm, sent)},
    {"messages_processed", GW_COL_INT, true, offsetof(gw_shown_xcm, processed)},
    {"messages_failed", GW_COL_INT, true, offsetof(gw_shown_xcm, failed)},
    {"last_updated", GW_COL_TIME, true, offsetof(gw_shown_xcm, updated_at)},
};

static const gw_col balance_cols[] = {
    {"id", GW_COL_INT, true, offsetof(gw_shown_balance, id)},
    {"tracker", GW_COL_TEXT, true, offsetof(gw_shown_balance, tracker)},
    {"accounts_migrated", GW_COL_INT, true, offsetof(gw_shown_balance, accounts)},
    {"total_balance_migrated", GW_COL_TEXT, true, offsetof(gw_shown_balance, migrated)},
    {"total_balance_kept", GW_COL_TEXT, true, offsetof(gw_shown_balance, kept)},
    {"failed_migrations", GW_COL_INT, true, offsetof(gw_shown_balance, failed)},
    {"last_updated", GW_COL_TIME, true, offsetof(gw_shown_balance, updated_at)},
};

static const gw_col teleport_cols[] = {
    {"id", GW_COL_INT, true, offsetof(gw_shown_teleport, id)},
    {"tracker", GW_COL_TEXT, true, offsetof(gw_shown_teleport, tracker)},
    {"total_mints", GW_COL_INT, true, offsetof(gw_shown_teleport, mints)},
    {"total_burns", GW_COL_INT, true, offsetof(gw_shown_teleport, burns)},
    {"total_mint_amount", GW_COL_TEXT, true, offsetof(gw_shown_teleport, minted)},
    {"total_burn_amount", GW_COL_TEXT, true, offsetof(gw_shown_teleport, burned)},
    {"failed_operations", GW_COL_INT, true, offsetof(gw_shown_teleport, failed)},
    {"last_updated", GW_COL_TIME, true, offsetof(gw_shown_teleport, updated_at)},
};

static const gw_col pallet_cols[] = {
    {"id", GW_COL_INT, true, offsetof(gw_shown_pallet, id)},
    {"tracker", GW_COL_TEXT, true, offsetof(gw_shown_pallet, tracker)},
    {"pallet_name", GW_COL_TEXT, true, offsetof(gw_shown_pallet, name)},
    {"stage_id", GW_COL_INT, true, offsetof(gw_shown_pallet, stage_id)},
    {"stage_name", GW_COL_TEXT, true, offsetof(gw_shown_pallet, stage)},
    {"items_processed", GW_COL_INT, true, offsetof(gw_shown_pallet, processed)},
    {"total_items", GW_COL_INT, true, offsetof(gw_shown_pallet, total)},
    {"failed_items", GW_COL_INT, true, offsetof(gw_shown_pallet, failed)},
    {"last_updated", GW_COL_TIME, true, offsetof(gw_shown_pallet, updated_at)},
};

static const gw_col reject_cols[] = {
    {"tracker", GW_COL_TEXT, true, offsetof(gw_shown_rejects, tracker)},
    {"lines", GW_COL_INT, true, offsetof(gw_shown_rejects, lines)},
    {"source", GW_COL_TEXT, true, offsetof(gw_shown_rejects, source)},
    {"line", GW_COL_INT, true, offsetof(gw_shown_rejects, line)},
    {"reason", GW_COL_TEXT, true, offsetof(gw_shown_rejects, reason)},
};

typedef struct showing {
    gw_session *session;
    gw_arena *arena;
    const char *tracker;
} showing;

static bool list(const showing *s, const gw_sql *sql, const gw_col *cols, size_t count, size_t size,
                 void *rows, size_t *len, gw_err *err)
{
    gw_param param = gw_p_text(s->tracker);
    gw_result result;
    void *items;
    if (!gw_query(s->session, s->arena, sql, &param, *sql->params ? 1 : 0, &result, err) ||
        !gw_rows(s->arena, &result, cols, count, size, &items, err))
        return false;
    memcpy(rows, &items, sizeof items);
    *len = result.rows;
    return true;
}

static bool show_tracker(const showing *s, gw_shown *out, gw_err *err)
{
    return list(s, &gw_sql_show_stages, stage_cols, STAGE_COLS, sizeof *out->stages, &out->stages,
                &out->stage_count, err) &&
           list(s, &gw_sql_show_xcm, COLS(xcm_cols), sizeof *out->xcm, &out->xcm, &out->xcm_count,
                err) &&
           list(s, &gw_sql_show_balances, COLS(balance_cols), sizeof *out->balances, &out->balances,
                &out->balance_count, err) &&
           list(s, &gw_sql_show_teleports, COLS(teleport_cols), sizeof *out->teleports,
                &out->teleports, &out->teleport_count, err) &&
           list(s, &gw_sql_show_pallets, COLS(pallet_cols), sizeof *out->pallets, &out->pallets,
                &out->pallet_count, err) &&
           list(s, &gw_sql_show_rejects, COLS(reject_cols), sizeof *out->rejects, &out->rejects,
                &out->reject_count, err);
}

/* Those of the wanted tracker, behind those that are there. */
static bool add_runs(const showing *s, const gw_sql *sql, gw_shown *out, gw_err *err)
{
    gw_shown_stage *rows;
    size_t len, kept = 0;
    if (!list(s, sql, stage_cols, RUN_COLS, sizeof *rows, &rows, &len, err))
        return false;
    gw_shown_stage *all = gw_alloc_array(s->arena, out->run_count + len + 1, sizeof *all);
    if (out->run_count)
        memcpy(all, out->runs, out->run_count * sizeof *all);
    for (size_t i = 0; i < len; i++)
        if (!s->tracker || strcmp(s->tracker, rows[i].tracker) == 0)
            all[out->run_count + kept++] = rows[i];
    out->runs = all;
    out->run_count += kept;
    return true;
}

bool gw_track_show(gw_session *session, gw_arena *arena, const char *tracker, gw_shown *out,
                   gw_err *err)
{
    showing s = {.session = session, .arena = arena, .tracker = tracker};
    int control = 0, tables = 0, rows = 0;
    *out = (gw_shown){0};
    if (!gw_control_version(session, &control, err) || !gw_control_check(control, err))
        return false;
    if (!control)
        return true;
    bool own = !tracker || strcmp(tracker, "up") == 0 || strncmp(tracker, "sync ", 5) == 0;
    if (!gw_control_part_version(session, "tracker", &tables, err) ||
        !gw_control_part_version(session, "differential", &rows, err) ||
        !gw_session_begin(session, "repeatable read read only", err))
        return false;
    bool ok = (!tables || show_tracker(&s, out, err)) &&
              (!own || add_runs(&s, &gw_sql_show_runs, out, err)) &&
              (!own || !rows || add_runs(&s, &gw_sql_show_syncs, out, err)) &&
              gw_session_commit(session, err);
    if (!ok) {
        gw_session_rollback(session);
        gw_control_explain(session, err);
        gw_err_context(err, "while reading what the counters say");
    }
    return ok;
}
