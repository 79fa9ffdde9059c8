#include <string.h>

#include "migrate/adopt/internal.h"
#include "sql/quote.h"
#include "sql_migrate.h"

bool gw_adopt_defaults(gw_adoption *a, gw_foreign_defaults *out, gw_err *err)
{
    static const gw_col cols[] = {
        {"schemas", GW_COL_TEXT, true, offsetof(gw_foreign_defaults, schemas)},
        {"time_zone", GW_COL_TEXT, true, offsetof(gw_foreign_defaults, time_zone)},
    };
    gw_result result;
    return gw_exec(a->session, "SET LOCAL search_path TO DEFAULT", err) &&
           gw_query(a->session, a->arena, &gw_sql_session_defaults, NULL, 0, &result, err) &&
           gw_row(a->arena, &result, cols, 2, out, err) &&
           gw_exec(a->session, "SET LOCAL search_path TO pg_catalog, pg_temp", err);
}

static bool nothing_found(const gw_adoption *a, const char *schemas, gw_err *err)
{
    const gw_adopter *it = a->adopter;
    const char *tool = gw_format_name(it->format);
    const char *name = a->options->table ? a->options->table : it->table;
    gw_err_set(err, GW_ERR_STATE, "this database has no table %s of %s", name, tool);
    gw_err_detail(err, "looked in the search_path %s, and in every other schema", schemas);
    return gw_err_hint(err, "is it the database that %s ran on? (`godwit status` says which one this "
                            "is.) Is its table named otherwise: --table [SCHEMA.]NAME", tool);
}

static bool several_found(const gw_adoption *a, const gw_foreign_place *places, size_t count,
                          gw_err *err)
{
    gw_buf list = GW_BUF(a->arena);
    for (size_t i = 0; i < count; i++)
        gw_buf_addf(&list, "%s%s", i ? ", " : "",
                    gw_display_name(a->arena, places[i].schema_name, a->table));
    gw_err_set(err, GW_ERR_STATE, "several tables are named %s", a->table);
    gw_err_detail(err, "%s; none of them is in the search_path", gw_buf_str(&list));
    return gw_err_hint(err, "say which: --table SCHEMA.%s", a->table);
}

static bool read_columns(gw_adoption *a, gw_err *err)
{
    static const gw_col cols[] = {
        {"name", GW_COL_TEXT, true, offsetof(gw_foreign_column, name)},
        {"type", GW_COL_TEXT, true, offsetof(gw_foreign_column, type)},
    };
    gw_param params[] = {gw_p_text(a->schema), gw_p_text(a->table)};
    gw_result result;
    void *rows = NULL;
    if (!gw_query(a->session, a->arena, &gw_sql_table_columns, params, 2, &result, err) ||
        !gw_rows(a->arena, &result, cols, 2, sizeof(gw_foreign_column), &rows, err))
        return false;
    a->columns = rows;
    a->column_count = result.rows;
    return true;
}

bool gw_adopt_has_column(const gw_adoption *a, const char *name)
{
    for (size_t i = 0; i < a->column_count; i++)
        if (strcmp(a->columns[i].name, name) == 0)
            return true;
    return false;
}

static bool wrong_table(const gw_adoption *a, const char *column, bool there, gw_err *err)
{
    const char *tool = gw_format_name(a->adopter->format);
    gw_err_set(err, GW_ERR_STATE, "%s is not a table of %s", a->shown, tool);
    gw_err_detail(err, there ? "it has a column %s" : "it has no column %s", column);
    if (a->adopter->format == GW_FORMAT_DBMATE && there)
        return gw_err_hint(err, "this is golang-migrate's: godwit adopt --from golang-migrate");
    if (a->adopter->format == GW_FORMAT_GOLANG_MIGRATE)
        return gw_err_hint(err, "dbmate's table has the same name: godwit adopt --from dbmate");
    return gw_err_hint(err, "which tool made it? `godwit adopt --help` lists those that Godwit "
                            "knows");
}

