/* Workers of another process, or of another host. */
#include <string.h>

#include "base/clock.h"
#include "base/uuid.h"
#include "sync/run_impl.h"

enum { LOOK_MS = 200, LEASE_MS = 60000 };

static bool read_leaves(gw_arena *arena, json_t *leaves, gw_snapshot *out)
{
    size_t i;
    json_t *one;
    out->leaf_count = json_array_size(leaves);
    out->leaves = gw_alloc_array(arena, out->leaf_count + 1, sizeof *out->leaves);
    json_array_foreach(leaves, i, one) {
        gw_stored_leaf *leaf = &out->leaves[i];
        leaf->oid = json_integer_value(json_object_get(one, "oid"));
        leaf->schema = json_string_value(json_object_get(one, "schema"));
        leaf->name = json_string_value(json_object_get(one, "name"));
        leaf->kind = json_string_value(json_object_get(one, "kind"));
        leaf->file_node = json_integer_value(json_object_get(one, "file_node"));
        leaf->blocks = json_integer_value(json_object_get(one, "blocks"));
        if (!leaf->schema || !leaf->name || !leaf->kind)
            return false;
    }
    return true;
}

/* The snapshot of the attempt, as its coordinator has written it down. */
static bool read_snapshot(const gw_sync_execution *x, gw_arena *arena,
                          const gw_sync_session *session, gw_snapshot *out, gw_err *err)
{
    gw_source_identity here;
    json_t *options =
        gw_json_parse(arena, "options", session->options, strlen(session->options), err);
    const json_t *said = json_object_get(options, "snapshot");
    const char *system = json_string_value(json_object_get(said, "system_identifier"));
    *out = (gw_snapshot){.name = session->snapshot};
    if (!options || !gw_pg_identify(x->from, arena, &here, err))
        return false;
    if (!system || !read_leaves(arena, json_object_get(said, "leaves"), out))
        return gw_err_set(err, GW_ERR_STATE, "session %s has no snapshot yet", session->id);
    if (strcmp(system, here.system_identifier) == 0 &&
        json_integer_value(json_object_get(said, "database_oid")) == here.database_oid)
        return true;
    gw_err_set(err, GW_ERR_STATE, "session %s reads another source than this one", session->id);
    return gw_err_hint(err, "a snapshot is good on the server that it was taken on");
}

/* It goes on with the snapshot that was joined. */
static bool goes_on(gw_session *session, const char *id, const char *snapshot, bool *out,
                    gw_err *err)
{
    gw_arena *arena = gw_arena_new();
    gw_sync_session now;
    bool found = false, ok = gw_sync_session_find(session, arena, id, &now, &found, err);
    *out = ok && found && strcmp(now.status, "running") == 0 && now.snapshot &&
           strcmp(now.snapshot, snapshot) == 0;
    gw_arena_free(arena);
    return ok;
}

/* A batch may take longer than a lease: the pieces stay theirs while this process lives. */
static bool attend(const gw_sync_execution *x, gw_sync_work *work, gw_crew *crew,
                   const gw_mover_id *ids, size_t count, const char *snapshot, gw_err *err)
{
    bool on = true;
    int64_t beaten = gw_monotonic_us();
    while (on && gw_crew_works(crew)) {
        const char *entity;
        if (gw_crew_problem(crew, &entity, err)) /* the coordinator meets it, too */
            return gw_err_context(err, "working on %s", entity ? entity : "a session");
        if (!gw_sleep_ms(LOOK_MS, x->cancel))
            return gw_err_set(err, GW_ERR_INTERRUPTED, "the worker was stopped; its session goes on");
        if (!goes_on(x->to, work->session_id, snapshot, &on, err))
            return false;
        if (gw_monotonic_us() - beaten < ids[0].lease_ms * 1000 / 3)
            continue;
        beaten = gw_monotonic_us();
        if (!gw_tasks_beat(x->to, ids, count, err))
            return false;
    }
    return true;
}

bool gw_sync_help(const gw_sync_execution *x, gw_arena *arena, const char **id, int64_t *rows,
                  gw_err *err)
{
    gw_sync_session session;
    gw_snapshot snapshot;
    gw_crew *crew = NULL;
    bool found;
    unsigned jobs = x->jobs ? x->jobs : 1;
    if (!gw_sync_session_find(x->to, arena, x->session, &session, &found, err))
        return false;
    if (!found || strcmp(session.status, "running") != 0 || !session.snapshot) {
        gw_err_set(err, GW_ERR_STATE, "no session is running");
        return gw_err_hint(err, "godwit sync run begins one");
    }
    *id = session.id;
    if (!read_snapshot(x, arena, &session, &snapshot, err))
        return false;
    gw_work_entity *entities = gw_alloc_array(arena, x->item_count + 1, sizeof *entities);
    gw_mover_id *ids = gw_alloc_array(arena, jobs, sizeof *ids);
    for (size_t i = 0; i < x->item_count; i++) {
        entities[i] = x->items[i].entity;
        if (!gw_project(x->from, arena, entities[i].plan, &entities[i].projection, err))
            return false;
    }
    for (unsigned i = 0; i < jobs; i++)
        ids[i] = (gw_mover_id){.id = gw_strdup(arena, gw_uuid_v7().text),
                               .host = x->host,
                               .lease_ms = x->lease_ms ? x->lease_ms : LEASE_MS};
    gw_sync_work *work = gw_alloc(arena, sizeof *work);
    *work = (gw_sync_work){.session_id = session.id,
                           .entities = entities,
                           .entity_count = x->item_count,
                           .snapshot = &snapshot,
                           .pace = x->pace,
                           .log = x->log,
                           .cancel = x->cancel};
    bool ok = gw_crew_start(arena, work, &x->source, &x->destination, ids, jobs, x->replica, &crew,
                            err) &&
              attend(x, work, crew, ids, jobs, snapshot.name, err);
    gw_crew_stop(crew);
    *rows = atomic_load(&work->rows);
    return ok;
}
