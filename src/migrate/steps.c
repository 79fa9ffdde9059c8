/*
 * A file outside a transaction, statement by statement. What can run in a transaction commits
 * together with its progress, and has the run lock's row until it ends: no other run begins before
 * that. Before each other statement its intent is committed; when it has come back, its progress
 * is. A SET of the file holds for the statements behind it and is sent again when a later run goes
 * on in the middle.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/vec.h"
#include "migrate/concurrent_index.h"
#include "migrate/internal.h"
#include "migrate/recover.h"
#include "sql/lex.h"
#include "sql_migrate.h"

/* As whom the session acts. */
typedef struct acting {
    const char *session_user, *role;
    bool read_only; /* its transaction */
} acting;

/* The BEGIN … COMMIT of the file that is under way. */
typedef struct block {
    gw_statement_mark begin;
    int64_t number; /* of its BEGIN */
    unsigned attempt;
    bool read_only;
    const gw_lasting_block *lasting; /* NULL: all of it goes with its rollback */
    bool lasted;                     /* such a statement has run */
} block;

typedef struct steps {
    gw_runner *r;
    gw_arena *arena;
    gw_arena *scratch; /* of the statement at hand: a file may have millions */
    const gw_checked *checked;
    const gw_applied *before; /* the row before this file was begun; NULL: none, or begun earlier */
    const char *tenant, *state; /* running or reverting */
    int64_t done, total;
    gw_digest *prefix;                     /* of the statements seen so far */
    int64_t hashed;                        /* the last of them */
    char committed[2 * GW_DIGEST_MAX + 1]; /* the same, hex, of those whose progress is committed */
    bool rewind;                           /* write down `committed`: what came behind it failed */
    bool in_block;                         /* inside a BEGIN of the file */
    block block;
    acting self;  /* before the file changed that; NULL: not known */
    bool fenced;  /* the transaction at hand is */
    bool late;    /* it is at its end only: was_fenced_too_soon() */
    bool resumed; /* an earlier run began this file */
    int64_t began;
    int64_t spent_ms; /* by the runs before this one */
    json_t *resume; /* intent of the earlier run's last statement, or NULL */
    bool unknown;   /* the failure left something that nobody can take back */
    bool asks;      /* and a person has to say what is true */
} steps;

static char *prefix_hex(steps *s)
{
    unsigned char raw[GW_DIGEST_MAX];
    size_t len = gw_digest_peek(s->prefix, raw);
    return gw_hex(s->scratch, raw, len);
}

static void note_committed(steps *s)
{
    snprintf(s->committed, sizeof s->committed, "%s", prefix_hex(s));
}

static void add_to_prefix(steps *s, const gw_statement *statement)
{
    if (statement->number <= s->hashed)
        return; /* tried again */
    s->hashed = statement->number;
    gw_digest_add(s->prefix, statement->text, statement->len);
    gw_digest_add(s->prefix, ";", 1);
}

/* The row's intent: what is done, as a digest, and the statement that is under way. */
static char *intent_text(steps *s, json_t *statement)
{
    json_t *intent = gw_json_own(s->scratch, json_object());
    json_object_set_new(intent, "done", gw_json_text(s->rewind ? s->committed : prefix_hex(s)));
    if (statement)
        json_object_set(intent, "statement", statement);
    return gw_json_dump(s->scratch, intent);
}

static bool fence(steps *s, gw_err *err)
{
    gw_param token = gw_p_text(gw_run_lock_token(s->r->lock));
    return gw_exec_sql(s->r->work, gw_run_lock_fence_sql(), &token, 1, err);
}

/* The file may have changed the role. */
static bool be_ourselves(steps *s, gw_err *err)
{
    return gw_exec(s->r->work, "SET LOCAL SESSION AUTHORIZATION DEFAULT", err) &&
           gw_exec(s->r->work, "SET LOCAL role TO DEFAULT", err);
}

