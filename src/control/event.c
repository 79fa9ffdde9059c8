#include "control/event.h"

#include "control/control.h"
#include "sql_control.h"

#define AT(field) offsetof(gw_event, field)
static const gw_col event_cols[] = {
    {"id", GW_COL_INT, true, AT(id)},
    {"at", GW_COL_TIME, true, AT(at)},
    {"run_id", GW_COL_TEXT, true, AT(run_id)},
    {"action", GW_COL_TEXT, true, AT(action)},
    {"outcome", GW_COL_TEXT, true, AT(outcome)},
    {"tenant", GW_COL_TEXT, true, AT(tenant)},
    {"service", GW_COL_TEXT, true, AT(service)},
    {"version", GW_COL_TEXT, false, AT(version)},
    {"name", GW_COL_TEXT, false, AT(name)},
    {"actor", GW_COL_TEXT, true, AT(actor)},
    {"db_user", GW_COL_TEXT, true, AT(db_user)},
    {"host", GW_COL_TEXT, true, AT(host)},
    {"duration_ms", GW_COL_INT, false, AT(duration_ms)},
    {"sqlstate", GW_COL_TEXT, false, AT(sqlstate)},
    {"message", GW_COL_TEXT, false, AT(message)},
    {"detail", GW_COL_TEXT, false, AT(detail)},
    {"place", GW_COL_TEXT, false, AT(place)},
    {"data", GW_COL_TEXT, false, AT(data)},
};

const gw_sql *gw_event_sql(void)
{
    return &gw_sql_event_write;
}

void gw_event_params(const gw_event *event, const gw_actor *actor, gw_param params[GW_EVENT_PARAMS])
{
    params[0] = gw_p_text(actor->run_id);
    params[1] = gw_p_text(event->action);
    params[2] = gw_p_text(event->outcome);
    params[3] = gw_p_text(event->tenant ? event->tenant : "");
    params[4] = gw_p_text(event->service ? event->service : "");
    params[5] = gw_p_text(event->version);
    params[6] = gw_p_text(event->name);
    params[7] = gw_p_text(actor->user);
    params[8] = gw_p_text(actor->host);
    params[9] = gw_p_text(actor->version);
    params[10] = event->duration_ms == GW_NULL_INT ? gw_p_text(NULL) : gw_p_int(event->duration_ms);
    params[11] = gw_p_text(event->sqlstate);
    params[12] = gw_p_text(event->message);
    params[13] = gw_p_text(event->detail);
    params[14] = gw_p_text(event->place);
    params[15] = gw_p_text(event->data);
}

void gw_event_of_err(gw_arena *arena, gw_event *event, const gw_err *err)
{
    event->outcome = err->kind == GW_ERR_INTERRUPTED ? "interrupted" : "failed";
    event->sqlstate = err->sqlstate[0] ? err->sqlstate : NULL;
    event->message = err->message;
    event->detail = err->detail;
    if (err->file && err->line)
        event->place = gw_printf(arena, "%s:%u:%u", err->file, err->line, err->col);
    else
        event->place = err->file;
}

bool gw_event_write(gw_session *session, const gw_event *event, const gw_actor *actor, gw_err *err)
{
    gw_param params[GW_EVENT_PARAMS];
    gw_event_params(event, actor, params);
    return gw_exec_sql(session, &gw_sql_event_write, params, GW_EVENT_PARAMS, err);
}

static bool read_events(gw_session *session, gw_arena *arena, const gw_sql *sql,
                        const gw_param *params, size_t count, gw_event_list *out, gw_err *err)
{
    gw_result result;
    void *items = NULL;
    *out = (gw_event_list){0};
    if (!gw_query(session, arena, sql, params, count, &result, err) ||
        !gw_rows(arena, &result, event_cols, sizeof event_cols / sizeof *event_cols,
                 sizeof(gw_event), &items, err)) {
        gw_control_explain(session, err);
        return gw_err_context(err, "while reading the audit (godwit.events)");
    }
    out->items = items;
    out->len = result.rows;
    return true;
}

bool gw_events_read(gw_session *session, gw_arena *arena, const char *version, const char *action,
                    const char *tenant, int64_t limit, gw_event_list *out, gw_err *err)
{
    gw_param params[] = {gw_p_text(version), gw_p_int(limit), gw_p_text(action), gw_p_text(tenant)};
    return read_events(session, arena, &gw_sql_events_read, params, 4, out, err);
}

bool gw_events_last_failures(gw_session *session, gw_arena *arena, const char *tenant,
                             gw_event_list *out, gw_err *err)
{
    gw_param param = gw_p_text(tenant);
    return read_events(session, arena, &gw_sql_events_last_failures, &param, 1, out, err);
}

bool gw_events_any(gw_session *session, const char *tenant, const char *service, const char *version,
                   bool *out, gw_err *err)
{
    static const gw_col cols[] = {{"is_there", GW_COL_BOOL, true, 0}};
    gw_param params[] = {gw_p_text(tenant), gw_p_text(service), gw_p_text(version)};
    gw_arena *scratch = gw_arena_new();
    gw_result result;
    bool ok = gw_query(session, scratch, &gw_sql_events_any, params, 3, &result, err) &&
              gw_row(scratch, &result, cols, 1, out, err);
    gw_arena_free(scratch);
    if (ok)
        return true;
    gw_control_explain(session, err);
    return gw_err_context(err, "while reading the audit (godwit.events)");
}
