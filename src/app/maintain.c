/* The frame of upkeep: the actions in order, their steps with locks, budget and audit. */
#include "app/maintain_internal.h"

#include <string.h>

#include "base/clock.h"
#include "control/control.h"
#include "control/upkeep.h"

static const struct {
    const char *name, *summary;
    bool (*run)(gw_upkeep *u, gw_err *err);
} actions[] = {
    {"statements", "run the declared statements that are due", gw_upkeep_statements},
    {"partitions", "make partitions ahead, drain the DEFAULT one, archive what is over",
     gw_upkeep_partitions},
    {"retention", "remove old entries of Godwit's own tables", gw_upkeep_retention},
    {"vacuum", "vacuum and analyze what needs it", gw_upkeep_vacuum},
    {"reindex", "rebuild indexes that are not valid or half empty", gw_upkeep_reindex},
    {"backup", "make a backup", gw_upkeep_backup},
    {"verify", "restore the newest backup and compare it", gw_upkeep_verify},
    {"prune", "remove old backups", gw_upkeep_prune},
};
enum { ACTIONS = sizeof actions / sizeof *actions, LOCK_TRIES = 10, LOCK_PAUSE = 200, LOCK_PAUSE_MOST = 5000 };

size_t gw_maintain_action_count(void)
{
    return ACTIONS;
}

gw_maintain_action gw_maintain_action_at(size_t index)
{
    return (gw_maintain_action){actions[index].name, actions[index].summary};
}

/* ---- steps -------------------------------------------------------------------------------------------- */

bool gw_upkeep_time_left(const gw_upkeep *u)
{
    return gw_monotonic_us() < u->deadline_us;
}

/* What ends all of it: the other steps would fare no better. */
static bool ends_all(const gw_err *err)
{
    return err->kind == GW_ERR_INTERRUPTED || err->kind == GW_ERR_LOST ||
           err->kind == GW_ERR_CONNECT || err->kind == GW_ERR_INTERNAL;
}

static gw_maintained *note(gw_upkeep *u, const gw_upkeep_step *step, const char *outcome,
                           size_t *count, const char *detail, int64_t duration_ms)
{
    gw_maintained *item = gw_vec_push(u->arena, u->out);
    *item = (gw_maintained){.action = u->action,
                            .object = step->name,
                            .what = step->what,
                            .outcome = outcome,
                            .detail = detail,
                            .sql = step->sql,
                            .duration_ms = duration_ms};
    if (count)
        ++*count;
    return item;
}

static bool write_event(gw_upkeep *u, const gw_upkeep_step *step, int64_t duration_ms,
                        const gw_err *problem, gw_err *err)
{
    gw_event event = {.action = "maintain",
                      .outcome = "ok",
                      .name = gw_printf(u->arena, "%s %s", u->action, step->name),
                      .detail = step->detail ? step->detail : step->what,
                      .duration_ms = duration_ms};
    if (problem)
        gw_event_of_err(u->arena, &event, problem);
    return gw_event_write(u->held.control, &event, &u->app->actor, err);
}

static const char *why_of(gw_upkeep *u, const gw_err *problem)
{
    return gw_printf(u->arena, "%s%s%s", problem->message, problem->detail ? ": " : "",
                     problem->detail ? problem->detail : "");
}

static bool take_failure(gw_upkeep *u, const gw_upkeep_step *step, int64_t duration_ms,
                         gw_err *problem, gw_err *err)
{
    gw_err ignored = {0};
    bool ends = ends_all(problem);
    note(u, step, "failed", &u->out->failed, why_of(u, problem), duration_ms);
    if (!u->wanted->dry_run && !write_event(u, step, duration_ms, problem, &ignored))
        ends = true;
    gw_err_clear(&ignored);
    gw_err_context(problem, "%s: %s", u->action, step->what);
    gw_err *into = ends ? err : u->first;
    if (into->kind == GW_OK || ends)
        gw_err_move(into, problem);
    else
        gw_err_clear(problem);
    return !ends;
}

bool gw_upkeep_failed(gw_upkeep *u, const char *name, const char *what, gw_err *problem, gw_err *err)
{
    gw_upkeep_step step = {.name = name, .what = what};
    return take_failure(u, &step, GW_NULL_INT, problem, err);
}

/* A run that is under way, for people; NULL: there is none. */
static bool other_run(gw_upkeep *u, const char **who, gw_err *err)
{
    gw_run_holder holder;
    *who = NULL;
    if (!gw_run_lock_holder(u->held.control, u->arena, &holder, err))
        return false;
    if (holder.actor && !holder.gone)
        *who = gw_run_holder_text(u->arena, &holder);
    return true;
}

