/*
 * What a run would send, statement by statement, without sending it. The order and the limits are those of
 * apply.c, atomic.c, steps.c and batch.c.
 */
#include "migrate/dry.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "control/control.h"
#include "migrate/atomic.h"
#include "migrate/lasting.h"
#include "migrate/recover.h"
#include "migrate/steps.h"
#include "sql/lex.h"
#include "sql/quote.h"

/* Whole lines: the observer ends each text with a newline of its own. */
static void say_lines(const gw_dry *d, gw_buf *lines, bool last)
{
    size_t whole = lines->len;
    while (!last && whole > 0 && lines->data[whole - 1] != '\n')
        whole--;
    if (!whole)
        return;
    size_t shown = lines->data[whole - 1] == '\n' ? whole - 1 : whole;
    gw_arena *scratch = gw_arena_new();
    gw_dry_say(d, gw_strndup(scratch, lines->data, shown));
    gw_arena_free(scratch);
    memmove(lines->data, lines->data + whole, lines->len - whole);
    lines->len -= whole;
}

static bool say_copy_data(const gw_dry *d, gw_statements *statements, gw_arena *scratch, gw_err *err)
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
        say_lines(d, &lines, false);
    }
    say_lines(d, &lines, true);
    gw_dry_say(d, "\\.");
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
static void say_limits(const gw_dry *d)
{
    int64_t statement_timeout = gw_effective_statement_timeout(d->r, d->checked);
    gw_dry_say(d,
        gw_printf(d->arena, "SET LOCAL lock_timeout = %lld;",
                  (long long)gw_effective_lock_timeout(d->r, d->checked)));
    if (statement_timeout >= 0)
        gw_dry_say(d,
            gw_printf(d->arena, "SET LOCAL statement_timeout = %lld;", (long long)statement_timeout));
    if (d->r->search_path)
        gw_dry_say(d,
            gw_printf(d->arena, "SELECT pg_catalog.set_config('search_path', %s, true);",
                      gw_quote_literal(d->arena, d->r->search_path)));
}

static void say_name(const gw_dry *d)
{
    const gw_migration *m = d->checked->migration;
    const char *tenant = one_line(d->arena, gw_runner_label(d->r));
    gw_dry_say(d,
        gw_printf(d->arena, "-- %s%s%s%s %s (%s)", tenant, *tenant ? ": " : "",
                  d->checked->revert ? "down of " : "", m->version, m->name,
                  d->checked->script->path));
}

/* Behind a file that was not one transaction. */
static bool say_end(const gw_dry *d, gw_err *err)
{
    gw_dry_say_begin(d);
    bool ok = gw_dry_say_record(d, 0, err);
    gw_dry_say_commit(d);
    return ok;
}

static bool say_statement(const gw_dry *d, gw_statements *statements, const gw_statement *s,
                          gw_arena *line, gw_err *err)
{
    bool copies = s->kind.kind == GW_STMT_COPY_IN;
    gw_dry_say(d, gw_printf(line, "%.*s;", (int)s->len, s->text));
    return !copies || say_copy_data(d, statements, line, err);
}

/* The commits of a run do not wait for the disk, but for the last one. */
static void say_async(const gw_dry *d)
{
    if (!d->atomic && !d->last)
        gw_dry_say(d, "SET LOCAL synchronous_commit = off;");
}

/* ---- in a transaction -------------------------------------------------------------------- */

static bool say_all(const gw_dry *d, gw_arena *line, gw_err *err)
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
            if (d->async_first)
                say_async(d);
            if (d->opens_with)
                gw_dry_say_own(d, d->opens_with, d->opens_after, 1);
        }
        if (!ok || !s)
            break;
        ok = say_statement(d, statements, s, line, err);
    }
    gw_arena_free(scratch);
    return ok;
}

static bool say_verify(const gw_dry *d, const gw_checked *verify, gw_arena *line, gw_err *err)
{
    gw_dry of = *d;
    of.checked = verify;
    of.atomic = true; /* the limits are set */
    gw_dry_say(d, "SAVEPOINT godwit_verify;");
    bool ok = say_all(&of, line, err);
    gw_dry_say(d, "ROLLBACK TO SAVEPOINT godwit_verify;");
    return ok;
}

/* Says where it is that its rollback would not take all back. */
static void say_lasting(const gw_dry *d)
{
    const gw_checked *checked = d->checked;
    gw_dry of = *d;
    of.row = NULL; /* it begins anew */
    of.total = (int64_t)checked->statements;
    if (checked->lasts)
        gw_dry_say_row(&of, gw_lasting_intent(d->arena, checked, gw_intent_of_text(d->arena, checked->lasts)));
}

