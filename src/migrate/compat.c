#include "migrate/compat.h"

#include <string.h>

#include "migrate/foreign.h"
#include "migrate/internal.h"
#include "sql/quote.h"
#include "sql_migrate.h"

static const char table[] = "_sqlx_migrations";

/* The schema where an unqualified name is found, or made: that of sqlx's own sessions. */
static bool find_schema(gw_arena *arena, gw_session *session, const char **out, bool *there,
                        gw_err *err)
{
    typedef struct found {
        const char *schema_name;
        bool there;
    } found;
    static const gw_col cols[] = {
        {"schema_name", GW_COL_TEXT, false, offsetof(found, schema_name)},
        {"is_there", GW_COL_BOOL, true, offsetof(found, there)},
    };
    found row = {0};
    gw_param param = gw_p_text(table);
    gw_result result;
    if (!gw_session_begin(session, NULL, err))
        return false;
    bool ok = gw_exec(session, "SET LOCAL search_path TO DEFAULT", err) &&
              gw_query(session, arena, &gw_sql_unqualified_table, &param, 1, &result, err) &&
              gw_row(arena, &result, cols, 2, &row, err);
    gw_session_rollback(session);
    if (!ok)
        return false;
    *out = row.schema_name;
    *there = row.there;
    if (*out)
        return true;
    gw_err_set(err, GW_ERR_STATE, "there is no schema for the table %s", table);
    gw_err_detail(err, "no schema of the search_path exists");
    return gw_err_hint(err, "create one of them, or leave out `compat: sqlx`");
}

/* As sqlx declares it. */
const char *gw_compat_make_sql(gw_arena *arena, const gw_compat *compat)
{
    return gw_printf(arena,
                     "CREATE TABLE IF NOT EXISTS %s (\n"
                     "    version BIGINT PRIMARY KEY,\n"
                     "    description TEXT NOT NULL,\n"
                     "    installed_on TIMESTAMPTZ NOT NULL DEFAULT pg_catalog.now(),\n"
                     "    success BOOLEAN NOT NULL,\n"
                     "    checksum BYTEA NOT NULL,\n"
                     "    execution_time BIGINT NOT NULL\n"
                     ")",
                     compat->name);
}

static bool make_table(gw_arena *arena, gw_session *session, const gw_compat *compat, gw_err *err)
{
    return gw_exec(session, gw_compat_make_sql(arena, compat), err) ||
           gw_err_context(err, "while making sqlx's table for `compat: sqlx`");
}

static bool check_clean(gw_arena *arena, gw_session *session, const char *name, gw_err *err)
{
    typedef struct dirty_row {
        const char *version;
    } dirty_row;
    static const gw_col cols[] = {{"version", GW_COL_TEXT, true, offsetof(dirty_row, version)}};
    gw_result result;
    void *rows = NULL;
    const char *text = gw_printf(
        arena, "SELECT version::text AS version FROM %s WHERE NOT success ORDER BY 1 LIMIT 1", name);
    if (!gw_query_text(session, arena, "migrate/compat", text, NULL, 0, &result, err) ||
        !gw_rows(arena, &result, cols, 1, sizeof(dirty_row), &rows, err))
        return false;
    if (!result.rows)
        return true;
    gw_err_set(err, GW_ERR_STATE, "sqlx left version %s half-done", ((const dirty_row *)rows)->version);
    gw_err_detail(err, "success is false in %s; a service that embeds sqlx does not start", name);
    return gw_err_hint(err, "see what it left in the database, put that right, and set success to "
                            "true or delete the row");
}

static bool is_there(gw_arena *arena, gw_session *session, const char *name, bool *there, gw_err *err)
{
    static const gw_col cols[] = {{"is_there", GW_COL_BOOL, true, 0}};
    gw_param param = gw_p_text(name);
    gw_result result;
    return gw_query(session, arena, &gw_sql_relation_there, &param, 1, &result, err) &&
           gw_row(arena, &result, cols, 1, there, err);
}

