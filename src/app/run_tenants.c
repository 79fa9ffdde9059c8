/* up, down, redo for each tenant: several at once, one that fails does not stop the others. */
#include <pthread.h>

#include "app/run_internal.h"
#include "base/vec.h"
#include "control/control.h"

typedef struct crew {
    gw_app *app;
    const gw_target_list *targets;
    const gw_migration_list *files;
    const gw_run_way *way;
    gw_run_lock *lock;         /* tenants of one database share it */
    gw_pool *controls, *works; /* and these */
    pthread_mutex_t mutex;
    size_t next;
    gw_run_job *jobs; /* one a target */
    gw_err *errors;
    bool *failed;
} crew;

static void *work(void *arg)
{
    crew *c = arg;
    for (;;) {
        pthread_mutex_lock(&c->mutex);
        size_t i = c->next < c->targets->len ? c->next++ : SIZE_MAX;
        pthread_mutex_unlock(&c->mutex);
        if (i == SIZE_MAX)
            return NULL;
        if (gw_cancel_level(c->app->options.cancel)) {
            c->failed[i] = true;
            gw_err_set(&c->errors[i], GW_ERR_INTERRUPTED, "not begun");
            continue;
        }
        c->jobs[i] = (gw_run_job){.app = c->app,
                           .arena = gw_arena_new(),
                           .target = &c->targets->items[i],
                           .files = c->files,
                           .way = c->way,
                           .lock = c->lock,
                           .beside = i > 0 && *c->targets->items[i].row_tenant,
                           .controls = c->controls,
                           .works = c->works};
        c->failed[i] = !gw_run_target(&c->jobs[i], &c->errors[i]);
    }
}

static void clear_error(void *arg)
{
    gw_err_clear(arg);
}

static void free_arena(void *arg)
{
    gw_arena_free(arg);
}

static void collect(crew *c, gw_arena *arena, gw_run_result *out)
{
    GW_VEC(gw_tenant_failure) failures = {0};
    out->tenants = c->targets->len;
    out->unmatched = c->targets->unmatched;
    for (size_t i = 0; i < c->targets->len; i++) {
        gw_run_result *one = &c->jobs[i].result;
        out->pending += one->pending;
        out->others |= one->others;
        for (size_t k = 0; k < one->len; k++)
            *gw_vec_push(arena, out) = one->items[k];
        if (!c->failed[i])
            continue;
        gw_tenant_failure *failure = gw_vec_push(arena, &failures);
        failure->tenant = c->targets->items[i].tenant;
        gw_err_move(&failure->error, &c->errors[i]);
    }
    for (size_t i = 0; i < failures.len; i++)
        gw_arena_defer(arena, clear_error, &failures.items[i].error);
    for (size_t i = 0; i < c->targets->len; i++) {
        const gw_losses *losses = &c->jobs[i].result.losses;
        for (size_t k = 0; k < losses->len; k++)
            *gw_vec_push(arena, &out->losses) = losses->items[k];
        gw_arena_defer(arena, free_arena, c->jobs[i].arena); /* their texts are in there */
    }
    out->failures = failures.items;
    out->failure_count = failures.len;
}

/* Tenants of one database: sessions are kept and handed on, as many as `pool:` allows. */
static bool open_pools(crew *c, gw_arena *arena, gw_err *err)
{
    const gw_config_pool *said = &c->app->environment.pool;
    gw_pool_options options = {.min = said->min,
                               .max = said->max,
                               .acquire_ms = said->acquire_timeout_ms,
                               .idle_ms = said->idle_timeout_ms};
    gw_connect connect = c->targets->items[0].connect;
    connect.pinned = false;
    if (!gw_pool_open(arena, &connect, &options, &c->works, err))
        return false;
    connect.pinned = true;
    return gw_pool_open(arena, &connect, &options, &c->controls, err);
}

/* What the failures have in common says how the run ended. */
static gw_err_kind common_kind(const gw_run_result *result)
{
    gw_err_kind kind = result->failures[0].error.kind;
    for (size_t i = 1; i < result->failure_count; i++)
        if (result->failures[i].error.kind != kind)
            return GW_ERR_SQL;
    return kind == GW_ERR_REFUSED ? kind : GW_ERR_SQL;
}

