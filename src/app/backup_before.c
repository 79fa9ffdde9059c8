/* A backup before something changes: --backup, or `backup: { before: up }`. */
#include <string.h>

#include "app/backup_internal.h"
#include "control/control.h"

static gw_taken *taken(gw_app *app, const gw_connect *connect)
{
    for (size_t i = 0; i < app->before.len; i++)
        if (strcmp(app->before.items[i].conninfo, connect->conninfo) == 0)
            return &app->before.items[i];
    return NULL;
}

static void say(gw_app *app, const char *text)
{
    gw_progress said = {.kind = GW_PROGRESS_NOTICE, .tenant = "", .text = text};
    gw_observer observer = gw_app_observer(app);
    observer.see(observer.self, &said);
}

/*
 * One that was made before there were Godwit's tables was made before the run lock: another first run may have
 * had that since, and what it did is not in it. Under the lock: false where anybody was at work.
 */
static bool still_holds(gw_app *app, gw_taken *it, gw_session *control, bool *holds, gw_err *err)
{
    gw_event_list events = {0};
    gw_arena *scratch = gw_arena_new();
    bool ok = gw_events_read(control, scratch, NULL, NULL, NULL, 2, &events, err);
    /* Its own may be there, where others made the tables while it was made. */
    *holds = ok && (events.len == 0 || (events.len == 1 && strcmp(events.items[0].action, "backup") == 0 &&
                                        events.items[0].name && strcmp(events.items[0].name, it->id) == 0));
    gw_arena_free(scratch);
    it->locked = *holds;
    if (*holds || !ok)
        return ok;
    say(app, "another run was first: the backup before this one is made anew");
    *it = app->before.items[--app->before.len];
    return true;
}

/* It was made before there was an audit. */
static void record(gw_app *app, gw_session *control, gw_taken *it)
{
    const gw_event event = {
        .action = "backup", .outcome = "ok", .name = it->id, .duration_ms = it->duration_ms};
    if (!it->recorded)
        it->recorded = gw_backup_record(app, control, &event);
}

/* Before there is a lock somebody may be at work, another first run perhaps: under the lock it is made anew. */
static bool may_wait_for_lock(gw_app *app, bool locked, gw_err *err)
{
    if (locked || err->kind != GW_ERR_RETRYABLE)
        return false;
    gw_err_clear(err);
    say(app, "the schema was changed while it was backed up: the backup is made anew, under the run lock");
    return true;
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
    say(app, gw_printf(arena, "backup %s (%s)%s", made.id, made.path, made.encrypted ? "" : ", not encrypted"));
    return true;
}

/* Tenants of one database come here side by side: the first makes it, the others wait for it. */
bool gw_app_backup_before(gw_app *app, gw_arena *arena, const gw_connect *connect, bool asked,
                          gw_session *control, bool locked, const char **id, gw_err *err)
{
    *id = NULL;
    if (!asked && !app->environment.backup_before_up)
        return true;
    int version = 0;
    if (!gw_control_version(control, &version, err))
        return false;
    if (!locked && version) /* another run has made the tables since: under the lock, then */
        return true;
    pthread_mutex_lock(&app->before.mutex);
    gw_taken *it = taken(app, connect);
    bool ok = true, holds = it != NULL;
    if (it && locked && !it->locked)
        ok = still_holds(app, it, control, &holds, err);
    ok = ok && (holds || take(app, arena, connect, err) || may_wait_for_lock(app, locked, err));
    it = ok ? taken(app, connect) : NULL;
    if (it) {
        it->locked = locked;
        if (locked)
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
