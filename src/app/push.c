/* push: the database becomes what a declared schema says. */
#include <string.h>

#include "app/comparison.h"
#include "base/clock.h"
#include "base/json.h"
#include "control/control.h"

enum { PAUSE_MS = 100, LONGEST_PAUSE_MS = 5000 };

struct gw_push {
    gw_app *app;
    gw_arena *arena;
    gw_comparison c;
    gw_losses losses;
    const char *path, *database;
    bool may_lose;
};

/* ---- the plan ---------------------------------------------------------------------------------- */

static bool plan(gw_push *push, const gw_diff_options *options, gw_err *err)
{
    gw_comparison *c = &push->c;
    if (!gw_comparison_read(push->app, push->arena, options, c, err) ||
        !gw_comparison_plan(c, options, err))
        return false;
    push->database = c->x.scope
                         ? gw_printf(push->arena, "%s of %s", c->x.scope->schema,
                                     gw_session_database(c->x.session))
                         : gw_strdup(push->arena, gw_session_database(c->x.session));
    gw_diff_losses(push->arena, &c->diff, &push->losses);
    return gw_losses_count(c->x.session, &push->losses, push->app->environment.count_timeout_ms, err);
}

bool gw_app_push_plan(gw_app *app, gw_arena *arena, const gw_push_options *options, gw_push **out,
                      gw_err *err)
{
    gw_push *push = gw_alloc(arena, sizeof *push);
    gw_diff_options wanted = {.from = "database",
                              .to = options->path,
                              .concurrently = options->concurrently,
                              .no_owner = options->no_owner,
                              .no_privileges = options->no_privileges,
                              .prove_rows = options->prove_rows,
                              .renames = options->renames,
                              .rename_count = options->rename_count};
    *push = (gw_push){.app = app, .arena = arena, .path = options->path};
    bool ok = plan(push, &wanted, err);
    gw_comparison_close(&push->c); /* a person may think about it for a while */
    *out = push;
    return ok;
}

const gw_diff *gw_push_diff(const gw_push *push)
{
    return &push->c.diff;
}

const gw_losses *gw_push_losses(const gw_push *push)
{
    return &push->losses;
}

const char *gw_push_database(const gw_push *push)
{
    return push->database;
}

static bool refuse(const gw_push *push, const gw_loss *first, size_t more, gw_err *err)
{
    gw_err_set(err, GW_ERR_REFUSED, "this would lose data: %s", gw_loss_text(push->arena, first));
    if (more)
        gw_err_detail(err, "and %zu more", more);
    return gw_err_hint(err, "if that is meant: --allow-data-loss. If something was renamed: "
                            "--rename OLD=NEW");
}

bool gw_app_push_may(gw_push *push, bool allow_data_loss, gw_err *err)
{
    const gw_loss *first = NULL;
    size_t count = 0;
    for (size_t i = 0; i < push->losses.len; i++) {
        const gw_loss *loss = &push->losses.items[i];
        if (gw_loss_fails(loss)) {
            gw_err_set(err, GW_ERR_STATE, "%s", gw_loss_text(push->arena, loss));
            return gw_err_hint(err, "give those rows a value first; nothing was changed");
        }
        if (!gw_loss_loses(loss))
            continue;
        first = first ? first : loss;
        count++;
    }
    push->may_lose = allow_data_loss;
    return !first || allow_data_loss || refuse(push, first, count - 1, err);
}

/* ---- running it -------------------------------------------------------------------------------- */

typedef struct running {
    gw_push *push;
    gw_held held;
    gw_session *work;
    const gw_plan_block *block; /* at work */
    size_t number, blocks;      /* which one it is, from 1 */
    unsigned attempts;
    int64_t began;
    bool seen_again; /* see still_empty */
    const char *backup_id; /* NULL: none was made */
} running;

static const char *event_data(running *r, gw_arena *arena)
{
    const gw_diff *d = &r->push->c.diff;
    json_t *data = gw_json_own(arena, json_object()), *sql = json_array();
    json_object_set_new(data, "schema", gw_json_text(r->push->path));
    json_object_set_new(data, "fingerprint", gw_json_text(d->fingerprint));
    if (r->backup_id)
        json_object_set_new(data, "backup", gw_json_text(r->backup_id));
    json_object_set_new(data, "part", json_integer((json_int_t)r->number));
    json_object_set_new(data, "parts", json_integer((json_int_t)r->blocks));
    for (size_t i = 0; i < r->block->count; i++)
        json_array_append_new(sql, gw_json_text(d->statements.items[r->block->first + i].sql));
    json_object_set_new(data, "sql", sql);
    return gw_json_dump(arena, data);
}

static const char *tenant_of(const gw_push *push)
{
    return push->c.x.scope ? push->c.x.scope->schema : NULL;
}