/* The statements of a step end with its budget; behind a pooler a SET would be another's. */
static bool limit_time(gw_upkeep *u, gw_err *err)
{
    int64_t left = (u->deadline_us - gw_monotonic_us()) / 1000;
    if (gw_session_pooled(u->session))
        return true;
    return gw_exec(u->session,
                   gw_printf(u->arena, "SET statement_timeout = %lld",
                             (long long)(left > INT32_MAX ? INT32_MAX : left > 1 ? left : 1)),
                   err);
}

/* Out of budget is no failure: the next run goes on. */
static bool ran_out(const gw_upkeep *u, const gw_err *problem)
{
    enum { NEARLY = 50 * 1000 }; /* the server counts whole milliseconds */
    return problem->kind == GW_ERR_CANCELED && gw_monotonic_us() + NEARLY > u->deadline_us;
}

static bool run_step(gw_upkeep *u, gw_upkeep_step *step, gw_err *err)
{
    gw_err problem = {0};
    int64_t started = gw_monotonic_us();
    bool ok = limit_time(u, &problem) && step->run(u, step, &problem);
    int64_t took = (gw_monotonic_us() - started) / 1000;
    if (!ok)
        gw_session_rollback(u->session);
    if (!ok && ran_out(u, &problem)) {
        gw_err_clear(&problem);
        u->deadline_us = 0; /* the other steps of the action have none either */
        note(u, step, "left", &u->out->left, "its time ran out: the next run goes on", took);
        return true;
    }
    if (!ok)
        return take_failure(u, step, took, &problem, err);
    note(u, step, "done", &u->out->done, step->detail, took);
    return write_event(u, step, took, NULL, err);
}

/* Under the run lock, or beside it while nobody has it. *busy: why not. */
static bool take_turn(gw_upkeep *u, const gw_upkeep_step *step, const char **busy, gw_err *err)
{
    gw_err problem = {0};
    *busy = NULL;
    if (step->beside)
        return other_run(u, busy, err);
    if (gw_app_hold(u->app, u->arena, &u->target, u->wanted->wait_ms, &u->held, &problem))
        return true;
    gw_run_lock_release(u->held.lock);
    u->held.lock = NULL;
    if (problem.kind == GW_ERR_BUSY)
        *busy = why_of(u, &problem);
    else
        gw_err_move(err, &problem);
    gw_err_clear(&problem);
    return *busy != NULL;
}

bool gw_upkeep_do(gw_upkeep *u, gw_upkeep_step *step, gw_err *err)
{
    const char *busy;
    if (gw_cancel_level(u->app->options.cancel))
        return gw_err_set(err, GW_ERR_INTERRUPTED, "stopped; the next run goes on");
    if (u->wanted->dry_run) {
        note(u, step, "would", NULL, NULL, GW_NULL_INT);
        return true;
    }
    if (!gw_upkeep_time_left(u)) {
        note(u, step, "left", &u->out->left, "no time is left for it: the next run does it",
             GW_NULL_INT);
        return true;
    }
    if (!take_turn(u, step, &busy, err))
        return false;
    if (busy) {
        note(u, step, "skipped", &u->out->skipped, busy, GW_NULL_INT);
        return true;
    }
    bool ok = run_step(u, step, err);
    gw_run_lock_release(u->held.lock);
    u->held.lock = NULL;
    return ok;
}

/* ---- what steps are made of ------------------------------------------------------------------------ */

/* Somebody else has the lock: a little later he may not. */
static bool again(gw_upkeep *u, unsigned attempt, gw_err *problem)
{
    if ((problem->kind != GW_ERR_LOCK && problem->kind != GW_ERR_RETRYABLE) ||
        attempt + 1 >= LOCK_TRIES || !gw_upkeep_time_left(u) ||
        gw_cancel_level(u->app->options.cancel))
        return false;
    gw_err_clear(problem);
    return gw_sleep_ms(gw_backoff_ms(LOCK_PAUSE, attempt, LOCK_PAUSE_MOST), u->app->options.cancel);
}

bool gw_upkeep_run_sql(gw_upkeep *u, gw_upkeep_step *step, gw_err *err)
{
    gw_err problem = {0};
    unsigned attempt = 0;
    while (!gw_exec(u->session, step->sql, &problem))
        if (!again(u, attempt++, &problem)) {
            gw_err_move(err, &problem);
            return false;
        }
    return true;
}

bool gw_upkeep_in_transaction(gw_upkeep *u, bool (*fn)(gw_upkeep *u, void *arg, gw_err *err),
                              void *arg, gw_err *err)
{
    gw_err problem = {0};
    for (unsigned attempt = 0;; attempt++) {
        gw_param token = gw_p_text(u->held.lock ? gw_run_lock_token(u->held.lock) : NULL);
        if (gw_session_begin(u->session, NULL, &problem) &&
            (!u->held.lock ||
             gw_exec_sql(u->session, gw_run_lock_fence_sql(), &token, 1, &problem)) &&
            fn(u, arg, &problem) && gw_session_commit(u->session, &problem))
            return true;
        gw_session_rollback(u->session);
        if (!again(u, attempt, &problem)) {
            gw_err_move(err, &problem);
            return false;
        }
    }
}

