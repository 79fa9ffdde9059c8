#include "app/trial.h"

#include <string.h>

#include "base/buf.h"
#include "control/gate.h"
#include "migrate/replay.h"
#include "schema/kind.h"
#include "sql/quote.h"
#include "sql_app.h"
#include "sql_migrate.h"

enum { NAMED = 12 };

/* Templates made by another way of loading are of no use. */
#define LOADING "1"

bool gw_trial_open(gw_app *app, gw_arena *arena, gw_session *session, gw_trial **out, gw_err *err)
{
    gw_trial *trial = gw_alloc(arena, sizeof *trial);
    *trial = (gw_trial){.app = app, .arena = arena};
    *out = trial;
    trial->target.default_schema = "public"; /* as PostgreSQL's own settings have it */
    return !session || gw_shadow_target_read(session, arena, &trial->target, err);
}

static void put_search_path(gw_trial *trial, gw_shadow_target *target)
{
    size_t count = 0;
    gw_shadow_setting *settings =
        gw_alloc_array(trial->arena, target->setting_count + 1, sizeof *settings);
    for (size_t i = 0; i < target->setting_count; i++)
        if (strcmp(target->settings[i].name, "search_path") != 0)
            settings[count++] = target->settings[i];
    settings[count++] = (gw_shadow_setting){"search_path", trial->tenant_path};
    target->settings = settings;
    target->setting_count = count;
    target->default_schema = trial->tenant_schema;
}

void gw_trial_search_path(gw_trial *trial, const char *path, const char *schema)
{
    if (!path)
        return;
    trial->tenant_path = path;
    trial->tenant_schema = schema;
    put_search_path(trial, &trial->target);
}

bool gw_trial_settings_of(gw_trial *trial, gw_session *session, const char *login, gw_shadow_target *out, gw_err *err)
{
    struct {
        const char *schema;
    } row = {NULL};
    static const gw_col cols[] = {{"default_schema", GW_COL_TEXT, false, 0}};
    gw_arena *arena = trial->arena;
    gw_param path = gw_p_text("\"$user\", public");
    gw_result result;
    *out = trial->target;
    if (!gw_shadow_settings_read(session, arena, login, out, err))
        return false;
    for (size_t i = 0; i < out->setting_count; i++)
        if (strcmp(out->settings[i].name, "search_path") == 0)
            path = gw_p_text(out->settings[i].value);
    if (!gw_query(session, arena, &gw_sql_default_schema, &path, 1, &result, err) ||
        !gw_row(arena, &result, cols, 1, &row, err))
        return false;
    out->default_schema = row.schema;
    if (trial->tenant_path)
        put_search_path(trial, out);
    return true;
}

bool gw_trial_ask_environment(gw_app *app, gw_arena *arena, gw_session **out, bool *embedded)
{
    enum { SOON_MS = 2000 };
    gw_err ignored = {0};
    gw_connect connect;
    const gw_environment *env;
    bool ok = gw_app_environment(app, &env, &ignored) && !env->embedded && *env->url &&
              gw_app_connect_options(app, true, &connect, &ignored);
    if (ok) {
        connect.pinned = true;
        connect.connect_timeout_ms = SOON_MS;
        ok = gw_session_open(arena, &connect, out, &ignored);
    }
    *embedded = app->environment_known && app->environment.embedded;
    gw_err_clear(&ignored);
    return ok;
}

bool gw_trial_open_like_environment(gw_app *app, gw_arena *arena, gw_trial **out, gw_err *err)
{
    gw_session *target = NULL;
    bool embedded = false;
    if (!gw_trial_ask_environment(app, arena, &target, &embedded))
        target = NULL;
    bool ok = gw_trial_open(app, arena, target, out, err);
    if (ok && !target && !embedded)
        gw_trial_warn(*out, "no database was asked: the files were tried with PostgreSQL's own "
                            "settings");
    gw_session_close(target);
    return ok;
}

void gw_trial_warn(gw_trial *trial, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *text = gw_vprintf(trial->arena, format, args);
    va_end(args);
    for (size_t i = 0; i < trial->warnings.len; i++)
        if (strcmp(trial->warnings.items[i], text) == 0)
            return;
    *gw_vec_push(trial->arena, &trial->warnings) = text;
}

static void say_facts(gw_trial *trial)
{
    const gw_shadow_facts *facts = gw_shadow_facts_of(trial->shadow);
    if (facts->other_major)
        gw_trial_warn(trial,
                      "tried on PostgreSQL %s: none of the target's version (%d) was found here",
                      facts->version, trial->target.major);
    if (facts->note_locale)
        gw_trial_warn(trial, "the shadow database has not the target's locale: %s",
                      facts->note_locale);
    for (size_t i = 0; facts->settings_left && facts->settings_left[i]; i++)
        gw_trial_warn(trial, "a setting of the target could not be copied: %s",
                      facts->settings_left[i]);
}

