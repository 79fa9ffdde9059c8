/* The databases of an environment, and the tenants in them. */
#include <string.h>

#include "app/internal.h"
#include "base/buf.h"
#include "pg/query.h"
#include "sql/quote.h"
#include "sql_migrate.h"

enum { NAMED = 8 };

static bool schema_targets(gw_arena *arena, const gw_connect *connect,
                           const char *pattern, gw_target_list *out, gw_err *err)
{
    struct row {
        const char *name;
        int64_t oid;
    } *rows = NULL;
    static const gw_col cols[] = {{"name", GW_COL_TEXT, true, offsetof(struct row, name)},
                                  {"schema_oid", GW_COL_INT, true, offsetof(struct row, oid)}};
    gw_session *session;
    gw_result result;
    gw_param param = gw_p_text(pattern);
    gw_connect pinned = *connect;
    void *items = NULL;
    pinned.pinned = true;
    if (!gw_session_open(arena, &pinned, &session, err) ||
        !gw_query(session, arena, &gw_sql_tenant_schemas, &param, 1, &result, err) ||
        !gw_rows(arena, &result, cols, 2, sizeof *rows, &items, err))
        return gw_err_context(err, "while listing the tenants");
    rows = items;
    for (size_t i = 0; i < result.rows; i++)
        *gw_vec_push(arena, out) = (gw_target){
            .tenant = rows[i].name,
            .row_tenant = rows[i].name,
            .search_path = gw_printf(arena, "%s, public", gw_quote_ident(arena, rows[i].name)),
            .schema_oid = rows[i].oid,
            .connect = *connect};
    gw_session_close(session);
    return true;
}

/* Said once, however often they are listed: --wait-for looks again and again. */
static void warn_of_no_tenants(gw_app *app, gw_arena *arena, gw_target_list *out)
{
    const gw_environment *env = &app->environment;
    out->unmatched = gw_printf(arena, "no tenant matches the pattern \"%s\" (for_each of environment %s)",
                               env->for_each.schemas, env->name);
    if (app->warned_of_no_tenants)
        return;
    app->warned_of_no_tenants = true;
    gw_observer observer = gw_app_observer(app);
    observer.see(observer.self, &(gw_progress){.kind = GW_PROGRESS_WARNING,
                                               .tenant = "",
                                               .text = out->unmatched});
}

static bool all_targets(gw_app *app, gw_arena *arena, bool for_run, gw_target_list *out,
                        gw_err *err)
{
    const gw_environment *env;
    gw_connect connect;
    *out = (gw_target_list){0};
    if (!gw_app_environment(app, &env, err) || !gw_app_connect_options(app, for_run, &connect, err))
        return false;
    const gw_config_for_each *each = &env->for_each;
    out->tenants = each->schemas || each->database_count;
    if (each->schemas) {
        if (!schema_targets(arena, &connect, each->schemas, out, err))
            return false;
        if (!out->len)
            warn_of_no_tenants(app, arena, out);
        return true;
    }
    for (size_t i = 0; i < each->database_count; i++) {
        gw_target *target = gw_vec_push(arena, out);
        char *url;
        if (!gw_conninfo_with_dbname(arena, connect.conninfo, each->databases[i], &url, err))
            return false;
        *target = (gw_target){.tenant = each->databases[i], .row_tenant = "", .connect = connect};
        target->connect.conninfo = url;
    }
    if (!out->tenants)
        *gw_vec_push(arena, out) = (gw_target){.tenant = "", .row_tenant = "", .connect = connect};
    return true;
}

/* "crm_acme, crm_blue": what --tenant may say. */
static const char *named(gw_arena *arena, const gw_target_list *list)
{
    gw_buf text = GW_BUF(arena);
    for (size_t i = 0; i < list->len && i < NAMED; i++)
        gw_buf_addf(&text, "%s%s", i ? ", " : "", list->items[i].tenant);
    if (list->len > NAMED)
        gw_buf_addf(&text, " and %zu more", list->len - NAMED);
    return gw_buf_str(&text);
}

