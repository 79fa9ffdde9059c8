/* up, down, redo: what runs, in which order, on one database. */
#include <string.h>

#include "app/place.h"
#include "app/run_internal.h"
#include "base/vec.h"
#include "control/control.h"
#include "migrate/atomic.h"
#include "migrate/lock_watch.h"
#include "sql_migrate.h"

static bool read_plan(gw_run_job *j, int *control_version, gw_err *err)
{
    gw_applied_list rows;
    gw_event_list none = {0};
    if (!gw_history_read(j->held.control, j->arena, j->target->row_tenant, &rows, control_version,
                         err))
        return false;
    gw_plan_make(j->arena, j->files, &rows, &none, j->app->environment.name,
                 gw_app_services(j->app, j->arena), j->way->revert ? NULL : j->way->options->to, &j->plan);
    return true;
}

/* What was rolled back here, as pairs of service and version. */
static const char *const *those_again(gw_run_job *j)
{
    GW_VEC(const char *) list = {0};
    for (size_t i = 0; i < j->way->again->len; i++) {
        const gw_run_item *item = &j->way->again->items[i];
        if (strcmp(item->tenant, j->target->tenant) != 0)
            continue;
        *gw_vec_push(j->arena, &list) = item->service;
        *gw_vec_push(j->arena, &list) = item->version;
    }
    *gw_vec_push(j->arena, &list) = NULL;
    return list.items;
}

static bool select_items(gw_run_job *j, gw_err *err)
{
    const gw_run_options *o = j->way->options;
    gw_selection_options options = {
        .to = o->to, .steps = o->steps, .service = o->service, .out_of_order = o->out_of_order};
    if (j->way->again)
        options.only = those_again(j);
    return j->way->revert ? gw_plan_select_down(j->arena, &j->plan, &options, &j->selection, err)
                     : gw_plan_select_up(j->arena, &j->plan, &options, &j->selection, err);
}

static gw_runner make_runner(gw_run_job *j)
{
    gw_app *app = j->app;
    const gw_environment *env = &app->environment;
    return (gw_runner){.control = j->held.control,
                       .work_connect = j->target->connect,
                       .lock = j->lock,
                       .actor = app->actor,
                       .tenant = j->target->row_tenant,
                       .label = j->target->tenant,
                       .search_path = j->target->search_path,
                       .schema_oid = j->target->schema_oid,
                       .lock_timeout_ms = env->lock_timeout_ms,
                       .statement_timeout_ms = env->statement_timeout_ms,
                       .lock_retries = env->lock_retries,
                       .max_replica_lag_ms = env->max_replica_lag_ms,
                       .wait_ms =
                           j->way->options->wait_ms >= 0 ? j->way->options->wait_ms : env->wait_ms,
                       .script = gw_app_script_values(app, j->arena, j->held.control,
                                                      j->target->search_path),
                       .observer = gw_app_observer(app),
                       .cancel = app->options.cancel,
                       .log = app->options.log,
                       .span = &app->span};
}

static void add_item(gw_run_job *j, const gw_migration *m, int64_t duration_ms)
{
    *gw_vec_push(j->arena, &j->result) = (gw_run_item){.tenant = j->target->tenant,
                                                       .version = m->version,
                                                       .name = m->name,
                                                       .service = m->service,
                                                       .duration_ms = duration_ms};
}

static bool run_atomic(gw_run_job *j, gw_runner *runner, gw_run_checked *list, gw_err *err)
{
    size_t count = j->selection.len;
    int64_t *durations = gw_alloc_array(j->arena, count, sizeof *durations);
    const gw_applied **rows = gw_alloc_array(j->arena, count, sizeof *rows);
    for (size_t i = 0; i < count; i++)
        rows[i] = j->selection.items[i]->row;
    if (!gw_run_atomic(runner, j->arena, list->items, list->verify, rows, count, durations, err))
        return false;
    for (size_t i = 0; i < count; i++)
        add_item(j, list->items[i].migration, durations[i]);
    return true;
}

/* Its id goes into the history. */
static bool back_up(gw_run_job *j, gw_runner *runner, gw_err *err)
{
    return gw_app_backup_before(j->app, j->arena, &j->target->connect, j->way->options->backup,
                                j->held.control, j->lock != NULL, &runner->backup_id, err);
}

/* What goes along with the files where it is wanted, and the tables that this run would make. Of a redo its up
 * as well, which finds no row. */
