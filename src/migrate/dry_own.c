#include "migrate/dry.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "control/control.h"
#include "migrate/compat.h"
#include "migrate/recover.h"
#include "sql/lex.h"
#include "sql/quote.h"

void gw_dry_say(const gw_dry *d, const char *text)
{
    if (d->own->len)
        gw_buf_addf(d->own, " %s", text);
    else
        gw_see(d->r, GW_PROGRESS_SQL, d->checked, 0, 0, text);
}

/* White space and comments become one blank, $1 its value. */
static const char *in_one_line(gw_arena *arena, const char *text, const gw_param *params, size_t count)
{
    gw_buf buf = GW_BUF(arena);
    gw_lexer lexer = gw_lexer_start(text, strlen(text));
    const char *behind = text;
    for (gw_token t = gw_lexer_next(&lexer); t.kind != GW_TOKEN_END; t = gw_lexer_next(&lexer)) {
        size_t number = t.kind == GW_TOKEN_PARAM ? (size_t)strtoul(t.text + 1, NULL, 10) : 0;
        if (t.text > behind && buf.len)
            gw_buf_addc(&buf, ' ');
        const gw_param *param = number && number <= count ? &params[number - 1] : NULL;
        if (param)
            gw_buf_add(&buf, gw_quote_literal(arena, *param->number ? param->number : param->text));
        else
            gw_buf_addn(&buf, t.text, t.len);
        behind = t.text + t.len;
    }
    while (buf.len && buf.data[buf.len - 1] == ';')
        buf.len--;
    gw_buf_addc(&buf, ';');
    return gw_buf_str(&buf);
}

void gw_dry_say_own(const gw_dry *d, const char *text, const gw_param *params, size_t count)
{
    gw_arena *scratch = gw_arena_new();
    gw_dry_say(d, in_one_line(scratch, text, params, count));
    gw_arena_free(scratch);
}

void gw_dry_say_begin(const gw_dry *d)
{
    gw_buf_add(d->own, "BEGIN ISOLATION LEVEL " GW_OWN_MODES ";");
}

void gw_dry_say_commit(const gw_dry *d)
{
    gw_buf_add(d->own, " COMMIT;");
    gw_see(d->r, GW_PROGRESS_SQL, d->checked, 0, 0, gw_buf_str(d->own));
    d->own->len = 0;
}

/* ---- before the first file ------------------------------------------------------------------- */

void gw_dry_say_tables(const gw_dry *d, int tables)
{
    const char *const *text = gw_control_upgrade_texts(d->arena, tables);
    gw_param params[2];
    if (!*text)
        return;
    gw_dry_say(d, "-- Godwit's own tables");
    gw_dry_say(d, "BEGIN ISOLATION LEVEL READ COMMITTED;");
    for (; *text; text++) {
        size_t len = strlen(*text);
        while (len && (*text)[len - 1] == '\n')
            len--;
        gw_dry_say(d, gw_strndup(d->arena, *text, len));
    }
    gw_control_upgraded_params(d->r->actor.user, params);
    gw_dry_say_own(d, gw_control_upgraded_sql()->text, params, 2);
    gw_dry_say(d, "COMMIT;");
}

static bool say_companion_rows(const gw_dry *d, const gw_compat *compat, const gw_plan *plan, gw_err *err)
{
    bool ok = true;
    gw_arena *scratch = gw_arena_new();
    for (size_t i = 0; ok && i < plan->len; i++) {
        const gw_plan_item *item = &plan->items[i];
        gw_param params[GW_COMPAT_MEND_PARAMS];
        const char *text = NULL;
        if (!gw_compat_settled(item))
            continue;
        ok = gw_compat_mend_statement(compat, scratch, item->file, item->row, &text, params, err);
        if (ok && text)
            gw_dry_say_own(d, text, params, GW_COMPAT_MEND_PARAMS);
        gw_arena_reset(scratch);
    }
    gw_arena_free(scratch);
    return ok;
}

