/* Both sides of a move of rows. */
#include "app/sync.h"

#include <string.h>

#include "app/internal.h"
#include "control/control.h"
#include "sql_sync.h"

bool gw_app_sync_settings(gw_app *app, gw_arena *arena, gw_sync_settings *out, gw_err *err)
{
    const gw_environment *env;
    return gw_app_environment(app, &env, err) &&
           gw_config_sync(arena, &app->config, env, out, err);
}

bool gw_app_sync_destination(gw_app *app, gw_arena *arena, gw_session **out, gw_err *err)
{
    gw_connect connect;
    if (!gw_app_connect_options(app, true, &connect, err))
        return false;
    connect.pinned = true;
    return gw_session_open(arena, &connect, out, err);
}

static bool no_source(const gw_app *app, gw_err *err)
{
    gw_err_set(err, GW_ERR_CONFIG, "godwit.yaml does not say where rows come from");
    gw_err_hint(err, "add sync: { source: \"${SOURCE_DATABASE_URL}\" }, or set GODWIT_SOURCE_URL");
    return gw_err_at(err, app->config.file, 0, 0);
}

bool gw_app_sync_open(gw_app *app, gw_arena *arena, gw_sync_sides *out, gw_err *err)
{
    const gw_source_engine *engine;
    *out = (gw_sync_sides){0};
    if (!gw_app_sync_settings(app, arena, &out->settings, err))
        return false;
    if (!out->settings.source || !*out->settings.source)
        return no_source(app, err);
    if (!gw_source_engine_of(out->settings.source, &engine, err)) {
        if (out->settings.source_line)
            gw_err_at(err, app->config.file, out->settings.source_line, out->settings.source_col);
        return false;
    }
    gw_connect connect;
    if (!gw_app_connect_options(app, true, &connect, err))
        return false;
    connect.conninfo = out->settings.source;
    connect.pooler = GW_POOLER_AUTO;
    connect.pinned = true;
    return gw_app_sync_destination(app, arena, &out->destination, err) &&
           gw_source_open(arena, &connect, &out->source, err);
}

bool gw_app_sync_import(gw_app *app, gw_arena *arena, const char *schema, gw_imported **out,
                        size_t *count, gw_err *err)
{
    static const gw_col cols[] = {
        {"what", GW_COL_TEXT, true, offsetof(gw_imported, what)},
        {"entity", GW_COL_TEXT, false, offsetof(gw_imported, entity)},
        {"total", GW_COL_INT, true, offsetof(gw_imported, total)},
        {"imported", GW_COL_INT, true, offsetof(gw_imported, imported)},
        {"present", GW_COL_INT, true, offsetof(gw_imported, present)},
        {"conflicts", GW_COL_INT, true, offsetof(gw_imported, conflicts)},
        {"detail", GW_COL_TEXT, false, offsetof(gw_imported, detail)},
    };
    gw_session *session;
    gw_result result;
    gw_param param = gw_p_text(schema);
    void *rows;
    if (!gw_app_may_write(app, err) || !gw_app_sync_destination(app, arena, &session, err) ||
        !gw_control_ensure_part(session, "differential", app->actor.user, err))
        return false;
    if (!gw_session_begin(session, "read committed", err))
        return false;
    bool ok = gw_query(session, arena, &gw_sql_import_existing, &param, 1, &result, err) &&
              gw_rows(arena, &result, cols, sizeof cols / sizeof *cols, sizeof(gw_imported), &rows,
                      err) &&
              gw_session_commit(session, err);
    if (!ok) {
        gw_session_rollback(session);
        gw_control_explain(session, err);
        return gw_err_context(err, "while taking over the tables of schema %s", schema);
    }
    *out = rows;
    *count = result.rows;
    return true;
}
