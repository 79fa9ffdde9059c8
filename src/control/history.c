#include "control/history.h"

#include <string.h>

#include "base/json.h"
#include "control/control.h"
#include "sql_control.h"

#define AT(field) offsetof(gw_applied, field)
static const gw_col history_cols[] = {
    {"tenant", GW_COL_TEXT, true, AT(tenant)},
    {"service", GW_COL_TEXT, true, AT(service)},
    {"version", GW_COL_TEXT, true, AT(version)},
    {"sort_key", GW_COL_TEXT, true, AT(sort_key)},
    {"name", GW_COL_TEXT, true, AT(name)},
    {"kind", GW_COL_TEXT, true, AT(kind)},
    {"checksum", GW_COL_TEXT, false, AT(checksum)},
    {"state", GW_COL_TEXT, true, AT(state)},
    {"statements_done", GW_COL_INT, true, AT(statements_done)},
    {"statements_total", GW_COL_INT, true, AT(statements_total)},
    {"intent", GW_COL_TEXT, false, AT(intent)},
    {"transactional", GW_COL_BOOL, true, AT(transactional)},
    {"applied_at", GW_COL_TIME, true, AT(applied_at)},
    {"duration_ms", GW_COL_INT, true, AT(duration_ms)},
    {"applied_by", GW_COL_TEXT, true, AT(applied_by)},
    {"applied_from", GW_COL_TEXT, true, AT(applied_from)},
    {"godwit_version", GW_COL_TEXT, true, AT(godwit_version)},
    {"run_id", GW_COL_TEXT, true, AT(run_id)},
    {"backup_id", GW_COL_TEXT, false, AT(backup_id)},
    {"details", GW_COL_TEXT, false, AT(details)},
};

enum { HISTORY_COLS = sizeof history_cols / sizeof *history_cols };

/* Both questions in one round trip; the second one's error matters only where the first went well.
 * Behind a pooler the settings go before them: up to the sync it is one transaction. */
static bool ask(gw_session *session, gw_arena *arena, const char *tenant, gw_result *version,
                gw_result *rows, bool *there, gw_err *err)
{
    gw_param param = gw_p_text(tenant);
    bool skipped = false;
    gw_err problem = {0};
    *there = true;
    if (!gw_pipeline_start(session, err))
        return false;
    bool pins = gw_session_needs_local_pin(session) && !gw_session_in_transaction(session);
    bool ok = (!pins || gw_pipeline_add_pin(session, err)) &&
              gw_pipeline_add(session, gw_sql_control_version.text, NULL, 0, err) &&
              gw_pipeline_add(session, gw_sql_history_read.text, &param, 1, err) &&
              gw_pipeline_sync(session, err);
    ok = ok && (!pins || gw_pipeline_next(session, NULL, "settings", NULL, &skipped, err));
    if (ok && !gw_pipeline_next(session, arena, gw_sql_control_version.name, version, &skipped,
                                &problem)) {
        ok = strcmp(problem.sqlstate, "42P01") == 0 || strcmp(problem.sqlstate, "3F000") == 0;
        *there = false;
        if (!ok)
            gw_err_move(err, &problem);
    } else if (ok) {
        ok = gw_pipeline_next(session, arena, gw_sql_history_read.name, rows, &skipped, err);
    }
    gw_err_clear(&problem);
    gw_err ending = {0};
    if (!gw_pipeline_end(session, &ending) && ok) {
        gw_err_move(err, &ending);
        ok = false;
    }
    gw_err_clear(&ending);
    return ok;
}

bool gw_history_read(gw_session *session, gw_arena *arena, const char *tenant, gw_applied_list *out,
                     int *control_version, gw_err *err)
{
    gw_result version, rows;
    bool there = false;
    *out = (gw_applied_list){0};
    *control_version = 0;
    if (!ask(session, arena, tenant, &version, &rows, &there, err)) {
        gw_control_explain(session, err);
        return gw_err_context(err, "while reading the history (godwit.migrations)");
    }
    if (!there)
        return gw_control_absent(session, err);
    if (!version.rows)
        return gw_control_hollow(session, err);
    if (!gw_control_version_of(session, arena, &version, control_version, err))
        return gw_control_explain(session, err);
    if (!gw_control_check(*control_version, err))
        return false;
    void *items = NULL;
    if (!gw_rows(arena, &rows, history_cols, HISTORY_COLS, sizeof(gw_applied), &items, err))
        return gw_control_explain(session, err);
    out->items = items;
    out->len = rows.rows;
    return true;
}

const gw_sql *gw_history_put_sql(void)
{
    return &gw_sql_history_put;
}

static gw_param p_int_or_null(int64_t number)
{
    return number == GW_NULL_INT ? gw_p_text(NULL) : gw_p_int(number);
}