bool gw_dry_say_companion(const gw_dry *d, const gw_plan *plan, gw_err *err)
{
    const gw_compat *compat = d->r->companion.self;
    if (!compat || compat->there || !plan)
        return true;
    gw_dry_say(d, "-- sqlx's table");
    gw_dry_say(d, "BEGIN;");
    gw_dry_say_own(d, gw_compat_make_sql(d->arena, compat), NULL, 0);
    bool ok = say_companion_rows(d, compat, plan, err);
    gw_dry_say(d, "COMMIT;");
    return ok;
}

/* ---- with a file ----------------------------------------------------------------------------- */

bool gw_dry_say_record(const gw_dry *d, int64_t duration_ms, gw_err *err)
{
    gw_arena *scratch = gw_arena_new();
    const gw_compat *compat = d->r->companion.self;
    gw_record_params p;
    gw_param theirs[GW_COMPAT_PARAMS];
    const char *text = NULL;
    size_t count = 0;
    bool ok = !compat || gw_compat_statement(compat, scratch, d->checked->migration, d->checked->revert, &text,
                                             theirs, &count, err);
    if (ok && text)
        gw_dry_say_own(d, text, theirs, count);
    gw_tx_record_params(d->r, d->checked, duration_ms, &p);
    if (ok && d->checked->revert)
        gw_dry_say_own(d, gw_history_delete_sql()->text, p.key, 3);
    else if (ok)
        gw_dry_say_own(d, gw_history_put_sql()->text, p.history, GW_HISTORY_PUT_PARAMS);
    if (ok)
        gw_dry_say_own(d, gw_event_sql()->text, p.event, GW_EVENT_PARAMS);
    gw_arena_free(scratch);
    return ok;
}

static const char *state_of(const gw_dry *d)
{
    return d->checked->revert ? "reverting" : "running";
}

static void say_progress(const gw_dry *d, const char *intent)
{
    const gw_migration *m = d->checked->migration;
    const gw_applied row = {.tenant = d->r->tenant ? d->r->tenant : "",
                            .service = m->service,
                            .version = m->version,
                            .state = state_of(d),
                            .statements_done = d->done,
                            .statements_total = d->total,
                            .intent = intent};
    gw_param params[GW_HISTORY_PROGRESS_PARAMS];
    gw_history_progress_params(&row, params);
    gw_dry_say_own(d, gw_history_progress_sql()->text, params, GW_HISTORY_PROGRESS_PARAMS);
}

void gw_dry_say_row(const gw_dry *d, const char *intent)
{
    gw_applied row = gw_row_of_migration(d->checked->migration, d->r->tenant);
    gw_param params[GW_HISTORY_PUT_PARAMS];
    gw_dry_say_begin(d);
    if (d->checked->revert || d->row) {
        say_progress(d, intent);
    } else {
        row.state = state_of(d);
        row.duration_ms = 0;
        row.transactional = d->checked->lasts && d->checked->transactional && !d->checked->script->directives.batch.table;
        row.statements_total = d->total;
        row.intent = intent;
        gw_history_put_params(&row, &d->r->actor, params);
        gw_dry_say_own(d, gw_history_put_sql()->text, params, GW_HISTORY_PUT_PARAMS);
    }
    gw_dry_say_commit(d);
}

void gw_dry_say_progress(const gw_dry *d, const gw_statement *statement)
{
    unsigned char raw[GW_DIGEST_MAX];
    gw_arena *scratch = gw_arena_new();
    json_t *intent = gw_json_own(scratch, json_object());
    size_t len = gw_digest_peek(d->prefix, raw);
    json_object_set_new(intent, "done", gw_json_text(gw_hex(scratch, raw, len)));
    if (statement)
        json_object_set(intent, "statement", gw_intent_of_text(scratch, statement));
    if (d->acts) {
        gw_dry_say(d, "SET LOCAL SESSION AUTHORIZATION DEFAULT;");
        gw_dry_say(d, "SET LOCAL role TO DEFAULT;");
    }
    say_progress(d, gw_json_dump(scratch, intent));
    gw_arena_free(scratch);
}

void gw_dry_say_place(const gw_dry *d, const char *intent)
{
    say_progress(d, intent);
}
