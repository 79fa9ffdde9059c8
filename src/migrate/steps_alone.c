/* The statements of a file that stand alone, each outside a transaction: intent, run, outcome. */
#include <string.h>

#include "base/digest.h"
#include "migrate/concurrent_index.h"
#include "migrate/recover.h"
#include "migrate/steps.h"
#include "migrate/tenant.h"
#include "sql/lex.h"
#include "sql_migrate.h"

/* A DO block or a procedure that ends transactions itself cannot run inside one. */
static bool commits_itself(const gw_statement *statement)
{
    if (statement->kind.kind == GW_STMT_CALL)
        return true;
    if (statement->kind.kind != GW_STMT_DO)
        return false;
    gw_arena *scratch = gw_arena_new();
    gw_lexer outer = gw_lexer_start(statement->text, statement->len);
    bool found = false;
    for (gw_token t = gw_lexer_next(&outer); t.kind != GW_TOKEN_END && !found;
         t = gw_lexer_next(&outer)) {
        if (t.kind != GW_TOKEN_STRING)
            continue;
        const char *body = gw_token_string(scratch, &t);
        gw_lexer inner = gw_lexer_start(body, strlen(body));
        for (gw_token w = gw_lexer_next(&inner); w.kind != GW_TOKEN_END && !found;
             w = gw_lexer_next(&inner))
            found = gw_token_is(&w, "commit") || gw_token_is(&w, "rollback");
    }
    gw_arena_free(scratch);
    return found;
}

bool gw_steps_alone(const gw_statement *statement)
{
    const gw_stmt_class *c = &statement->kind;
    return c->never_in_transaction || c->outlasts || commits_itself(statement);
}

/* A CALL or DO may want any lock: who knows what it does. */
static bool may_commit(const gw_statement *statement)
{
    return statement->kind.kind == GW_STMT_CALL || statement->kind.kind == GW_STMT_DO;
}

bool gw_steps_limited(const gw_statement *statement)
{
    return statement->kind.strong_lock || may_commit(statement) || statement->kind.outlasts;
}

static bool finalize_detach(gw_steps *s, const gw_statement *statement, gw_err *err)
{
    const char *text = statement->text, *word = NULL;
    for (const char *at = text; (at = strcasestr(at, "CONCURRENTLY")); at++)
        word = at;
    if (!word)
        return gw_err_set(err, GW_ERR_INTERNAL, "a detach without CONCURRENTLY cannot be pending");
    char *sql = gw_printf(s->arena, "%.*sFINALIZE%s", (int)(word - text), text, word + 12);
    /* It wants the partition for itself, which nobody does who goes on CONCURRENTLY. */
    gw_param params[] = {gw_p_int(gw_effective_lock_timeout(s->r, s->checked)),
                         gw_p_bool(gw_session_pooled(s->r->work))};
    gw_arena *scratch = gw_arena_new();
    gw_result result;
    gw_lock_watch_begin(s->r->watch, gw_session_backend_pid(s->r->work));
    bool ok = gw_session_begin(s->r->work, NULL, err) &&
              gw_query(s->r->work, scratch, &gw_sql_step_open, params, 2, &result, err) &&
              gw_exec(s->r->work, sql, err) && gw_session_commit(s->r->work, err);
    gw_lock_watch_end(s->r->watch);
    if (!ok)
        gw_session_rollback(s->r->work);
    gw_arena_free(scratch);
    return ok;
}

bool gw_steps_is_what_was_begun(const gw_steps *s, const gw_statement *statement)
{
    const char *begun = json_string_value(json_object_get(s->resume, "sha256"));
    return !begun ||
           strcmp(begun, gw_digest_hex(s->arena, GW_SHA256, statement->text, statement->len)) == 0;
}

/* Its outcome would be judged by a text that never ran. */
bool gw_steps_doubt_was_edited(gw_steps *s, const gw_statement *statement, gw_err *err)
{
    gw_err_set(err, GW_ERR_STATE,
               "statement %u has been edited while nobody knows whether it had its "
               "effect",
               statement->number);
    gw_err_detail(err, "an earlier run ended while this was under way: %s",
                  json_string_value(json_object_get(s->resume, "sql")));
    gw_statement_place(statement, s->checked->script->path, err);
    s->asks = true;
    bool knowable = !json_is_true(json_object_get(s->resume, "asks"));
    return gw_err_hint(err, "%slook at the database and say: godwit repair %s --done or --forget%s",
                       knowable ? "put it back as it was, and the next run finds out; or " : "",
                       s->checked->migration->version,
                       gw_unrun_advice(s->arena, statement->number, s->total));
}

