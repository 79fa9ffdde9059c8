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
#include "migrate/lasting.h"
#include "migrate/recover.h"
#include "migrate/steps.h"
#include "migrate/tenant.h"
#include "sql_migrate.h"

static char *prefix_hex(gw_steps *s)
{
    unsigned char raw[GW_DIGEST_MAX];
    size_t len = gw_digest_peek(s->prefix, raw);
    return gw_hex(s->scratch, raw, len);
}

static void note_committed(gw_steps *s)
{
    snprintf(s->committed, sizeof s->committed, "%s", prefix_hex(s));
    if (!s->now || !s->noted || strcmp(s->now, s->noted) != 0)
        s->noted = gw_strdup(s->arena, s->now);
}

void gw_steps_hash(gw_steps *s, const gw_statement *statement)
{
    if (statement->number <= s->hashed)
        return; /* tried again */
    s->hashed = statement->number;
    gw_digest_add(s->prefix, statement->text, statement->len);
    gw_digest_add(s->prefix, ";", 1);
}

/* The row's intent: what is done, as a digest, and the statement that is under way. */
static char *intent_text(gw_steps *s, json_t *statement)
{
    json_t *intent = gw_json_own(s->scratch, json_object());
    json_object_set_new(intent, "done", gw_json_text(s->rewind ? s->committed : prefix_hex(s)));
    if (statement)
        json_object_set(intent, "statement", statement);
    const char *settings = s->rewind ? s->noted : s->now;
    gw_err ignored = {0};
    if (settings)
        json_object_set(intent, "settings",
                        gw_json_parse(s->scratch, "settings", settings, strlen(settings), &ignored));
    return gw_json_dump(s->scratch, intent);
}

static bool fence(gw_steps *s, gw_err *err)
{
    gw_param token = gw_p_text(gw_run_lock_token(s->r->lock));
    return gw_exec_sql(s->r->work, gw_run_lock_fence_sql(), &token, 1, err);
}

/* The file may have changed the role. */
static bool be_ourselves(gw_steps *s, gw_err *err)
{
    return gw_exec(s->r->work, "SET LOCAL SESSION AUTHORIZATION DEFAULT", err) &&
           gw_exec(s->r->work, "SET LOCAL role TO DEFAULT", err);
}

static bool be_again(gw_steps *s, const gw_acting *who, gw_err *err)
{
    gw_param params[] = {gw_p_text(who->session_user), gw_p_text(who->role)};
    return gw_exec_sql(s->r->work, &gw_sql_step_role, params, 2, err);
}

/*
 * Fenced before the file's statement: from here on this transaction has the run lock's row, and
 * when this run is killed, no other begins before the server is through with it.
 */
static bool fence_first(gw_steps *s, const gw_acting *who, gw_err *err)
{
    bool same = !s->self.role || (strcmp(s->self.role, who->role) == 0 &&
                                  strcmp(s->self.session_user, who->session_user) == 0);
    s->fenced =
        same ? fence(s, err) : be_ourselves(s, err) && fence(s, err) && be_again(s, who, err);
    return s->fenced;
}

/* Of all its runs: what was between them is nobody's work. */
static int64_t took_ms(const gw_steps *s)
{
    return s->spent_ms + (gw_monotonic_us() - s->began) / 1000;
}

/* The same, seeing first what the file has made of its session. Behind a pooler it has none. */
static bool leave_session(gw_steps *s, gw_err *err)
{
    gw_session_state state;
    s->now = NULL;
    if (s->rewind || !s->self.settings)
        return be_ourselves(s, err);
    if (!gw_session_state_read(s->r->work, s->scratch, &s->self, &state, err))
        return false;
    s->now = gw_session_state_changes(s->scratch, &s->self, &state);
    return true;
}

/* Our row is written as who we are. What a block has done that its rollback does not take back, a crash
 * must not take out of it. */
