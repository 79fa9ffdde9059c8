/* What the variables and placeholders of scripts stand for. */
#include "app/internal.h"
#include "pg/query.h"
#include "sql_migrate.h"

/* Asked once, and not before a file uses it. */
typedef struct default_schema {
    gw_arena *arena;
    gw_session *session;
    const char *search_path;
    bool known;
    const char *name;
} default_schema;

static bool ask_default_schema(void *self, const char **out, gw_err *err)
{
    default_schema *d = self;
    static const gw_col cols[] = {{"default_schema", GW_COL_TEXT, false, 0}};
    gw_param path = gw_p_text(d->search_path);
    gw_result result;
    if (!d->known &&
        (!gw_query(d->session, d->arena, &gw_sql_default_schema, &path, 1, &result, err) ||
         !gw_row(d->arena, &result, cols, 1, &d->name, err)))
        return false;
    d->known = true;
    *out = d->name;
    return true;
}

static gw_script_context values_of(gw_app *app, gw_arena *arena)
{
    return (gw_script_context){
        .variable = gw_app_variable,
        .variable_self = app,
        .placeholders = gw_app_placeholders(app, arena),
        .environment = app->environment_known ? app->environment.name : NULL};
}

gw_script_context gw_app_script_values(gw_app *app, gw_arena *arena, gw_session *session,
                                       const char *search_path)
{
    default_schema *schema = gw_alloc(arena, sizeof *schema);
    *schema = (default_schema){.arena = arena, .session = session, .search_path = search_path};
    gw_script_context values = values_of(app, arena);
    values.database = gw_session_database(session);
    values.user = gw_session_role(session);
    values.default_schema = ask_default_schema;
    values.default_schema_self = schema;
    return values;
}

gw_script_context gw_app_script_values_like(gw_app *app, gw_arena *arena,
                                            const gw_shadow_target *target)
{
    gw_script_context values = values_of(app, arena);
    values.database = target->database;
    values.user = target->user;
    values.schema = target->default_schema;
    return values;
}