bool gw_trial_shadow(gw_trial *trial, gw_err *err)
{
    gw_shadow_options options;
    if (trial->shadow)
        return true;
    if (!gw_app_shadow_options(trial->app, trial->arena, NULL, &options, err))
        return false;
    options.target = trial->target;
    if (!gw_shadow_open(trial->arena, &options, &trial->shadow, err))
        return false;
    say_facts(trial);
    return true;
}

const char *gw_trial_acts_as(gw_session *session, gw_arena *arena, const char *login)
{
    const char *role = login;
    static const gw_col cols[] = {{"role", GW_COL_TEXT, true, 0}};
    gw_param param = gw_p_text(login);
    gw_err ignored = {0};
    gw_result result;
    if (gw_query(session, arena, &gw_sql_acts_as, &param, 1, &result, &ignored) &&
        !gw_row(arena, &result, cols, 1, &role, &ignored))
        role = login;
    gw_err_clear(&ignored);
    return role;
}

char *gw_trial_like(gw_trial *trial, gw_arena *arena)
{
    gw_buf text = GW_BUF(arena);
    const gw_shadow_target *target = &trial->target;
    gw_buf_addf(&text, "loading %s, PostgreSQL %s, role %s\n", LOADING,
                gw_shadow_facts_of(trial->shadow)->version, target->user ? target->user : "");
    if (target->public_owner)
        gw_buf_addf(&text, "public of %s\n", target->public_owner);
    if (trial->base)
        gw_buf_addf(&text, "beside %s\n", gw_schema_fingerprint(arena, trial->base));
    for (size_t i = 0; i < target->setting_count; i++)
        gw_buf_addf(&text, "%s=%s\n", target->settings[i].name, target->settings[i].value);
    return gw_strdup(arena, gw_buf_str(&text));
}

bool gw_trial_read(gw_trial *trial, gw_shadow_db *db, const gw_schema_options *options,
                   gw_schema **out, gw_err *err)
{
    gw_session *session = NULL;
    gw_shadow_session how = {.pinned = true};
    gw_schema_options wanted = options ? *options : (gw_schema_options){0};
    wanted.unix_lines = trial->unix_lines;
    bool ok = gw_shadow_connect(db, trial->arena, &how, &session, err) &&
              gw_schema_read(session, trial->arena, &wanted, out, err);
    if (ok)
        trial->user = gw_strdup(trial->arena, gw_session_role(session));
    gw_session_close(session);
    return ok || gw_err_context(err, "reading a shadow database");
}

/* ---- our own statements on it ------------------------------------------------------------------
 */

typedef struct passing {
    gw_trial *trial;
    gw_session *session;
} passing;

static bool pass_gate(void *self, const gw_ddl_statement *statement, bool *done, gw_err *err)
{
    passing *p = self;
    gw_gate_outcome outcome;
    gw_reach_verdict verdict;
    gw_arena *scratch = gw_arena_new();
    bool ok = gw_gate_pass(p->trial->shadow, p->session, scratch, statement->sql,
                           strlen(statement->sql), &outcome, &verdict, err);
    *done = ok && outcome != GW_GATE_RUN;
    if (ok && outcome == GW_GATE_LEFT_OUT)
        gw_trial_warn(p->trial, "%s was not tried: %s", verdict.statement,
                      verdict.reason ? verdict.reason : "it reaches outside its database");
    gw_arena_free(scratch);
    return ok;
}

/* Does it need the gate? On the private server only what names the outer world. */
static bool reaches(const gw_trial *trial, const gw_ddl_statement *statements, size_t count)
{
    static const char *const kinds[] = {"subscription",         "server",     "user_mapping",
                                        "user mapping",         "language",   "foreign server",
                                        "foreign data wrapper", "publication"};
    if (!gw_shadow_facts_of(trial->shadow)->is_private ||
        gw_shadow_lacking(trial->shadow, trial->arena))
        return true;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; statements[i].object && k < sizeof kinds / sizeof *kinds; k++)
            if (strcmp(statements[i].object->kind->name, kinds[k]) == 0)
                return true;
    return false;
}

static bool make_missing_role(void *self, const gw_err *problem)
{
    passing *p = self;
    return gw_replay_made_role(p->trial->shadow, p->trial->arena, problem);
}

