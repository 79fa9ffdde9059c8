#include "sync/run.h"

#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/uuid.h"
#include "control/lock.h"
#include "sync/load.h"
#include "sync/run_impl.h"

enum { LEASE_MS = 15000, IDLE_MS = 50 };

void gw_going_see(gw_coordinator *c, gw_sync_stage stage, const gw_going *going, int64_t done,
                  const char *text)
{
    if (!c->x->see)
        return;
    gw_sync_seen seen = {.stage = stage,
                         .entity = going ? going->name : NULL,
                         .done = done,
                         .total = going ? going->ahead : 0,
                         .text = text};
    if (going && going->began_us)
        seen.duration_ms = (gw_monotonic_us() - going->began_us) / 1000;
    c->x->see(c->x->self, &seen);
}

/* ---- taking the session -------------------------------------------------------------------- */

static bool busy(gw_coordinator *c, gw_err *err)
{
    gw_sync_session other;
    gw_err ignored = {0};
    bool found = false;
    const char *who = gw_key_holder_text(c->lock, c->arena, gw_sync_lock_key());
    gw_err_set(err, GW_ERR_BUSY, "another run moves rows into this database");
    if (gw_sync_session_find(c->lock, c->arena, NULL, &other, &found, &ignored) && found)
        gw_err_detail(err, "session %s, by process %lld on %s", other.id, (long long)other.pid,
                      other.host ? other.host : "another host");
    else if (who)
        gw_err_detail(err, "%s", who);
    gw_err_clear(&ignored);
    return gw_err_hint(err, "godwit sync status shows it; godwit sync worker helps it");
}

static bool lock(gw_coordinator *c, gw_err *err)
{
    bool locked;
    if (gw_session_pooled(c->x->to)) {
        gw_err_set(err, GW_ERR_UNSUPPORTED,
                   "rows cannot be moved through a pooler that hands out transactions");
        return gw_err_hint(err, "say direct_url: an address of the destination past the pooler");
    }
    if (!gw_session_open(c->arena, &c->x->destination, &c->lock, err) ||
        !gw_sync_lock(c->lock, &locked, err))
        return false;
    return locked || busy(c, err);
}

static bool choose(gw_coordinator *c, const gw_source_names *names, gw_err *err)
{
    gw_sync_session session;
    bool found;
    c->session = c->x->session;
    if (!gw_sync_session_find(c->x->to, c->arena, c->session, &session, &found, err))
        return false;
    if (c->session && !found)
        return gw_err_set(err, GW_ERR_STATE, "there is no session %s", c->session);
    if (c->session)
        return true;
    if (found) {
        c->session = session.id;
        return true;
    }
    json_t *options = gw_json_own(c->arena, json_object());
    if (c->x->analysis)
        json_object_set_new(options, "analysis", gw_json_text(c->x->analysis));
    return gw_sync_session_new(c->x->to, c->arena, names, gw_json_dump(c->arena, options),
                               &c->session, err);
}

static bool take(gw_coordinator *c, gw_err *err)
{
    gw_source_names names = {.items = gw_alloc_array(c->arena, c->count + 1, sizeof *names.items),
                             .len = c->count};
    for (size_t i = 0; i < c->count; i++)
        names.items[i] = c->going[i].name;
    c->owner = (gw_sync_owner){.id = gw_strdup(c->arena, gw_uuid_v7().text),
                               .host = c->x->host,
                               .pid = getpid(),
                               .lease_ms = c->x->lease_ms ? c->x->lease_ms : LEASE_MS};
    if (!lock(c, err) || !choose(c, &names, err) ||
        !gw_sync_session_begin(c->x->to, c->arena, c->session, &c->owner, &names, &c->attempt, err))
        return false;
    c->begun = true;
    if (c->x->replica && !gw_exec(c->x->to, "SET session_replication_role = replica", err))
        return gw_err_hint(err, "only a role that may turn triggers off can use --replica");
    c->work.session_id = c->session;
    return true;
}

/* ---- the snapshot -------------------------------------------------------------------------- */