static bool be_again(steps *s, const acting *who, gw_err *err)
{
    static const char SQL[] = "SELECT pg_catalog.set_config('session_authorization', $1, true),"
                              " pg_catalog.set_config('role', $2, true)";
    gw_param params[] = {gw_p_text(who->session_user), gw_p_text(who->role)};
    gw_arena *scratch = gw_arena_new();
    gw_result result;
    bool ok = gw_query_text(s->r->work, scratch, "migrate/role", SQL, params, 2, &result, err);
    gw_arena_free(scratch);
    return ok;
}

/*
 * Fenced before the file's statement: from here on this transaction has the run lock's row, and
 * when this run is killed, no other begins before the server is through with it.
 */
static bool fence_first(steps *s, const acting *who, gw_err *err)
{
    bool same = !s->self.role || (strcmp(s->self.role, who->role) == 0 &&
                                  strcmp(s->self.session_user, who->session_user) == 0);
    s->fenced =
        same ? fence(s, err) : be_ourselves(s, err) && fence(s, err) && be_again(s, who, err);
    return s->fenced;
}

/* Of all its runs: what was between them is nobody's work. */
static int64_t took_ms(const steps *s)
{
    return s->spent_ms + (gw_monotonic_us() - s->began) / 1000;
}

/* Our row is written as who we are. */
static bool write_progress(steps *s, json_t *statement, gw_err *err)
{
    const gw_migration *m = s->checked->migration;
    return be_ourselves(s, err) && (s->fenced || fence(s, err)) &&
           gw_history_progress(s->r->work, s->tenant, m->service, m->version, s->state, s->done,
                               s->total, intent_text(s, statement), took_ms(s), err);
}

static bool commit_progress(steps *s, json_t *statement, gw_err *err)
{
    s->fenced = false;
    if (gw_session_begin(s->r->work, NULL, err) && write_progress(s, statement, err) &&
        gw_session_commit(s->r->work, err)) {
        if (!s->rewind)
            note_committed(s);
        return true;
    }
    gw_session_rollback(s->r->work);
    return false;
}

static bool is_setting(const gw_statement *statement)
{
    return statement->kind.kind == GW_STMT_SET || statement->kind.kind == GW_STMT_SET_ROLE;
}

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

static bool alone(const gw_statement *statement)
{
    const gw_stmt_class *c = &statement->kind;
    return c->never_in_transaction || c->outlasts || commits_itself(statement);
}

/*
 * A transaction has begun. The session's lock_timeout is without a limit for the statements that
 * stand alone. One in a transaction may want a strong lock, and readers would queue up behind it;
 * what the file has SET counts more.
 */
static bool open_transaction(steps *s, gw_err *err)
{
    static const char SQL[] =
        "SELECT pg_catalog.current_setting('session_authorization') AS session_user,"
        " pg_catalog.current_setting('role') AS role,"
        " pg_catalog.current_setting('transaction_read_only')::pg_catalog.bool AS read_only,"
        " CASE WHEN $2 OR pg_catalog.current_setting('lock_timeout') OPERATOR(pg_catalog.=) '0'"
        " THEN pg_catalog.set_config('lock_timeout', $1, true) END AS lock_timeout";
    static const gw_col cols[] = {
        {"session_user", GW_COL_TEXT, true, offsetof(acting, session_user)},
        {"role", GW_COL_TEXT, true, offsetof(acting, role)},
        {"read_only", GW_COL_BOOL, true, offsetof(acting, read_only)},
    };
    gw_param params[] = {gw_p_int(gw_effective_lock_timeout(s->r, s->checked)),
                         gw_p_bool(gw_session_pooled(s->r->work))};
    gw_arena *scratch = gw_arena_new();
    gw_result result;
    acting who = {0};
    s->fenced = false;
    bool ok =
        gw_query_text(s->r->work, scratch, "migrate/lock_timeout", SQL, params, 2, &result, err) &&
        gw_row(scratch, &result, cols, 3, &who, err);
    s->block.read_only = who.read_only;
    ok = ok && (s->late || who.read_only || fence_first(s, &who, err));
    gw_arena_free(scratch);
    return ok;
}

