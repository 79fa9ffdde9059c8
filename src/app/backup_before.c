/* A backup before something changes: --backup, or `backup: { before: up }`. */
#include <string.h>

#include "app/backup_internal.h"

static gw_taken *taken(gw_app *app, const gw_connect *connect)
{
    for (size_t i = 0; i < app->before.len; i++)
        if (strcmp(app->before.items[i].conninfo, connect->conninfo) == 0)
            return &app->before.items[i];
    return NULL;
}

/* It was made before there was an audit. */
static void record(gw_app *app, gw_session *control, gw_taken *it)
{
    const gw_event event = {
        .action = "backup", .outcome = "ok", .name = it->id, .duration_ms = it->duration_ms};
    if (!it->recorded)
        it->recorded = gw_backup_record(app, control, &event);
}

static bool take(gw_app *app, gw_arena *arena, const gw_connect *connect, gw_err *err)
{
    const gw_backup_options options = {0};
    gw_backup_made made;
    if (!gw_backup_database(app, arena, connect, &options, &made, err)) {
        gw_err_context(err, "nothing was changed, for the backup before it failed");
        return false;
    }
    gw_taken *entry = gw_vec_push(app->before.arena, &app->before);
    entry->conninfo = gw_strdup(app->before.arena, connect->conninfo);
    entry->id = gw_strdup(app->before.arena, made.id);
    entry->duration_ms = made.duration_ms;
    entry->recorded = made.recorded;
    const char *text = gw_printf(arena, "backup %s (%s)%s", made.id, made.path,
                                 made.encrypted ? "" : ", not encrypted");
    gw_progress said = {.kind = GW_PROGRESS_NOTICE, .tenant = "", .text = text};
    gw_observer observer = gw_app_observer(app);
    observer.see(observer.self, &said);
    return true;
}

/* Tenants of one database come here side by side: the first makes it, the others wait for it. */
bool gw_app_backup_before(gw_app *app, gw_arena *arena, const gw_connect *connect, bool asked,
                          gw_session *control, const char **id, gw_err *err)
{
    *id = NULL;
    if (!asked && !app->environment.backup_before_up)
        return true;
    pthread_mutex_lock(&app->before.mutex);
    bool ok = taken(app, connect) || take(app, arena, connect, err);
    gw_taken *it = ok ? taken(app, connect) : NULL;
    if (it) {
        record(app, control, it);
        *id = it->id;
    }
    pthread_mutex_unlock(&app->before.mutex);
    return ok;
}

void gw_app_backup_again(gw_app *app)
{
    app->before.len = 0;
}
