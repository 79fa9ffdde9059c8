/* Declared statements; and what the doctor finds that is safe to put right. */
#include "app/maintain_internal.h"
#include "base/clock.h"
#include "care/doctor.h"

/* ---- statements ----------------------------------------------------------------------------------------- */

/* It is the user's: it runs with the settings of role and database, but for the limits. */
static bool run_declared(gw_upkeep *u, const gw_config_statement *wanted, gw_session *session,
                         int64_t *rows, gw_err *err)
{
    bool pooled = gw_session_pooled(session);
    int64_t left = (u->deadline_us - gw_monotonic_us()) / 1000;
    const char *word = pooled ? "SET LOCAL" : "SET";
    const char *limits = gw_printf(u->arena, "%s lock_timeout = %lld; %s statement_timeout = %lld",
                                   word, (long long)u->lock_ms, word,
                                   (long long)(left > INT32_MAX ? INT32_MAX : left > 1 ? left : 1));
    bool ok = (!pooled || gw_session_begin(session, NULL, err)) && gw_exec(session, limits, err) &&
              gw_exec_user(session, wanted->sql, rows, err);
    return ok && (!pooled || gw_session_commit(session, err));
}

static bool run_statement(gw_upkeep *u, gw_upkeep_step *step, gw_err *err)
{
    const gw_config_statement *wanted = step->arg;
    gw_session *session;
    int64_t rows = -1;
    if (!gw_session_open(u->arena, &u->target.connect, &session, err))
        return false;
    bool ok = run_declared(u, wanted, session, &rows, err);
    gw_session_close(session);
    if (!ok)
        return gw_err_at(err, u->app->config.file, wanted->line, wanted->col);
    if (rows >= 0)
        step->detail = gw_printf(u->arena, "%lld rows", (long long)rows);
    return true;
}

bool gw_upkeep_statements(gw_upkeep *u, gw_err *err)
{
    for (size_t i = 0; i < u->settings->statements.len; i++) {
        gw_config_statement *each = &u->settings->statements.items[i];
        bool due = false;
        gw_upkeep_step step = {.name = each->name, .sql = each->sql, .beside = true,
                               .what = gw_printf(u->arena, "run %s", each->name),
                               .run = run_statement, .arg = each};
        if (!gw_upkeep_due(u, each->name, each->every, &due, err) ||
            (due && !gw_upkeep_do(u, &step, err)))
            return false;
    }
    return true;
}

/* ---- what the doctor finds ------------------------------------------------------------------------------ */

static bool put_right(gw_upkeep *u, const char *const *ids, size_t count, gw_err *err)
{
    enum { CHECK_MS = 30 * 1000, CHECKS = 4 };
    const gw_care_check *checks[CHECKS];
    gw_doctor_report report;
    gw_err problem = {0};
    for (size_t i = 0; i < count; i++)
        checks[i] = gw_care_find(ids[i]);
    gw_doctor_options options = {.checks = checks, .count = count, .timeout_ms = CHECK_MS};
    if (!gw_doctor_look(u->session, u->arena, &options, &report, &problem))
        return gw_upkeep_failed(u, u->action, "look for what needs it", &problem, err);
    for (size_t i = 0; i < report.unseen.len; i++) {
        const gw_unseen *unseen = &report.unseen.items[i];
        if (unseen->partly)
            continue;
        gw_err_set(&problem, GW_ERR_STATE, "%s was not looked at", unseen->check->title);
        gw_err_detail(&problem, "%s", unseen->why);
        if (!gw_upkeep_failed(u, unseen->check->id, "look for what needs it", &problem, err))
            return false;
    }
    for (size_t i = 0; i < report.len; i++) {
        const gw_finding *found = &report.items[i];
        bool twice = false; /* one table may be in both checks: the first statement does both */
        for (size_t k = 0; k < i; k++)
            twice = twice || strcmp(report.items[k].object, found->object) == 0;
        gw_upkeep_step step = {.name = found->object, .what = found->evidence, .sql = found->sql,
                               .run = gw_upkeep_run_sql};
        if (found->sql && !twice && !gw_upkeep_do(u, &step, err))
            return false;
    }
    return true;
}

bool gw_upkeep_vacuum(gw_upkeep *u, gw_err *err)
{
    static const char *const ids[] = {"dead_rows", "stale_statistics"};
    return !u->settings->vacuum || put_right(u, ids, 2, err);
}

bool gw_upkeep_reindex(gw_upkeep *u, gw_err *err)
{
    static const char *const ids[] = {"invalid_index", "bloated_index"};
    return !u->settings->reindex || put_right(u, ids, 2, err);
}
