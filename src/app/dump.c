#include "app/internal.h"
#include "app/schema.h"
#include "app/side.h"

/* *nothing: what a tenant's schema stands on before anything of it is there; NULL where it is no tenant. */
static bool read_both(gw_app *app, gw_arena *arena, gw_schema **nothing, gw_schema **schema,
                      gw_err *err)
{
    gw_target target;
    gw_session *session = NULL;
    const gw_scope *scope = NULL;
    *nothing = NULL;
    if (!gw_app_one_target(app, arena, false, &target, err) ||
        !gw_app_scope(app, arena, &target, &scope, err))
        return false;
    gw_connect connect = target.connect;
    connect.pinned = true;
    bool ok = gw_session_open(arena, &connect, &session, err) &&
              (scope ? gw_scope_read(scope, session, arena, nothing, schema, err)
                     : gw_schema_read(session, arena, NULL, schema, err));
    gw_session_close(session);
    return ok;
}

bool gw_app_schema(gw_app *app, gw_arena *arena, gw_schema **schema, gw_err *err)
{
    gw_schema *nothing;
    return read_both(app, arena, &nothing, schema, err);
}

bool gw_app_dump(gw_app *app, gw_arena *arena, const gw_schema **schema,
                 const gw_schema_plan **plan, gw_err *err)
{
    gw_schema *read = NULL, *nothing;
    gw_schema_plan *made = NULL;
    gw_ddl_options options = {0};
    if (!read_both(app, arena, &nothing, &read, err))
        return false;
    *schema = read;
    if (!nothing)
        nothing = gw_schema_empty(arena, read->server_version);
    bool ok = gw_schema_plan_make(arena, nothing, read, &options, &made, err);
    *plan = made;
    return ok;
}
