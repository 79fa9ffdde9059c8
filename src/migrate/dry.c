/*
 * What a run would send, statement by statement, without sending it. The order and the limits are those of
 * apply.c, atomic.c, steps.c and batch.c.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "migrate/atomic.h"
#include "migrate/steps.h"
#include "sql/lex.h"
#include "sql/quote.h"

/* One file. */
typedef struct dry {
    gw_runner *r;
    gw_arena *arena;
    const gw_checked *checked;
    bool atomic;  /* in one transaction with the others */
    bool pooled;  /* nothing is set in the session */
    bool limited; /* outside a transaction: the session has a lock_timeout of its own */
    bool in_block;
} dry;

static void say(gw_runner *r, const gw_checked *checked, const char *text)
{
    gw_see(r, GW_PROGRESS_SQL, checked, 0, 0, text);
}

/* Whole lines: the observer ends each text with a newline of its own. */
static void say_lines(gw_runner *r, const gw_checked *checked, gw_buf *lines, bool last)
{
    size_t whole = lines->len;
    while (!last && whole > 0 && lines->data[whole - 1] != '\n')
        whole--;
    if (!whole)
        return;
    size_t shown = lines->data[whole - 1] == '\n' ? whole - 1 : whole;
    gw_arena *scratch = gw_arena_new();
    say(r, checked, gw_strndup(scratch, lines->data, shown));
    gw_arena_free(scratch);
    memmove(lines->data, lines->data + whole, lines->len - whole);
    lines->len -= whole;
}

static bool say_copy_data(gw_runner *r, gw_statements *statements, const gw_checked *checked,
                          gw_arena *scratch, gw_err *err)
{
    gw_buf lines = GW_BUF(scratch);
    for (;;) {
        const char *data;
        size_t len;
        if (!gw_statements_copy_data(statements, &data, &len, err))
            return false;
        if (!data)
            break;
        gw_buf_addn(&lines, data, len);
        say_lines(r, checked, &lines, false);
    }
    say_lines(r, checked, &lines, true);
    say(r, checked, "\\.");
    return true;
}

/* A name may hold anything: a line break in it would end the comment. */
static const char *one_line(gw_arena *arena, const char *name)
{
    char *text = gw_strdup(arena, name);
    for (char *c = text; *c; c++)
        if ((unsigned char)*c < ' ')
            *c = '?';
    return text;
}

/* What the first statement of each transaction of a run sets. */
static void say_limits(const dry *d)
{
    int64_t statement_timeout = gw_effective_statement_timeout(d->r, d->checked);
    say(d->r, d->checked,
        gw_printf(d->arena, "SET LOCAL lock_timeout = %lld;",
                  (long long)gw_effective_lock_timeout(d->r, d->checked)));
    if (statement_timeout >= 0)
        say(d->r, d->checked,
            gw_printf(d->arena, "SET LOCAL statement_timeout = %lld;", (long long)statement_timeout));
    if (d->r->search_path)
        say(d->r, d->checked,
            gw_printf(d->arena, "SELECT pg_catalog.set_config('search_path', %s, true);",
                      gw_quote_literal(d->arena, d->r->search_path)));
}

static void say_name(const dry *d)
{
    const gw_migration *m = d->checked->migration;
    const char *tenant = one_line(d->arena, gw_runner_label(d->r));
    say(d->r, d->checked,
        gw_printf(d->arena, "-- %s%s%s%s %s (%s)", tenant, *tenant ? ": " : "",
                  d->checked->revert ? "down of " : "", m->version, m->name,
                  d->checked->script->path));
}

static void say_row(const dry *d)
{
    gw_arena *arena = d->arena;
    const gw_migration *m = d->checked->migration;
    const char *tenant = gw_quote_literal(arena, d->r->tenant ? d->r->tenant : "");
    const char *service = gw_quote_literal(arena, m->service);
    const char *version = gw_quote_literal(arena, m->version);
    say(d->r, d->checked,
        d->checked->revert
            ? gw_printf(arena,
                        "DELETE FROM godwit.migrations WHERE (tenant, service, version) "
                        "= (%s, %s, %s);",
                        tenant, service, version)
            : gw_printf(arena, "-- and the row (%s, %s, %s) in godwit.migrations", tenant, service,
                        version));
}