bool gw_upkeep_due(gw_upkeep *u, const char *name, gw_period every, bool *due, gw_err *err)
{
    /* A timer comes a little sooner than an hour after the last time, now and then. */
    enum { SLACK = 30 * 1000 * 1000 };
    int64_t now = gw_now_us(), since = gw_calendar_add(now, -every.number, every.unit), at;
    *due = true;
    if (!every.number || !u->has_tables)
        return true;
    int64_t slack = (now - since) / 20;
    since += slack < SLACK ? slack : SLACK;
    if (!gw_upkeep_last(u->held.control, u->arena,
                        gw_printf(u->arena, "%s %s", u->action, name), since, &at, err))
        return false;
    *due = at == GW_NULL_INT;
    return true;
}

/* ---- all of it ----------------------------------------------------------------------------------------- */

static bool check_only(const gw_maintain_wanted *wanted, gw_err *err)
{
    for (size_t i = 0; i < wanted->only_count; i++) {
        size_t k = 0;
        while (k < ACTIONS && strcmp(actions[k].name, wanted->only[i]) != 0)
            k++;
        if (k == ACTIONS) {
            gw_err_set(err, GW_ERR_USAGE, "upkeep has no action \"%s\"", wanted->only[i]);
            return gw_err_hint(err, "godwit maintain --list names them");
        }
    }
    return true;
}

static bool is_wanted(const gw_maintain_wanted *wanted, const char *name)
{
    bool found = !wanted->only_count;
    for (size_t i = 0; i < wanted->only_count; i++)
        found = found || strcmp(wanted->only[i], name) == 0;
    return found;
}

static bool open_sessions(gw_upkeep *u, gw_err *err)
{
    gw_connect connect = u->target.connect;
    int version = 0;
    connect.pinned = true;
    if (!gw_session_open(u->arena, &connect, &u->held.control, err))
        return false;
    connect.lock_timeout_ms = u->lock_ms ? u->lock_ms : INT32_MAX;
    if (!gw_session_open(u->arena, &connect, &u->session, err))
        return false;
    if (u->wanted->dry_run) {
        if (!gw_control_version(u->held.control, &version, err) || !gw_control_check(version, err))
            return false;
        u->has_tables = version == gw_control_current();
        return true;
    }
    u->has_tables = true;
    return gw_upkeep_lock(u->held.control, u->arena, err) &&
           gw_control_ensure(u->held.control, u->app->actor.user, err);
}

static bool run_actions(gw_upkeep *u, gw_err *err)
{
    int64_t budget =
        u->wanted->budget_ms >= 0 ? u->wanted->budget_ms : u->settings->budget_ms;
    for (size_t i = 0; i < ACTIONS; i++) {
        if (!is_wanted(u->wanted, actions[i].name))
            continue;
        u->action = actions[i].name;
        u->deadline_us = budget ? gw_monotonic_us() + budget * 1000 : INT64_MAX;
        if (!actions[i].run(u, err))
            return false;
    }
    return true;
}

static bool tell_failures(gw_upkeep *u, gw_err *err)
{
    if (!u->out->failed)
        return true;
    gw_err_move(err, u->first);
    if (u->out->failed > 1)
        gw_err_context(err, "%zu steps of upkeep failed; this is the first", u->out->failed);
    return false;
}

bool gw_app_maintain(gw_app *app, gw_arena *arena, const gw_maintain_wanted *wanted,
                     gw_maintain_result *out, gw_err *err)
{
    gw_err first = {0};
    const gw_environment *env;
    gw_upkeep u = {.app = app, .arena = arena, .wanted = wanted, .out = out, .first = &first,
                   .settings = &app->config.maintain};
    *out = (gw_maintain_result){0};
    if (!check_only(wanted, err) || !gw_app_environment(app, &env, err) ||
        (!wanted->dry_run && !gw_app_may_write(app, err)) ||
        !gw_app_whole_database(app, arena, true, &u.target, err))
        return false;
    u.lock_ms = wanted->lock_timeout_ms >= 0         ? wanted->lock_timeout_ms
                : u.settings->lock_timeout_ms >= 0 ? u.settings->lock_timeout_ms
                                                   : env->lock_timeout_ms;
    bool ok = open_sessions(&u, err) && run_actions(&u, err) && tell_failures(&u, err);
    gw_err_clear(&first);
    gw_run_lock_release(u.held.lock);
    gw_session_close(u.session);
    gw_session_close(u.held.control);
    return ok;
}
