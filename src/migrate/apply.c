/* One migration in one transaction. */
#include <string.h>

#include <stdlib.h>

#include "base/clock.h"
#include "control/control.h"
#include "migrate/concurrent_index.h"
#include "migrate/internal.h"
#include "migrate/lasting.h"
#include "migrate/object_there.h"
#include "migrate/own_schema.h"
#include "migrate/read_only.h"
#include "migrate/taken.h"
#include "migrate/tenant.h"
#include "pg/backend.h"
#include "pg/copy.h"
#include "pg/pipeline.h"
#include "sql/quote.h"
#include "sql_migrate.h"

enum { PIPELINE_STATEMENTS = 512 };

const char *gw_runner_label(const gw_runner *r)
{
    return r->label ? r->label : r->tenant ? r->tenant : "";
}

void gw_see(gw_runner *r, gw_progress_kind kind, const gw_checked *checked, int64_t done,
            int64_t total, const char *text)
{
    if (!r->observer.see)
        return;
    const gw_migration *m = checked ? checked->migration : NULL;
    gw_progress progress = {.kind = kind,
                            .tenant = gw_runner_label(r),
                            .service = m ? m->service : NULL,
                            .version = m ? m->version : NULL,
                            .name = m ? m->name : NULL,
                            .file = checked ? checked->script->path : NULL,
                            .revert = checked && checked->revert,
                            .done = done,
                            .total = total,
                            .line = kind == GW_PROGRESS_WARNING ? (unsigned)done : 0,
                            .text = text};
    r->observer.see(r->observer.self, &progress);
}

void gw_see_warnings(gw_runner *r, const gw_checked *checked)
{
    for (size_t i = 0; i < checked->warnings.len; i++)
        gw_see(r, GW_PROGRESS_WARNING, checked, checked->warnings.items[i].line, 0,
               checked->warnings.items[i].text);
}

int64_t gw_effective_lock_timeout(const gw_runner *r, const gw_checked *checked)
{
    int64_t said = checked->script->directives.lock_timeout_ms;
    return said >= 0 ? said : r->lock_timeout_ms;
}

int64_t gw_effective_statement_timeout(const gw_runner *r, const gw_checked *checked)
{
    int64_t said = checked->script->directives.statement_timeout_ms;
    return said >= 0 ? said : r->statement_timeout_ms > 0 ? r->statement_timeout_ms : -1;
}

void gw_tx_open_params(gw_runner *r, const gw_checked *checked, bool async,
                       gw_param params[GW_TX_OPEN_PARAMS])
{
    int64_t statement_timeout = gw_effective_statement_timeout(r, checked);
    params[0] = gw_p_int(gw_effective_lock_timeout(r, checked));
    params[1] = gw_p_text(gw_run_lock_token(r->lock));
    params[2] = statement_timeout < 0 ? gw_p_text(NULL) : gw_p_int(statement_timeout);
    params[3] = gw_p_text(r->search_path);
    params[4] = gw_p_text(async ? "off" : NULL);
    params[5] = r->search_path ? gw_p_int(r->schema_oid) : gw_p_text(NULL);
}

bool gw_tx_open(gw_runner *r, const gw_checked *checked, const char *begin, gw_err *err)
{
    gw_param params[GW_TX_OPEN_PARAMS];
    gw_tx_open_params(r, checked, false, params);
    gw_arena *scratch = gw_arena_new();
    gw_result result;
    bool ok = (!begin || gw_exec(r->work, begin, err)) &&
              gw_query(r->work, scratch, &gw_sql_tx_open, params, GW_TX_OPEN_PARAMS, &result,
                       err);
    gw_arena_free(scratch);
    return ok;
}

bool gw_own_open(gw_runner *r, gw_err *err)
{
    gw_param token = gw_p_text(gw_run_lock_token(r->lock));
    return gw_exec_sql(r->work, &gw_sql_own_open, &token, 1, err);
}

bool gw_own_begin(gw_runner *r, gw_err *err)
{
    return gw_session_begin(r->work, GW_OWN_MODES, err) && gw_own_open(r, err);
}

bool gw_own_rows(gw_runner *r, bool begins, gw_err *err)
{
    gw_param param = gw_p_bool(begins);
    return gw_exec_sql(r->work, &gw_sql_own_rows, &param, 1, err);
}