bool gw_compat_find(gw_arena *arena, gw_session *session, const char *schema, gw_compat **out,
                    gw_err *err)
{
    gw_compat *compat = gw_alloc(arena, sizeof *compat);
    bool asked = schema != NULL;
    compat->there = false;
    compat->filled = 0;
    if (!asked && !find_schema(arena, session, &schema, &compat->there, err))
        return false;
    compat->name = gw_quote_name(arena, schema, table);
    *out = compat;
    return !asked || is_there(arena, session, compat->name, &compat->there, err);
}

static bool make_filled(gw_arena *arena, gw_session *session, gw_compat *compat, const gw_plan *plan, gw_err *err)
{
    if (!gw_session_begin(session, NULL, err))
        return false;
    bool ok = make_table(arena, session, compat, err);
    for (size_t i = 0; ok && plan && i < plan->len; i++)
        if (gw_compat_settled(&plan->items[i])) {
            ok = gw_compat_mend(compat, session, plan->items[i].file, plan->items[i].row, err);
            compat->filled += gw_compat_version(plan->items[i].file->version) != NULL;
        }
    if (ok)
        return gw_session_commit(session, err);
    gw_session_rollback(session);
    return false;
}

bool gw_compat_open(gw_arena *arena, gw_session *session, const char *schema, const gw_plan *plan,
                    gw_compat **out, gw_err *err)
{
    if (!gw_compat_find(arena, session, schema, out, err) ||
        (!(*out)->there && !make_filled(arena, session, *out, plan, err)))
        return false;
    (*out)->there = true;
    return check_clean(arena, session, (*out)->name, err);
}

bool gw_compat_is_there(const gw_compat *compat)
{
    return compat->there;
}

size_t gw_compat_filled(const gw_compat *compat)
{
    return compat->filled;
}

bool gw_compat_try(gw_arena *arena, gw_session *session, const char *schema, gw_err *err)
{
    gw_compat *compat;
    if (!gw_compat_find(arena, session, schema, &compat, err))
        return false;
    if (compat->there)
        return check_clean(arena, session, compat->name, err);
    if (!gw_session_begin(session, NULL, err))
        return false;
    gw_err problem = {0};
    bool made = make_table(arena, session, compat, &problem) ||
                strcmp(problem.sqlstate, "23505") == 0; /* another runner has, just now */
    gw_session_rollback(session);
    if (!made)
        gw_err_move(err, &problem);
    gw_err_clear(&problem);
    return made;
}

const char *gw_compat_version(const char *version)
{
    static const char most[] = "9223372036854775807";
    size_t len = strspn(version, "0123456789");
    if (!len || version[len])
        return NULL;
    while (*version == '0' && version[1])
        version++;
    len = strlen(version);
    bool fits = len < sizeof most - 1 || (len == sizeof most - 1 && strcmp(version, most) <= 0);
    return fits ? version : NULL;
}

bool gw_compat_checksum(gw_arena *arena, const gw_migration *file, const char **out, gw_err *err)
{
    gw_migration as_sqlx = *file;
    as_sqlx.format = GW_FORMAT_SQLX;
    return gw_foreign_checksum(arena, &as_sqlx, false, out, err);
}

static const char *description(gw_arena *arena, const char *name)
{
    char *text = gw_strdup(arena, name ? name : "");
    for (char *at = text; *at; at++)
        if (*at == '_')
            *at = ' ';
    return text;
}