static bool say_what_runs(gw_run_job *j, gw_runner *runner, gw_run_checked *list, gw_run_checked *again,
                          int control_version, gw_err *err)
{
    gw_compat *compat;
    const gw_applied **rows = gw_alloc_array(j->arena, j->selection.len + 1, sizeof *rows);
    const gw_applied **none = gw_alloc_array(j->arena, again->len + 1, sizeof *none);
    if (!gw_app_companion_found(j->app, j->arena, j->target, j->held.control, &compat, err))
        return false;
    if (compat)
        runner->companion = (gw_companion){gw_compat_add, compat};
    for (size_t i = 0; i < j->selection.len; i++)
        rows[i] = j->selection.items[i]->row;
    gw_dry_run what = {.checked = list->items,
                       .verify = list->verify,
                       .rows = rows,
                       .count = j->selection.len,
                       .atomic = j->way->options->atomic,
                       .tables = j->beside ? -1 : control_version,
                       .plan = &j->plan};
    gw_dry_run up = {.checked = again->items,
                     .verify = again->verify,
                     .rows = none,
                     .count = again->len,
                     .atomic = what.atomic,
                     .tables = -1};
    return gw_run_dry(runner, j->arena, &what, err) && gw_run_dry(runner, j->arena, &up, err);
}

static bool dry_run(gw_run_job *j, int control_version, gw_err *err)
{
    gw_runner runner = make_runner(j);
    gw_run_checked list = {0}, again = {0};
    bool ok = gw_app_names_session(j->arena, j->target, &j->selection, j->way->revert, &runner.work, err) &&
              gw_run_check(j, &runner, &list, &again, err) &&
              gw_run_find_losses(j, &runner, &list, &again, &j->result.losses, err) &&
              say_what_runs(j, &runner, &list, &again, control_version, err);
    for (size_t i = 0; ok && i < j->selection.len; i++)
        add_item(j, list.items[i].migration, 0);
    gw_session_close(runner.work);
    return ok;
}

static bool take_session(gw_run_job *j, gw_pool *pool, const gw_connect *connect, gw_session **out,
                         gw_err *err)
{
    return pool ? gw_pool_take(pool, out, err) : gw_session_open(j->arena, connect, out, err);
}

/* `dirty`: nobody else may have it. */
static void give_session(gw_pool *pool, gw_session *session, bool dirty)
{
    if (session)
        gw_session_on_notice(session, NULL, NULL); /* who heard it is gone */
    if (pool && session)
        gw_pool_give(pool, session, dirty);
    else
        gw_session_close(session);
}

/* RAISE NOTICE and the like are an author's words to whoever runs the file. */
static void hear(void *self, const char *severity, const char *sqlstate, const char *message)
{
    gw_runner *runner = self;
    bool warning = strcmp(severity, "WARNING") == 0;
    runner->passed_over |= strcmp(sqlstate, "42P07") == 0;
    gw_progress said = {.kind = warning ? GW_PROGRESS_WARNING : GW_PROGRESS_NOTICE,
                        .tenant = runner->label,
                        .text = message};
    runner->observer.see(runner->observer.self, &said);
}

static bool open_session(gw_run_job *j, gw_runner *runner, gw_err *err)
{
    runner->work_connect = j->target->connect;
    runner->work_connect.pinned = false;
    if (!take_session(j, j->works, &runner->work_connect, &runner->work, err))
        return false;
    gw_session_on_notice(runner->work, hear, runner);
    runner->script =
        gw_app_script_values(j->app, j->arena, runner->work, j->target->search_path);
    return true;
}

static bool open_work(gw_run_job *j, gw_runner *runner, gw_err *err)
{
    if (!open_session(j, runner, err))
        return false;
    runner->watch = gw_lock_watch_start(j->arena, j->held.control, err);
    return runner->watch != NULL;
}

static bool open_companion(gw_run_job *j, gw_runner *runner, gw_err *err)
{
    gw_compat *compat;
    if (!gw_app_companion(j->app, j->arena, j->target, j->held.control, &j->plan, &compat, err))
        return false;
    if (compat)
        runner->companion = (gw_companion){gw_compat_add, compat};
    return true;
}

/* ALTER DATABASE … SET, ALTER ROLE … SET: from whichever statement, a block or a function. */
static bool read_given(gw_run_job *j, const gw_runner *runner, const char **out, gw_err *err)
{
    struct {
        const char *given;
    } row = {0};
    static const gw_col cols[] = {{"given", GW_COL_TEXT, true, 0}};
    gw_result result;
    if (!gw_query(runner->control, j->arena, &gw_sql_settings_given, NULL, 0, &result, err) ||
        !gw_row(j->arena, &result, cols, 1, &row, err))
        return false;
    *out = row.given;
    return true;
}