bool gw_own_rows_at_commit(gw_runner *r, gw_err *err)
{
    return gw_exec(r->work, gw_tx_settle_sql[0], err) && gw_own_rows(r, false, err);
}

const char *const gw_tx_settle_sql[GW_TX_SETTLES] = {
    "SET CONSTRAINTS ALL IMMEDIATE",
    "RESET SESSION AUTHORIZATION",
    "RESET ROLE",
    "RESET ALL",
};

bool gw_tx_failed_at_end(const gw_checked *checked, gw_err *err)
{
    if (err->kind == GW_ERR_LOST || err->file)
        return false;
    gw_err_at(err, checked->script->path, checked->commit_line, checked->commit_col);
    gw_err_statement(err, "COMMIT", strlen("COMMIT"));
    return gw_err_context(err, "at the end of the file, where deferred constraints are checked");
}

bool gw_tx_settle(gw_runner *r, const gw_checked *checked, gw_err *err)
{
    if (!gw_tenant_holds(r, err))
        return false;
    for (size_t i = 0; i < GW_TX_SETTLES; i++) {
        if (!gw_exec(r->work, gw_tx_settle_sql[i], err))
            return gw_tx_failed_at_end(checked, err);
        if (i == 0 && !gw_own_rows(r, false, err))
            return false;
    }
    return true;
}

gw_applied gw_row_of_migration(const gw_migration *m, const char *tenant)
{
    return (gw_applied){.tenant = tenant ? tenant : "",
                        .service = m->service,
                        .version = m->version,
                        .sort_key = m->order,
                        .name = m->name,
                        .kind = m->kind == GW_REPEATABLE ? "repeatable"
                                : m->kind == GW_BASELINE ? "baseline"
                                                         : "versioned",
                        .checksum = m->checksum,
                        .state = "applied",
                        .applied_at = GW_NULL_INT,
                        .duration_ms = GW_NULL_INT};
}

void gw_tx_record_params(gw_runner *r, const gw_checked *checked, int64_t duration_ms,
                         gw_record_params *p)
{
    const gw_migration *m = checked->migration;
    gw_applied row = gw_row_of_migration(m, r->tenant);
    row.backup_id = r->backup_id;
    row.transactional = checked->transactional;
    row.duration_ms = duration_ms;
    row.statements_done = row.statements_total = (int64_t)checked->statements;
    gw_history_put_params(&row, &r->actor, p->history);
    gw_event event = {.action = checked->revert ? "revert" : "apply",
                      .outcome = "ok",
                      .tenant = r->tenant,
                      .service = m->service,
                      .version = m->version,
                      .name = m->name,
                      .place = checked->script->path,
                      .duration_ms = duration_ms == GW_NULL_INT ? GW_SINCE_BEGIN : duration_ms};
    gw_event_params(&event, &r->actor, p->event);
    p->key[0] = gw_p_text(r->tenant ? r->tenant : "");
    p->key[1] = gw_p_text(m->service);
    p->key[2] = gw_p_text(m->version);
}

bool gw_tx_record(gw_runner *r, const gw_checked *checked, int64_t duration_ms, gw_err *err)
{
    gw_record_params p;
    const gw_migration *m = checked->migration;
    gw_tx_record_params(r, checked, duration_ms, &p);
    if (r->companion.add && !r->companion.add(r->companion.self, r->work, m, checked->revert, err))
        return false;
    bool ok =
        checked->revert
            ? gw_history_delete(r->work, r->tenant ? r->tenant : "", m->service, m->version, err)
            : gw_exec_sql(r->work, gw_history_put_sql(), p.history, GW_HISTORY_PUT_PARAMS, err);
    return ok && gw_exec_sql(r->work, gw_event_sql(), p.event, GW_EVENT_PARAMS, err);
}

/* COPY data from the file to the server. */
static bool feed_copy(gw_runner *r, gw_statements *statements, const gw_statement *statement,
                      const gw_checked *checked, gw_err *err)
{
    char *text = strndup(statement->text, statement->len);
    if (!text)
        gw_out_of_memory(statement->len);
    bool ok = gw_copy_in_start(r->work, text, err);
    bool started = ok;
    int64_t fed = 0, shown = 0;
    while (ok) {
        const char *data;
        size_t len;
        ok = gw_statements_copy_data(statements, &data, &len, err);
        if (!ok || !data)
            break;
        ok = gw_copy_in_data(r->work, data, len, err);
        fed += (int64_t)len;
        if (fed - shown > 4 * 1024 * 1024) {
            shown = fed;
            gw_see(r, GW_PROGRESS_COPY, checked, fed, (int64_t)checked->script->size, NULL);
        }
    }
    if (started && ok)
        ok = gw_copy_in_end(r->work, NULL, NULL, err);
    else if (started && !gw_session_lost(r->work)) {
        gw_err ignored = {0};
        gw_copy_in_end(r->work, "the file could not be read to its end", NULL, &ignored);
        gw_err_clear(&ignored);
    }
    free(text);
    return ok;
}