static bool record(running *r, gw_session *session, gw_err *err)
{
    gw_arena *scratch = gw_arena_new();
    gw_event event = {.action = "push",
                      .outcome = "ok",
                      .tenant = tenant_of(r->push),
                      .name = r->push->path,
                      .duration_ms = r->block->transaction ? GW_SINCE_BEGIN : GW_NULL_INT,
                      .data = event_data(r, scratch)};
    bool ok = gw_event_write(session, &event, &r->push->app->actor, err);
    gw_arena_free(scratch);
    return ok;
}

/* A table that was empty when it was counted may have rows by now: seen again once nobody else can
 * write to it any more. */
static bool still_empty(running *r, gw_err *err)
{
    gw_losses again = {0};
    gw_arena *scratch = gw_arena_new();
    bool ok = true;
    for (size_t i = 0; ok && !r->seen_again && i < r->push->losses.len; i++) {
        const gw_loss *loss = &r->push->losses.items[i];
        gw_result result;
        if (loss->kind != GW_LOSS_TABLE || loss->rows != 0 || loss->estimated || r->push->may_lose)
            continue;
        ok = gw_exec(r->work,
                     gw_printf(scratch, "LOCK TABLE %s IN ACCESS EXCLUSIVE MODE", loss->table),
                     err) &&
             gw_query_text(r->work, scratch, "push/still_empty",
                           gw_printf(scratch, "SELECT FROM %s LIMIT 1", loss->table), NULL, 0,
                           &result, err);
        if (ok && result.rows) {
            gw_loss found = *loss;
            found.rows = -1;
            *gw_vec_push(scratch, &again) = found;
        }
    }
    if (ok && again.len)
        ok = refuse(r->push, &again.items[0], again.len - 1, err);
    r->seen_again = ok;
    gw_arena_free(scratch);
    return ok;
}

/* Right after BEGIN: what holds in a transaction of a run. Its event commits with it. */
static bool opened(void *self, gw_err *err)
{
    running *r = self;
    const gw_environment *env = &r->push->app->environment;
    gw_param token = gw_p_text(gw_run_lock_token(r->held.lock));
    gw_arena *scratch = gw_arena_new();
    bool ok = gw_exec_sql(r->work, gw_run_lock_fence_sql(), &token, 1, err) &&
              gw_exec(r->work,
                      gw_printf(scratch,
                                "SET LOCAL lock_timeout = %lld; SET LOCAL statement_timeout = %lld;"
                                " SET LOCAL check_function_bodies = off",
                                (long long)env->lock_timeout_ms,
                                (long long)env->statement_timeout_ms),
                      err) &&
              still_empty(r, err) && record(r, r->work, err);
    gw_arena_free(scratch);
    return ok;
}

/* Nothing of the transaction is left: try again where others were in the way. */
static bool mended(void *self, const gw_err *problem)
{
    running *r = self;
    gw_app *app = r->push->app;
    bool worth = problem->kind == GW_ERR_LOCK || problem->kind == GW_ERR_RETRYABLE;
    if (!worth || !r->block->transaction || r->attempts >= app->environment.lock_retries)
        return false;
    gw_observer observer = gw_app_observer(app);
    gw_progress progress = {.kind = GW_PROGRESS_LOCK_RETRY,
                            .tenant = "",
                            .done = r->attempts + 1,
                            .total = (int64_t)app->environment.lock_retries + 1,
                            .text = problem->message};
    observer.see(observer.self, &progress);
    return gw_sleep_ms(gw_backoff_ms(PAUSE_MS, r->attempts++, LONGEST_PAUSE_MS),
                       app->options.cancel);
}

/* Outside a transaction nothing waits behind it: CREATE INDEX CONCURRENTLY may take its time. */
static bool prepare_block(running *r, gw_err *err)
{
    if (r->block->transaction)
        return true;
    if (gw_session_pooled(r->work)) {
        gw_err_set(err, GW_ERR_UNSUPPORTED,
                   "a statement outside a transaction needs a session of its own");
        return gw_err_hint(err, "give the address past the pooler: direct_url");
    }
    return gw_exec(r->work, "SET lock_timeout = 0; SET statement_timeout = 0", err);
}

static bool explain(running *r, size_t done, gw_err *err)
{
    if (err->kind == GW_ERR_LOCK && !err->hint)
        gw_err_hint(err, "end what blocks it, or run when it is quieter; or wait longer: "
                         "lock_timeout and lock_retries in the environment");
    if (done)
        gw_err_context(err, "part %zu of %zu; what came before it stays, and the same command "
                            "goes on from there",
                       r->number, r->blocks);
    else if (r->block->transaction && err->kind != GW_ERR_LOST)
        gw_err_context(err, "nothing was changed: the transaction was rolled back");
    return false;
}