/*
 * Before file i: where the one before has changed what sessions begin with, it runs in a new one, as
 * if each file had a connection of its own. Behind a pooler nobody knows which one that would be.
 */
static bool keep_up(gw_run_job *j, gw_runner *runner, gw_run_checked *list, size_t i, gw_err *err)
{
    const char *before = list->given;
    bool asks = i > 0 && !list->items[i - 1].plain;
    bool will = !before && i + 1 < j->selection.len && !list->items[i].plain;
    if ((!asks && !will) || gw_session_pooled(runner->work))
        return true;
    if (!read_given(j, runner, &list->given, err))
        return false;
    if (!asks || !before || strcmp(before, list->given) == 0)
        return true;
    gw_log_write(runner->log, GW_LOG_INFO, runner->span, "a new session: settings of role or database have changed",
                 GW_FIELDS(GW_TEXT("behind", list->items[i - 1].migration->version)));
    if (j->works)
        gw_pool_outdate(j->works);
    give_session(j->works, runner->work, true);
    runner->work = NULL;
    runner->prepared = false;
    return open_session(j, runner, err);
}

static bool run_one_by_one(gw_run_job *j, gw_runner *runner, gw_run_checked *list, gw_err *err)
{
    size_t count = j->selection.len;
    for (size_t i = 0; i < count; i++) {
        gw_arena *scratch = gw_arena_new();
        int64_t duration = 0;
        const gw_plan_item *item = j->selection.items[i];
        const gw_checked *verify = list->verify[i].script ? &list->verify[i] : NULL;
        runner->durable = i + 1 == count;
        bool ok = keep_up(j, runner, list, i, err) &&
                  gw_run_migration(runner, scratch, &list->items[i], verify, item->row, &duration, err);
        gw_arena_free(scratch);
        if (!ok) {
            if ((err->kind == GW_ERR_INTERRUPTED || err->kind == GW_ERR_LOST) && !err->hint)
                gw_err_hint(err, "%zu done, %zu left; run the same command again to go on", i,
                            count - i);
            return false;
        }
        add_item(j, item->file, duration);
    }
    return true;
}

static bool run_selected(gw_run_job *j, gw_err *err)
{
    gw_runner runner = make_runner(j);
    gw_run_checked list = {0}, again = {0};
    gw_progress progress = {.kind = GW_PROGRESS_PLAN,
                            .tenant = j->target->tenant,
                            .revert = j->way->revert,
                            .total = (int64_t)j->selection.len};
    runner.observer.see(runner.observer.self, &progress);
    bool ok = open_work(j, &runner, err) && gw_run_check(j, &runner, &list, &again, err) &&
              gw_run_refuse_losses(j, &runner, &list, &again, true, err) &&
              open_companion(j, &runner, err) && back_up(j, &runner, err) &&
              (j->way->options->atomic ? run_atomic(j, &runner, &list, err)
                                  : run_one_by_one(j, &runner, &list, err));
    gw_lock_watch_stop(runner.watch);
    gw_err ignored = {0};
    bool clean = ok && j->works && gw_exec(runner.work, "DISCARD ALL", &ignored);
    gw_err_clear(&ignored);
    give_session(j->works, runner.work, !clean);
    return ok;
}

/*
 * What would refuse this run, where Godwit has no tables: such a run makes none, nor sqlx's, and so
 * writes no event either. The backup before it is of a database without them. What is checked here is not
 * checked again once the tables are there.
 */
static bool check_first(gw_run_job *j, gw_err *err)
{
    gw_runner runner = make_runner(j);
    gw_run_checked *list = gw_alloc(j->arena, sizeof *list), again;
    *list = (gw_run_checked){0};
    bool ok = gw_app_companion_tried(j->app, j->arena, j->target, j->held.control, err) &&
              open_session(j, &runner, err) && gw_run_check(j, &runner, list, &again, err) &&
              gw_run_refuse_losses(j, &runner, list, &again, false, err) &&
              (!j->selection.len || back_up(j, &runner, err));
    give_session(j->works, runner.work, true);
    if (ok)
        j->first = list;
    return ok;
}