bool gw_adopt_columns_fit(const gw_adoption *a, const char **column, bool *there)
{
    *there = false;
    for (const char *const *at = a->adopter->columns; *at; at++) {
        *column = *at;
        if (!gw_adopt_has_column(a, *at))
            return false;
    }
    *there = true;
    *column = a->adopter->absent;
    return !*column || !gw_adopt_has_column(a, *column);
}

bool gw_adopt_places(gw_adoption *a, const gw_foreign_defaults *defaults, const char *only,
                     gw_foreign_place **out, size_t *count, gw_err *err)
{
    static const gw_col cols[] = {
        {"schema_name", GW_COL_TEXT, true, offsetof(gw_foreign_place, schema_name)},
        {"rank", GW_COL_INT, false, offsetof(gw_foreign_place, rank)},
    };
    gw_param params[] = {gw_p_text(a->table), gw_p_text(defaults->schemas), gw_p_text(only)};
    gw_result result;
    void *rows = NULL;
    if (!gw_query(a->session, a->arena, &gw_sql_tables_named, params, 3, &result, err) ||
        !gw_rows(a->arena, &result, cols, 2, sizeof(gw_foreign_place), &rows, err))
        return false;
    *out = rows;
    *count = result.rows;
    return true;
}

bool gw_adopt_choose(gw_adoption *a, const gw_foreign_defaults *defaults, const char *schema,
                     gw_err *err)
{
    a->schema = schema;
    a->sql_name = gw_quote_name(a->arena, a->schema, a->table);
    a->shown = gw_display_name(a->arena, a->schema, a->table);
    a->time_zone = defaults->time_zone;
    return read_columns(a, err);
}

bool gw_adopt_find_table(gw_adoption *a, gw_err *err)
{
    gw_foreign_defaults d;
    gw_foreign_place *places = NULL;
    size_t count = 0;
    const char *only = a->options->schema;
    a->table = a->adopter->table;
    if (a->options->table) {
        const char *dot = strchr(a->options->table, '.');
        a->table = dot ? dot + 1 : a->options->table;
        if (dot)
            only = gw_strndup(a->arena, a->options->table, (size_t)(dot - a->options->table));
    }
    if (!gw_adopt_defaults(a, &d, err) || !gw_adopt_places(a, &d, only, &places, &count, err))
        return false;
    const gw_foreign_place *chosen =
        count && places[0].rank != GW_NULL_INT ? &places[0] : NULL;
    /* A tool with a schema of its own puts it there whatever the search_path is. */
    for (size_t i = 0; i < count && a->adopter->schema; i++)
        if (strcmp(places[i].schema_name, a->adopter->schema) == 0)
            chosen = &places[i];
    if (!chosen && count == 1)
        chosen = &places[0];
    if (!chosen)
        return count ? several_found(a, places, count, err) : nothing_found(a, d.schemas, err);
    const char *column = NULL;
    bool there = false;
    return gw_adopt_choose(a, &d, chosen->schema_name, err) &&
           (gw_adopt_columns_fit(a, &column, &there) || wrong_table(a, column, there, err));
}

const char *gw_adopt_time(const gw_adoption *a, const char *column)
{
    const char *name = gw_quote_ident(a->arena, column);
    for (size_t i = 0; i < a->column_count; i++)
        if (strcmp(a->columns[i].name, column) == 0 &&
            strcmp(a->columns[i].type, "timestamp without time zone") == 0)
            return gw_printf(a->arena, "pg_catalog.timezone(%s, %s)",
                             gw_quote_literal(a->arena, a->time_zone), name);
    return gw_printf(a->arena, "%s::pg_catalog.timestamptz", name);
}

bool gw_adopt_select(gw_adoption *a, const char *what, const char *rest, const gw_col *cols,
                     size_t col_count, size_t row_size, void **rows, size_t *count, gw_err *err)
{
    gw_result result;
    const char *text = gw_printf(a->arena, "SELECT %s FROM %s %s", what, a->sql_name, rest);
    if (!gw_query_text(a->session, a->arena, "migrate/adopt", text, NULL, 0, &result, err) ||
        !gw_rows(a->arena, &result, cols, col_count, row_size, rows, err))
        return gw_err_context(err, "while reading %s", a->shown);
    *count = result.rows;
    return true;
}