static bool say_unknown(gw_steps *s, const gw_statement *statement, gw_err *err)
{
    const char *outlasts = statement->kind.outlasts, *rest = "";
    const gw_lasting_block *lasting =
        statement->kind.kind == GW_STMT_BEGIN ? gw_steps_lasting_block(s->checked, statement) : NULL;
    if (lasting) {
        gw_err_set(err, GW_ERR_STATE, "nobody can know how far the block of statement %u came",
                   statement->number);
        gw_err_detail(err, "an earlier run ended inside it; the block is rolled back, but not what "
                           "line %u did: %s", lasting->line, lasting->why);
    } else {
        gw_err_set(err, GW_ERR_STATE, "nobody can know whether statement %u had its effect",
                   statement->number);
        gw_err_detail(err, "an earlier run ended while %s was under way; %s",
                      gw_stmt_kind_name(&statement->kind),
                      outlasts ? outlasts : "it may commit on its own");
        rest = gw_unrun_advice(s->arena, statement->number, s->total);
    }
    gw_statement_place(statement, s->checked->script->path, err);
    s->asks = true;
    return gw_err_hint(err,
                       "look at the database, then say: godwit repair %s --done (all of it is "
                       "there) or --forget (nothing of it is: run it again)%s",
                       s->checked->migration->version, rest);
}

/* What an earlier run began: done, to be run, or for a person to say. */
bool gw_steps_resume(gw_steps *s, const gw_statement *statement, bool *done, gw_err *err)
{
    gw_outcome outcome;
    *done = false;
    if (!gw_intent_outcome(s->r, s->arena, s->resume, statement, s->checked, &outcome, err))
        return gw_err_context(err,
                              "while finding out what became of statement %u of an earlier run",
                              statement->number);
    switch (outcome) {
    case GW_OUTCOME_DONE:
    case GW_OUTCOME_FINALIZE:
        *done = true;
        if (outcome == GW_OUTCOME_FINALIZE && !finalize_detach(s, statement, err))
            return false;
        s->resume = NULL;
        return true;
    case GW_OUTCOME_RUN:
        s->resume = NULL;
        return true;
    case GW_OUTCOME_UNKNOWN:
        break;
    }
    return say_unknown(s, statement, err);
}

/* The session's lock_timeout; where it has none and `limited`, it gets one. */
static bool limit_session_wait(gw_steps *s, bool limited, int64_t *before_ms, gw_err *err)
{
    struct {
        int64_t before_ms;
    } row = {0};
    static const gw_col cols[] = {{"before_ms", GW_COL_INT, true, 0}};
    gw_param limit =
        limited ? gw_p_int(gw_effective_lock_timeout(s->r, s->checked)) : gw_p_text(NULL);
    gw_arena *scratch = gw_arena_new();
    gw_result result;
    bool ok = gw_query(s->r->work, scratch, &gw_sql_limit_wait, &limit, 1, &result, err) &&
              gw_row(scratch, &result, cols, 1, &row, err);
    *before_ms = row.before_ms;
    gw_arena_free(scratch);
    return ok;
}

typedef struct waiting {
    const gw_steps *s;
    const gw_statement *statement;
} waiting;

/* From the watch's thread. */
static void tell_waits(void *self, const char *blockers)
{
    const waiting *w = self;
    gw_arena *scratch = gw_arena_new();
    gw_see(w->s->r, GW_PROGRESS_WAITING, w->s->checked, 0, 0,
           gw_printf(scratch, "%s, statement %u of %s, waits for %s", gw_stmt_kind_name(&w->statement->kind),
                     w->statement->number, w->s->checked->migration->version, blockers));
    gw_arena_free(scratch);
}