bool gw_compat_statement(const gw_compat *compat, gw_arena *arena, const gw_migration *migration,
                         bool revert, const char **text, gw_param params[GW_COMPAT_PARAMS],
                         size_t *count, gw_err *err)
{
    *text = NULL;
    *count = 0;
    if (!gw_compat_version(migration->version))
        return true;
    params[0] = gw_p_text(migration->version);
    if (revert) {
        *count = 1;
        *text = gw_printf(arena,
                          "DELETE FROM %s WHERE version OPERATOR(pg_catalog.=) "
                          "$1::pg_catalog.int8",
                          compat->name);
        return true;
    }
    const char *checksum = NULL;
    if (!gw_compat_checksum(arena, migration, &checksum, err))
        return false;
    params[1] = gw_p_text(description(arena, migration->name));
    params[2] = gw_p_text(checksum);
    *count = 3;
    /* execution_time is in nanoseconds. */
    *text = gw_printf(
        arena,
        "INSERT INTO %s (version, description, success, checksum, execution_time) "
        "VALUES ($1::pg_catalog.int8, $2::pg_catalog.text, true, "
        "pg_catalog.decode($3::pg_catalog.text, 'hex'), "
        "pg_catalog.int8(pg_catalog.date_part('epoch', pg_catalog.timestamptz_mi("
        "pg_catalog.clock_timestamp(), pg_catalog.transaction_timestamp())) "
        "OPERATOR(pg_catalog.*) 1000000000::pg_catalog.float8)) "
        "ON CONFLICT (version) DO UPDATE SET description = EXCLUDED.description, "
        "installed_on = pg_catalog.now(), success = true, checksum = EXCLUDED.checksum, "
        "execution_time = EXCLUDED.execution_time",
        compat->name);
    return true;
}

static bool run_statement(const gw_compat *compat, gw_session *session,
                          const gw_migration *migration, bool revert, gw_err *err)
{
    gw_arena *arena = gw_arena_new();
    gw_param params[GW_COMPAT_PARAMS];
    const char *text = NULL;
    size_t count = 0;
    gw_result result;
    bool ok = gw_compat_statement(compat, arena, migration, revert, &text, params, &count, err) &&
              (!text || gw_query_text(session, arena, "migrate/compat", text, params, count,
                                      &result, err));
    gw_arena_free(arena);
    return ok;
}

bool gw_compat_add(void *self, gw_session *session, const gw_migration *migration, bool revert,
                   gw_err *err)
{
    return run_statement(self, session, migration, revert, err);
}

bool gw_compat_mend_statement(const gw_compat *compat, gw_arena *arena, const gw_migration *file,
                              const gw_applied *row, const char **text,
                              gw_param params[GW_COMPAT_MEND_PARAMS], gw_err *err)
{
    const char *checksum = NULL;
    *text = NULL;
    if (!gw_compat_version(file->version))
        return true;
    if (!gw_compat_checksum(arena, file, &checksum, err))
        return false;
    int64_t nanoseconds = row->duration_ms == GW_NULL_INT ? -1 : row->duration_ms * 1000000;
    params[0] = gw_p_text(file->version);
    params[1] = gw_p_text(description(arena, file->name));
    params[2] = gw_p_text(checksum);
    params[3] = row->applied_at == GW_NULL_INT ? gw_p_text(NULL) : gw_p_int(row->applied_at);
    params[4] = gw_p_int(nanoseconds);
    *text = gw_printf(
        arena,
        "INSERT INTO %s (version, description, installed_on, success, checksum, execution_time) "
        "VALUES ($1::pg_catalog.int8, $2::pg_catalog.text, COALESCE(pg_catalog."
        "to_timestamp($4::pg_catalog.int8::pg_catalog.float8 OPERATOR(pg_catalog./) 1000000), "
        "pg_catalog.now()), true, pg_catalog.decode($3::pg_catalog.text, 'hex'), "
        "$5::pg_catalog.int8) ON CONFLICT (version) DO UPDATE SET "
        "description = EXCLUDED.description, checksum = EXCLUDED.checksum",
        compat->name);
    return true;
}

bool gw_compat_mend(const gw_compat *compat, gw_session *session, const gw_migration *file,
                    const gw_applied *row, gw_err *err)
{
    gw_arena *arena = gw_arena_new();
    gw_param params[GW_COMPAT_MEND_PARAMS];
    const char *text;
    gw_result result;
    bool ok = gw_compat_mend_statement(compat, arena, file, row, &text, params, err) &&
              (!text || gw_query_text(session, arena, "migrate/compat", text, params,
                                      GW_COMPAT_MEND_PARAMS, &result, err));
    gw_arena_free(arena);
    return ok;
}

bool gw_compat_forget(const gw_compat *compat, gw_session *session, const char *version, gw_err *err)
{
    const gw_migration gone = {.version = version};
    return run_statement(compat, session, &gone, true, err);
}