bool gw_run_first_look(gw_run_job *j, gw_err *err)
{
    int version = 0;
    return read_plan(j, &version, err) && select_items(j, err) && check_first(j, err);
}

/* Where nothing is to be done, tables that are not there are not made; up brings old ones up to date. */
static bool is_idle(const gw_run_job *j, int control_version)
{
    return j->selection.len == 0 &&
           (j->way->revert || (!j->plan.taken_over &&
                          (control_version == 0 || control_version == gw_control_current() ||
                           !j->files->len)));
}

/* What the squashes of this plan replace is applied: their rows say so from now on. */
static bool take_over(gw_run_job *j, gw_err *err)
{
    gw_session *control = j->held.control;
    gw_param token = gw_p_text(gw_run_lock_token(j->lock));
    bool ok = gw_session_begin(control, NULL, err) &&
              gw_exec_sql(control, gw_run_lock_fence_sql(), &token, 1, err);
    for (size_t i = 0; ok && i < j->plan.len; i++) {
        const gw_plan_item *item = &j->plan.items[i];
        if (!item->takes_over)
            continue;
        gw_applied row = *item->row;
        row.checksum = item->file->checksum;
        row.name = item->file->name;
        gw_event event = {.action = "squash",
                          .outcome = "ok",
                          .tenant = j->target->row_tenant,
                          .service = row.service,
                          .version = row.version,
                          .name = row.name,
                          .duration_ms = GW_NULL_INT,
                          .detail = "what it replaces is applied: recorded in its place"};
        ok = gw_history_put(control, &row, &j->app->actor, err) &&
             gw_event_write(control, &event, &j->app->actor, err);
    }
    ok = ok && gw_session_commit(control, err);
    if (!ok)
        gw_session_rollback(control);
    return ok;
}

static bool take_lock(gw_run_job *j, gw_err *err)
{
    if (j->lock)
        return true;
    if (!gw_app_hold(j->app, j->arena, j->target, j->way->options->wait_ms, &j->held, err))
        return false;
    j->lock = j->held.lock;
    return true;
}

/* What cannot be done while another runner is at it may be right once that one is through: then it
 * is looked at again, under the lock. */
static bool select_first(gw_run_job *j, int control_version, gw_err *err)
{
    gw_run_holder holder = {0};
    gw_err problem = {0}, ignored = {0};
    if (select_items(j, &problem))
        return true;
    bool other = !j->lock && !j->way->options->dry_run && control_version > 0 &&
                 gw_run_lock_holder(j->held.control, j->arena, &holder, &ignored) &&
                 gw_run_holder_busy(&holder);
    gw_err_clear(&ignored);
    if (!other) {
        gw_err_move(err, &problem);
        return false;
    }
    gw_err_clear(&problem);
    return take_lock(j, err) && read_plan(j, &control_version, err) && select_items(j, err);
}

/* Under the lock, the tool's own with it: what its table says holds. */
static bool refuse_gone_on(gw_run_job *j, int control_version, gw_err *err)
{
    return j->way->revert || gw_app_refuse_gone_on(j->app, j->arena, j->target, j->held.control, j->files,
                                              &j->plan, &j->selection, control_version, err);
}

/* Under the lock. Where there is nothing to run, its table may still have to be made. */
static bool run_or_keep_up(gw_run_job *j, bool lacking, gw_err *err)
{
    gw_compat *compat;
    if (j->selection.len)
        return run_selected(j, err);
    return !lacking ||
           gw_app_companion(j->app, j->arena, j->target, j->held.control, &j->plan, &compat, err);
}