static bool say_statement(const dry *d, gw_statements *statements, const gw_statement *s,
                          gw_arena *line, gw_err *err)
{
    bool copies = s->kind.kind == GW_STMT_COPY_IN;
    say(d->r, d->checked, gw_printf(line, "%.*s;", (int)s->len, s->text));
    return !copies || say_copy_data(d->r, statements, d->checked, line, err);
}

/* ---- in a transaction -------------------------------------------------------------------- */

static bool say_all(const dry *d, gw_arena *line, gw_err *err)
{
    gw_arena *scratch = gw_arena_new();
    gw_statements *statements = gw_statements_open(scratch, d->checked, &d->r->script);
    const gw_statement *s = NULL;
    bool ok = true, opened = d->atomic;
    while (ok) {
        gw_arena_reset(line);
        ok = gw_statements_next(statements, true, &s, err);
        if (ok && !opened && (!s || !s->transaction_mode)) {
            opened = true;
            say_limits(d);
        }
        if (!ok || !s)
            break;
        ok = say_statement(d, statements, s, line, err);
    }
    gw_arena_free(scratch);
    return ok;
}

static bool say_verify(const dry *d, const gw_checked *verify, gw_arena *line, gw_err *err)
{
    if (!verify || !verify->script)
        return true;
    dry of = *d;
    of.checked = verify;
    of.atomic = true; /* the limits are set */
    say(d->r, d->checked, "SAVEPOINT godwit_verify;");
    bool ok = say_all(&of, line, err);
    say(d->r, d->checked, "ROLLBACK TO SAVEPOINT godwit_verify;");
    return ok;
}

static bool dry_transaction(const dry *d, const gw_checked *verify, gw_arena *line, gw_err *err)
{
    gw_runner *r = d->r;
    const gw_checked *checked = d->checked;
    bool settles = d->atomic || !checked->plain;
    if (d->atomic)
        say_limits(d);
    else
        say(r, checked, checked->begin ? gw_printf(d->arena, "%s;", checked->begin) : "BEGIN;");
    if (!say_all(d, line, err) || !say_verify(d, verify, line, err))
        return false;
    for (size_t i = 0; settles && i < GW_TX_SETTLES; i++)
        say(r, checked, gw_printf(d->arena, "%s;", gw_tx_settle_sql[i]));
    if (d->atomic) {
        say(r, checked, "CLOSE ALL;");
        say(r, checked, "DISCARD TEMP;");
    }
    say_row(d);
    if (d->atomic)
        return true;
    say(r, checked, "COMMIT;");
    if (settles && !d->pooled)
        say(r, checked, GW_TX_CLEAN ";");
    return true;
}

/* ---- outside a transaction --------------------------------------------------------------- */

/* Has the session a lock_timeout behind a SET or RESET of the file? */
static bool limits_session(gw_arena *scratch, const gw_statement *s, bool before)
{
    gw_lexer lexer = gw_lexer_start(s->text, s->len);
    gw_token t = gw_lexer_next(&lexer);
    bool resets = gw_token_is(&t, "reset"), named = false;
    for (t = gw_lexer_next(&lexer); t.kind != GW_TOKEN_END; t = gw_lexer_next(&lexer)) {
        const char *text = t.kind == GW_TOKEN_STRING ? gw_token_string(scratch, &t)
                                                     : gw_strndup(scratch, t.text, t.len);
        if (named && strspn(text, "0123456789"))
            return strtoll(text, NULL, 10) != 0;
        named |= strcasecmp(text, "lock_timeout") == 0 || (resets && strcasecmp(text, "all") == 0);
    }
    return before && !named;
}

static bool say_alone(const dry *d, gw_statements *statements, const gw_statement *s,
                      gw_arena *line, gw_err *err)
{
    long long limit = (long long)gw_effective_lock_timeout(d->r, d->checked);
    bool limits = limit && !d->limited && !d->pooled && gw_steps_limited(s);
    if (limits)
        say(d->r, d->checked, gw_printf(line, "SET lock_timeout = %lld;", limit));
    if (!say_statement(d, statements, s, line, err))
        return false;
    if (limits)
        say(d->r, d->checked, "SET lock_timeout = 0;");
    return true;
}

/* A transaction has begun: that of one statement, or the file's own. */
static void say_opened(const dry *d)
{
    long long limit = (long long)gw_effective_lock_timeout(d->r, d->checked);
    if (d->pooled || (limit && !d->limited))
        say(d->r, d->checked, gw_printf(d->arena, "SET LOCAL lock_timeout = %lld;", limit));
}

