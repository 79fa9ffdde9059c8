/* The audit: of one database, or of each that is a tenant. */
#include <stdlib.h>
#include <string.h>

#include "app/internal.h"
#include "base/vec.h"
#include "control/control.h"

enum { USUAL_LIMIT = 100 };

typedef struct wanted {
    const char *version, *action, *tenant;
    int64_t limit;
} wanted;

static bool read_one(gw_arena *arena, const gw_connect *where, const wanted *w, gw_event_list *out,
                     gw_err *err)
{
    gw_connect connect = *where;
    gw_session *session;
    int control_version = 0;
    *out = (gw_event_list){0};
    connect.pinned = true;
    if (!gw_session_open(arena, &connect, &session, err))
        return false;
    bool ok = gw_control_version(session, &control_version, err) &&
              gw_control_check(control_version, err) &&
              (!control_version || gw_events_read(session, arena, w->version, w->action, w->tenant,
                                                  w->limit, out, err));
    gw_session_close(session);
    return ok;
}

static int newest_first(const void *a, const void *b)
{
    const gw_event *x = a, *y = b;
    return x->at != y->at ? (x->at < y->at) - (x->at > y->at) : (x->id < y->id) - (x->id > y->id);
}

/* One that cannot be read hides nothing of the others. */
static bool pass_over(gw_app *app, gw_arena *arena, const gw_target *target, const gw_err *problem)
{
    if (problem->kind == GW_ERR_INTERRUPTED)
        return false;
    gw_observer observer = gw_app_observer(app);
    observer.see(observer.self,
                 &(gw_progress){.kind = GW_PROGRESS_WARNING,
                                .tenant = target->tenant,
                                .text = gw_printf(arena, "its history could not be read: %s",
                                                  gw_status_reason(problem))});
    return true;
}

/* A tenant that is a database keeps its own, and no name in it. */
static bool read_databases(gw_app *app, gw_arena *arena, const wanted *w, gw_event_list *out, gw_err *err)
{
    gw_target_list targets;
    GW_VEC(gw_event) all = {0};
    size_t read = 0;
    if (!gw_app_targets(app, arena, false, &targets, err))
        return false;
    for (size_t i = 0; i < targets.len; i++) {
        const gw_target *target = &targets.items[i];
        gw_event_list one;
        gw_err problem = {0};
        if (!read_one(arena, &target->connect, w, &one, &problem)) {
            if ((i + 1 == targets.len && !read) || !pass_over(app, arena, target, &problem)) {
                gw_err_move(err, &problem);
                return gw_err_context(err, "tenant %s", target->tenant);
            }
            gw_err_clear(&problem);
            continue;
        }
        read++;
        for (size_t k = 0; k < one.len; k++) {
            one.items[k].tenant = target->tenant;
            *gw_vec_push(arena, &all) = one.items[k];
        }
    }
    if (all.len)
        qsort(all.items, all.len, sizeof *all.items, newest_first);
    *out = (gw_event_list){all.items, all.len < (size_t)w->limit ? all.len : (size_t)w->limit};
    return true;
}

bool gw_app_history(gw_app *app, gw_arena *arena, const char *version, const char *action,
                    int64_t limit, gw_event_list *out, gw_err *err)
{
    const gw_environment *env;
    gw_connect connect;
    gw_target_list targets;
    wanted w = {.version = version, .action = action, .limit = limit > 0 ? limit : USUAL_LIMIT};
    *out = (gw_event_list){0};
    if (!gw_app_environment(app, &env, err))
        return false;
    if (env->for_each.database_count)
        return read_databases(app, arena, &w, out, err);
    /* A schema that is gone has a history all the same. */
    w.tenant = env->for_each.schemas ? app->options.tenant : NULL;
    return (env->for_each.schemas || !app->options.tenant ||
            gw_app_targets(app, arena, false, &targets, err)) &&
           gw_app_connect_options(app, false, &connect, err) && read_one(arena, &connect, &w, out, err);
}
