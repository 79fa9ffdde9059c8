/* What is left behind: databases of dead runs, roles that files made. */
#include <string.h>

#include "base/clock.h"
#include "pg/shadow_internal.h"
#include "sql_pg.h"

enum { END_MS = 10 * 1000, BOOTSTRAP_ROLE = 10 };

bool gw_shadow_databases(gw_shadow *shadow, gw_arena *arena, gw_shadow_row **rows, size_t *count,
                         gw_err *err)
{
    static const gw_col cols[] = {
        {"name", GW_COL_TEXT, true, offsetof(gw_shadow_row, name)},
        {"used_at", GW_COL_TEXT, false, offsetof(gw_shadow_row, used_at)},
        {"is_shadow", GW_COL_BOOL, true, offsetof(gw_shadow_row, is_shadow)},
        {"is_template", GW_COL_BOOL, true, offsetof(gw_shadow_row, is_template)},
        {"is_dead", GW_COL_BOOL, true, offsetof(gw_shadow_row, is_dead)},
    };
    gw_result result;
    void *found = NULL;
    bool ok = gw_query(shadow->admin, arena, &gw_sql_shadow_databases, NULL, 0, &result, err) &&
              gw_rows(arena, &result, cols, sizeof cols / sizeof *cols, sizeof **rows, &found,
                      err);
    *rows = found;
    *count = ok ? result.rows : 0;
    return ok;
}

bool gw_shadow_names(gw_shadow *shadow, gw_arena *arena, const gw_sql *sql, const char *param,
                     const char ***names, size_t *count, gw_err *err)
{
    static const gw_col cols[] = {{"name", GW_COL_TEXT, true, 0}};
    gw_param value = gw_p_text(param);
    gw_result result;
    void *found = NULL;
    bool ok = gw_query(shadow->admin, arena, sql, &value, param ? 1 : 0, &result, err) &&
              gw_rows(arena, &result, cols, 1, sizeof **names, &found, err);
    *names = found;
    *count = ok ? result.rows : 0;
    return ok;
}

/* ---- dropping a database --------------------------------------------------------------- */

/* PostgreSQL itself looks again only every 100 ms: we wait for the last session by ourselves. */
bool gw_shadow_end_sessions(gw_shadow *shadow, const char *name, gw_err *err)
{
    struct {
        int64_t sessions;
    } row = {0};
    static const gw_col cols[] = {{"sessions", GW_COL_INT, true, 0}};
    int64_t end = gw_monotonic_us() + (int64_t)END_MS * 1000;
    gw_arena *scratch = gw_arena_new();
    gw_param param = gw_p_text(name);
    bool ok;
    do {
        gw_result result;
        ok = gw_query(shadow->admin, scratch, &gw_sql_shadow_end_sessions, &param, 1, &result,
                      err) &&
             gw_row(scratch, &result, cols, 1, &row, err);
        if (ok && row.sessions > 0)
            gw_sleep_ms(2, NULL);
    } while (ok && row.sessions > 0 && gw_monotonic_us() < end);
    gw_arena_free(scratch);
    return ok;
}

bool gw_shadow_has_subscriptions(gw_shadow *shadow, const char *name, bool *has, gw_err *err)
{
    gw_arena *scratch = gw_arena_new();
    const char **names;
    size_t count = 0;
    bool ok = gw_shadow_names(shadow, scratch, &gw_sql_shadow_subscriptions, name, &names, &count, err);
    *has = count > 0;
    gw_arena_free(scratch);
    return ok;
}

/* Without its slot's name a subscription is dropped without asking its publisher. */
static bool drop_subscriptions(gw_shadow *shadow, gw_arena *arena, const char *database,
                               gw_err *err)
{
    const char **names;
    size_t count;
    char *url = NULL;
    gw_session *session = NULL;
    if (!gw_shadow_names(shadow, arena, &gw_sql_shadow_subscriptions, database, &names, &count, err))
        return false;
    if (count == 0)
        return true;
    gw_connect connect = {.pinned = true, .pooler = GW_POOLER_NO, .log = shadow->options.log};
    bool ok = gw_conninfo_with_dbname(arena, shadow->admin_url, database, &url, err);
    connect.conninfo = url;
    ok = ok && gw_session_open(arena, &connect, &session, err);
    for (size_t i = 0; ok && i < count; i++) {
        const char *name = gw_shadow_ident(shadow, arena, names[i]);
        ok = gw_exec(session, gw_printf(arena, "ALTER SUBSCRIPTION %s DISABLE", name), err) &&
             gw_exec(session,
                     gw_printf(arena, "ALTER SUBSCRIPTION %s SET (slot_name = NONE)", name),
                     err) &&
             gw_exec(session, gw_printf(arena, "DROP SUBSCRIPTION %s", name), err);
    }
    gw_session_close(session);
    return ok;
}