/* Its place and kind, not its text: that may hold a password. */
static void say_statement(gw_runner *r, const gw_statement *statement, const gw_checked *checked,
                          int64_t began, bool ok)
{
    if (!gw_log_wants(r->log, GW_LOG_DEBUG))
        return;
    gw_arena *scratch = gw_arena_new();
    gw_log_write(r->log, GW_LOG_DEBUG, r->span, ok ? "statement" : "statement failed",
                 GW_FIELDS(GW_TEXT("tenant", *gw_runner_label(r) ? gw_runner_label(r) : NULL),
                           GW_TEXT("at", gw_printf(scratch, "%s:%u", checked->script->path,
                                                   statement->line)),
                           GW_TEXT("kind", gw_stmt_kind_name(&statement->kind)),
                           GW_INT("duration_ms", (gw_monotonic_us() - began) / 1000)));
    gw_arena_free(scratch);
}

bool gw_run_statement(gw_runner *r, gw_statements *statements, const gw_statement *statement,
                      const gw_checked *checked, gw_err *err)
{
    bool ok;
    int64_t began = gw_monotonic_us();
    if (gw_cancel_level(r->cancel) >= 2)
        return gw_err_set(err, GW_ERR_INTERRUPTED, "stopped at once");
    gw_lasting_see(r, checked, statement);
    r->passed_over = false;
    if (statement->kind.kind == GW_STMT_COPY_IN)
        ok = feed_copy(r, statements, statement, checked, err);
    else
        ok = gw_exec_user(r->work, statement->text, NULL, err);
    if (!ok && !err->file) {
        gw_statement_place(statement, checked->script->path, err);
        if (statement->kind.kind == GW_STMT_COPY_IN)
            gw_copy_place(statement, gw_statements_copy_line(statements), err);
    }
    say_statement(r, statement, checked, began, ok);
    if (ok && r->passed_over)
        gw_object_passed_over(r, statement, checked);
    return ok;
}

bool gw_tx_statement(gw_runner *r, gw_statements *statements, const gw_statement *statement,
                     const gw_checked *checked, gw_err *err)
{
    return gw_index_pass_over(r, statement, checked, err) &&
           gw_run_statement(r, statements, statement, checked, err);
}

/* Statement after statement: for files that are large or carry COPY data. */
static bool run_one_by_one(gw_runner *r, gw_arena *arena, const gw_checked *checked, gw_err *err)
{
    gw_statements *statements = gw_statements_open(arena, checked, &r->script);
    const gw_statement *s;
    bool opened = false;
    if (!gw_exec(r->work, checked->begin ? checked->begin : "BEGIN", err))
        return false;
    for (;;) {
        if (!gw_statements_next(statements, gw_session_standard_strings(r->work), &s, err))
            return false;
        if (!opened && (!s || !s->transaction_mode)) {
            opened = true;
            if (!gw_tx_open(r, checked, NULL, err) || !gw_own_rows(r, true, err))
                return false;
        }
        if (!s)
            return true;
        if (!gw_tx_statement(r, statements, s, checked, err))
            return false;
    }
}

bool gw_run_verify(gw_runner *r, gw_arena *arena, const gw_checked *verify, gw_err *err)
{
    gw_statements *statements = gw_statements_open(arena, verify, &r->script);
    const gw_statement *s;
    if (!gw_exec(r->work, "SAVEPOINT godwit_verify", err))
        return false;
    for (;;) {
        if (!gw_statements_next(statements, gw_session_standard_strings(r->work), &s, err))
            return false;
        if (!s)
            break;
        if (!gw_run_statement(r, statements, s, verify, err))
            return gw_err_context(err, "the verify script says that the change is not right");
    }
    return gw_exec(r->work, "ROLLBACK TO SAVEPOINT godwit_verify", err);
}

