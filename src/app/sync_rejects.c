#include "app/sync_rejects.h"

#include "app/internal.h"
#include "base/vec.h"
#include "control/control.h"
#include "sync/session.h"
#include "sync/view.h"

/* As a run does: nobody else moves rows meanwhile. */
static bool take_lock(gw_app *app, gw_arena *arena, gw_err *err)
{
    gw_session *session;
    bool locked;
    if (!gw_app_sync_destination(app, arena, &session, err))
        return false;
    if (gw_session_pooled(session)) {
        gw_err_set(err, GW_ERR_UNSUPPORTED,
                   "rows cannot be moved through a pooler that hands out transactions");
        return gw_err_hint(err, "say direct_url: an address of the destination past the pooler");
    }
    if (!gw_sync_lock(session, &locked, err))
        return false;
    if (locked)
        return true;
    gw_err_set(err, GW_ERR_BUSY, "a run moves rows into this database");
    return gw_err_hint(err, "it tries rejected rows again by itself; godwit sync status shows it");
}

static bool retry_all(gw_app *app, gw_arena *arena, const gw_sync *sync, double max_deletes,
                      gw_retried_entity *out, size_t *count, gw_err *err)
{
    GW_VEC(const gw_entity_plan *) plans = {0};
    gw_session *source = sync->sides.source->session;
    gw_source *beside;
    gw_view_want want = {0};
    gw_view view;
    for (size_t i = 0; i < sync->count; i++) {
        const gw_sync_entity *entity = &sync->entities[i];
        if (!entity->selected)
            continue;
        if (!gw_sync_entity_fits(entity, err))
            return false;
        *gw_vec_push(arena, &plans) = &entity->plan;
    }
    if (!gw_app_sync_source(app, arena, &sync->sides.settings, &beside, err) ||
        !gw_view_open(source, arena, plans.items, plans.len, &want, &view, err))
        return false;
    bool ok = gw_snapshot_settle(beside->session, &view.snapshot, err);
    for (size_t i = 0; ok && i < view.count; i++)
        ok = gw_retry_allowed(sync->sides.destination, arena, &view.entities[i], max_deletes, err);
    for (size_t i = 0; ok && i < view.count; i++) {
        gw_arena *own = gw_arena_new();
        out[*count].entity = view.entities[i].entity->mapping->entity.text;
        ok = gw_retry(source, sync->sides.destination, own, &view.entities[i].projection,
                      app->options.log, &out[*count].counts, err);
        gw_arena_free(own);
        *count += ok && out[*count].counts.tried;
    }
    gw_session_rollback(source);
    return ok;
}

bool gw_app_sync_retry(gw_app *app, gw_arena *arena, const char *entity, double max_deletes,
                       gw_retried_entity **out, size_t *count, gw_err *err)
{
    gw_sync sync;
    *count = 0;
    if (!gw_app_sync_begin(app, arena, &entity, entity ? 1 : 0, true, &sync, err))
        return false;
    *out = gw_alloc_array(arena, sync.count + 1, sizeof **out);
    double most = max_deletes < 0 ? sync.sides.settings.max_deletes : max_deletes;
    if (take_lock(app, arena, err) && retry_all(app, arena, &sync, most, *out, count, err))
        return true;
    return gw_control_explain(sync.sides.destination, err);
}