static bool say_step(dry *d, gw_statements *statements, const gw_statement *s, gw_arena *line,
                     gw_err *err)
{
    gw_stmt_kind kind = s->kind.kind;
    bool ends = kind == GW_STMT_COMMIT || kind == GW_STMT_ROLLBACK, was_in_block = d->in_block;
    if (ends && !was_in_block)
        return true; /* passed over: nothing has begun */
    if (!was_in_block && kind != GW_STMT_BEGIN && gw_steps_alone(s))
        return say_alone(d, statements, s, line, err);
    bool own = !was_in_block && kind != GW_STMT_BEGIN;
    if (own) {
        say(d->r, d->checked, "BEGIN;");
        say_opened(d);
    }
    if (!say_statement(d, statements, s, line, err))
        return false;
    if (own)
        say(d->r, d->checked, "COMMIT;");
    else if (!was_in_block)
        say_opened(d);
    d->in_block = !own && !ends;
    if (kind == GW_STMT_SET)
        d->limited = limits_session(line, s, d->limited);
    return true;
}

static void say_session(dry *d)
{
    const gw_checked *checked = d->checked;
    int64_t limit = checked->script->directives.lock_timeout_ms;
    int64_t statement_timeout = gw_effective_statement_timeout(d->r, checked);
    say(d->r, checked, "-- outside a transaction");
    if (d->pooled)
        return;
    d->limited = limit > 0;
    say(d->r, checked,
        gw_printf(d->arena, "SET lock_timeout = %lld;", (long long)(limit > 0 ? limit : 0)));
    if (statement_timeout >= 0)
        say(d->r, checked,
            gw_printf(d->arena, "SET statement_timeout = %lld;", (long long)statement_timeout));
    if (d->r->search_path)
        say(d->r, checked,
            gw_printf(d->arena, "SELECT pg_catalog.set_config('search_path', %s, false);",
                      gw_quote_literal(d->arena, d->r->search_path)));
}

static bool dry_steps(dry *d, gw_arena *line, gw_err *err)
{
    gw_arena *scratch = gw_arena_new();
    gw_statements *statements = gw_statements_open(scratch, d->checked, &d->r->script);
    const gw_statement *s = NULL;
    bool ok = true;
    say_session(d);
    while (ok) {
        gw_arena_reset(line);
        ok = gw_statements_next(statements, true, &s, err);
        if (!ok || !s)
            break;
        ok = say_step(d, statements, s, line, err);
    }
    gw_arena_free(scratch);
    if (ok && !d->pooled)
        say(d->r, d->checked, GW_TX_CLEAN ";");
    if (ok)
        say_row(d);
    return ok;
}

static bool dry_batch(const dry *d, gw_arena *line, gw_err *err)
{
    const gw_batch_directive *batch = &d->checked->script->directives.batch;
    say(d->r, d->checked,
        gw_printf(d->arena, "-- once for each range of %lld keys of %s.%s, each in its own transaction",
                  (long long)batch->size, batch->table, batch->key));
    say(d->r, d->checked, "BEGIN;");
    bool ok = say_all(d, line, err);
    if (ok) {
        say(d->r, d->checked, "COMMIT;");
        say_row(d);
    }
    return ok;
}

/* ---- all of them ------------------------------------------------------------------------- */

static bool dry_one(dry *d, const gw_checked *verify, gw_err *err)
{
    gw_arena *line = gw_arena_new();
    say_name(d);
    bool ok = d->checked->script->directives.batch.table ? dry_batch(d, line, err)
              : d->checked->transactional               ? dry_transaction(d, verify, line, err)
                                                        : dry_steps(d, line, err);
    gw_arena_free(line);
    return ok;
}

bool gw_run_dry(gw_runner *r, gw_arena *arena, const gw_checked *checked, const gw_checked *verify,
                size_t count, bool atomic, gw_err *err)
{
    bool pooled = gw_session_pooled(r->control);
    if (!count)
        return true;
    if (atomic && !gw_atomic_check(checked, count, err))
        return false;
    if (atomic)
        say(r, checked, "BEGIN;");
    for (size_t i = 0; i < count; i++) {
        dry d = {.r = r, .arena = arena, .checked = &checked[i], .atomic = atomic, .pooled = pooled};
        if (!dry_one(&d, &verify[i], err))
            return false;
    }
    if (!atomic)
        return true;
    say(r, &checked[count - 1], "COMMIT;");
    if (!pooled)
        say(r, &checked[count - 1], GW_TX_CLEAN ";");
    return true;
}