/* What a worker elsewhere needs besides the name: the leaves. */
static const char *shared(gw_coordinator *c)
{
    const gw_snapshot *snapshot = &c->view.snapshot;
    json_t *all = gw_json_own(c->arena, json_object()), *leaves = json_array();
    for (size_t i = 0; i < snapshot->leaf_count; i++) {
        const gw_stored_leaf *leaf = &snapshot->leaves[i];
        json_t *one = json_object();
        json_object_set_new(one, "oid", json_integer(leaf->oid));
        json_object_set_new(one, "schema", gw_json_text(leaf->schema));
        json_object_set_new(one, "name", gw_json_text(leaf->name));
        json_object_set_new(one, "kind", gw_json_text(leaf->kind));
        json_object_set_new(one, "file_node", json_integer(leaf->file_node));
        json_object_set_new(one, "blocks", json_integer(leaf->blocks));
        json_array_append_new(leaves, one);
    }
    json_object_set_new(all, "system_identifier",
                        gw_json_text(snapshot->identity.system_identifier));
    json_object_set_new(all, "database_oid", json_integer(snapshot->identity.database_oid));
    json_object_set_new(all, "leaves", leaves);
    return gw_json_dump(c->arena, all);
}

static bool open_view(gw_coordinator *c, gw_err *err)
{
    const gw_entity_plan **plans = gw_alloc_array(c->arena, c->count + 1, sizeof *plans);
    gw_view_want want = {.share = true};
    size_t count = 0;
    for (size_t i = 0; i < c->count; i++)
        if (c->going[i].state == GW_GOING_WAITS)
            plans[count++] = c->going[i].item->entity.plan;
    if (!gw_view_open(c->x->from, c->arena, plans, count, &want, &c->view, err))
        return false;
    for (size_t i = 0; i < c->count; i++)
        for (size_t k = 0; k < count; k++)
            if (c->view.entities[k].entity == c->going[i].item->entity.plan)
                c->going[i].view = &c->view.entities[k];
    if (!gw_session_open(c->arena, &c->x->source, &c->beside, err))
        return false;
    if (!c->session)
        return true; /* only looked at */
    if (!gw_session_open(c->arena, &c->x->destination, &c->store, err) ||
        !gw_snapshot_settle(c->beside, &c->view.snapshot, err))
        return false;
    c->work.snapshot = &c->view.snapshot;
    return gw_sync_session_share(c->x->to, c->session, &c->owner, c->view.snapshot.name, shared(c),
                                 err);
}

/* ---- moving -------------------------------------------------------------------------------- */

static gw_going *going_of(gw_coordinator *c, const char *name)
{
    for (size_t i = 0; i < c->count; i++)
        if (strcmp(c->going[i].name, name) == 0)
            return &c->going[i];
    return NULL;
}

static bool is_among(const gw_source_names *names, const gw_going *going, const gw_going *other)
{
    for (size_t i = 0; i < names->len; i++)
        if (strcmp(names->items[i], other->name) == 0)
            return going != other;
    return false;
}

static bool needs(const gw_going *going, const gw_going *other)
{
    return is_among(&going->item->entity.plan->needs, going, other);
}

static bool refers(const gw_going *going, const gw_going *other)
{
    return needs(going, other) || is_among(&going->item->entity.plan->refers, going, other);
}

/* Entities that are not of this session are as they are. */
static bool is_ready(const gw_coordinator *c, const gw_going *going)
{
    for (size_t i = 0; i < c->count; i++)
        if (needs(going, &c->going[i]) && c->going[i].state < GW_GOING_THERE)
            return false;
    return true;
}

/* Nobody of this session whose rows may refer to its own is still at it. */
static bool is_free(const gw_coordinator *c, const gw_going *going)
{
    for (size_t i = 0; i < c->count; i++)
        if (refers(&c->going[i], going) && c->going[i].state < GW_GOING_CLEARED)
            return false;
    return true;
}

static bool is_cleared(const gw_going *going)
{
    return going->state > GW_GOING_CLEARED || (going->state == GW_GOING_CLEARED && !going->again);
}

/* What it needs has come as far as it will. */
static bool is_served(const gw_coordinator *c, const gw_going *going)
{
    for (size_t i = 0; i < c->count; i++)
        if (needs(going, &c->going[i]) && !is_cleared(&c->going[i]))
            return false;
    return true;
}

static bool all_at_least(const gw_coordinator *c, gw_going_state state)
{
    for (size_t i = 0; i < c->count; i++)
        if (c->going[i].state < state)
            return false;
    return true;
}