static bool choose(const gw_app *app, gw_arena *arena, gw_target_list *out, gw_err *err)
{
    const char *wanted = app->options.tenant;
    for (size_t i = 0; i < out->len; i++)
        if (strcmp(out->items[i].tenant, wanted) == 0) {
            out->items[0] = out->items[i];
            out->len = 1;
            return true;
        }
    gw_err_set(err, GW_ERR_USAGE, "environment %s has no tenant \"%s\"", app->environment.name,
               wanted);
    if (!out->tenants)
        return gw_err_hint(err, "it has no tenants at all: for_each in godwit.yaml");
    return gw_err_hint(err, out->len ? "its tenants: %s" : "it has none%s", named(arena, out));
}

bool gw_app_all_targets(gw_app *app, gw_arena *arena, gw_target_list *out, gw_err *err)
{
    return all_targets(app, arena, false, out, err);
}

bool gw_app_targets(gw_app *app, gw_arena *arena, bool for_run, gw_target_list *out, gw_err *err)
{
    return all_targets(app, arena, for_run, out, err) &&
           (!app->options.tenant || choose(app, arena, out, err));
}

bool gw_app_one_target(gw_app *app, gw_arena *arena, bool for_run, gw_target *out, gw_err *err)
{
    gw_target_list list;
    if (!gw_app_targets(app, arena, for_run, &list, err))
        return false;
    if (list.len == 1) {
        *out = list.items[0];
        return true;
    }
    if (!list.len)
        return gw_err_set(err, GW_ERR_CONFIG, "environment %s has no %s", app->environment.name,
                          list.tenants ? "tenants yet" : "database");
    gw_err_set(err, GW_ERR_USAGE, "environment %s has %zu tenants, and this is about one of them",
               app->environment.name, list.len);
    return gw_err_hint(err, "say which: --tenant NAME (%s)", named(arena, &list));
}

bool gw_app_names_session(gw_arena *arena, const gw_target *target, const gw_selection *chosen,
                          bool revert, gw_session **out, gw_err *err)
{
    gw_connect connect = target->connect;
    connect.pinned = false;
    for (size_t i = 0; i < chosen->len; i++) {
        const gw_migration *file = chosen->items[i]->file;
        const gw_script *script = revert ? &file->down : &file->up;
        if (script->directives.batch.table)
            return gw_session_open(arena, &connect, out, err);
    }
    return true;
}

bool gw_app_whole_database(gw_app *app, gw_arena *arena, bool for_run, gw_target *out, gw_err *err)
{
    const gw_environment *env;
    gw_target_list targets;
    if (!gw_app_environment(app, &env, err) || !gw_app_targets(app, arena, for_run, &targets, err))
        return false;
    if (env->for_each.database_count || !targets.len)
        return gw_app_one_target(app, arena, for_run, out, err);
    *out = targets.items[0];
    return true;
}

/* "godwit repair 5" in a hint would mend every tenant: it is to say which. */
const char *gw_app_repair_of_tenant(gw_arena *arena, const char *tenant, const char *text)
{
    static const char repair[] = "godwit repair", option[] = " --tenant";
    const char *at;
    gw_buf out = GW_BUF(arena);
    if (!text || !tenant || !*tenant || !strstr(text, repair))
        return text;
    for (; (at = strstr(text, repair)); text = at) {
        at += sizeof repair - 1;
        gw_buf_addn(&out, text, (size_t)(at - text));
        if (strncmp(at, option, sizeof option - 1) == 0)
            continue;
        gw_buf_addf(&out, "%s ", option);
        gw_buf_add_word(&out, tenant);
    }
    gw_buf_add(&out, text);
    return gw_buf_str(&out);
}

void gw_app_hint_of_tenant(gw_arena *arena, const gw_target *target, gw_err *err)
{
    const char *hint = gw_app_repair_of_tenant(arena, target->tenant, err->hint);
    if (hint != err->hint)
        gw_err_hint(err, "%s", hint);
}