static bool run_blocks(running *r, gw_err *err)
{
    gw_diff *d = &r->push->c.diff;
    gw_plan_blocks blocks;
    gw_apply apply = {.session = r->work, .opened = opened, .mended = mended, .self = r};
    gw_plan_blocks_of(r->push->arena, d->statements.items, d->statements.len, &blocks);
    r->blocks = blocks.len;
    for (size_t i = 0; i < blocks.len; i++) {
        r->block = &blocks.items[i];
        r->number = i + 1;
        r->attempts = 0;
        if (gw_cancel_level(r->push->app->options.cancel)) {
            gw_err_set(err, GW_ERR_INTERRUPTED, "stopped before part %zu of %zu", i + 1,
                       blocks.len);
            return explain(r, i, err);
        }
        if (!gw_run_lock_check(r->held.lock, err) || !prepare_block(r, err) ||
            !gw_apply_block(&apply, d->statements.items, r->block, NULL, err) ||
            (!r->block->transaction && !record(r, r->work, err)))
            return explain(r, i, err);
    }
    return true;
}

/* What is there now is what the plan was made for. */
static bool unchanged(gw_push *push, gw_err *err)
{
    gw_comparison *c = &push->c;
    if (!gw_side_read(c->trial, &c->x, &c->y, err))
        return false;
    if (strcmp(gw_schema_fingerprint(push->arena, c->x.schema), c->diff.fingerprint) == 0)
        return true;
    gw_err_set(err, GW_ERR_STATE, "the schema of %s is another by now than the plan was made for",
               push->database);
    return gw_err_hint(err, "nothing was changed; run the command again to plan from what is "
                            "there");
}

static bool came_out_equal(gw_push *push, gw_err *err)
{
    gw_comparison *c = &push->c;
    gw_schema_plan *rest = NULL;
    if (!gw_side_read(c->trial, &c->x, &c->y, err) ||
        !gw_schema_plan_make(push->arena, c->x.schema, c->y.schema, &c->ddl, &rest, err))
        return false;
    if (!rest->changes.len)
        return true;
    gw_err_set(err, GW_ERR_STATE, "it was applied, and %s is not equal to %s", push->database,
               push->path);
    gw_err_detail(err, "these differ: %s", gw_changes_named(push->arena, rest));
    return gw_err_hint(err, "somebody else changed the schema meanwhile; run the command again");
}

static void record_failure(running *r, const gw_err *err)
{
    gw_arena *scratch = gw_arena_new();
    gw_event event = {.action = "push",
                      .tenant = tenant_of(r->push),
                      .name = r->push->path,
                      .duration_ms = (gw_monotonic_us() - r->began) / 1000};
    gw_err problem = {0};
    gw_event_of_err(scratch, &event, err);
    if (!gw_event_write(r->held.control, &event, &r->push->app->actor, &problem))
        gw_log_write(r->push->app->options.log, GW_LOG_WARNING, NULL,
                     "the failure could not be recorded",
                     GW_FIELDS(GW_TEXT("why", problem.message)));
    gw_err_clear(&problem);
    gw_arena_free(scratch);
}

/* Where Godwit has no tables yet, the backup is of a database without them, and where it fails none are made. */
static bool back_up_first(running *r, gw_target *target, bool backup, gw_err *err)
{
    gw_app *app = r->push->app;
    gw_connect connect = target->connect;
    int version = 0;
    connect.pinned = true;
    gw_app_backup_again(app);
    return gw_session_open(r->push->arena, &connect, &r->held.control, err) &&
           gw_control_version(r->held.control, &version, err) &&
           (version || gw_app_backup_before(app, r->push->arena, &target->connect, backup, r->held.control,
                                            false, &r->backup_id, err));
}

bool gw_app_push_apply(gw_push *push, int64_t wait_ms, bool backup, int64_t *duration_ms,
                       gw_err *err)
{
    gw_app *app = push->app;
    gw_target target;
    running r = {.push = push, .began = gw_monotonic_us()};
    if (!gw_app_may_write(app, err) || !gw_app_one_target(app, push->arena, true, &target, err))
        return false;
    gw_connect connect = target.connect;
    connect.pinned = true;
    bool held = back_up_first(&r, &target, backup, err) &&
                gw_app_hold(app, push->arena, &target, wait_ms, &r.held, err);
    bool ok = held && gw_session_open(push->arena, &connect, &r.work, err) &&
              unchanged(push, err) &&
              gw_app_backup_before(app, push->arena, &target.connect, backup, r.held.control, true, &r.backup_id,
                                   err);
    if (ok && !run_blocks(&r, err)) {
        record_failure(&r, err);
        ok = false;
    }
    ok = ok && came_out_equal(push, err);
    gw_side_close(&push->c.x);
    gw_session_close(r.work);
    gw_run_lock_release(r.held.lock);
    gw_session_close(r.held.control);
    *duration_ms = (gw_monotonic_us() - r.began) / 1000;
    return ok;
}