bool gw_session_clean(gw_runner *r, gw_err *err)
{
    if (gw_session_pooled(r->work))
        return true;
    r->prepared = false;
    return gw_exec(r->work, GW_TX_CLEAN, err);
}

static bool commit_one_by_one(gw_runner *r, gw_arena *arena, const gw_checked *checked,
                              const gw_checked *verify, gw_err *err)
{
    return run_one_by_one(r, arena, checked, err) &&
           (!verify || gw_run_verify(r, arena, verify, err)) &&
           gw_tx_settle(r, checked, err) && gw_tx_record(r, checked, GW_NULL_INT, err) &&
           (r->lasted.why ? gw_own_open(r, err)
            : r->durable  ? true
                          : gw_exec_sql(r->work, &gw_sql_tx_async, NULL, 0, err)) &&
           gw_session_commit(r->work, err) && gw_session_clean(r, err);
}

/* The next try begins as this one did: a PREPARE or a session lock outlives the rollback. */
static void clean_after_failure(gw_runner *r)
{
    gw_err ignored = {0};
    gw_session_rollback(r->work);
    if (!gw_session_lost(r->work))
        gw_session_clean(r, &ignored);
    gw_err_clear(&ignored);
}

/* What one statement took, and which one has begun, can only be seen where they go one by one. */
bool gw_run_is_piped(gw_runner *r, const gw_checked *checked, const gw_checked *verify)
{
    return checked->kept && !checked->lasts && !verify && !r->companion.add &&
           checked->statements <= PIPELINE_STATEMENTS && !gw_log_wants(r->log, GW_LOG_DEBUG) &&
           (!checked->passes_over || gw_nothing_to_pass_over(r, checked));
}

static bool run_once(gw_runner *r, const gw_checked *checked, const gw_checked *verify, gw_err *err)
{
    gw_arena *scratch = gw_arena_new();
    bool piped = gw_run_is_piped(r, checked, verify);
    gw_lock_watch_begin(r->watch, gw_session_backend_pid(r->work));
    bool ok = piped ? gw_run_piped(r, scratch, checked, err)
                    : commit_one_by_one(r, scratch, checked, verify, err);
    gw_lock_watch_end(r->watch);
    if (!ok)
        clean_after_failure(r);
    gw_arena_free(scratch);
    return ok;
}

/* The whole transaction again, after a pause in which nobody waits behind us. */
static bool run_with_retries(gw_runner *r, gw_arena *arena, const gw_checked *checked,
                             const gw_checked *verify, const gw_applied *row, gw_err *err)
{
    if (!gw_lasting_note(r, arena, checked, err))
        return false;
    for (unsigned attempt = 0;; attempt++) {
        gw_err problem = {0};
        gw_lasting_start(r);
        if (run_once(r, checked, verify, &problem))
            return true;
        if (gw_try_again(r, arena, checked, attempt, !r->lasted.why, &problem, err))
            continue;
        gw_lasting_explain(r, err);
        gw_lasting_take_back(r, checked, row);
        return false;
    }
}

/* The old backend may still be at it: its answer is not out before it is gone. Behind a pooler
 * nobody knows which it is, but its transaction holds the run lock's row. */
static bool wait_for_end(gw_runner *r, gw_session *session, int pid, gw_err *err)
{
    enum { TRIES = 600, PAUSE_MS = 100 };
    for (int i = 0; i < TRIES; i++) {
        gw_arena *scratch = gw_arena_new();
        gw_backend backend = {.alive = true};
        bool idle = false;
        bool ok = pid ? gw_backend_find(session, scratch, pid, NULL, &backend, err)
                      : gw_run_lock_idle(session, &idle, err);
        gw_arena_free(scratch);
        if (!ok || !backend.alive || idle)
            return ok;
        if (!gw_sleep_ms(PAUSE_MS, r->cancel))
            return gw_err_set(err, GW_ERR_INTERRUPTED, "stopped while finding out");
    }
    return gw_err_set(err, GW_ERR_BUSY, "the server is still at it");
}

