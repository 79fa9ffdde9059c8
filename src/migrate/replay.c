#include "migrate/replay.h"

#include "migrate/attempt.h"

bool gw_replay_prepare(gw_shadow *shadow, gw_session *session, gw_err *err)
{
    return !gw_shadow_facts_of(shadow)->is_private ||
           gw_exec(session, "SET lc_messages = 'C'", err);
}

typedef struct replaying {
    const gw_replay *replay;
    gw_attempt attempt;
    gw_arena *arena;
    const gw_checked *checked;
} replaying;

bool gw_replay_made_role(gw_shadow *shadow, gw_arena *arena, const gw_err *problem)
{
    const char *name = gw_attempt_missing_role(arena, problem);
    const char *space = gw_attempt_missing_tablespace(arena, problem);
    const char *const *lacking = NULL;
    gw_err refused = {0};
    if (!name && !space)
        return false;
    bool made = (name ? gw_shadow_ensure_roles(shadow, arena, &name, 1, &lacking, &refused)
                      : gw_shadow_ensure_tablespaces(shadow, arena, &space, 1, &lacking, &refused)) &&
                !*lacking;
    gw_err_clear(&refused);
    return made;
}

static bool run_one(replaying *p, gw_statements *statements, const gw_statement *s, gw_err *err)
{
    gw_arena *scratch = gw_arena_new();
    bool ok = gw_attempt_statement(&p->attempt, scratch, statements, s, NULL, err);
    gw_arena_free(scratch);
    return ok;
}

static bool in_transaction_once(replaying *p, gw_err *err)
{
    gw_session *session = p->replay->session;
    gw_arena *scratch = gw_arena_new();
    gw_statements *statements = gw_statements_open(scratch, p->checked, &p->replay->script);
    const gw_statement *s = NULL;
    bool ok = gw_exec(session, p->checked->begin ? p->checked->begin : "BEGIN", err);
    while (ok) {
        ok = gw_statements_next(statements, gw_session_standard_strings(session), &s, err);
        if (!ok || !s)
            break;
        ok = run_one(p, statements, s, err);
    }
    bool keeps = !p->replay->keeps_nothing;
    ok = ok && gw_tx_settle(&p->attempt.runner, p->checked, err) &&
         (!keeps || gw_session_commit(session, err));
    if (!ok || !keeps)
        gw_session_rollback(session);
    gw_arena_free(scratch);
    return ok;
}

/* Each role that is missing is made; then the file begins anew. */
static bool in_transaction(replaying *p, gw_err *err)
{
    for (;;) {
        gw_err problem = {0};
        if (in_transaction_once(p, &problem))
            return true;
        if (!gw_replay_made_role(p->replay->shadow, p->arena, &problem)) {
            gw_err_move(err, &problem);
            return false;
        }
        gw_err_clear(&problem);
    }
}

static bool one_by_one(replaying *p, gw_err *err)
{
    gw_session *session = p->replay->session;
    gw_arena *scratch = gw_arena_new();
    gw_statements *statements = gw_statements_open(scratch, p->checked, &p->replay->script);
    const gw_statement *s = NULL;
    bool ok = true;
    while (ok) {
        ok = gw_statements_next(statements, gw_session_standard_strings(session), &s, err);
        if (!ok || !s)
            break;
        gw_err problem = {0};
        ok = run_one(p, statements, s, &problem);
        if (!ok && !gw_session_in_transaction(session) &&
            gw_replay_made_role(p->replay->shadow, p->arena, &problem)) {
            gw_err_clear(&problem);
            ok = run_one(p, statements, s, &problem);
        }
        if (!ok)
            gw_err_move(err, &problem);
    }
    if (!ok)
        gw_session_rollback(session);
    gw_arena_free(scratch);
    return ok;
}

bool gw_replay_script(const gw_replay *replay, gw_arena *arena, const gw_checked *checked,
                      gw_err *err)
{
    replaying p = {.replay = replay,
                   .attempt = {.shadow = replay->shadow,
                               .runner = {.work = replay->session,
                                          .script = replay->script,
                                          .cancel = replay->cancel,
                                          .log = replay->log},
                               .checked = checked},
                   .arena = arena,
                   .checked = checked};
    if (gw_cancel_level(replay->cancel))
        return gw_err_set(err, GW_ERR_INTERRUPTED, "stopped before %s",
                          checked->migration->version);
    bool once = checked->transactional && !checked->script->directives.batch.table;
    bool ok = once ? in_transaction(&p, err) : one_by_one(&p, err);
    ok = ok && gw_exec(replay->session, "DISCARD ALL", err) &&
         gw_replay_prepare(replay->shadow, replay->session, err);
    return ok || gw_err_context(err, "replaying %s on a shadow database",
                                checked->migration->version);
}