static bool write_progress(gw_steps *s, json_t *statement, gw_err *err)
{
    const gw_migration *m = s->checked->migration;
    return leave_session(s, err) && ((s->fenced && !s->block.lasting) || gw_own_open(s->r, err)) &&
           gw_history_progress(s->r->work, s->tenant, m->service, m->version, s->state, s->done,
                               s->total, intent_text(s, statement), took_ms(s), err);
}

bool gw_steps_commit(gw_steps *s, json_t *statement, gw_err *err)
{
    s->fenced = false;
    if (gw_session_begin(s->r->work, GW_OWN_MODES, err) && write_progress(s, statement, err) &&
        gw_session_commit(s->r->work, err)) {
        if (!s->rewind)
            note_committed(s);
        return true;
    }
    gw_session_rollback(s->r->work);
    return false;
}

bool gw_steps_is_setting(const gw_statement *statement)
{
    return statement->kind.kind == GW_STMT_SET || statement->kind.kind == GW_STMT_SET_ROLE;
}

/*
 * A transaction has begun. The session's lock_timeout is without a limit for the statements that
 * stand alone. One in a transaction may want a strong lock, and readers would queue up behind it;
 * what the file has SET counts more.
 */
static bool open_transaction(gw_steps *s, gw_err *err)
{
    static const gw_col cols[] = {
        {"session_user", GW_COL_TEXT, true, offsetof(gw_acting, session_user)},
        {"role", GW_COL_TEXT, true, offsetof(gw_acting, role)},
        {"read_only", GW_COL_BOOL, true, offsetof(gw_acting, read_only)},
    };
    gw_param params[] = {gw_p_int(gw_effective_lock_timeout(s->r, s->checked)),
                         gw_p_bool(gw_session_pooled(s->r->work))};
    gw_arena *scratch = gw_arena_new();
    gw_result result;
    gw_acting who = {0};
    s->fenced = false;
    bool ok = gw_query(s->r->work, scratch, &gw_sql_step_open, params, 2, &result, err) &&
              gw_row(scratch, &result, cols, 3, &who, err);
    s->block.read_only = who.read_only;
    ok = ok && gw_tenant_holds(s->r, err) && (who.read_only || gw_own_rows(s->r, true, err)) && (s->late || who.read_only || fence_first(s, &who, err));
    gw_arena_free(scratch);
    return ok;
}

/* A logical replication slot is not made in a transaction that has an id, and to lock a row takes
 * one. It was rolled back: tried again with the fence at its end. */
static bool was_fenced_too_soon(gw_steps *s, gw_err *problem)
{
    if (!s->fenced || s->late || strcmp(problem->sqlstate, "25001") != 0)
        return false;
    s->late = true;
    gw_err_clear(problem);
    return true;
}

/* What was written down in the file's own transaction may have been set for that alone: seen anew. */
static bool note_again(gw_steps *s, const char *noted, gw_err *err)
{
    bool same = !s->noted || (noted && strcmp(noted, s->noted) == 0);
    return same || s->done >= s->total || gw_steps_commit(s, NULL, err);
}

/* The file has set that the transaction which its progress is written in only reads. */
static bool say_read_only(const gw_steps *s, const gw_statement *statement, gw_err *err)
{
    if (strcmp(err->sqlstate, "25006") != 0 || err->file)
        return false;
    gw_statement_place(statement, s->checked->script->path, err);
    gw_err_detail(err, "the progress of this file is written in the same transaction");
    gw_err_hint(err, "take READ ONLY out; a block that only reads says so first: BEGIN READ ONLY");
    return false;
}

/* Where the file's session only reads, what it does is nothing that could be done twice: its progress
 * comes behind it. */
static bool end_statement(gw_steps *s, const gw_statement *statement, gw_err *err)
{
    s->done = statement->number;
    if (s->block.read_only)
        return gw_session_commit(s->r->work, err) && gw_steps_commit(s, NULL, err);
    return (write_progress(s, NULL, err) || say_read_only(s, statement, err)) &&
           gw_session_commit(s->r->work, err);
}