/* One try: what the last one has left half-done is out of the way first. */
static bool try_alone(gw_steps *s, gw_statements *statements, const gw_statement *statement,
                      const json_t *intent, bool again, bool limited, gw_err *err)
{
    gw_runner *r = s->r;
    gw_outcome outcome = GW_OUTCOME_RUN;
    /* What another run has begun since is not ours to remove. */
    if (again && (!gw_run_lock_check(r->lock, err) ||
                  !gw_concurrent_again(r, s->scratch, statement, intent, &outcome, err))) {
        gw_statement_place(statement, s->checked->script->path, err);
        return false;
    }
    /* One that waits as long as it has to gives no error that would say for whom. */
    waiting self = {s, statement};
    gw_lock_watch_tell(r->watch, limited ? NULL : tell_waits, &self);
    gw_lock_watch_begin(r->watch, gw_session_backend_pid(r->work));
    bool ok = outcome == GW_OUTCOME_DONE       ? true
              : outcome == GW_OUTCOME_FINALIZE ? finalize_detach(s, statement, err)
                                               : gw_run_statement(r, statements, statement,
                                                                  s->checked, err);
    gw_lock_watch_end(r->watch);
    gw_lock_watch_tell(r->watch, NULL, NULL);
    if (!ok && !err->file)
        gw_statement_place(statement, s->checked->script->path, err);
    return ok;
}

/* gw_try_again, and what the session's own limit was. */
static bool try_alone_again(gw_steps *s, const gw_statement *statement, unsigned attempt,
                            bool repeatable, int64_t session_ms, gw_err *problem, gw_err *err)
{
    s->r->session_lock_timeout_ms = session_ms;
    bool again = gw_try_again(s->r, s->arena, s->checked, attempt, repeatable, problem, err);
    s->r->session_lock_timeout_ms = 0;
    if (!again && err->kind == GW_ERR_LOCK && statement->kind.concurrently)
        gw_err_hint(err, "end what blocks it, or let it wait: with lock_timeout=0, as where its "
                         "file says nothing, it waits with nobody behind it");
    return again;
}

/*
 * CREATE INDEX CONCURRENTLY waits with nobody behind it, but VACUUM FULL, CLUSTER and REINDEX want
 * a lock that readers queue up for. (Behind a pooler such statements were refused.) Where its file
 * has set a limit, it holds for all.
 */
static bool run_limited(gw_steps *s, gw_statements *statements, const gw_statement *statement,
                        const json_t *intent, gw_err *err)
{
    gw_runner *r = s->r;
    const gw_stmt_class *c = &statement->kind;
    bool limited = gw_steps_limited(statement) && !gw_session_pooled(r->work);
    bool again = false;
    for (unsigned attempt = 0;; attempt++, again = true) {
        gw_err problem = {0}, ignored = {0};
        int64_t before_ms;
        if (!limit_session_wait(s, limited, &before_ms, err))
            return false;
        bool ok = try_alone(s, statements, statement, intent, again, limited || before_ms > 0, &problem);
        if (limited && !before_ms && !gw_session_lost(r->work))
            ok = gw_exec(r->work, "SET lock_timeout = 0", ok ? &problem : &ignored) && ok;
        gw_err_clear(&ignored);
        if (ok)
            return true;
        /* Of the others a lock that was not to be had says that it never began. */
        bool repeatable = !may_commit(statement) && !c->outlasts &&
                          (problem.kind == GW_ERR_LOCK || c->concurrently);
        if (!try_alone_again(s, statement, attempt, repeatable, before_ms, &problem, err))
            return false;
    }
}

/* It failed here, and may have committed before it did. */
static void say_in_doubt(const gw_steps *s, const gw_statement *statement, gw_err *err)
{
    static const char what[] = "%s may have committed a part before it ended: look at the database, "
                               "then say: godwit repair %s --done or --forget%s";
    const char *kind = gw_stmt_kind_name(&statement->kind);
    const char *version = s->checked->migration->version;
    const char *rest = gw_unrun_advice(s->arena, statement->number, s->total);
    /* That a statement which was ended has changed nothing is not true of this one. */
    if (!err->hint || err->kind == GW_ERR_INTERRUPTED)
        gw_err_hint(err, what, kind, version, rest);
    else
        gw_err_context(err, what, kind, version, rest);
}

/* What an earlier run left is settled, and the intent made. An INVALID index in the way is dropped,
 * and that waits as the statement itself would. */
