#include "app/place.h"

#include <string.h>

#include "app/internal.h"
#include "config/place.h"
#include "pg/conninfo.h"

/* The server's words: database "NAME" does not exist. */
static bool names(gw_arena *arena, const gw_err *err, const char *database)
{
    return database && strstr(err->detail, gw_printf(arena, "\"%s\"", database));
}

void gw_app_place_database(gw_app *app, gw_err *err)
{
    if (strcmp(err->sqlstate, "3D000") != 0 || err->kind != GW_ERR_CONNECT || err->file || !err->detail ||
        !app->environment_known)
        return;
    gw_arena *arena = gw_arena_new();
    const gw_environment *env = &app->environment;
    gw_config_place at = {0};
    for (size_t i = 0; !at.file && i < env->for_each.database_count; i++)
        if (names(arena, err, env->for_each.databases[i])) {
            at = gw_config_tenant_place(&app->config, env, env->for_each.databases[i]);
            /* A database may be called so; hardly one that is not there. */
            const char *hint = gw_config_pattern_hint(arena, env->for_each.databases[i]);
            if (hint)
                gw_err_hint(err, "%s", hint);
        }
    for (int direct = 1; !at.file && direct >= 0; direct--) {
        const char *url = direct ? env->direct_url : env->url;
        if (url && names(arena, err, gw_conninfo_dbname(arena, url)))
            at = gw_config_url_place(&app->config, env, direct);
    }
    if (at.file)
        gw_err_at(err, at.file, at.line, at.col);
    gw_arena_free(arena);
}