bool gw_was_committed(gw_runner *r, gw_arena *arena, const gw_checked *checked, int pid,
                      bool *committed, gw_err *err)
{
    gw_session *session = NULL;
    gw_connect connect = r->work_connect;
    gw_applied_list rows;
    int version;
    connect.pinned = true;
    if (!gw_session_open(arena, &connect, &session, err))
        return false;
    if (!wait_for_end(r, session, pid, err))
        return false;
    if (!gw_history_read(session, arena, r->tenant ? r->tenant : "", &rows, &version, err))
        return false;
    bool there = false;
    for (size_t i = 0; i < rows.len; i++)
        there |= strcmp(rows.items[i].service, checked->migration->service) == 0 &&
                 strcmp(rows.items[i].version, checked->migration->version) == 0 &&
                 (checked->revert || (strcmp(rows.items[i].run_id, r->actor.run_id) == 0 &&
                                      strcmp(rows.items[i].state, "applied") == 0));
    *committed = checked->revert ? !there : there;
    gw_session_close(session);
    return true;
}

/* Whether it was committed all the same. */
static bool explain_loss(gw_runner *r, gw_arena *arena, const gw_checked *checked, int pid,
                         gw_err *err)
{
    gw_err asking = {0};
    bool committed = false;
    const char *version = checked->migration->version;
    if (!gw_was_committed(r, arena, checked, pid, &committed, &asking))
        gw_err_hint(
            err,
            "what became of migration %s could not be found out (%s); godwit status will say once the "
            "server answers: it is applied as a whole or not at all",
            version, asking.message ? asking.message : "");
    else if (committed)
        gw_err_hint(err, "migration %s was committed all the same; run the same command again to go on",
                    version);
    else if (checked->lasts)
        gw_err_hint(err, "migration %s was rolled back, but nobody can know whether line %u had its "
                         "effect, which stays: look there, then: godwit repair %s",
                    version, checked->lasts->line, version);
    else
        gw_err_hint(err, "migration %s was rolled back, nothing of it is left; run the same command "
                         "again",
                    version);
    gw_err_clear(&asking);
    return committed;
}

/* On the control session, or on a new one where the server had to end that one too. */
static bool write_event(gw_runner *r, gw_arena *arena, const gw_event *event, gw_err *err)
{
    enum { SOON_MS = 2000 };
    if (gw_event_write(r->control, event, &r->actor, err) || !gw_session_lost(r->control))
        return err->kind == GW_OK;
    gw_err_clear(err);
    gw_session *session = NULL;
    gw_connect connect = r->work_connect;
    connect.pinned = true;
    connect.connect_timeout_ms = SOON_MS;
    bool ok = gw_session_open(arena, &connect, &session, err) &&
              gw_event_write(session, event, &r->actor, err);
    gw_session_close(session);
    return ok;
}

/* In a transaction of its own, so that the record outlives the rollback. */
void gw_record_failure(gw_runner *r, gw_arena *arena, const gw_checked *checked,
                       int64_t duration_ms, const gw_err *err)
{
    const gw_migration *m = checked->migration;
    gw_event event = {.action = checked->revert ? "revert" : "apply",
                      .tenant = r->tenant,
                      .service = m->service,
                      .version = m->version,
                      .name = m->name,
                      .duration_ms = duration_ms};
    gw_err problem = {0};
    gw_event_of_err(arena, &event, err);
    if (!write_event(r, arena, &event, &problem))
        gw_log_write(r->log, GW_LOG_WARNING, r->span, "the failure could not be recorded",
                     GW_FIELDS(GW_TEXT("version", m->version),
                               GW_TEXT("why", problem.message ? problem.message
                                                              : "the connection is gone")));
    gw_err_clear(&problem);
}

static bool dispatch(gw_runner *r, gw_arena *arena, const gw_checked *checked,
                     const gw_checked *verify, const gw_applied *row, gw_err *err)
{
    if (checked->script->directives.batch.table)
        return gw_run_batch(r, arena, checked, row, err);
    if (!checked->transactional)
        return gw_run_steps(r, arena, checked, row, err);
    return run_with_retries(r, arena, checked, verify, row, err);
}

/* No statement of the file failed, but one of Godwit's own: are its tables all there? What the file did
 * to them is rolled back. */
void gw_explain_own_table(gw_runner *r, gw_err *err)
{
    if (!err->file && *err->sqlstate && err->kind != GW_ERR_LOST)
        gw_control_explain(r->control, err);
}