static bool dry_transaction(gw_dry *d, const gw_checked *verify, gw_arena *line, gw_err *err)
{
    const gw_checked *checked = d->checked;
    bool verifies = verify && verify->script;
    bool piped = !d->atomic && gw_run_is_piped(d->r, checked, verifies ? verify : NULL);
    bool settles = !piped || !checked->plain;
    d->async_first = piped && !settles;
    if (d->atomic) {
        say_limits(d);
    } else {
        say_lasting(d);
        gw_dry_say(d, checked->begin ? gw_printf(d->arena, "%s;", checked->begin) : "BEGIN;");
    }
    if (!say_all(d, line, err) || (verifies && !say_verify(d, verify, line, err)))
        return false;
    for (size_t i = 0; settles && i < GW_TX_SETTLES; i++)
        gw_dry_say(d, gw_printf(d->arena, "%s;", gw_tx_settle_sql[i]));
    if (d->atomic) {
        gw_dry_say(d, "CLOSE ALL;");
        gw_dry_say(d, "DISCARD TEMP;");
    }
    if (piped && settles)
        say_async(d);
    if (!gw_dry_say_record(d, GW_NULL_INT, err))
        return false;
    if (d->atomic)
        return true;
    if (!piped && !checked->lasts)
        say_async(d);
    gw_dry_say(d, "COMMIT;");
    if (settles && !d->pooled)
        gw_dry_say(d, GW_TX_CLEAN ";");
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

/* In a transaction of its own. */
static void say_progress_alone(const gw_dry *d, const gw_statement *statement)
{
    gw_dry_say_begin(d);
    gw_dry_say_progress(d, statement);
    gw_dry_say_commit(d);
}

static bool say_alone(const gw_dry *d, gw_statements *statements, const gw_statement *s,
                      gw_arena *line, gw_err *err)
{
    long long limit = (long long)gw_effective_lock_timeout(d->r, d->checked);
    bool limits = limit && !d->limited && !d->pooled && gw_steps_limited(s);
    say_progress_alone(d, s);
    if (limits)
        gw_dry_say(d, gw_printf(line, "SET lock_timeout = %lld;", limit));
    if (!say_statement(d, statements, s, line, err))
        return false;
    if (limits)
        gw_dry_say(d, "SET lock_timeout = 0;");
    return true;
}

/* A transaction has begun: that of one statement, or the file's own. */
static void say_opened(const gw_dry *d)
{
    long long limit = (long long)gw_effective_lock_timeout(d->r, d->checked);
    if (d->pooled || (limit && !d->limited))
        gw_dry_say(d, gw_printf(d->arena, "SET LOCAL lock_timeout = %lld;", limit));
}

/* It is done, in the digest of what is done as well. */
static void count(gw_dry *d, const gw_statement *s)
{
    gw_digest_add(d->prefix, s->text, s->len);
    gw_digest_add(d->prefix, ";", 1);
    d->done = s->number;
}

/* What was set may have been set for that transaction alone: it is looked at, and noted, behind it. */
static void say_what_is_set(gw_dry *d)
{
    if (d->set && !d->pooled && d->done < d->total)
        say_progress_alone(d, NULL);
    d->set = false;
}

/* gw_own_rows_at_commit */
static void say_put_off(const gw_dry *d)
{
    gw_dry_say(d, gw_printf(d->arena, "%s;", gw_tx_settle_sql[0]));
}

/* Inside a BEGIN … COMMIT that the file wrote. */
static bool say_in_block(gw_dry *d, gw_statements *statements, const gw_statement *s, gw_arena *line,
                         gw_err *err)
{
    gw_stmt_kind kind = s->kind.kind;
    if (kind == GW_STMT_BEGIN && gw_steps_lasting_block(d->checked, s))
        say_progress_alone(d, s);
    gw_digest_add(d->prefix, s->text, s->len);
    gw_digest_add(d->prefix, ";", 1);
    d->in_block = kind != GW_STMT_COMMIT && kind != GW_STMT_ROLLBACK;
    if (!d->in_block)
        d->done = s->number;
    if (kind == GW_STMT_COMMIT) {
        say_put_off(d);
        gw_dry_say_progress(d, NULL);
    }
    if (!say_statement(d, statements, s, line, err))
        return false;
    d->set |= gw_steps_is_setting(s);
    if (kind == GW_STMT_BEGIN)
        say_opened(d);
    if (kind == GW_STMT_COMMIT)
        say_what_is_set(d);
    if (kind == GW_STMT_ROLLBACK)
        say_progress_alone(d, NULL);
    return true;
}

static bool say_in_transaction(gw_dry *d, gw_statements *statements, const gw_statement *s,
                               gw_arena *line, gw_err *err)
{
    gw_dry_say(d, "BEGIN;");
    say_opened(d);
    if (!say_statement(d, statements, s, line, err))
        return false;
    count(d, s);
    d->acts |= s->kind.kind == GW_STMT_SET_ROLE;
    say_put_off(d);
    gw_dry_say_progress(d, NULL);
    gw_dry_say(d, "COMMIT;");
    d->set = gw_steps_is_setting(s);
    say_what_is_set(d);
    return true;
}

static bool say_step(gw_dry *d, gw_statements *statements, const gw_statement *s, gw_arena *line,
                     gw_err *err)
{
    gw_stmt_kind kind = s->kind.kind;
    bool ends = kind == GW_STMT_COMMIT || kind == GW_STMT_ROLLBACK, ok = true;
    if (d->in_block || kind == GW_STMT_BEGIN) {
        ok = say_in_block(d, statements, s, line, err);
    } else if (ends) {
        count(d, s); /* passed over: nothing has begun */
        say_progress_alone(d, NULL);
    } else if (gw_steps_alone(s)) {
        ok = say_alone(d, statements, s, line, err);
        count(d, s);
        say_progress_alone(d, NULL);
    } else {
        ok = say_in_transaction(d, statements, s, line, err);
    }
    if (kind == GW_STMT_SET)
        d->limited = limits_session(line, s, d->limited);
    return ok;
}

/* What an earlier run has done. */
static void say_passed(gw_dry *d, const gw_statement *s, gw_arena *line)
{
    if (gw_steps_is_setting(s) && d->row->statements_done < d->total)
        gw_dry_say(d, gw_printf(line, "%.*s;", (int)s->len, s->text));
    d->acts |= s->kind.kind == GW_STMT_SET_ROLE;
    if (s->kind.kind == GW_STMT_SET)
        d->limited = limits_session(line, s, d->limited);
    count(d, s);
}

static void say_session(gw_dry *d)
{
    const gw_checked *checked = d->checked;
    int64_t limit = checked->script->directives.lock_timeout_ms;
    int64_t statement_timeout = gw_effective_statement_timeout(d->r, checked);
    if (d->pooled)
        return;
    d->limited = limit > 0;
    gw_dry_say(d,
        gw_printf(d->arena, "SET lock_timeout = %lld;", (long long)(limit > 0 ? limit : 0)));
    if (statement_timeout >= 0)
        gw_dry_say(d,
            gw_printf(d->arena, "SET statement_timeout = %lld;", (long long)statement_timeout));
    if (d->r->search_path)
        gw_dry_say(d,
            gw_printf(d->arena, "SELECT pg_catalog.set_config('search_path', %s, false);",
                      gw_quote_literal(d->arena, d->r->search_path)));
}

/* The row of a file that begins, or of one that goes on where an earlier run came to. */
static void say_begun(gw_dry *d)
{
    unsigned char raw[GW_DIGEST_MAX];
    json_t *intent = gw_json_own(d->arena, json_object());
    d->prefix = gw_digest_start(d->arena, GW_SHA256);
    d->total = d->row ? d->row->statements_total : (int64_t)d->checked->statements;
    d->done = d->row ? d->row->statements_done : 0;
    size_t len = gw_digest_peek(d->prefix, raw);
    json_object_set_new(intent, "done", gw_json_text(gw_hex(d->arena, raw, len)));
    gw_dry_say_row(d, d->row ? d->row->intent : gw_json_dump(d->arena, intent));
    d->total = (int64_t)d->checked->statements;
}

/* Whether a statement that was under way is sent again, the next run asks the server. */
static void say_doubt(const gw_dry *d, const gw_statement *s)
{
    gw_err ignored = {0};
    const json_t *intent = d->row && d->row->intent
                               ? gw_json_parse(d->arena, "intent", d->row->intent, strlen(d->row->intent), &ignored)
                               : NULL;
    gw_err_clear(&ignored);
    if (s && json_object_get(intent, "statement"))
        gw_dry_say(d, gw_printf(d->arena, "-- statement %u was under way when an earlier run ended: it is sent only where "
                                          "it had no effect", s->number));
}

static bool dry_steps(gw_dry *d, gw_arena *line, gw_err *err)
{
    gw_arena *scratch = gw_arena_new();
    gw_statements *statements = gw_statements_open(scratch, d->checked, &d->r->script);
    const gw_statement *s = NULL;
    int64_t passed = d->row ? d->row->statements_done : 0;
    bool ok = true;
    gw_dry_say(d, "-- outside a transaction");
    say_begun(d);
    say_session(d);
    while (ok) {
        gw_arena_reset(line);
        ok = gw_statements_next(statements, true, &s, err);
        if (!ok || !s)
            break;
        if (s->number <= passed) {
            say_passed(d, s, line);
            continue;
        }
        if (s->number == passed + 1)
            say_doubt(d, s);
        ok = say_step(d, statements, s, line, err);
    }
    gw_arena_free(scratch);
    if (ok && !d->pooled)
        gw_dry_say(d, GW_TX_CLEAN ";");
    return ok && say_end(d, err);
}

/* Where an earlier run came to. NULL: nowhere. */
static const char *place_of(const gw_dry *d)
{
    gw_err ignored = {0};
    json_t *intent = d->row && d->row->intent
                         ? gw_json_parse(d->arena, "intent", d->row->intent, strlen(d->row->intent), &ignored)
                         : NULL;
    gw_err_clear(&ignored);
    return gw_strdup(d->arena, json_string_value(json_object_get(intent, "after")));
}

/* The first range that this run would do: which keys the others have, the data says. */
static bool say_range(gw_dry *d, const char *hex, gw_arena *line, gw_err *err)
{
    const gw_batch_directive *batch = &d->checked->script->directives.batch;
    const char *after = place_of(d);
    const gw_param param = gw_p_text(after);
    gw_dry_say(d, gw_printf(d->arena, "-- once for each range of %lld keys of %s.%s, each in its own transaction: $1 and $2 "
                                      "are its first and its last key", (long long)batch->size, batch->table, batch->key));
    gw_dry_say(d, "BEGIN;");
    d->opens_with = gw_batch_range_sql(d->arena, batch, !after);
    d->opens_after = &param;
    bool ok = say_all(d, line, err);
    d->opens_with = NULL;
    d->done = 0;
    d->total = 1;
    say_put_off(d);
    gw_dry_say_place(d, gw_batch_intent(d->arena, hex, "$2", 0, 1, 0));
    gw_dry_say(d, "COMMIT;");
    gw_dry_say(d, "-- and so on behind $2, until no key is left");
    return ok;
}

static bool dry_batch(gw_dry *d, gw_arena *line, gw_err *err)
{
    gw_arena *scratch = gw_arena_new();
    gw_statements *statements = gw_statements_open(scratch, d->checked, &d->r->script);
    const gw_statement *s = NULL;
    bool ok = gw_statements_next(statements, true, &s, err);
    const char *hex = ok && s ? gw_digest_hex(d->arena, GW_SHA256, s->text, s->len) : "";
    gw_arena_free(scratch);
    d->total = 1;
    if (ok)
        gw_dry_say_row(d, d->row ? d->row->intent : gw_batch_intent(d->arena, hex, NULL, 0, 0, 0));
    return ok && say_range(d, hex, line, err) && say_end(d, err);
}

/* ---- all of them ------------------------------------------------------------------------- */

static bool dry_one(gw_dry *d, const gw_checked *verify, gw_err *err)
{
    gw_arena *line = gw_arena_new();
    say_name(d);
    bool ok = d->checked->script->directives.batch.table ? dry_batch(d, line, err)
              : d->checked->transactional               ? dry_transaction(d, verify, line, err)
                                                        : dry_steps(d, line, err);
    gw_arena_free(line);
    return ok;
}

static bool dry_all(gw_dry *d, const gw_dry_run *what, gw_err *err)
{
    const gw_dry last = {.r = d->r, .own = d->own, .checked = &what->checked[what->count - 1]};
    if (what->tables >= 0)
        gw_dry_say_tables(d, what->tables);
    if (!gw_dry_say_companion(d, what->plan, err))
        return false;
    if (what->atomic) {
        for (size_t i = 0; i < what->count; i++)
            say_lasting(&(gw_dry){.r = d->r, .arena = d->arena, .own = d->own, .checked = &what->checked[i]});
        gw_dry_say(d, "BEGIN;");
    }
    for (size_t i = 0; i < what->count; i++) {
        const gw_applied *row = what->rows[i];
        const char *begun = what->checked[i].revert ? "reverting" : "running";
        gw_dry one = *d;
        one.checked = &what->checked[i];
        one.row = row && strcmp(row->state, begun) == 0 ? row : NULL;
        one.last = i + 1 == what->count;
        if (!dry_one(&one, &what->verify[i], err))
            return false;
    }
    if (!what->atomic)
        return true;
    gw_dry_say(&last, "COMMIT;");
    if (!d->pooled)
        gw_dry_say(&last, GW_TX_CLEAN ";");
    return true;
}

bool gw_run_dry(gw_runner *r, gw_arena *arena, const gw_dry_run *what, gw_err *err)
{
    if (!what->count)
        return true;
    if (what->atomic && !gw_atomic_check(what->checked, what->count, err))
        return false;
    gw_session *work = r->work;
    if (!work)
        r->work = r->control;
    gw_buf own = GW_BUF(arena);
    gw_dry d = {.r = r,
                .arena = arena,
                .own = &own,
                .checked = what->checked,
                .atomic = what->atomic,
                .pooled = gw_session_pooled(r->control)};
    bool ok = dry_all(&d, what, err);
    r->work = work;
    return ok;
}