bool gw_shadow_drop_named(gw_shadow *shadow, const char *name, gw_err *err)
{
    gw_arena *scratch = gw_arena_new();
    const char *quoted = gw_shadow_ident(shadow, scratch, name);
    bool ok = drop_subscriptions(shadow, scratch, name, err) &&
              gw_shadow_end_sessions(shadow, name, err) &&
              gw_shadow_run(shadow, err, "DROP DATABASE IF EXISTS %s%s", quoted,
                            gw_session_version(shadow->admin) >= 130000 ? " WITH (FORCE)" : "");
    gw_arena_free(scratch);
    return ok;
}

/* ---- when we are alone ----------------------------------------------------------------- */

typedef struct role {
    int64_t oid;
    const char *name;
} role;

static bool read_roles(gw_shadow *shadow, gw_arena *arena, role **roles, size_t *count,
                       gw_err *err)
{
    static const gw_col cols[] = {{"oid", GW_COL_INT, true, offsetof(role, oid)},
                                  {"name", GW_COL_TEXT, true, offsetof(role, name)}};
    gw_result result;
    void *found = NULL;
    bool ok = gw_query(shadow->admin, arena, &gw_sql_shadow_roles, NULL, 0, &result, err) &&
              gw_rows(arena, &result, cols, 2, sizeof **roles, &found, err);
    *roles = found;
    *count = ok ? result.rows : 0;
    return ok;
}

/* Dropped, or where a template needs it, stripped of what a file gave it. */
static bool restore_role(gw_shadow *shadow, gw_arena *arena, const role *of, gw_err *err)
{
    const char *name = gw_shadow_ident(shadow, arena, of->name);
    gw_err needed = {0};
    if (of->oid == BOOTSTRAP_ROLE) {
        if (strcmp(of->name, GW_SERVER_ROLE) != 0 &&
            !gw_shadow_run(shadow, err, "ALTER ROLE %s RENAME TO " GW_SERVER_ROLE, name))
            return false;
        return gw_shadow_run(shadow, err,
                             "ALTER ROLE " GW_SERVER_ROLE " SUPERUSER CREATEDB CREATEROLE INHERIT "
                             "LOGIN REPLICATION BYPASSRLS CONNECTION LIMIT -1 PASSWORD NULL "
                             "VALID UNTIL 'infinity'") &&
               gw_shadow_run(shadow, err, "ALTER ROLE " GW_SERVER_ROLE " RESET ALL");
    }
    if (gw_shadow_run(shadow, &needed, "DROP ROLE %s", name))
        return true;
    gw_err_clear(&needed);
    return gw_shadow_run(shadow, err,
                         "ALTER ROLE %s NOSUPERUSER NOCREATEDB NOCREATEROLE INHERIT NOLOGIN "
                         "NOREPLICATION NOBYPASSRLS CONNECTION LIMIT -1 PASSWORD NULL "
                         "VALID UNTIL 'infinity'",
                         name) &&
           gw_shadow_run(shadow, err, "ALTER ROLE %s RESET ALL", name);
}

static bool restore_roles(gw_shadow *shadow, gw_arena *arena, gw_err *err)
{
    role *roles;
    size_t count;
    bool ok = read_roles(shadow, arena, &roles, &count, err);
    for (size_t i = 0; ok && i < count; i++)
        if (strcmp(roles[i].name, GW_SERVER_ADMIN) != 0 && strncmp(roles[i].name, "pg_", 3) != 0)
            ok = restore_role(shadow, arena, &roles[i], err);
    return ok;
}

static bool drop_tablespaces(gw_shadow *shadow, gw_arena *arena, gw_err *err)
{
    const char **names;
    size_t count;
    bool ok = gw_shadow_names(shadow, arena, &gw_sql_shadow_tablespaces, NULL, &names, &count, err);
    for (size_t i = 0; ok && i < count; i++) {
        gw_err needed = {0}; /* by a template */
        if (strncmp(names[i], "pg_", 3) == 0)
            continue;
        if (!gw_shadow_run(shadow, &needed, "DROP TABLESPACE %s",
                           gw_shadow_ident(shadow, arena, names[i])))
            gw_err_clear(&needed);
    }
    return ok;
}

static bool drop_dead(gw_shadow *shadow, gw_arena *arena, bool alone, gw_err *err)
{
    gw_shadow_row *rows;
    size_t count;
    if (!gw_shadow_databases(shadow, arena, &rows, &count, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        gw_err trouble = {0};
        bool gone = alone ? !rows[i].is_template : rows[i].is_shadow && rows[i].is_dead;
        if (!gone || gw_shadow_drop_named(shadow, rows[i].name, &trouble))
            continue;
        if (alone) {
            gw_err_move(err, &trouble);
            return false;
        }
        /* Two who tidy at once, or somebody else's role on a server that is shared. */
        gw_err_clear(&trouble);
    }
    return true;
}

bool gw_shadow_tidy(gw_shadow *shadow, bool alone, gw_err *err)
{
    gw_arena *scratch = gw_arena_new();
    bool ok = drop_dead(shadow, scratch, alone, err) &&
              (!alone || (restore_roles(shadow, scratch, err) &&
                          drop_tablespaces(shadow, scratch, err)));
    gw_arena_free(scratch);
    return ok;
}