static bool prepare_alone(gw_steps *s, const gw_statement *statement, json_t **intent, bool *done,
                          gw_err *err)
{
    gw_runner *r = s->r;
    for (unsigned attempt = 0;; attempt++) {
        gw_err problem = {0}, ignored = {0};
        int64_t session_ms = 0;
        if ((!s->resume || gw_steps_resume(s, statement, done, &problem)) &&
            (*done || gw_intent_make(r, s->scratch, statement, s->checked, intent, &problem)))
            return true;
        if (problem.kind == GW_ERR_LOCK) {
            gw_statement_place(statement, s->checked->script->path, &problem);
            limit_session_wait(s, false, &session_ms, &ignored);
            gw_err_clear(&ignored);
        }
        if (!try_alone_again(s, statement, attempt, true, session_ms, &problem, err))
            return false;
    }
}

/* The history of this tenant but for the migration at hand. */
typedef struct others {
    int64_t rows;
    const char *digest;
} others;

/* Asked on the session of the run lock, which no setting of a file reaches. */
static bool read_others(gw_steps *s, others *out, gw_err *err)
{
    static const gw_col cols[] = {{"rows", GW_COL_INT, false, offsetof(others, rows)},
                                  {"digest", GW_COL_TEXT, false, offsetof(others, digest)}};
    const gw_migration *m = s->checked->migration;
    const gw_param params[] = {gw_p_text(s->tenant), gw_p_text(m->service), gw_p_text(m->version)};
    gw_result result;
    return gw_query(s->r->control, s->arena, &gw_sql_history_others, params, 3, &result, err) &&
           gw_row(s->arena, &result, cols, 2, out, err);
}

/* What ends transactions itself has committed whatever it did: here it can only be said. */
static bool left_history(gw_steps *s, const gw_statement *statement, const others *before, gw_err *err)
{
    others now = {0};
    gw_err problem = {0};
    bool there = read_others(s, &now, &problem);
    bool gone = !there && (strcmp(problem.sqlstate, "42P01") == 0 || strcmp(problem.sqlstate, "3F000") == 0);
    if (!there && !gone) {
        gw_err_move(err, &problem);
        return false;
    }
    gw_err_clear(&problem);
    if (there && now.rows == before->rows && strcmp(now.digest, before->digest) == 0)
        return true;
    s->unknown = s->asks = true;
    gw_err_set(err, GW_ERR_STATE, "%s has %s", gw_stmt_kind_name(&statement->kind),
               gone ? "dropped or renamed godwit.migrations" : "changed the rows of godwit.migrations");
    gw_err_detail(err, "it commits by itself, so that nothing of it was rolled back: the history had %lld other rows, %s",
                  (long long)before->rows,
                  gone ? "and is gone" : gw_printf(s->arena, "and has %lld now", (long long)now.rows));
    gw_statement_place(statement, s->checked->script->path, err);
    return gw_err_hint(err, "take that out of the file; restore schema godwit from a backup, or say what is applied with "
                            "godwit baseline V (the last version whose effects are there)");
}

bool gw_steps_run_alone(gw_steps *s, gw_statements *statements, const gw_statement *statement,
                        gw_err *err)
{
    gw_runner *r = s->r;
    json_t *intent = NULL;
    bool done = false, commits = may_commit(statement);
    others before = {0};
    gw_lock_watch_end(r->watch);
    if (!prepare_alone(s, statement, &intent, &done, err)) {
        s->unknown = s->resume != NULL; /* as before: the intent stays */
        return false;
    }
    if (!done) {
        if (!gw_run_lock_check(r->lock, err) || !gw_tenant_holds(r, err) ||
            !gw_steps_commit(s, intent, err) || (commits && !read_others(s, &before, err)))
            return false;
        if (!run_limited(s, statements, statement, intent, err)) {
            gw_err taken = {0};
            /* What another run has begun since is not ours to remove. */
            s->unknown = !gw_run_lock_check(r->lock, &taken) ||
                         !gw_concurrent_cleanup(r, s->scratch, statement, intent, err);
            gw_err_clear(&taken);
            s->asks = s->unknown && gw_statement_asks(&statement->kind);
            if (s->asks)
                say_in_doubt(s, statement, err);
            return false;
        }
        if (!gw_concurrent_check(r, s->scratch, statement, intent, err) ||
            (commits && !left_history(s, statement, &before, err)))
            return false;
    }
    s->done = statement->number;
    gw_steps_hash(s, statement);
    return gw_steps_commit(s, NULL, err);
}
