#include "app/sync_verify.h"

#include "app/internal.h"
#include "base/vec.h"

typedef struct sides {
    gw_sync sync;
    gw_session *stage;
    gw_verify verify;
    gw_snapshot snapshot;
} sides;

static bool open_view(sides *s, gw_arena *arena, gw_err *err)
{
    GW_VEC(int64_t) oids = {0};
    for (size_t i = 0; i < s->sync.count; i++) {
        const gw_source_relation *source = &s->sync.entities[i].plan.source;
        bool locked = *source->kind == 'r' || *source->kind == 'p' || *source->kind == 'm';
        if (s->sync.entities[i].selected && locked)
            *gw_vec_push(arena, &oids) = source->oid;
    }
    gw_snapshot_want want = {.relations = oids.items, .count = oids.len};
    return gw_snapshot_open(s->sync.sides.source->session, arena, &want, &s->snapshot, err);
}

static bool open_both(gw_app *app, gw_arena *arena, sides *s, gw_err *err)
{
    gw_verify_target *others = gw_alloc_array(arena, s->sync.count, sizeof *others);
    for (size_t i = 0; i < s->sync.count; i++) {
        others[i] = (gw_verify_target){s->sync.entities[i].name, s->sync.entities[i].plan.mapping};
        if (s->sync.entities[i].selected && !gw_sync_entity_fits(&s->sync.entities[i], err))
            return false;
    }
    s->verify.others = others;
    s->verify.other_count = s->sync.count;
    s->verify.source = s->sync.sides.source->session;
    s->verify.destination = s->sync.sides.destination;
    s->verify.snapshot = &s->snapshot;
    /* The destination's first: what is applied meanwhile is not there yet, and never too much. */
    return gw_app_sync_destination(app, arena, &s->verify.stage, err) &&
           gw_verify_begin(s->verify.destination, arena, &s->verify.exported, err) &&
           open_view(s, arena, err);
}

static bool verify_one(sides *s, const gw_sync_entity *entity, const gw_verify_watch *watch,
                       gw_err *err)
{
    gw_arena *arena = gw_arena_new();
    gw_projection projection;
    gw_verified verified;
    s->verify.projection = &projection;
    bool ok = watch->begin(watch->self, entity, err) &&
              gw_pg_user_names(s->verify.source, true, err) &&
              gw_project(s->verify.source, arena, &entity->plan, &projection, err) &&
              gw_pg_user_names(s->verify.source, false, err) &&
              gw_verify_entity(&s->verify, arena, &verified, err) &&
              watch->end(watch->self, entity, &verified, err);
    gw_arena_free(arena);
    return ok;
}

bool gw_app_sync_verify(gw_app *app, gw_arena *arena, const char *const *names, size_t count,
                        bool whole, const gw_verify_watch *watch, gw_err *err)
{
    sides s = {.verify = {.whole = whole, .fn = watch->row, .self = watch->self}};
    if (!gw_app_sync_begin(app, arena, names, count, false, &s.sync, err))
        return false;
    bool ok = open_both(app, arena, &s, err);
    for (size_t i = 0; ok && i < s.sync.count; i++)
        if (s.sync.entities[i].selected)
            ok = verify_one(&s, &s.sync.entities[i], watch, err);
    gw_session_rollback(s.sync.sides.source->session);
    gw_session_rollback(s.sync.sides.destination);
    return ok;
}
