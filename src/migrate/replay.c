#include "migrate/replay.h"

#include <string.h>

#include "migrate/internal.h"
#include "sql/quote.h"

bool gw_replay_prepare(gw_shadow *shadow, gw_session *session, gw_err *err)
{
    return !gw_shadow_facts_of(shadow)->is_private ||
           gw_exec(session, "SET lc_messages = 'C'", err);
}

typedef struct replaying {
    const gw_replay *replay;
    gw_runner runner; /* what gw_run_statement needs of one */
    gw_arena *arena;
    const gw_checked *checked;
} replaying;

/* `role "x" does not exist` */
static char *missing_role(gw_arena *arena, const gw_err *problem)
{
    static const char before[] = "role \"", after[] = "\" does not exist";
    const char *from = problem->message, *to;
    if (!from || strncmp(from, before, strlen(before)) != 0)
        return NULL;
    from += strlen(before);
    to = strstr(from, after);
    return to && !to[strlen(after)] ? gw_strndup(arena, from, (size_t)(to - from)) : NULL;
}

bool gw_replay_made_role(gw_shadow *shadow, gw_arena *arena, const gw_err *problem)
{
    const char *name = missing_role(arena, problem);
    const char *const *lacking = NULL;
    gw_err refused = {0};
    if (!name)
        return false;
    bool made = gw_shadow_ensure_roles(shadow, arena, &name, 1, &lacking, &refused) && !*lacking;
    gw_err_clear(&refused);
    return made;
}

static bool run_one(replaying *p, gw_statements *statements, const gw_statement *s, gw_err *err)
{
    gw_gate_outcome outcome;
    gw_reach_verdict verdict;
    gw_arena *scratch = gw_arena_new();
    bool ok = gw_gate_pass(p->replay->shadow, p->replay->session, scratch, s->text, s->len,
                           &outcome, &verdict, err);
    if (!ok && !err->file)
        gw_statement_place(s, p->checked->script->path, err);
    if (ok && outcome == GW_GATE_RUN)
        ok = gw_run_statement(&p->runner, statements, s, p->checked, err);
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
    ok = ok && gw_tx_settle(&p->runner, p->checked, err) && gw_session_commit(session, err);
    if (!ok)
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

typedef struct key_range {
    const char *first, *last;
} key_range;

/* All keys as one range; where there is none, nothing is to be done. */
static bool batch(replaying *p, gw_err *err)
{
    static const gw_col cols[] = {
        {"first", GW_COL_TEXT, false, offsetof(key_range, first)},
        {"last", GW_COL_TEXT, false, offsetof(key_range, last)},
    };
    const gw_batch_directive *said = &p->checked->script->directives.batch;
    gw_session *session = p->replay->session;
    gw_arena *a = p->arena;
    const char *table = gw_quote_name(a, said->schema, said->table);
    const char *key = gw_quote_ident(a, said->key);
    gw_statements *statements = gw_statements_open(a, p->checked, &p->replay->script);
    const gw_statement *s = NULL;
    gw_result result;
    key_range range;
    char *sql = gw_printf(a,
                          "SELECT (SELECT %s FROM %s WHERE %s IS NOT NULL ORDER BY 1 LIMIT 1)"
                          "::pg_catalog.text AS first,"
                          " (SELECT %s FROM %s WHERE %s IS NOT NULL ORDER BY 1 DESC LIMIT 1)"
                          "::pg_catalog.text AS last",
                          key, table, key, key, table, key);
    if (!gw_query_text(session, a, "batch range", sql, NULL, 0, &result, err) ||
        !gw_row(a, &result, cols, 2, &range, err))
        return err->file ? false : gw_err_at(err, p->checked->script->path, said->line, 1);
    if (!range.first)
        return true;
    gw_param keys[] = {gw_p_text(range.first), gw_p_text(range.last)};
    if (!gw_statements_next(statements, true, &s, err) || !s)
        return s != NULL;
    if (gw_query_text(session, a, NULL, s->text, keys, 2, &result, err))
        return true;
    gw_statement_place(s, p->checked->script->path, err);
    return false;
}

bool gw_replay_script(const gw_replay *replay, gw_arena *arena, const gw_checked *checked,
                      gw_err *err)
{
    replaying p = {.replay = replay,
                   .runner = {.work = replay->session,
                              .script = replay->script,
                              .cancel = replay->cancel,
                              .log = replay->log},
                   .arena = arena,
                   .checked = checked};
    if (gw_cancel_level(replay->cancel))
        return gw_err_set(err, GW_ERR_INTERRUPTED, "stopped before %s",
                          checked->migration->version);
    bool ok = checked->script->directives.batch.table ? batch(&p, err)
              : checked->transactional                ? in_transaction(&p, err)
                                                      : one_by_one(&p, err);
    ok = ok && gw_exec(replay->session, "DISCARD ALL", err) &&
         gw_replay_prepare(replay->shadow, replay->session, err);
    return ok || gw_err_context(err, "replaying %s on a shadow database",
                                checked->migration->version);
}