void gw_explain_rights(const gw_runner *r, gw_err *err)
{
    if (strcmp(err->sqlstate, "42501") != 0 || !err->file || err->hint)
        return;
    gw_arena *arena = gw_arena_new();
    const char *role = gw_quote_ident(arena, gw_session_role(r->work));
    /* In another language than English the general one has to do. */
    if (strstr(err->message, "must be owner"))
        gw_err_hint(err, "the file ran as role %s: make it the owner (ALTER … OWNER TO %s), or a member of the role "
                         "that is (GRANT owner TO %s), or run it as the owner", role, role, role);
    else if (strstr(err->message, "row-level security"))
        gw_err_hint(err, "the file ran as role %s: give it a policy that lets it do so (CREATE POLICY … TO %s), or, as "
                         "a superuser: ALTER ROLE %s BYPASSRLS", role, role, role);
    else
        gw_err_hint(err, "the file ran as role %s: grant it what is missing (GRANT … TO %s), or run it as a role that "
                         "may do this", role, role);
    gw_arena_free(arena);
}

/* A procedure or a block that ends transactions itself. */
static void explain_own_commit(const gw_checked *checked, gw_err *err)
{
    if (strcmp(err->sqlstate, "2D000") != 0 || err->hint)
        return;
    if (checked->transactional)
        gw_err_hint(err, "it commits by itself, so it cannot run inside the file's transaction: put "
                         "\"-- godwit: no-transaction\" at the top of the file");
    else
        gw_err_hint(err, "it commits by itself: write it as a statement of its own, not inside "
                         "BEGIN … COMMIT or a DO block");
}

/* One that no text showed: a function or a trigger used it. */
static void explain_new_value(const gw_checked *checked, gw_err *err)
{
    if (strcmp(err->sqlstate, "55P04") == 0 && checked->transactional)
        gw_err_hint(err, "PostgreSQL lets nobody use an enum value before it is committed: move what uses it "
                         "to the next migration, or say at the top: %s",
                    gw_no_transaction_words(checked->migration->format));
}

static void see_end(gw_runner *r, const gw_checked *checked, bool ok, int64_t duration_ms)
{
    if (!r->observer.see)
        return;
    gw_progress progress = {.kind = ok ? GW_PROGRESS_DONE : GW_PROGRESS_FAILED,
                            .tenant = gw_runner_label(r),
                            .service = checked->migration->service,
                            .version = checked->migration->version,
                            .name = checked->migration->name,
                            .file = checked->script->path,
                            .revert = checked->revert,
                            .duration_ms = duration_ms};
    r->observer.see(r->observer.self, &progress);
}

bool gw_run_migration(gw_runner *r, gw_arena *arena, const gw_checked *checked,
                      const gw_checked *verify, const gw_applied *row, int64_t *duration_ms,
                      gw_err *err)
{
    const gw_migration *m = checked->migration;
    if (gw_cancel_level(r->cancel))
        return gw_err_set(err, GW_ERR_INTERRUPTED, "stopped before %s", m->version);
    gw_span span = gw_span_start(r->span, checked->revert ? "revert" : "apply");
    int64_t began = gw_monotonic_us();
    int pid = gw_session_backend_pid(r->work);
    gw_see(r, GW_PROGRESS_START, checked, 0, (int64_t)checked->statements, NULL);
    gw_see_warnings(r, checked);
    bool ok = dispatch(r, arena, checked, verify, row, err);
    *duration_ms = (gw_monotonic_us() - began) / 1000;
    if (!ok) {
        bool committed = err->kind == GW_ERR_LOST && checked->transactional &&
                         explain_loss(r, arena, checked, pid, err);
        gw_explain_read_only(r, checked, err);
        gw_explain_own_table(r, err);
        gw_explain_own_schema(err);
        gw_explain_rights(r, err);
        gw_tenant_explain(r, err);
        explain_own_commit(checked, err);
        explain_new_value(checked, err);
        gw_explain_taken(r, arena, checked, err);
        const char *name = gw_version_is_file(m->version) ? "" : m->name;
        gw_err_context(err, "in %s %s%s%s", checked->revert ? "the down of" : "migration",
                       m->version, *name ? " " : "", name);
        /* Committed: its own event says so. Busy: nothing was tried. */
        if (!committed && err->kind != GW_ERR_BUSY)
            gw_record_failure(r, arena, checked, *duration_ms, err);
    }
    gw_span_end(r->log, &span, !ok,
                GW_FIELDS(GW_TEXT("version", m->version), GW_TEXT("service", m->service),
                          GW_TEXT("tenant", gw_runner_label(r)), GW_TEXT("file", checked->script->path),
                          GW_INT("duration_ms", *duration_ms), GW_BOOL("failed", !ok)));
    see_end(r, checked, ok, *duration_ms);
    return ok;
}