/* A logical replication slot is not made in a transaction that has an id, and to lock a row takes
 * one. It was rolled back: tried again with the fence at its end. */
static bool was_fenced_too_soon(steps *s, gw_err *problem)
{
    if (!s->fenced || s->late || strcmp(problem->sqlstate, "25001") != 0)
        return false;
    s->late = true;
    gw_err_clear(problem);
    return true;
}

/* The file has set that the transaction which its progress is written in only reads. */
static bool say_read_only(const steps *s, const gw_statement *statement, gw_err *err)
{
    if (strcmp(err->sqlstate, "25006") != 0 || err->file)
        return false;
    gw_statement_place(statement, s->checked->script->path, err);
    gw_err_detail(err, "the progress of this file is written in the same transaction");
    gw_err_hint(err, "take READ ONLY out; a block that only reads says so first: BEGIN READ ONLY");
    return false;
}

/* In a transaction of its own with its progress, tried again where a lock was not to be had. */
static bool run_in_transaction(steps *s, gw_statements *statements, const gw_statement *statement,
                               gw_err *err)
{
    gw_runner *r = s->r;
    const gw_statement_mark mark = gw_statements_mark(statements);
    s->late = false;
    if (!gw_index_is_meant(r, s->scratch, statement, s->checked, err))
        return false;
    for (unsigned attempt = 0;; attempt++) {
        gw_err problem = {0};
        gw_lock_watch_begin(r->watch, gw_session_backend_pid(r->work));
        bool ok = gw_session_begin(r->work, NULL, &problem) && open_transaction(s, &problem) &&
                  gw_run_statement(r, statements, statement, s->checked, &problem);
        gw_lock_watch_end(r->watch);
        s->done = statement->number;
        ok = ok && (write_progress(s, NULL, &problem) || say_read_only(s, statement, &problem)) &&
             gw_session_commit(r->work, &problem);
        if (ok) {
            note_committed(s);
            return true;
        }
        s->done = statement->number - 1;
        gw_session_rollback(r->work);
        if (!was_fenced_too_soon(s, &problem) &&
            !gw_try_again(r, s->arena, s->checked, attempt, true, &problem, err))
            return false;
        /* The data of a COPY may have been read: again from the file. */
        if (statement->kind.kind == GW_STMT_COPY_IN &&
            (!gw_statements_back(statements, &mark, err) ||
             !gw_statements_next(statements, gw_session_standard_strings(r->work), &statement, err)))
            return false;
    }
}

static bool finalize_detach(steps *s, const gw_statement *statement, gw_err *err)
{
    const char *text = statement->text, *word = NULL;
    for (const char *at = text; (at = strcasestr(at, "CONCURRENTLY")); at++)
        word = at;
    if (!word)
        return gw_err_set(err, GW_ERR_INTERNAL, "a detach without CONCURRENTLY cannot be pending");
    char *sql = gw_printf(s->arena, "%.*sFINALIZE%s", (int)(word - text), text, word + 12);
    gw_lock_watch_begin(s->r->watch, gw_session_backend_pid(s->r->work));
    bool ok = gw_exec(s->r->work, sql, err);
    gw_lock_watch_end(s->r->watch);
    return ok;
}

static bool is_what_was_begun(const steps *s, const gw_statement *statement)
{
    const char *begun = json_string_value(json_object_get(s->resume, "sha256"));
    return !begun ||
           strcmp(begun, gw_digest_hex(s->arena, GW_SHA256, statement->text, statement->len)) == 0;
}

/* Its outcome would be judged by a text that never ran. */
static bool doubt_was_edited(steps *s, const gw_statement *statement, gw_err *err)
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

static const gw_lasting_block *lasting_block(const steps *s, const gw_statement *begin)
{
    for (size_t i = 0; i < s->checked->lasting_count; i++)
        if (s->checked->lasting[i].begin == begin->number)
            return &s->checked->lasting[i];
    return NULL;
}