/* Look first without the lock: most runs have nothing to do. */
static bool run_with_control(gw_run_job *j, gw_err *err)
{
    int control_version = 0;
    if (!read_plan(j, &control_version, err) ||
        !gw_app_refuse_stranger(j->arena, j->target, j->held.control, control_version, err) ||
        !gw_app_refuse_foreign(j->app, j->arena, j->target, j->held.control, j->files, &j->plan,
                               control_version, err) ||
        !select_first(j, control_version, err) ||
        (!j->way->revert && (!gw_app_refuse_renamed(j->arena, j->target, j->held.control, &j->plan,
                                               &j->selection, err) ||
                        !gw_app_refuse_new_services(j->app, j->arena, j->target, j->held.control,
                                                    &j->plan, &j->selection, err))))
        return false;
    bool ok = true, lacking = false, idle = is_idle(j, control_version);
    size_t wanted = j->selection.len;
    if (idle && !j->way->revert && control_version && !j->way->options->dry_run &&
        !gw_app_companion_lacking(j->app, j->arena, j->target, j->held.control, &j->plan, &lacking, err))
        return false;
    if (j->way->options->dry_run) {
        ok = refuse_gone_on(j, control_version, err) && dry_run(j, control_version, err);
    } else if (!idle || lacking) {
        ok = (control_version || check_first(j, err)) && take_lock(j, err) &&
             gw_app_forget_gone(j->app, j->arena, j->target, j->held.control, j->lock, err) &&
             read_plan(j, &control_version, err) && select_items(j, err) &&
             refuse_gone_on(j, control_version, err) && (j->way->revert || !j->plan.taken_over || take_over(j, err)) &&
             run_or_keep_up(j, lacking, err);
        j->result.others = ok && wanted > 0 && j->selection.len == 0;
    }
    j->result.pending = j->plan.pending;
    if (!j->way->options->dry_run && j->way->revert) {
        /* A down that was taken up again in the middle was pending before, too. */
        for (size_t i = 0; i < j->result.len; i++)
            j->result.pending += !j->selection.items[i]->runs;
    } else if (!j->way->options->dry_run)
        j->result.pending -= j->result.len;
    return ok;
}

bool gw_run_target(gw_run_job *j, gw_err *err)
{
    gw_connect connect = j->target->connect;
    connect.pinned = true;
    bool ok =
        take_session(j, j->controls, &connect, &j->held.control, err) && run_with_control(j, err);
    if (!ok) {
        gw_run_lock_explain(j->lock, err);
        gw_app_hint_of_tenant(j->arena, j->target, err);
        gw_app_place_database(j->app, err);
    }
    gw_run_lock_release(j->held.lock);
    give_session(j->controls, j->held.control, !ok);
    return ok;
}

/* ---- entry points ------------------------------------------------------------------------- */

static bool run(gw_app *app, gw_arena *arena, const gw_run_way *asked, gw_run_result *out, gw_err *err)
{
    const gw_run_options *options = asked->options;
    const gw_environment *env;
    gw_migration_list files;
    gw_target_list targets;
    *out = (gw_run_result){0};
    if (!gw_app_environment(app, &env, err) || (!options->dry_run && !gw_app_may_write(app, err)) ||
        !gw_app_migrations(app, arena, &files, NULL, err) ||
        !gw_app_targets(app, arena, true, &targets, err))
        return false;
    gw_selection_options step = {.steps = options->steps, .service = options->service};
    if (asked->revert && !options->to && targets.len > 1 &&
        !gw_app_same_step(app, arena, &targets, &files, &step, asked->then_up, err))
        return false;
    if (targets.tenants)
        return gw_run_tenants(app, arena, &targets, &files, asked, out, err);
    gw_run_job j = {.app = app,
             .arena = arena,
             .target = &targets.items[0],
             .files = &files,
             .way = asked};
    bool ok = gw_run_target(&j, err);
    *out = j.result;
    return ok;
}

bool gw_app_up(gw_app *app, gw_arena *arena, const gw_run_options *options, gw_run_result *out,
               gw_err *err)
{
    gw_app_backup_again(app);
    return run(app, arena, &(gw_run_way){.options = options}, out, err);
}

bool gw_app_down(gw_app *app, gw_arena *arena, const gw_run_options *options, gw_run_result *out,
                 gw_err *err)
{
    gw_app_backup_again(app);
    return run(app, arena, &(gw_run_way){.options = options, .revert = true}, out, err);
}

/* Down one, up the same one: not what else is pending, of another service say. */
bool gw_app_redo(gw_app *app, gw_arena *arena, const gw_run_options *options, gw_run_result *out,
                 gw_err *err)
{
    gw_run_options down = *options, up = *options;
    gw_run_result reverted;
    gw_app_backup_again(app);
    down.steps = options->steps ? options->steps : 1;
    if (!run(app, arena, &(gw_run_way){.options = &down, .revert = true, .then_up = true}, &reverted, err))
        return false;
    if (!reverted.len) {
        gw_err_set(err, GW_ERR_STATE, "nothing is applied that could be done again");
        return false;
    }
    if (options->dry_run) { /* with its up: the history still has what was to be rolled back */
        *out = reverted;
        return true;
    }
    up.steps = 0;
    up.to = NULL;
    if (!run(app, arena, &(gw_run_way){.options = &up, .again = &reverted}, out, err))
        return false;
    out->losses = reverted.losses;
    return true;
}