bool gw_trial_apply(gw_trial *trial, gw_shadow_db *db, const gw_ddl_statement *statements,
                    size_t count, bool small_steps, size_t *failed, gw_err *err)
{
    gw_session *session = NULL;
    gw_shadow_session how = {.pinned = true};
    gw_arena *scratch = gw_arena_new();
    bool ok = gw_shadow_connect(db, scratch, &how, &session, err) &&
              gw_exec(session, "SET check_function_bodies = off; SET lock_timeout = 0", err) &&
              gw_replay_prepare(trial->shadow, session, err);
    passing self = {trial, session};
    gw_apply apply = {.session = session,
                      .small_steps = small_steps,
                      .before = reaches(trial, statements, count) ? pass_gate : NULL,
                      .mended = make_missing_role,
                      .self = &self};
    ok = ok && (gw_apply_all(&apply, statements, count, failed, err) ||
                gw_gate_explain(trial->shadow, err));
    gw_session_close(session);
    gw_arena_free(scratch);
    return ok;
}

/* ---- a shadow like a schema ---------------------------------------------------------------------
 */

char *gw_changes_named(gw_arena *arena, const gw_schema_plan *plan)
{
    gw_buf text = GW_BUF(arena);
    for (size_t i = 0; i < plan->changes.len && i < NAMED; i++) {
        const gw_change *change = &plan->changes.items[i];
        const gw_object *object = change->y ? change->y : change->x;
        gw_buf_addf(&text, "%s%s %s", i ? ", " : "", object->kind->name, object->key);
        for (size_t d = 0; d < change->details.len; d++)
            gw_buf_addf(&text, "%s%s", d ? ", " : " (", change->details.items[d]);
        if (change->details.len)
            gw_buf_addc(&text, ')');
    }
    if (plan->changes.len > NAMED)
        gw_buf_addf(&text, " and %zu more", plan->changes.len - NAMED);
    return gw_strdup(arena, gw_buf_str(&text));
}

typedef struct loading {
    gw_trial *trial;
    const gw_schema *schema;
} loading;

static const char *what(const gw_trial *trial, const gw_schema *schema)
{
    return schema == trial->base ? "what the tenants share" : "the first schema";
}

static bool load_schema(void *self, gw_shadow_db *db, gw_err *err)
{
    loading *l = self;
    gw_trial *trial = l->trial;
    gw_ddl_options options = {0};
    gw_schema *empty = NULL, *back = NULL;
    gw_schema_plan *plan = NULL, *rest = NULL;
    bool ok = gw_trial_read(trial, db, NULL, &empty, err);
    options.runner = trial->user;
    if (!ok || !gw_schema_plan_make(trial->arena, empty, l->schema, &options, &plan, err) ||
        !gw_trial_apply(trial, db, plan->statements.items, plan->statements.len, true, NULL, err))
        return gw_err_context(err, "making a shadow of %s", what(trial, l->schema));
    if (!gw_trial_read(trial, db, NULL, &back, err) ||
        !gw_trial_carry(trial, l->schema, back, err) ||
        !gw_schema_plan_make(trial->arena, back, l->schema, &options, &rest, err))
        return false;
    if (rest->changes.len == 0)
        return true;
    gw_err_set(err, GW_ERR_STATE, "a copy of %s does not come out equal to it",
               what(trial, l->schema));
    gw_err_detail(err, "these differ: %s", gw_changes_named(trial->arena, rest));
    return gw_err_hint(err, "without such a copy no plan can be proven, so none is given");
}

static bool give_public(gw_trial *trial, gw_shadow_db *db, gw_err *err)
{
    const char *owner = trial->target.public_owner, *const *lacking = NULL;
    gw_session *session = NULL;
    gw_shadow_session how = {.pinned = true};
    if (!owner)
        return true;
    if (!gw_shadow_ensure_roles(trial->shadow, trial->arena, &owner, 1, &lacking, err))
        return false;
    if (*lacking)
        return true;
    bool ok = gw_shadow_connect(db, trial->arena, &how, &session, err) &&
              gw_exec(session,
                      gw_printf(trial->arena, "ALTER SCHEMA public OWNER TO %s",
                                gw_quote_ident(trial->arena, owner)),
                      err);
    gw_session_close(session);
    return ok || gw_err_context(err, "giving schema public the owner that it has in the target");
}

bool gw_trial_prepare(gw_trial *trial, gw_shadow_db *db, gw_err *err)
{
    loading self = {trial, trial->base};
    return give_public(trial, db, err) &&
           (!trial->base || (gw_trial_can_hold(trial, trial->base, err) && load_schema(&self, db, err)));
}

bool gw_trial_like_schema(gw_trial *trial, const gw_schema *schema, gw_shadow_db **out, gw_err *err)
{
    loading self = {trial, schema};
    if (!gw_trial_shadow(trial, err) || !gw_trial_can_hold(trial, schema, err))
        return false;
    char *name =
        gw_printf(trial->arena, "schema %s\n%s", gw_schema_fingerprint(trial->arena, schema),
                  gw_trial_like(trial, trial->arena));
    return gw_shadow_make(trial->shadow, trial->arena, name, load_schema, &self, out, err);
}