static bool begin_ready(gw_coordinator *c, gw_err *err)
{
    for (size_t i = 0; i < c->count; i++)
        if (c->going[i].state == GW_GOING_WAITS && is_ready(c, &c->going[i]) &&
            !gw_run_begin(c, &c->going[i], err))
            return false;
    return true;
}

static bool begin_deletes(gw_coordinator *c, gw_going *going, gw_err *err)
{
    if (!going->loads &&
        !gw_tasks_put_changes(c->x->to, going->run.id, going->analysis, true, err))
        return false;
    going->state = GW_GOING_DELETES;
    c->freed = c->freed || (!going->loads && going->found.counts[GW_ROW_DELETED] > 0);
    return true;
}

static bool stopped(gw_coordinator *c)
{
    return gw_cancel_level(c->x->cancel) > 0 || atomic_load(&c->work.stop);
}

static bool has_second_pass(const gw_going *going)
{
    const gw_entity_plan *plan = going->item->entity.plan;
    for (size_t i = 0; i < plan->mapping->fields.len; i++)
        if (plan->fields[i].second_pass)
            return true;
    return false;
}

/* The others have been tried once more, and those whose rows refer to its own twice. */
static bool may_let_go(const gw_coordinator *c, const gw_going *going)
{
    for (size_t i = 0; i < c->count; i++) {
        const gw_going *other = &c->going[i];
        if (!is_cleared(other) ||
            (other->state == GW_GOING_CLEARED && other->let_go && refers(other, going)))
            return false;
    }
    return true;
}

/* What is gone is deleted. What was refused because of it comes once more, when what it needs has, and
 * again where rows that go held each other; a reference that closes a cycle is looked up again when
 * all of that is there. */
static bool advance_cleared(gw_coordinator *c, gw_going *going, bool *any, gw_err *err)
{
    bool waits = going->again ? !(all_at_least(c, GW_GOING_CLEARED) && is_served(c, going))
                              : going->let_go && !may_let_go(c, going);
    for (size_t i = 0; i < c->count && !going->again && has_second_pass(going); i++)
        waits = waits || !is_cleared(&c->going[i]);
    if (waits)
        return true;
    *any = true;
    if (going->again)
        return (!has_second_pass(going) || gw_run_let_go(c, going, err)) &&
               gw_run_again(c, going, err);
    if (going->let_go) {
        going->let_go = false;
        return gw_run_again(c, going, err);
    }
    bool fill = (c->freed || going->held) && has_second_pass(going);
    return (!fill || gw_run_fill(c, going, err)) &&
           (stopped(c) || gw_run_complete(c, going, err));
}

/* What comes next of an entity whose pieces are done; *any: something did. */
static bool advance(gw_coordinator *c, gw_going *going, bool *any, gw_err *err)
{
    int64_t left = 0;
    if ((going->state == GW_GOING_RUNS || going->state == GW_GOING_DELETES) &&
        !gw_tasks_left(c->x->to, going->run.id, &left, err))
        return false;
    if (left)
        return true;
    if (going->state == GW_GOING_RUNS) {
        *any = true;
        going->state = GW_GOING_THERE;
        return !going->loads ||
               gw_load_finish(c->x->to, c->arena, going->name, c->x->log, err);
    }
    if (going->state == GW_GOING_THERE && !going->filled && all_at_least(c, GW_GOING_THERE)) {
        *any = true;
        return gw_run_fill(c, going, err);
    }
    if (going->state == GW_GOING_THERE && going->filled && is_free(c, going)) {
        *any = true;
        return begin_deletes(c, going, err);
    }
    if (going->state == GW_GOING_DELETES) {
        *any = true;
        going->state = GW_GOING_CLEARED;
        return gw_run_may_again(c, going, err);
    }
    return going->state != GW_GOING_CLEARED || advance_cleared(c, going, any, err);
}

/* What is wrong with one entity alone; the others go on. */
static bool survive(gw_coordinator *c, const char *name, gw_err *problem, gw_err *err)
{
    gw_going *going = name ? going_of(c, name) : NULL;
    bool total = !going || problem->kind == GW_ERR_INTERRUPTED || problem->kind == GW_ERR_LOST ||
                 problem->kind == GW_ERR_CONNECT || gw_session_lost(c->x->from) ||
                 gw_session_lost(c->x->to) || !gw_session_in_transaction(c->x->from);
    bool ok = !total && gw_run_fail(c, going, problem, err);
    if (total)
        gw_err_move(err, problem);
    gw_err_clear(problem);
    return ok;
}