static bool refuse_one(gw_app *app, const gw_target *target, const gw_migration_list *files,
                       const gw_run_way *asked, gw_session *session, gw_err *err)
{
    const gw_plan nothing = {0};
    gw_run_job j = {.app = app,
                    .arena = gw_arena_new(),
                    .target = target,
                    .files = files,
                    .way = asked,
                    .held = {.control = session}};
    bool ok = gw_app_refuse_foreign(app, j.arena, target, session, files, &nothing, 0, err) &&
              (asked->revert || gw_run_first_look(&j, err));
    gw_arena_free(j.arena);
    return ok;
}

/* Where Godwit's tables are not even there, and another tool migrated each of the tenants, or each of
 * their runs would be refused, nothing is made. (Where it is some of them, theirs are the runs that fail.) */
static bool refuse_all(gw_app *app, const gw_target_list *targets, const gw_migration_list *files,
                       const gw_run_way *asked, gw_session *session, gw_err *err)
{
    gw_err first = {0};
    int version = 0;
    size_t refused = 0;
    if (!gw_control_version(session, &version, err))
        return false;
    while (!version && refused < targets->len) {
        gw_err_clear(&first);
        if (refuse_one(app, &targets->items[refused], files, asked, session, &first))
            break;
        refused++;
    }
    if (refused && refused == targets->len) {
        gw_err_context(&first, "tenant %s%s", targets->items[refused - 1].tenant,
                       refused > 1 ? "; each of the others is refused as well" : "");
        gw_err_move(err, &first);
        return false;
    }
    gw_err_clear(&first);
    return true;
}

/* No lock where there is no history and nothing but one could be rolled back. */
static bool hold_for_all(gw_app *app, gw_arena *arena, const gw_target_list *targets,
                         const gw_run_way *asked, const gw_migration_list *files, gw_held *held,
                         gw_err *err)
{
    gw_connect connect = targets->items[0].connect;
    int version = 0;
    connect.pinned = true;
    if (!gw_session_open(arena, &connect, &held->control, err) ||
        !refuse_all(app, targets, files, asked, held->control, err) ||
        !gw_control_version(held->control, &version, err))
        return false;
    return (asked->revert && !version) ||
           gw_app_hold(app, arena, &targets->items[0], asked->options->wait_ms, held, err);
}

static void let_go(gw_held *held)
{
    gw_run_lock_release(held->lock);
    gw_session_close(held->control);
}

bool gw_run_tenants(gw_app *app, gw_arena *arena, const gw_target_list *targets,
                        const gw_migration_list *files, const gw_run_way *asked, gw_run_result *out,
                        gw_err *err)
{
    const gw_run_options *options = asked->options;
    size_t count = targets->len, jobs = app->environment.for_each.jobs;
    gw_held held = {0};
    crew c = {.app = app,
              .targets = targets,
              .files = files,
              .way = asked,
              .jobs = gw_alloc_array(arena, count, sizeof(gw_run_job)),
              .errors = gw_alloc_array(arena, count, sizeof(gw_err)),
              .failed = gw_alloc_array(arena, count, sizeof(bool))};
    if (app->environment.for_each.schemas && count && !options->dry_run) {
        if (!hold_for_all(app, arena, targets, asked, files, &held, err) ||
            !open_pools(&c, arena, err)) {
            let_go(&held);
            return false;
        }
        c.lock = held.lock;
        jobs = jobs < app->environment.pool.max ? jobs : app->environment.pool.max;
    }
    if (options->dry_run || jobs < 1)
        jobs = 1; /* its output would be mixed */
    pthread_mutex_init(&c.mutex, NULL);
    pthread_t *threads = gw_alloc_array(arena, jobs, sizeof *threads);
    size_t started = 0;
    while (started + 1 < jobs && started + 1 < count &&
           pthread_create(&threads[started], NULL, work, &c) == 0)
        started++;
    work(&c);
    for (size_t i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    pthread_mutex_destroy(&c.mutex);
    let_go(&held);
    collect(&c, arena, out);
    if (!out->failure_count)
        return true;
    gw_err_set(err, gw_cancel_level(app->options.cancel) ? GW_ERR_INTERRUPTED : common_kind(out),
               "%zu of %zu tenants failed", out->failure_count, count);
    return gw_err_hint(err, "%srun the same command again once the cause is mended",
                       out->failure_count < count ? "the others are done; " : "");
}
