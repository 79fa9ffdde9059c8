/* What a run would send, statement by statement, without sending it. */
#include <string.h>

#include "base/buf.h"
#include "migrate/internal.h"
#include "sql/quote.h"

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

static void say_opening(gw_runner *r, gw_arena *arena, const gw_checked *checked)
{
    const gw_migration *m = checked->migration;
    const char *tenant = one_line(arena, gw_runner_label(r));
    say(r, checked,
        gw_printf(arena, "-- %s%s%s%s %s (%s)", tenant, *tenant ? ": " : "",
                  checked->revert ? "down of " : "", m->version, m->name,
                  checked->script->path));
    if (checked->script->directives.batch.table)
        say(r, checked,
            gw_printf(arena,
                      "-- once for each range of %lld keys of %s.%s, each in its own "
                      "transaction",
                      (long long)checked->script->directives.batch.size,
                      checked->script->directives.batch.table,
                      checked->script->directives.batch.key));
    if (!checked->transactional) {
        const gw_directives *d = &checked->script->directives;
        say(r, checked, "-- outside a transaction");
        if (d->batch.table)
            return;
        say(r, checked,
            gw_printf(arena, "SET lock_timeout = %lld;",
                      (long long)(d->lock_timeout_ms > 0 ? d->lock_timeout_ms : 0)));
        if (gw_effective_statement_timeout(r, checked) >= 0)
            say(r, checked,
                gw_printf(arena, "SET statement_timeout = %lld;",
                          (long long)gw_effective_statement_timeout(r, checked)));
        return;
    }
    say(r, checked, checked->begin ? gw_printf(arena, "%s;", checked->begin) : "BEGIN;");
    say(r, checked,
        gw_printf(arena, "SET LOCAL lock_timeout = %lld;",
                  (long long)gw_effective_lock_timeout(r, checked)));
    if (gw_effective_statement_timeout(r, checked) >= 0)
        say(r, checked,
            gw_printf(arena, "SET LOCAL statement_timeout = %lld;",
                      (long long)gw_effective_statement_timeout(r, checked)));
    if (r->search_path)
        say(r, checked,
            gw_printf(arena, "SELECT pg_catalog.set_config('search_path', %s, true);",
                      gw_quote_literal(arena, r->search_path)));
}

static void say_closing(gw_runner *r, gw_arena *arena, const gw_checked *checked)
{
    const gw_migration *m = checked->migration;
    const char *tenant = gw_quote_literal(arena, r->tenant ? r->tenant : "");
    const char *service = gw_quote_literal(arena, m->service);
    const char *version = gw_quote_literal(arena, m->version);
    bool settles = checked->transactional && !checked->plain;
    for (size_t i = 0; settles && i < GW_TX_SETTLES; i++)
        say(r, checked, gw_printf(arena, "%s;", gw_tx_settle_sql[i]));
    if (checked->revert)
        say(r, checked,
            gw_printf(arena,
                      "DELETE FROM godwit.migrations WHERE (tenant, service, version) "
                      "= (%s, %s, %s);",
                      tenant, service, version));
    else
        say(r, checked,
            gw_printf(arena, "-- and the row (%s, %s, %s) in godwit.migrations", tenant, service,
                      version));
    if (checked->transactional)
        say(r, checked, "COMMIT;");
    if (!checked->plain)
        say(r, checked, GW_TX_CLEAN ";");
}

bool gw_run_dry(gw_runner *r, gw_arena *arena, const gw_checked *checked, gw_err *err)
{
    gw_arena *scratch = gw_arena_new();
    gw_statements *statements = gw_statements_open(scratch, checked, &r->script);
    gw_arena *line = gw_arena_new();
    const gw_statement *s = NULL;
    bool ok = true;
    say_opening(r, arena, checked);
    while (ok) {
        ok = gw_statements_next(statements, true, &s, err);
        if (!ok || !s)
            break;
        gw_arena_reset(line);
        bool copies = s->kind.kind == GW_STMT_COPY_IN;
        say(r, checked, gw_printf(line, "%.*s;", (int)s->len, s->text));
        if (copies)
            ok = say_copy_data(r, statements, checked, line, err);
    }
    if (ok)
        say_closing(r, arena, checked);
    gw_arena_free(line);
    gw_arena_free(scratch);
    return ok;
}