static bool advance_all(gw_coordinator *c, bool *any, gw_err *err)
{
    *any = false;
    for (size_t i = 0; i < c->count; i++) {
        gw_err problem = {0};
        if (c->going[i].state == GW_GOING_WAITS || c->going[i].state >= GW_GOING_DONE ||
            advance(c, &c->going[i], any, &problem))
            continue;
        *any = true;
        gw_session_rollback(c->x->to);
        if (!survive(c, c->going[i].name, &problem, err))
            return false;
    }
    return true;
}

/* The workers' troubles, and how far all are. */
static bool look_around(gw_coordinator *c, gw_err *err)
{
    gw_err problem = {0};
    const char *name;
    long long rows = atomic_load(&c->work.rows);
    while (gw_crew_problem(c->crew, &name, &problem))
        if (!survive(c, name, &problem, err))
            return false;
    if (rows == c->shown)
        return true;
    c->shown = rows;
    for (size_t i = 0; i < c->count; i++)
        if (c->going[i].state == GW_GOING_RUNS || c->going[i].state == GW_GOING_DELETES)
            gw_going_see(c, GW_SYNC_MOVES, &c->going[i], gw_mover_rows(&c->work, c->going[i].name),
                         NULL);
    return true;
}

static bool move(gw_coordinator *c, gw_err *err)
{
    while (!stopped(c)) {
        gw_err problem = {0};
        const char *name;
        bool did = false, any;
        if (!begin_ready(c, err) || !look_around(c, err))
            return false;
        if (!gw_mover_step(c->worker, &did, &name, &problem) && !survive(c, name, &problem, err))
            return false;
        if (did)
            continue;
        if (!advance_all(c, &any, err))
            return false;
        if (all_at_least(c, GW_GOING_DONE))
            return true;
        if (!any)
            gw_sleep_ms(IDLE_MS, c->x->cancel);
    }
    return true;
}

/* ---- the whole ----------------------------------------------------------------------------- */

static void prepare(gw_coordinator *c)
{
    c->count = c->x->item_count;
    c->going = gw_alloc_array(c->arena, c->count + 1, sizeof *c->going);
    c->group = gw_strdup(c->arena, gw_uuid_v7().text);
    c->began_us = gw_monotonic_us();
    for (size_t i = 0; i < c->count; i++)
        c->going[i] =
            (gw_going){.item = &c->x->items[i],
                       .name = c->x->items[i].entity.plan->mapping->entity.text};
    c->work.pace = c->x->pace;
    c->work.log = c->x->log;
    c->work.cancel = c->x->cancel;
}

static bool start_worker(gw_coordinator *c, gw_err *err)
{
    gw_work_entity *entities = gw_alloc_array(c->arena, c->count + 1, sizeof *entities);
    size_t others = c->x->jobs > 1 ? c->x->jobs - 1 : 0;
    const char **ids = gw_alloc_array(c->arena, others + 1, sizeof *ids);
    gw_mover_id *crew = gw_alloc_array(c->arena, others + 1, sizeof *crew);
    for (size_t i = 0; i < c->count; i++) {
        entities[i] = c->going[i].item->entity;
        if (c->going[i].view)
            entities[i].projection = c->going[i].view->projection;
    }
    c->work.entities = entities;
    c->work.rows_of = gw_alloc_array(c->arena, c->count + 1, sizeof *c->work.rows_of);
    c->work.entity_count = c->count;
    for (size_t i = 0; i <= others; i++) {
        ids[i] = gw_strdup(c->arena, gw_uuid_v7().text);
        crew[i] =
            (gw_mover_id){.id = ids[i], .host = c->x->host, .lease_ms = c->owner.lease_ms};
    }
    c->worker = gw_mover_new(c->arena, &c->work, c->x->from, c->x->to, &crew[0]);
    return gw_pulse_start(c->arena, c->lock, &c->owner, &c->work, &c->x->throttle, ids,
                          others + 1, &c->pulse, err) &&
           (!others || gw_crew_start(c->arena, &c->work, &c->x->source, &c->x->destination,
                                     crew + 1, others, c->x->replica, &c->crew, err));
}

