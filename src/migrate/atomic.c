/* Several migrations in one transaction: all of them or none. */
#include <string.h>

#include "base/clock.h"
#include "migrate/atomic.h"
#include "migrate/internal.h"
#include "migrate/lasting.h"
#include "migrate/own_schema.h"
#include "migrate/read_only.h"
#include "migrate/tenant.h"
#include "sql/lex.h"

/* BEGIN with nothing said about isolation and the like: ours does as well. */
static bool is_plain(const char *begin)
{
    gw_lexer lexer = gw_lexer_start(begin, strlen(begin));
    for (gw_token t = gw_lexer_next(&lexer); t.kind != GW_TOKEN_END; t = gw_lexer_next(&lexer))
        if (!gw_token_is(&t, "begin") && !gw_token_is(&t, "start") && !gw_token_is(&t, "work") &&
            !gw_token_is(&t, "transaction") && !gw_token_is(&t, ";"))
            return false;
    return true;
}

bool gw_atomic_check(const gw_checked *checked, size_t count, gw_err *err)
{
    for (size_t i = 0; i < count; i++) {
        if (checked[i].transactional && (!checked[i].begin || is_plain(checked[i].begin)))
            continue;
        gw_err_set(err, GW_ERR_INPUT,
                   checked[i].transactional ? "migration %s begins a transaction of its own"
                                            : "migration %s runs outside a transaction",
                   checked[i].migration->version);
        gw_err_at(err, checked[i].script->path, 1, 1);
        return gw_err_hint(err, "leave --atomic away, or run the others first: --to or --steps");
    }
    return true;
}

static bool run_script(gw_runner *r, const gw_checked *checked, const gw_checked *verify,
                       gw_err *err)
{
    gw_arena *scratch = gw_arena_new();
    gw_statements *statements = gw_statements_open(scratch, checked, &r->script);
    const gw_statement *s = NULL;
    bool ok = gw_tx_open(r, checked, NULL, err) && gw_own_rows(r, true, err);
    while (ok) {
        ok = gw_statements_next(statements, gw_session_standard_strings(r->work), &s, err);
        if (!ok || !s)
            break;
        ok = gw_tx_statement(r, statements, s, checked, err);
    }
    ok = ok && (!verify->script || gw_run_verify(r, scratch, verify, err));
    gw_arena_free(scratch);
    /* The next file would find its tables behind these. */
    return ok && gw_tx_settle(r, checked, err) &&
           gw_exec(r->work, "CLOSE ALL", err) && gw_exec(r->work, "DISCARD TEMP", err) && gw_tx_record(r, checked, GW_NULL_INT, err);
}

/* One try; *at is the migration that it ended in. */
static bool run_once(gw_runner *r, const gw_checked *checked, const gw_checked *verify,
                     size_t count, int64_t *durations_ms, size_t *at, gw_err *err)
{
    gw_lasting_start(r);
    if (!gw_exec(r->work, "BEGIN", err))
        return false;
    gw_lock_watch_begin(r->watch, gw_session_backend_pid(r->work));
    bool ok = true;
    for (*at = 0; ok && *at < count; ++*at) {
        const gw_checked *one = &checked[*at];
        int64_t began = gw_monotonic_us();
        gw_see(r, GW_PROGRESS_START, one, 0, (int64_t)one->statements, NULL);
        ok = gw_cancel_level(r->cancel)
                 ? gw_err_set(err, GW_ERR_INTERRUPTED, "stopped before %s", one->migration->version)
                 : run_script(r, one, &verify[*at], err);
        durations_ms[*at] = (gw_monotonic_us() - began) / 1000;
        if (!ok)
            break;
    }
    ok = ok && (!r->lasted.why || gw_own_open(r, err)) && gw_session_commit(r->work, err);
    gw_lock_watch_end(r->watch);
    if (!ok)
        gw_session_rollback(r->work);
    return ok;
}

static bool explain(gw_runner *r, gw_arena *arena, const gw_checked *checked, size_t count,
                    size_t at, int pid, int64_t duration_ms, gw_err *err)
{
    gw_err asking = {0};
    bool committed = false;
    gw_tenant_explain(r, err);
    if (err->kind == GW_ERR_LOST && !gw_was_committed(r, arena, checked, pid, &committed, &asking))
        gw_err_hint(
            err,
            "whether they were committed could not be found out (%s); godwit status will say "
            "once the server answers: all are applied or none",
            asking.message ? asking.message : "");
    else if (committed)
        gw_err_hint(err, "all %zu migrations of this run were committed all the same (--atomic)",
                    count);
    else if (err->kind == GW_ERR_LOST && r->lasted.why)
        gw_err_hint(err, "all %zu migrations of this run were rolled back (--atomic), but what line %u "
                         "of %s did may stay: look there; the next run asks for godwit repair",
                    count, r->lasted.line, r->lasted.file);
    else if (err->kind == GW_ERR_LOST)
        gw_err_hint(err,
                    "all %zu migrations of this run were rolled back (--atomic), nothing of them "
                    "is left; run the same command again",
                    count);
    else
        gw_err_context(err, "all %zu migrations of this run were rolled back (--atomic)", count);
    gw_err_clear(&asking);
    if (at < count)
        gw_explain_read_only(r, &checked[at], err);
    gw_explain_own_table(r, err);
    gw_explain_own_schema(err);
    gw_explain_rights(r, err);
    if (at < count && !committed)
        gw_record_failure(r, arena, &checked[at], duration_ms, err);
    return false;
}

static void take_back(gw_runner *r, const gw_checked *checked, const gw_applied *const *rows,
                      size_t count)
{
    for (size_t i = 0; i < count; i++)
        gw_lasting_take_back(r, &checked[i], rows[i]);
}

static bool note_all(gw_runner *r, gw_arena *arena, const gw_checked *checked,
                     const gw_applied *const *rows, size_t count, gw_err *err)
{
    for (size_t i = 0; i < count; i++)
        if (!gw_lasting_note(r, arena, &checked[i], err)) {
            take_back(r, checked, rows, i);
            return false;
        }
    return true;
}

bool gw_run_atomic(gw_runner *r, gw_arena *arena, const gw_checked *checked,
                   const gw_checked *verify, const gw_applied *const *rows, size_t count,
                   int64_t *durations_ms, gw_err *err)
{
    if (!gw_atomic_check(checked, count, err) || !note_all(r, arena, checked, rows, count, err))
        return false;
    int pid = gw_session_backend_pid(r->work);
    for (size_t i = 0; i < count; i++)
        gw_see_warnings(r, &checked[i]);
    for (unsigned attempt = 0;; attempt++) {
        size_t at = 0;
        gw_err problem = {0};
        if (run_once(r, checked, verify, count, durations_ms, &at, &problem))
            break;
        const gw_checked *one = at < count ? &checked[at] : NULL;
        if (gw_try_again(r, arena, one, attempt, !r->lasted.why, &problem, err))
            continue;
        gw_lasting_explain(r, err);
        take_back(r, checked, rows, count);
        return explain(r, arena, checked, count, at, pid, one ? durations_ms[at] : 0, err);
    }
    for (size_t k = 0; k < count; k++)
        gw_see(r, GW_PROGRESS_DONE, &checked[k], 0, 0, NULL);
    return gw_session_clean(r, err);
}