static bool say_unknown(steps *s, const gw_statement *statement, gw_err *err)
{
    const char *outlasts = statement->kind.outlasts, *rest = "";
    const gw_lasting_block *lasting =
        statement->kind.kind == GW_STMT_BEGIN ? lasting_block(s, statement) : NULL;
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
static bool resume(steps *s, const gw_statement *statement, bool *done, gw_err *err)
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
static bool limit_session_wait(steps *s, bool limited, int64_t *before_ms, gw_err *err)
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

/* One try: what the last one has left half-done is out of the way first. */
static bool try_alone(steps *s, gw_statements *statements, const gw_statement *statement,
                      const json_t *intent, bool again, bool watched, gw_err *err)
{
    gw_runner *r = s->r;
    gw_outcome outcome = GW_OUTCOME_RUN;
    /* What another run has begun since is not ours to remove. */
    if (again && (!gw_run_lock_check(r->lock, err) ||
                  !gw_concurrent_again(r, s->scratch, statement, intent, &outcome, err))) {
        gw_statement_place(statement, s->checked->script->path, err);
        return false;
    }
    gw_lock_watch_begin(r->watch, watched ? gw_session_backend_pid(r->work) : 0);
    bool ok = outcome == GW_OUTCOME_DONE       ? true
              : outcome == GW_OUTCOME_FINALIZE ? finalize_detach(s, statement, err)
                                               : gw_run_statement(r, statements, statement,
                                                                  s->checked, err);
    gw_lock_watch_end(r->watch);
    if (!ok && !err->file)
        gw_statement_place(statement, s->checked->script->path, err);
    return ok;
}

/* gw_try_again, and what the session's own limit was. */
static bool try_alone_again(steps *s, const gw_statement *statement, unsigned attempt,
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
static bool run_limited(steps *s, gw_statements *statements, const gw_statement *statement,
                        const json_t *intent, gw_err *err)
{
    gw_runner *r = s->r;
    const gw_stmt_class *c = &statement->kind;
    bool commits = c->kind == GW_STMT_CALL || c->kind == GW_STMT_DO;
    bool limited = (c->strong_lock || commits || c->outlasts) && !gw_session_pooled(r->work);
    bool again = false;
    for (unsigned attempt = 0;; attempt++, again = true) {
        gw_err problem = {0}, ignored = {0};
        int64_t before_ms;
        if (!limit_session_wait(s, limited, &before_ms, err))
            return false;
        bool watched = limited || before_ms > 0;
        bool ok = try_alone(s, statements, statement, intent, again, watched, &problem);
        if (limited && !before_ms && !gw_session_lost(r->work))
            ok = gw_exec(r->work, "SET lock_timeout = 0", ok ? &problem : &ignored) && ok;
        gw_err_clear(&ignored);
        if (ok)
            return true;
        /* Of the others a lock that was not to be had says that it never began. */
        bool repeatable = !commits && !c->outlasts &&
                          (problem.kind == GW_ERR_LOCK || c->concurrently);
        if (!try_alone_again(s, statement, attempt, repeatable, before_ms, &problem, err))
            return false;
    }
}

/* It failed here, and may have committed before it did. */
static void say_in_doubt(const steps *s, const gw_statement *statement, gw_err *err)
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
static bool prepare_alone(steps *s, const gw_statement *statement, json_t **intent, bool *done,
                          gw_err *err)
{
    gw_runner *r = s->r;
    for (unsigned attempt = 0;; attempt++) {
        gw_err problem = {0}, ignored = {0};
        int64_t session_ms = 0;
        if ((!s->resume || resume(s, statement, done, &problem)) &&
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

static bool run_alone(steps *s, gw_statements *statements, const gw_statement *statement,
                      gw_err *err)
{
    gw_runner *r = s->r;
    json_t *intent = NULL;
    bool done = false;
    gw_lock_watch_end(r->watch);
    if (!prepare_alone(s, statement, &intent, &done, err)) {
        s->unknown = s->resume != NULL; /* as before: the intent stays */
        return false;
    }
    if (!done) {
        if (!gw_run_lock_check(r->lock, err) || !commit_progress(s, intent, err))
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
        if (!gw_concurrent_check(r, s->scratch, statement, intent, err))
            return false;
    }
    s->done = statement->number;
    add_to_prefix(s, statement);
    return commit_progress(s, NULL, err);
}

/* Progress goes with the file's own COMMIT. */
static bool end_block(steps *s, gw_statements *statements, const gw_statement *statement,
                      gw_err *err)
{
    int64_t before = s->done;
    s->done = statement->number;
    if ((write_progress(s, NULL, err) || say_read_only(s, statement, err)) &&
        gw_run_statement(s->r, statements, statement, s->checked, err)) {
        s->in_block = false;
        note_committed(s);
        return true;
    }
    s->done = before;
    return false;
}

/* Inside a BEGIN … COMMIT that the file wrote. */
static bool run_block_statement(steps *s, gw_statements *statements, const gw_statement *statement,
                                gw_err *err)
{
    gw_stmt_kind kind = statement->kind.kind;
    if (kind == GW_STMT_COMMIT && !s->block.read_only)
        return end_block(s, statements, statement, err);
    if (!gw_index_is_meant(s->r, s->scratch, statement, s->checked, err))
        return false;
    gw_lock_watch_begin(s->r->watch, gw_session_backend_pid(s->r->work));
    bool ok = gw_run_statement(s->r, statements, statement, s->checked, err);
    gw_lock_watch_end(s->r->watch);
    if (!ok)
        return false;
    s->block.lasted |= s->block.lasting && statement->kind.outlasts;
    if (kind == GW_STMT_BEGIN) {
        s->in_block = true;
        return open_transaction(s, err);
    }
    if (kind != GW_STMT_ROLLBACK && kind != GW_STMT_COMMIT)
        return true;
    s->in_block = false; /* nothing of it stays */
    s->done = statement->number;
    return commit_progress(s, NULL, err);
}

/* Before a block that can do what its rollback does not take back: the next run has to know of it. */
static bool note_block(steps *s, const gw_statement *begin, gw_err *err)
{
    json_t *intent = NULL;
    bool done = false;
    s->block.lasted = false;
    if (!s->block.lasting)
        return true;
    gw_lock_watch_end(s->r->watch);
    if (s->resume && !resume(s, begin, &done, err)) {
        s->unknown = true; /* as before: the intent stays */
        return false;
    }
    return gw_intent_make(s->r, s->scratch, begin, s->checked, &intent, err) &&
           gw_run_lock_check(s->r->lock, err) && commit_progress(s, intent, err);
}

/*
 * A block is tried again as a whole: what came before the statement that failed is gone as well. It
 * is read from the file again, COPY data and all: the next statement is its BEGIN.
 */
static bool run_in_block(steps *s, gw_statements *statements, const gw_statement *statement,
                         gw_err *err)
{
    gw_runner *r = s->r;
    gw_err problem = {0};
    if (!s->in_block && statement->number != s->block.number) {
        s->block = (block){.begin = gw_statements_mark(statements), .number = statement->number};
        s->block.lasting = lasting_block(s, statement);
        s->late = false;
    }
    if (!s->in_block && !note_block(s, statement, err))
        return false;
    add_to_prefix(s, statement);
    if (run_block_statement(s, statements, statement, &problem))
        return true;
    bool repeatable = s->in_block && !s->block.lasted;
    s->in_block = false;
    gw_session_rollback(r->work);
    if (s->block.lasted)
        gw_err_context(&problem, "the block is rolled back, but not what line %u did (%s); the next "
                                 "run does it again", s->block.lasting->line, s->block.lasting->why);
    return ((repeatable && was_fenced_too_soon(s, &problem)) ||
            gw_try_again(r, s->arena, s->checked, s->block.attempt++, repeatable, &problem, err)) &&
           gw_statements_back(statements, &s->block.begin, err);
}

/* A COMMIT with no BEGIN before it: the server would say that there is no transaction. */
static bool pass_idle_end(steps *s, const gw_statement *statement, gw_err *err)
{
    s->resume = NULL;
    add_to_prefix(s, statement);
    s->done = statement->number;
    return commit_progress(s, NULL, err);
}

static bool step(steps *s, gw_statements *statements, const gw_statement *statement, gw_err *err)
{
    if (s->resume && !is_what_was_begun(s, statement))
        return doubt_was_edited(s, statement, err);
    gw_see(s->r, GW_PROGRESS_STATEMENT, s->checked, (int64_t)statement->number - 1, s->total,
           statement->text);
    gw_stmt_kind kind = statement->kind.kind;
    bool in_block = s->in_block || kind == GW_STMT_BEGIN;
    if (!in_block && (kind == GW_STMT_COMMIT || kind == GW_STMT_ROLLBACK))
        return pass_idle_end(s, statement, err);
    if (!in_block && alone(statement))
        return run_alone(s, statements, statement, err);
    if (kind != GW_STMT_BEGIN || !lasting_block(s, statement))
        s->resume = NULL; /* the statement that was under way has been edited out of the file */
    if (in_block)
        return run_in_block(s, statements, statement, err);
    add_to_prefix(s, statement);
    return run_in_transaction(s, statements, statement, err);
}

/* Statements that an earlier run has done. Settings are sent again. */
static bool pass_over(steps *s, const gw_statement *statement, gw_err *err)
{
    add_to_prefix(s, statement);
    if (s->done >= s->total)
        return true; /* only the last row is missing */
    if (is_setting(statement))
        return gw_exec_user(s->r->work, statement->text, NULL, err);
    if (!statement->kind.needs_session)
        return true;
    gw_err_set(err, GW_ERR_STATE,
               "this file cannot go on in the middle: what statement %u made is gone "
               "with its session",
               statement->number);
    gw_err_detail(err, "%s", statement->kind.needs_session);
    gw_statement_place(statement, s->checked->script->path, err);
    return gw_err_hint(err,
                       "undo by hand what the statements before the failure did, then: godwit "
                       "repair %s --forget",
                       s->checked->migration->version);
}

static bool check_prefix(steps *s, const gw_applied *row, gw_err *err)
{
    gw_err ignored = {0};
    json_t *intent =
        row->intent ? gw_json_parse(s->arena, "intent", row->intent, strlen(row->intent), &ignored)
                    : NULL;
    gw_err_clear(&ignored);
    const char *known = json_string_value(json_object_get(intent, "done"));
    s->resume = json_object_get(intent, "statement");
    if (!known || strcmp(known, prefix_hex(s)) == 0)
        return true;
    gw_err_set(err, GW_ERR_STATE, "statements that were run already have been edited in this file");
    gw_err_detail(err, "%lld of its statements are done; only those behind them may change",
                  (long long)s->done);
    gw_err_at(err, s->checked->script->path, 1, 1);
    return gw_err_hint(err,
                       "put the first %lld statements back as they were, or: godwit repair %s "
                       "--forget",
                       (long long)s->done, s->checked->migration->version);
}

static bool set_session(steps *s, gw_err *err)
{
    static const gw_col cols[] = {
        {"session_user", GW_COL_TEXT, true, offsetof(acting, session_user)},
        {"role", GW_COL_TEXT, true, offsetof(acting, role)},
    };
    gw_runner *r = s->r;
    gw_arena *scratch = gw_arena_new();
    gw_result result;
    const gw_directives *d = &s->checked->script->directives;
    /* Behind a pooler a plain SET would stay for the next client. */
    if (gw_session_pooled(r->work)) {
        gw_arena_free(scratch);
        return true;
    }
    /* CREATE INDEX CONCURRENTLY waits for old transactions without holding anybody up; running
     * out of time there would leave an INVALID index. */
    gw_param params[] = {gw_p_int(d->lock_timeout_ms >= 0 ? d->lock_timeout_ms : 0),
                         d->statement_timeout_ms >= 0 ? gw_p_int(d->statement_timeout_ms)
                                                      : gw_p_text(NULL)};
    bool ok = gw_query_text(r->work, scratch, "migrate/session",
                            "SELECT pg_catalog.current_setting('session_authorization')"
                            " AS session_user, pg_catalog.current_setting('role') AS role,"
                            " pg_catalog.set_config('lock_timeout', $1, false),"
                            " CASE WHEN $2::pg_catalog.text IS NOT NULL THEN"
                            " pg_catalog.set_config('statement_timeout', $2, false) END",
                            params, 2, &result, err) &&
              gw_row(scratch, &result, cols, 2, &s->self, err);
    s->self = (acting){.session_user = gw_strdup(s->arena, s->self.session_user),
                       .role = gw_strdup(s->arena, s->self.role)};
    if (ok && r->search_path) {
        gw_param path[] = {gw_p_text(r->search_path), gw_p_bool(false)};
        ok = gw_exec_sql(r->work, &gw_sql_search_path, path, 2, err);
    }
    gw_arena_free(scratch);
    return ok;
}

/* The row of a first try; a down begins by marking the row of the up. */
static bool begin_row(steps *s, gw_err *err)
{
    gw_runner *r = s->r;
    const gw_migration *m = s->checked->migration;
    gw_applied row = gw_row_of_migration(m, r->tenant);
    row.backup_id = r->backup_id;
    row.state = "running";
    row.duration_ms = 0;
    row.transactional = false;
    row.statements_total = s->total;
    row.intent = intent_text(s, NULL);
    bool ok = gw_session_begin(r->work, NULL, err) && fence(s, err) &&
              (s->checked->revert ? gw_history_progress(r->work, s->tenant, m->service, m->version,
                                                        s->state, 0, s->total, row.intent, 0, err)
                                  : gw_history_put(r->work, &row, &r->actor, err)) &&
              gw_session_commit(r->work, err);
    if (!ok)
        gw_session_rollback(r->work);
    return ok;
}

/* The row of an earlier run is this one's from here on: whoever asks sees that somebody is at it.
 */
static bool take_row(steps *s, const gw_applied *row, gw_err *err)
{
    gw_runner *r = s->r;
    const gw_migration *m = s->checked->migration;
    bool ok = gw_session_begin(r->work, NULL, err) && fence(s, err) &&
              gw_history_progress(r->work, s->tenant, m->service, m->version, s->state, s->done,
                                  row->statements_total, row->intent, row->duration_ms, err) &&
              gw_session_commit(r->work, err);
    if (!ok)
        gw_session_rollback(r->work);
    return ok;
}

static bool finish(steps *s, gw_err *err)
{
    gw_runner *r = s->r;
    gw_see(r, GW_PROGRESS_STATEMENT, s->checked, s->total, s->total, "");
    if (!gw_session_clean(r, err))
        return false;
    bool ok = gw_session_begin(r->work, NULL, err) && fence(s, err) &&
              gw_tx_record(r, s->checked, took_ms(s), err) &&
              gw_session_commit(r->work, err);
    if (!ok)
        gw_session_rollback(r->work);
    return ok;
}

/* The row as it was, or none. */
static bool put_back(steps *s, gw_err *err)
{
    gw_runner *r = s->r;
    const gw_migration *m = s->checked->migration;
    if (s->before)
        return gw_history_put(r->work, s->before, &r->actor, err);
    if (s->checked->revert)
        return gw_history_progress(r->work, s->tenant, m->service, m->version, "applied", 0,
                                   s->total, NULL, 0, err);
    return gw_history_delete(r->work, s->tenant, m->service, m->version, err);
}

/* Where nothing was done and nothing is in doubt, as if it had never begun. Fenced as all else: the
 * row may be another run's by now. */
static void forget_row(steps *s)
{
    gw_runner *r = s->r;
    gw_err ignored = {0};
    if (gw_session_lost(r->work) || s->unknown)
        return;
    if (s->resume)
        return; /* still in doubt: the intent is what the next run asks with */
    if (s->resumed && !*s->committed)
        return; /* not even the place of the earlier run was reached: its row stays */
    gw_session_clean(r, &ignored);
    gw_err_clear(&ignored);
    if (s->done > 0)
        commit_progress(s, NULL, &ignored);
    else if (!gw_session_begin(r->work, NULL, &ignored) || !fence(s, &ignored) ||
             !put_back(s, &ignored) || !gw_session_commit(r->work, &ignored))
        gw_session_rollback(r->work);
    gw_err_clear(&ignored);
}

static bool run_all(steps *s, const gw_applied *row, gw_err *err)
{
    gw_statements *statements = gw_statements_open(s->arena, s->checked, &s->r->script);
    int64_t passed = s->done;
    const gw_statement *statement;
    bool prefix_known = false;
    for (;;) {
        gw_arena_reset(s->scratch);
        if (!gw_statements_next(statements, gw_session_standard_strings(s->r->work), &statement,
                                err))
            return false;
        if (!prefix_known && (!statement || statement->number > passed)) {
            prefix_known = true;
            if (row && !check_prefix(s, row, err))
                return false;
            note_committed(s);
        }
        if (!statement)
            break;
        if (statement->number <= passed) {
            if (!pass_over(s, statement, err))
                return false;
            continue;
        }
        if (gw_cancel_level(s->r->cancel) && !s->in_block)
            return gw_err_set(err, GW_ERR_INTERRUPTED, "stopped after statement %lld of %lld",
                              (long long)s->done, (long long)s->total);
        if (!step(s, statements, statement, err))
            return false;
    }
    return !s->in_block || gw_err_set(err, GW_ERR_INPUT, "BEGIN without COMMIT in this file");
}

static void give_up(steps *s, gw_err *err)
{
    gw_session_rollback(s->r->work);
    s->rewind = *s->committed != '\0';
    if (err->kind == GW_ERR_LOST && !err->hint)
        gw_err_hint(err, "run the same command again: it finds out how far this file came");
    if (s->asks && s->done > 0)
        gw_err_context(err, "%lld of %lld statements are done and stay", (long long)s->done,
                       (long long)s->total);
    else if (!s->asks && (s->done > 0 || (s->unknown && err->kind != GW_ERR_BUSY)))
        gw_err_context(
            err, "%lld of %lld statements are done and stay; the next run goes on behind them",
            (long long)s->done, (long long)s->total);
    forget_row(s);
}

bool gw_run_steps(gw_runner *r, gw_arena *arena, const gw_checked *checked, const gw_applied *row,
                  gw_err *err)
{
    const char *state = checked->revert ? "reverting" : "running";
    bool resumes = row && strcmp(row->state, state) == 0;
    steps s = {.r = r,
               .arena = arena,
               .scratch = gw_arena_new(),
               .before = resumes ? NULL : row,
               .checked = checked,
               .tenant = r->tenant ? r->tenant : "",
               .state = state,
               .done = resumes ? row->statements_done : 0,
               .total = (int64_t)checked->statements,
               .resumed = resumes,
               .spent_ms = resumes && row->duration_ms != GW_NULL_INT ? row->duration_ms : 0,
               .prefix = gw_digest_start(arena, GW_SHA256),
               .began = gw_monotonic_us()};
    bool ok = (resumes ? take_row(&s, row, err) : begin_row(&s, err)) && set_session(&s, err) &&
              run_all(&s, resumes ? row : NULL, err) && finish(&s, err);
    if (!ok)
        give_up(&s, err);
    gw_arena_free(s.scratch);
    return ok;
}