/* Entities that cannot run fail at once, with those that need them. */
static bool fail_impossible(gw_coordinator *c, gw_err *err)
{
    for (size_t i = 0; i < c->count; i++) {
        gw_err why = {0};
        if (!c->going[i].item->problem || c->going[i].state != GW_GOING_WAITS)
            continue;
        gw_err_set(&why, GW_ERR_STATE, "%s", c->going[i].item->problem);
        bool ok = gw_run_fail(c, &c->going[i], &why, err);
        gw_err_clear(&why);
        if (!ok)
            return false;
    }
    return true;
}

static bool attempt(gw_coordinator *c, gw_err *err)
{
    return fail_impossible(c, err) && open_view(c, err) && start_worker(c, err) &&
           gw_run_look(c, err) && move(c, err);
}

static const gw_sync_counts *counts_of(const gw_sync_counts *all, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(all[i].entity, name) == 0)
            return &all[i];
    return NULL;
}

/* What the session is now; nothing where it cannot be read. */
static void tell(gw_coordinator *c, gw_sync_done *out)
{
    static const char *const words[] = {"pending", "running",   "running", "running",
                                        "running", "completed", "failed"};
    gw_sync_session session;
    gw_sync_counts *counts = NULL;
    size_t count = 0;
    bool found = false;
    gw_err ignored = {0};
    *out = (gw_sync_done){.session = c->session};
    if (!c->session || gw_session_lost(c->x->to))
        return;
    if (gw_sync_session_find(c->x->to, c->arena, c->session, &session, &found, &ignored) && found) {
        out->status = session.status;
        out->reason = session.reason;
    }
    if (!gw_sync_run_counts(c->x->to, c->arena, c->session, &counts, &count, &ignored))
        count = 0;
    gw_err_clear(&ignored);
    out->entity_count = c->count;
    out->entities = gw_alloc_array(c->arena, c->count + 1, sizeof *out->entities);
    for (size_t i = 0; i < c->count; i++) {
        const gw_sync_counts *known = counts_of(counts, count, c->going[i].name);
        out->entities[i] = known ? *known
                                 : (gw_sync_counts){.entity = c->going[i].name,
                                                    .status = words[c->going[i].state]};
        if (c->going[i].state == GW_GOING_FAILED)
            out->entities[i].status = "failed";
    }
}

bool gw_sync_preview(const gw_sync_execution *execution, gw_arena *arena, gw_sync_done *out,
                     gw_err *err)
{
    gw_coordinator c = {.x = execution, .arena = arena};
    prepare(&c);
    *out = (gw_sync_done){.status = "dry run", .entity_count = c.count};
    out->entities = gw_alloc_array(arena, c.count + 1, sizeof *out->entities);
    for (size_t i = 0; i < c.count; i++) {
        out->entities[i] = (gw_sync_counts){.entity = c.going[i].name, .status = "pending"};
        if (!c.going[i].item->problem)
            continue;
        c.going[i].state = GW_GOING_FAILED;
        out->entities[i].status = "failed";
        out->entities[i].error = c.going[i].item->problem;
    }
    bool ok = open_view(&c, err) && gw_run_look(&c, err);
    gw_session_rollback(execution->from);
    for (size_t i = 0; ok && i < c.count; i++) {
        gw_sync_counts *one = &out->entities[i];
        const int64_t *counts = c.going[i].found.counts;
        one->added = counts[GW_ROW_NEW];
        one->modified = counts[GW_ROW_MODIFIED];
        one->deleted = counts[GW_ROW_DELETED];
        one->remaining = one->added + one->modified + one->deleted;
    }
    return ok;
}

bool gw_sync_execute(const gw_sync_execution *execution, gw_arena *arena, gw_sync_done *out,
                     gw_err *err)
{
    gw_coordinator c = {.x = execution, .arena = arena};
    prepare(&c);
    *out = (gw_sync_done){0};
    bool ok = take(&c, err) && attempt(&c, err);
    ok = gw_run_close(&c, ok, err);
    gw_session_rollback(execution->from);
    if (!gw_session_lost(execution->to))
        tell(&c, out);
    gw_err_clear(&c.first);
    gw_session_close(c.lock);
    return ok;
}
