#include "migrate/tenant.h"

#include <string.h>

#include "sql/quote.h"
#include "sql_migrate.h"

bool gw_tenant_params(const gw_runner *r, gw_param params[GW_TENANT_PARAMS])
{
    params[0] = gw_p_text(r->search_path);
    params[1] = gw_p_int(r->schema_oid);
    params[2] = gw_p_text(gw_session_role(r->work));
    return r->search_path != NULL;
}

bool gw_tenant_holds(gw_runner *r, gw_err *err)
{
    gw_param params[GW_TENANT_PARAMS];
    return !gw_tenant_params(r, params) ||
           gw_exec_sql(r->work, &gw_sql_schema_in_effect, params, GW_TENANT_PARAMS, err);
}

static bool is_ours(const gw_err *err)
{
    return strcmp(err->sqlstate, "22P02") == 0 && err->statement &&
           (strcmp(err->statement, gw_sql_schema_in_effect.name) == 0 ||
            strcmp(err->statement, gw_sql_tx_open.name) == 0);
}

typedef struct now {
    const char *name; /* NULL: it is gone */
    bool may_use;
} now;

static bool look(gw_runner *r, gw_arena *arena, now *out)
{
    static const gw_col cols[] = {{"name", GW_COL_TEXT, true, offsetof(now, name)},
                                  {"may_use", GW_COL_BOOL, false, offsetof(now, may_use)}};
    gw_param params[] = {gw_p_int(r->schema_oid), gw_p_text(gw_session_role(r->work))};
    gw_result result;
    gw_err ignored = {0};
    bool ok = gw_query(r->control, arena, &gw_sql_tenant_schema, params, 2, &result, &ignored) &&
              (!result.rows || gw_row(arena, &result, cols, 2, out, &ignored));
    gw_err_clear(&ignored);
    return ok;
}

static void say(gw_runner *r, gw_arena *arena, gw_err *err)
{
    const char *schema = gw_quote_ident(arena, r->tenant ? r->tenant : "");
    const char *role = gw_quote_ident(arena, gw_session_role(r->work));
    now at = {0};
    bool known = look(r, arena, &at);
    if (known && at.name && strcmp(at.name, r->tenant) == 0 && !at.may_use) {
        gw_err_set(err, GW_ERR_PRIVILEGE, "role %s may not use schema %s of this tenant", role, schema);
        gw_err_hint(err, "GRANT USAGE, CREATE ON SCHEMA %s TO %s", schema, role);
    } else if (known && !at.name) {
        gw_err_set(err, GW_ERR_STATE, "schema %s of this tenant is gone", schema);
        gw_err_hint(err, "it was dropped while this ran: run the command again, which looks for the "
                         "tenants anew");
    } else if (known && strcmp(at.name, r->tenant) != 0) {
        gw_err_set(err, GW_ERR_STATE, "schema %s of this tenant is called %s now", schema,
                   gw_quote_ident(arena, at.name));
        gw_err_hint(err, "it was renamed while this ran: run the command again, which looks for the "
                         "tenants anew");
    } else {
        gw_err_set(err, GW_ERR_STATE, "schema %s of this tenant was not where its file would run", schema);
        gw_err_hint(err, "the schema or its rights were changed while this ran, or by the file itself: take "
                         "that out of the file, or run the command again");
    }
    gw_err_detail(err, "names without a schema would be looked for and made in another one of the "
                       "search_path (%s)", r->search_path);
}

void gw_tenant_explain(gw_runner *r, gw_err *err)
{
    if (!r->search_path || !is_ours(err))
        return;
    gw_err said = {0};
    gw_arena *arena = gw_arena_new();
    say(r, arena, &said);
    for (size_t i = 0; i < err->context_count; i++)
        gw_err_context(&said, "%s", err->contexts[i]);
    gw_err_move(err, &said);
    gw_err_clear(&said);
    gw_arena_free(arena);
}
