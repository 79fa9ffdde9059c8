#include "app/sync_verify.h"

#include "app/internal.h"
#include "base/vec.h"
#include "sync/view.h"

typedef struct sides {
    gw_sync sync;
    gw_verify verify;
    gw_view view;
    GW_VEC(const gw_sync_entity *) entities; /* one of each of the view */
} sides;

static bool open_view(sides *s, gw_arena *arena, gw_err *err)
{
    GW_VEC(const gw_entity_plan *) plans = {0};
    gw_view_want want = {0};
    for (size_t i = 0; i < s->entities.len; i++)
        *gw_vec_push(arena, &plans) = &s->entities.items[i]->plan;
    return gw_view_open(s->verify.source, arena, plans.items, plans.len, &want, &s->view, err);
}

static bool open_both(gw_app *app, gw_arena *arena, sides *s, gw_err *err)
{
    gw_verify_target *others = gw_alloc_array(arena, s->sync.count, sizeof *others);
    for (size_t i = 0; i < s->sync.count; i++) {
        const gw_sync_entity *entity = &s->sync.entities[i];
        others[i] = (gw_verify_target){entity->name, &entity->plan};
        if (!entity->selected)
            continue;
        if (!gw_sync_entity_fits(entity, err))
            return false;
        *gw_vec_push(arena, &s->entities) = entity;
    }
    s->verify.others = others;
    s->verify.other_count = s->sync.count;
    s->verify.source = s->sync.sides.source->session;
    s->verify.destination = s->sync.sides.destination;
    /* The destination's first: what is applied meanwhile is not there yet, and never too much. */
    return gw_app_sync_destination(app, arena, &s->verify.stage, err) &&
           gw_verify_begin(s->verify.destination, arena, &s->verify.exported, err) &&
           open_view(s, arena, err);
}

static bool verify_one(sides *s, size_t number, const gw_verify_watch *watch, gw_err *err)
{
    gw_arena *arena = gw_arena_new();
    const gw_sync_entity *entity = s->entities.items[number];
    gw_verified verified;
    s->verify.projection = &s->view.entities[number].projection;
    s->verify.snapshot = &s->view.entities[number].snapshot;
    bool ok = watch->begin(watch->self, entity, err) &&
              gw_verify_entity(&s->verify, arena, &verified, err) &&
              watch->end(watch->self, entity, &verified, err);
    gw_arena_free(arena);
    return ok;
}

bool gw_app_sync_verify(gw_app *app, gw_arena *arena, const char *const *names, size_t count,
                        bool whole, const gw_verify_watch *watch, gw_err *err)
{
    sides s = {.verify = {.whole = whole, .log = app->options.log, .fn = watch->row, .self = watch->self}};
    if (!gw_app_sync_begin(app, arena, names, count, false, &s.sync, err))
        return false;
    bool ok = open_both(app, arena, &s, err);
    for (size_t i = 0; ok && i < s.entities.len; i++)
        ok = verify_one(&s, i, watch, err);
    gw_session_rollback(s.sync.sides.source->session);
    gw_session_rollback(s.sync.sides.destination);
    return ok;
}
