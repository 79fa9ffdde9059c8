#include "app/internal.h"
#include "app/schema.h"
#include "app/side.h"

bool gw_app_dump(gw_app *app, gw_arena *arena, const gw_schema **schema,
                 const gw_schema_plan **plan, gw_err *err)
{
    gw_target target;
    gw_session *session = NULL;
    gw_schema *read = NULL, *nothing = NULL;
    gw_schema_plan *made = NULL;
    const gw_scope *scope = NULL;
    if (!gw_app_one_target(app, arena, false, &target, err) ||
        !gw_app_scope(app, arena, &target, &scope, err))
        return false;
    gw_connect connect = target.connect;
    connect.pinned = true;
    bool ok = gw_session_open(arena, &connect, &session, err) &&
              (scope ? gw_scope_read(scope, session, arena, &nothing, &read, err)
                     : gw_schema_read(session, arena, NULL, &read, err));
    gw_session_close(session);
    if (!ok)
        return false;
    gw_ddl_options options = {0};
    *schema = read;
    if (!nothing)
        nothing = gw_schema_empty(arena, read->server_version);
    ok = gw_schema_plan_make(arena, nothing, read, &options, &made, err);
    *plan = made;
    return ok;
}