/* The file's part of a transaction is done, up to this statement: has it written what is ours? */
static bool leaves_ours(gw_steps *s, const gw_statement *statement, gw_err *err)
{
    if (!gw_tenant_holds(s->r, err))
        return false;
    if (s->block.read_only || gw_own_rows_at_commit(s->r, err))
        return true;
    gw_statement_place(statement, s->checked->script->path, err);
    return false;
}

/* In a transaction of its own with its progress, tried again where a lock was not to be had. */
static bool run_in_transaction(gw_steps *s, gw_statements *statements,
                               const gw_statement *statement, gw_err *err)
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
                  gw_run_statement(r, statements, statement, s->checked, &problem) &&
                  leaves_ours(s, statement, &problem);
        gw_lock_watch_end(r->watch);
        ok = ok && end_statement(s, statement, &problem);
        if (ok && s->block.read_only)
            return true;
        if (ok) {
            const char *noted = s->noted;
            note_committed(s);
            return note_again(s, noted, err);
        }
        s->done = statement->number - 1;
        gw_session_rollback(r->work);
        if (!was_fenced_too_soon(s, &problem) &&
            !gw_try_again(r, s->arena, s->checked, attempt, true, &problem, err))
            return false;
        /* The data of a COPY may have been read: again from the file. */
        if (statement->kind.kind == GW_STMT_COPY_IN &&
            (!gw_statements_back(statements, &mark, err) ||
             !gw_statements_next(statements, gw_session_standard_strings(r->work), &statement,
                                 err)))
            return false;
    }
}

const gw_lasting_block *gw_steps_lasting_block(const gw_checked *checked, const gw_statement *begin)
{
    for (size_t i = 0; i < checked->lasting_count; i++)
        if (checked->lasting[i].begin == begin->number)
            return &checked->lasting[i];
    return NULL;
}

/* Progress goes with the file's own COMMIT. */
static bool end_block(gw_steps *s, gw_statements *statements, const gw_statement *statement,
                      gw_err *err)
{
    int64_t before = s->done;
    s->done = statement->number;
    if (leaves_ours(s, statement, err) && (write_progress(s, NULL, err) || say_read_only(s, statement, err)) &&
        gw_run_statement(s->r, statements, statement, s->checked, err)) {
        const char *noted = s->noted;
        s->in_block = false;
        note_committed(s);
        return note_again(s, noted, err);
    }
    s->done = before;
    return false;
}

/* Inside a BEGIN … COMMIT that the file wrote. */
static bool run_block_statement(gw_steps *s, gw_statements *statements,
                                const gw_statement *statement, gw_err *err)
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
    return gw_steps_commit(s, NULL, err);
}

/* Before a block that can do what its rollback does not take back: the next run has to know of it. */
static bool note_block(gw_steps *s, const gw_statement *begin, gw_err *err)
{
    json_t *intent = NULL;
    bool done = false;
    s->block.lasted = false;
    if (!s->block.lasting)
        return true;
    gw_lock_watch_end(s->r->watch);
    if (s->resume && !gw_steps_resume(s, begin, &done, err)) {
        s->unknown = true; /* as before: the intent stays */
        return false;
    }
    return gw_intent_make(s->r, s->scratch, begin, s->checked, &intent, err) &&
           gw_run_lock_check(s->r->lock, err) && gw_steps_commit(s, intent, err);
}

/*
 * A block is tried again as a whole: what came before the statement that failed is gone as well. It
 * is read from the file again, COPY data and all: the next statement is its BEGIN.
 */
