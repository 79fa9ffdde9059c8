#include "app/losses.h"

#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "pg/query.h"
#include "schema/foresight.h"
#include "sql/calls.h"
#include "sql/lex.h"
#include "sql_app.h"

enum { NAMED = 5 };

bool gw_scripts_may_lose(const gw_scripts_to_run *scripts)
{
    for (size_t i = 0; i < scripts->count; i++)
        if (scripts->items[i].may_lose || scripts->items[i].may_fire || scripts->items[i].commands)
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

/* ---- what functions do -------------------------------------------------------------------------- */

enum { CALLED_MOST = 200 };

typedef struct made_routine {
    gw_routine_body body;
    size_t effect; /* the next one's number */
} made_routine;

/* What a trigger's function or a rule does, once looked up. */
typedef struct known_body {
    const char *schema, *function, *text;
    size_t made; /* so many of the run's own were made by then */
    gw_effects effects;
} known_body;

typedef struct following {
    gw_arena *arena;
    gw_session *session;
    gw_effects *effects;
    GW_VEC(made_routine) made;  /* by the run's files, in their order */
    size_t made_by_now;
    GW_VEC(gw_call) seen;       /* in this statement */
    GW_VEC(known_body) bodies;
} following;

static bool is_seen(following *f, const gw_call *call)
{
    for (size_t i = 0; i < f->seen.len; i++)
        if (strcmp(f->seen.items[i].name, call->name) == 0 &&
            (!f->seen.items[i].schema || !call->schema ||
             strcmp(f->seen.items[i].schema, call->schema) == 0))
            return true;
    return false;
}

static void read_body(following *f, const gw_routine_body *routine, gw_calls *calls)
{
    const char *what = gw_printf(f->arena, "function %s", routine->name);
    gw_sql_body_effects(f->arena, what, routine->language, routine->body, f->effects);
    gw_sql_body_calls(f->arena, routine->body, calls);
}

/* The files' own come before those of the database, which they may replace. */
static bool find_made(following *f, const gw_call *call, gw_calls *calls)
{
    bool found = false;
    for (size_t i = f->made_by_now; i-- > 0 && !found;) {
        const gw_routine_body *made = &f->made.items[i].body;
        found = strcmp(made->name, call->name) == 0 &&
                (!made->schema || !call->schema || strcmp(made->schema, call->schema) == 0);
        if (found)
            read_body(f, made, calls);
    }
    return found;
}

static bool find_there(following *f, const gw_call *call, gw_calls *calls, gw_err *err)
{
    static const gw_col cols[] = {
        {"schema", GW_COL_TEXT, true, offsetof(gw_routine_body, schema)},
        {"name", GW_COL_TEXT, true, offsetof(gw_routine_body, name)},
        {"language", GW_COL_TEXT, true, offsetof(gw_routine_body, language)},
        {"body", GW_COL_TEXT, true, offsetof(gw_routine_body, body)},
    };
    gw_param params[] = {gw_p_text(call->schema), gw_p_text(call->name)};
    gw_routine_body *rows = NULL;
    gw_result result;
    if (!gw_query(f->session, f->arena, &gw_sql_called_routines, params, 2, &result, err) ||
        !gw_rows(f->arena, &result, cols, 4, sizeof *rows, (void **)&rows, err))
        return gw_err_context(err, "looking at the functions that the files call");
    for (size_t i = 0; i < result.rows; i++) {
        gw_routine_body whole;
        const char *body = rows[i].body;
        if (gw_sql_routine_body(f->arena, body, strlen(body), &whole))
            rows[i].body = whole.body; /* of standard SQL */
        read_body(f, &rows[i], calls);
    }
    return true;
}

/* Each that is called, and what it calls, as if its body stood in the place of the call. */
static bool follow_list(following *f, gw_calls *calls, gw_err *err)
{
    f->seen.len = 0;
    for (size_t i = 0; i < calls->len && f->seen.len < CALLED_MOST; i++) {
        gw_call call = calls->items[i];
        if (is_seen(f, &call))
            continue;
        *gw_vec_push(f->arena, &f->seen) = call;
        if (!find_made(f, &call, calls) && !find_there(f, &call, calls, err))
            return false;
    }
    return true;
}

static bool follow_calls(following *f, const char *text, size_t len, gw_err *err)
{
    gw_calls calls = {0};
    gw_sql_calls(f->arena, text, len, &calls);
    return follow_list(f, &calls, err);
}

/* ---- what is set off ---------------------------------------------------------------------------- */

static bool same(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool read_fired(following *f, known_body *body, gw_err *err)
{
    gw_calls calls = {0};
    f->effects = &body->effects;
    if (body->text) {
        gw_sql_rule_effects(f->arena, body->text, f->effects);
        gw_sql_body_calls(f->arena, body->text, &calls);
    } else {
        *gw_vec_push(f->arena, &calls) = (gw_call){body->schema, body->function};
    }
    return follow_list(f, &calls, err);
}

static bool fired_body(void *self, const char *schema, const char *function, const char *text,
                       size_t before, gw_effects *out, gw_err *err)
{
    following *f = self;
    known_body *known = NULL;
    f->made_by_now = 0;
    while (f->made_by_now < f->made.len && f->made.items[f->made_by_now].effect <= before)
        f->made_by_now++;
    for (size_t i = 0; i < f->bodies.len && !known; i++) {
        known_body *b = &f->bodies.items[i];
        if (b->made == f->made_by_now && same(b->schema, schema) && same(b->function, function) &&
            same(b->text, text))
            known = b;
    }
    if (!known) {
        known = gw_vec_push(f->arena, &f->bodies);
        *known = (known_body){schema, function, text, f->made_by_now, {0}};
        if (!read_fired(f, known, err))
            return false;
    }
    for (size_t i = 0; i < known->effects.len; i++)
        *gw_vec_push(f->arena, out) = known->effects.items[i];
    return true;
}

static bool read_statement(following *f, const char *text, size_t len, gw_err *err)
{
    gw_routine_body made;
    if (gw_sql_routine_body(f->arena, text, len, &made)) {
        *gw_vec_push(f->arena, &f->made) = (made_routine){made, f->effects->len};
        f->made_by_now = f->made.len;
        gw_sql_effects(f->arena, text, len, f->effects); /* to event triggers it is a command */
        return true;
    }
    if (gw_sql_has_effects(text, len))
        gw_sql_effects(f->arena, text, len, f->effects);
    return !gw_sql_may_call(text, len) || follow_calls(f, text, len, err);
}

static bool read_script(following *f, const gw_checked *checked, unsigned done, size_t file,
                        const gw_script_context *context, bool standard_strings, gw_err *err)
{
    gw_arena *arena = f->arena;
    gw_statements *statements = gw_statements_open(arena, checked, context);
    for (;;) {
        const gw_statement *s = NULL;
        if (!gw_statements_next(statements, standard_strings, &s, err))
            return false;
        if (!s)
            return true;
        size_t len = s->len, before = f->effects->len;
        const char *text = standard_strings ? s->text : gw_lexer_standard(arena, s->text, len, &len);
        if (s->number <= done)
            continue;
        if (!read_statement(f, text, len, err))
            return false;
        for (size_t i = before; i < f->effects->len; i++) {
            f->effects->items[i].file = file;
            f->effects->items[i].line = s->line;
        }
    }
}

/* Up to which script there is something to read: what only writes rows, or is a command, matters where it sets off something. */
static bool how_many(gw_arena *arena, gw_session *session, const gw_scripts_to_run *scripts,
                     gw_foresight_waiting *waits, size_t *last, gw_err *err)
{
    bool arms = false, writes = false, commands = false;
    *last = 0;
    for (size_t i = 0; i < scripts->count; i++) {
        arms |= scripts->items[i].arms;
        writes |= scripts->items[i].may_fire;
        commands |= scripts->items[i].commands;
    }
    *waits = (gw_foresight_waiting){arms, arms};
    if ((writes || commands) && !arms && !gw_foresight_waits(session, arena, waits, err))
        return false;
    for (size_t i = 0; i < scripts->count; i++)
        if (scripts->items[i].may_lose || (waits->rows && scripts->items[i].may_fire) ||
            (waits->commands && scripts->items[i].commands))
            *last = i + 1;
    return true;
}

bool gw_scripts_losses(gw_app *app, gw_arena *arena, gw_session *session, const char *search_path,
                       const gw_scripts_to_run *scripts, const gw_script_context *context,
                       gw_losses *out, gw_err *err)
{
    size_t last;
    gw_foresight_waiting waits;
    gw_effects effects = {0};
    following f = {.arena = arena, .session = session, .effects = &effects};
    gw_foresight_bodies bodies = {fired_body, &f};
    gw_effect_file *files = gw_alloc_array(arena, scripts->count + 1, sizeof *files);
    if (!how_many(arena, session, scripts, &waits, &last, err))
        return false;
    for (size_t i = 0; i < last; i++) {
        const gw_checked *c = &scripts->items[i];
        const gw_applied *row = scripts->rows ? scripts->rows[i] : NULL;
        files[i] = (gw_effect_file){.path = c->script->path,
                                    .version = c->migration->version,
                                    .accepted = c->script->directives.allow_data_loss};
        if (!read_script(&f, c, done_before(c, row), i, context,
                         gw_session_standard_strings(session), err))
            return false;
    }
    return !gw_foresight_needed(&effects, waits.commands) ||
           (gw_foresee(session, arena, search_path, files, &effects, &bodies, out, err) &&
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
        if (loss->by)
            json_object_set_new(one, "by", gw_json_text(loss->by));
        json_array_append_new(list, one);
    }
    json_object_set_new(data, "data_loss", list);
    return gw_json_dump(arena, data);
}
