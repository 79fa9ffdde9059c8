#include "app/losses.h"

#include "base/buf.h"
#include "base/json.h"
#include "schema/foresight.h"
#include "sql/lex.h"

enum { NAMED = 5 };

bool gw_scripts_may_lose(const gw_scripts_to_run *scripts)
{
    for (size_t i = 0; i < scripts->count; i++)
        if (scripts->items[i].may_lose)
            return true;
    return false;
}

/* Statements that an earlier run has done are in the database already. */
static unsigned done_before(const gw_checked *checked, const gw_applied *row)
{
    return row && !checked->transactional && !checked->script->directives.batch.table
               ? (unsigned)row->statements_done
               : 0;
}

static bool read_script(gw_arena *arena, const gw_checked *checked, unsigned done, size_t file,
                        const gw_script_context *context, bool standard_strings, gw_effects *out,
                        gw_err *err)
{
    gw_statements *statements = gw_statements_open(arena, checked, context);
    for (;;) {
        const gw_statement *s = NULL;
        if (!gw_statements_next(statements, standard_strings, &s, err))
            return false;
        if (!s)
            return true;
        size_t len = s->len, before = out->len;
        const char *text = standard_strings ? s->text : gw_lexer_standard(arena, s->text, len, &len);
        if (s->number <= done || !gw_sql_has_effects(text, len))
            continue;
        gw_sql_effects(arena, text, len, out);
        for (size_t i = before; i < out->len; i++) {
            out->items[i].file = file;
            out->items[i].line = s->line;
        }
    }
}

bool gw_scripts_losses(gw_app *app, gw_arena *arena, gw_session *session, const char *search_path,
                       const gw_scripts_to_run *scripts, const gw_script_context *context,
                       gw_losses *out, gw_err *err)
{
    size_t last = 0;
    gw_effects effects = {0};
    gw_effect_file *files = gw_alloc_array(arena, scripts->count + 1, sizeof *files);
    for (size_t i = 0; i < scripts->count; i++)
        if (scripts->items[i].may_lose)
            last = i + 1;
    for (size_t i = 0; i < last; i++) {
        const gw_checked *c = &scripts->items[i];
        const gw_applied *row = scripts->rows ? scripts->rows[i] : NULL;
        files[i] = (gw_effect_file){.path = c->script->path,
                                    .version = c->migration->version,
                                    .accepted = c->script->directives.allow_data_loss};
        if (!read_script(arena, c, done_before(c, row), i, context,
                         gw_session_standard_strings(session), &effects, err))
            return false;
    }
    return !gw_foresight_needed(&effects) ||
           (gw_foresee(session, arena, search_path, files, &effects, out, err) &&
            gw_losses_count(session, out, app->environment.count_timeout_ms, err));
}

bool gw_losses_allowed(gw_arena *arena, const gw_losses *losses, gw_err *err)
{
    const gw_loss *first = NULL;
    size_t more = 0;
    gw_buf others = GW_BUF(arena);
    for (size_t i = 0; i < losses->len; i++) {
        const gw_loss *loss = &losses->items[i];
        if (!gw_loss_loses(loss))
            continue;
        if (!first) {
            first = loss;
        } else if (more++ < NAMED) {
            gw_buf_addf(&others, "%s%s", others.len ? "; " : "also ", gw_loss_text(arena, loss));
        }
    }
    if (!first)
        return true;
    gw_err_set(err, GW_ERR_REFUSED, "this would lose data: %s", gw_loss_text(arena, first));
    if (more > NAMED)
        gw_buf_addf(&others, "; and %zu more", more - NAMED);
    if (more)
        gw_err_detail(err, "%s", gw_buf_str(&others));
    gw_err_at(err, first->file, first->line, 1);
    return gw_err_hint(err, "nothing was run. If that is meant: --allow-data-loss, or in the file "
                            "itself -- godwit: allow-data-loss. Rows that the run copies elsewhere "
                            "first are counted as well");
}

const char *gw_losses_json(gw_arena *arena, const gw_losses *losses)
{
    json_t *data = gw_json_own(arena, json_object()), *list = json_array();
    for (size_t i = 0; i < losses->len; i++) {
        const gw_loss *loss = &losses->items[i];
        json_t *one = json_object();
        json_object_set_new(one, "kind", gw_json_text(gw_loss_kind_name(loss->kind)));
        json_object_set_new(one, "object", gw_json_text(loss->object));
        json_object_set_new(one, "rows", loss->rows < 0 ? json_null() : json_integer(loss->rows));
        json_array_append_new(list, one);
    }
    json_object_set_new(data, "data_loss", list);
    return gw_json_dump(arena, data);
}