static bool run_in_block(gw_steps *s, gw_statements *statements, const gw_statement *statement,
                         gw_err *err)
{
    gw_runner *r = s->r;
    gw_err problem = {0};
    if (!s->in_block && statement->number != s->block.number) {
        s->block = (gw_block){.begin = gw_statements_mark(statements), .number = statement->number};
        s->block.lasting = gw_steps_lasting_block(s->checked, statement);
        s->late = false;
    }
    if (!s->in_block && !note_block(s, statement, err))
        return false;
    gw_steps_hash(s, statement);
    if (run_block_statement(s, statements, statement, &problem))
        return true;
    /* It failed by itself, and may have done a part before it did. */
    s->block.lasted |= s->block.lasting && statement->kind.outlasts &&
                       (problem.kind == GW_ERR_LOCK || problem.kind == GW_ERR_RETRYABLE);
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
static bool pass_idle_end(gw_steps *s, const gw_statement *statement, gw_err *err)
{
    s->resume = NULL;
    gw_steps_hash(s, statement);
    s->done = statement->number;
    return gw_steps_commit(s, NULL, err);
}

static bool step(gw_steps *s, gw_statements *statements, const gw_statement *statement, gw_err *err)
{
    if (s->resume && !gw_steps_is_what_was_begun(s, statement))
        return gw_steps_doubt_was_edited(s, statement, err);
    gw_see(s->r, GW_PROGRESS_STATEMENT, s->checked, (int64_t)statement->number - 1, s->total,
           statement->text);
    gw_stmt_kind kind = statement->kind.kind;
    bool in_block = s->in_block || kind == GW_STMT_BEGIN;
    if (!in_block && (kind == GW_STMT_COMMIT || kind == GW_STMT_ROLLBACK))
        return pass_idle_end(s, statement, err);
    if (!in_block && gw_steps_alone(statement))
        return gw_steps_run_alone(s, statements, statement, err);
    if (kind != GW_STMT_BEGIN || !gw_steps_lasting_block(s->checked, statement))
        s->resume = NULL; /* the statement that was under way has been edited out of the file */
    if (in_block)
        return run_in_block(s, statements, statement, err);
    gw_steps_hash(s, statement);
    return run_in_transaction(s, statements, statement, err);
}

/* Statements that an earlier run has done. Settings are sent again. */
static bool pass_over(gw_steps *s, const gw_statement *statement, gw_err *err)
{
    gw_steps_hash(s, statement);
    if (s->done >= s->total)
        return true; /* only the last row is missing */
    if (gw_steps_is_setting(statement))
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

/* Its own SETs were sent again. Does it stand where the earlier run stood? */
static bool check_session(gw_steps *s, const gw_statement *next, json_t *recorded, gw_err *err)
{
    gw_session_state state;
    if (!recorded || !s->self.settings || !next || !s->done)
        return true;
    if (!gw_session_state_read(s->r->work, s->scratch, NULL, &state, err))
        return false;
    s->now = gw_session_state_changes(s->scratch, &s->self, &state);
    const char *names =
        gw_session_changes_differ(s->scratch, gw_json_dump(s->scratch, recorded), s->now);
    if (!names)
        return true;
    const char *version = s->checked->migration->version;
    gw_err_set(err, GW_ERR_STATE, "this file cannot go on in the middle: settings that held behind "
                                  "statement %lld are gone with its session", (long long)s->done);
    gw_err_detail(err, "%s: only what plain SET statements set is set again, and this was set by a "
                       "function, a DO block or the like", names);
    gw_statement_place(next, s->checked->script->path, err);
    return gw_err_hint(err, "undo by hand what its first %lld statements did, then: godwit repair %s "
                            "--forget; or cut the file off behind statement %lld (the rest becomes a "
                            "migration of its own that begins with the SET), then: godwit repair %s "
                            "--done", (long long)s->done, version, (long long)s->done, version);
}

static bool check_prefix(gw_steps *s, const gw_applied *row, const gw_statement *next, gw_err *err)
{
    gw_err ignored = {0};
    json_t *intent =
        row->intent ? gw_json_parse(s->arena, "intent", row->intent, strlen(row->intent), &ignored)
                    : NULL;
    gw_err_clear(&ignored);
    const char *known = json_string_value(json_object_get(intent, "done"));
    s->resume = json_object_get(intent, "statement");
    if (!known || strcmp(known, prefix_hex(s)) == 0)
        return check_session(s, next, json_object_get(intent, "settings"), err);
    gw_err_set(err, GW_ERR_STATE, "statements that were run already have been edited in this file");
    gw_err_detail(err, "%lld of its statements are done; only those behind them may change",
                  (long long)s->done);
    gw_err_at(err, s->checked->script->path, 1, 1);
    return gw_err_hint(err,
                       "put the first %lld statements back as they were, or: godwit repair %s "
                       "--forget",
                       (long long)s->done, s->checked->migration->version);
}

static bool set_session(gw_steps *s, gw_err *err)
{
    gw_session_state state;
    gw_runner *r = s->r;
    gw_arena *scratch = gw_arena_new();
    int64_t statement_timeout = gw_effective_statement_timeout(r, s->checked);
    const gw_directives *d = &s->checked->script->directives;
    /* Behind a pooler a plain SET would stay for the next client. */
    if (gw_session_pooled(r->work)) {
        gw_arena_free(scratch);
        return true;
    }
    /* CREATE INDEX CONCURRENTLY waits for old transactions without holding anybody up; running
     * out of time there would leave an INVALID index. */
    gw_param params[] = {gw_p_int(d->lock_timeout_ms >= 0 ? d->lock_timeout_ms : 0),
                         statement_timeout >= 0 ? gw_p_int(statement_timeout) : gw_p_text(NULL)};
    bool ok = gw_exec_sql(r->work, &gw_sql_step_session, params, 2, err);
    if (ok && r->search_path) {
        gw_param path[] = {gw_p_text(r->search_path), gw_p_bool(false)};
        ok = gw_exec_sql(r->work, &gw_sql_search_path, path, 2, err) && gw_tenant_holds(r, err);
    }
    ok = ok && gw_session_state_read(r->work, scratch, NULL, &state, err);
    if (ok) {
        s->self = gw_session_state_copy(s->arena, &state);
        s->now = "{}";
    }
    gw_arena_free(scratch);
    return ok;
}

/* The row of a first try; a down begins by marking the row of the up. */
static bool begin_row(gw_steps *s, gw_err *err)
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
    bool ok = gw_own_begin(r, err) &&
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
static bool take_row(gw_steps *s, const gw_applied *row, gw_err *err)
{
    gw_runner *r = s->r;
    const gw_migration *m = s->checked->migration;
    bool ok = gw_own_begin(r, err) &&
              gw_history_progress(r->work, s->tenant, m->service, m->version, s->state, s->done,
                                  row->statements_total, row->intent, row->duration_ms, err) &&
              gw_session_commit(r->work, err);
    if (!ok)
        gw_session_rollback(r->work);
    return ok;
}

static bool finish(gw_steps *s, gw_err *err)
{
    gw_runner *r = s->r;
    gw_see(r, GW_PROGRESS_STATEMENT, s->checked, s->total, s->total, "");
    if (!gw_session_clean(r, err))
        return false;
    bool ok = gw_own_begin(r, err) &&
              gw_tx_record(r, s->checked, took_ms(s), err) &&
              gw_session_commit(r->work, err);
    if (!ok)
        gw_session_rollback(r->work);
    return ok;
}

/* Where nothing was done and nothing is in doubt, as if it had never begun. Fenced as all else: the
 * row may be another run's by now. */
static void forget_row(gw_steps *s)
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
        gw_steps_commit(s, NULL, &ignored);
    else if (!gw_own_begin(r, &ignored) || !gw_put_back_row(r, s->checked, s->before, &ignored) || !gw_session_commit(r->work, &ignored))
        gw_session_rollback(r->work);
    gw_err_clear(&ignored);
}

static bool run_all(gw_steps *s, const gw_applied *row, gw_err *err)
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
            if (row && !check_prefix(s, row, statement, err))
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

static void give_up(gw_steps *s, gw_err *err)
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
    gw_steps s = {.r = r,
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