void gw_history_put_params(const gw_applied *row, const gw_actor *actor,
                           gw_param params[GW_HISTORY_PUT_PARAMS])
{
    params[0] = gw_p_text(row->tenant ? row->tenant : "");
    params[1] = gw_p_text(row->service ? row->service : "");
    params[2] = gw_p_text(row->version);
    params[3] = gw_p_text(row->sort_key);
    params[4] = gw_p_text(row->name ? row->name : "");
    params[5] = gw_p_text(row->kind);
    params[6] = gw_p_text(row->checksum);
    params[7] = gw_p_text(row->state);
    params[8] = gw_p_int(row->statements_done);
    params[9] = gw_p_int(row->statements_total);
    params[10] = gw_p_text(row->intent);
    params[11] = gw_p_bool(row->transactional);
    params[12] = p_int_or_null(row->applied_at);
    params[13] = p_int_or_null(row->duration_ms);
    params[14] = gw_p_text(row->applied_by ? row->applied_by : actor->user);
    params[15] = gw_p_text(row->applied_from ? row->applied_from : actor->host);
    params[16] = gw_p_text(actor->version);
    params[17] = gw_p_text(actor->run_id);
    params[18] = gw_p_text(row->backup_id);
    params[19] = gw_p_text(row->details);
}

bool gw_history_put(gw_session *session, const gw_applied *row, const gw_actor *actor, gw_err *err)
{
    gw_param params[GW_HISTORY_PUT_PARAMS];
    gw_history_put_params(row, actor, params);
    return gw_exec_sql(session, &gw_sql_history_put, params, GW_HISTORY_PUT_PARAMS, err);
}

const gw_sql *gw_history_delete_sql(void)
{
    return &gw_sql_history_delete;
}

bool gw_history_delete(gw_session *session, const char *tenant, const char *service,
                       const char *version, gw_err *err)
{
    gw_param params[] = {gw_p_text(tenant), gw_p_text(service), gw_p_text(version)};
    return gw_exec_sql(session, &gw_sql_history_delete, params, 3, err);
}

bool gw_history_forget_gone(gw_session *session, gw_arena *arena, const char *tenant, int64_t *rows,
                            gw_err *err)
{
    struct {
        int64_t rows;
    } row = {0};
    static const gw_col cols[] = {{"rows", GW_COL_INT, true, 0}};
    gw_result result;
    gw_param param = gw_p_text(tenant);
    bool ok = gw_query(session, arena, &gw_sql_history_forget_gone, &param, 1, &result, err) &&
              gw_row(arena, &result, cols, 1, &row, err);
    *rows = row.rows;
    return ok;
}

bool gw_history_stranger(gw_session *session, gw_arena *arena, const char *tenant,
                         gw_stranger *out, gw_err *err)
{
    static const gw_col cols[] = {
        {"service", GW_COL_TEXT, true, offsetof(gw_stranger, service)},
        {"version", GW_COL_TEXT, true, offsetof(gw_stranger, version)},
        {"missing", GW_COL_TEXT, true, offsetof(gw_stranger, missing)},
    };
    gw_result result;
    gw_param param = gw_p_text(tenant);
    *out = (gw_stranger){0};
    return gw_query(session, arena, &gw_sql_history_stranger, &param, 1, &result, err) &&
           (!result.rows || gw_row(arena, &result, cols, 3, out, err));
}

const gw_sql *gw_history_progress_sql(void)
{
    return &gw_sql_history_progress;
}

void gw_history_progress_params(const gw_applied *row, gw_param params[GW_HISTORY_PROGRESS_PARAMS])
{
    params[0] = gw_p_text(row->tenant);
    params[1] = gw_p_text(row->service);
    params[2] = gw_p_text(row->version);
    params[3] = gw_p_text(row->state);
    params[4] = gw_p_int(row->statements_done);
    params[5] = gw_p_int(row->statements_total);
    params[6] = gw_p_text(row->intent);
    params[7] = gw_p_int(row->duration_ms);
}

bool gw_history_progress(gw_session *session, const char *tenant, const char *service,
                         const char *version, const char *state, int64_t done, int64_t total,
                         const char *intent, int64_t duration_ms, gw_err *err)
{
    const gw_applied row = {.tenant = tenant,
                            .service = service,
                            .version = version,
                            .state = state,
                            .statements_done = done,
                            .statements_total = total,
                            .intent = intent,
                            .duration_ms = duration_ms};
    gw_param params[GW_HISTORY_PROGRESS_PARAMS];
    gw_history_progress_params(&row, params);
    return gw_exec_sql(session, &gw_sql_history_progress, params, GW_HISTORY_PROGRESS_PARAMS, err);
}

void gw_history_before_down(gw_arena *arena, gw_applied *row)
{
    gw_err ignored = {0};
    json_t *details = row->details ? gw_json_parse(arena, "details", row->details, strlen(row->details), &ignored)
                                   : NULL;
    const json_t *kept = json_object_get(details, "before_down");
    gw_err_clear(&ignored);
    if (!kept)
        return;
    row->applied_at = json_integer_value(json_object_get(kept, "applied_at_us"));
    row->duration_ms = json_integer_value(json_object_get(kept, "duration_ms"));
    json_object_del(details, "before_down");
    row->details = json_object_size(details) ? gw_json_dump(arena, details) : NULL;
}
