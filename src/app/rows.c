#include "app/rows.h"

#include <string.h>

#include "base/buf.h"
#include "sql/quote.h"
#include "sql_app.h"

enum { TABLES_AT_ONCE = 100 };

static const gw_col column_cols[] = {
    {"oid", GW_COL_INT, true, offsetof(gw_row_column, oid)},
    {"schema", GW_COL_TEXT, true, offsetof(gw_row_column, schema)},
    {"table", GW_COL_TEXT, true, offsetof(gw_row_column, table)},
    {"attnum", GW_COL_INT, true, offsetof(gw_row_column, attnum)},
    {"name", GW_COL_TEXT, true, offsetof(gw_row_column, name)},
    {"type", GW_COL_TEXT, true, offsetof(gw_row_column, type)},
    {"base", GW_COL_TEXT, true, offsetof(gw_row_column, base)},
    {"category", GW_COL_TEXT, true, offsetof(gw_row_column, category)},
    {"sort", GW_COL_TEXT, true, offsetof(gw_row_column, sort)},
    {"typmod", GW_COL_INT, true, offsetof(gw_row_column, typmod)},
    {"fields", GW_COL_INT, true, offsetof(gw_row_column, fields)},
    {"not_null", GW_COL_BOOL, true, offsetof(gw_row_column, not_null)},
    {"has_default", GW_COL_BOOL, true, offsetof(gw_row_column, has_default)},
    {"calls", GW_COL_BOOL, true, offsetof(gw_row_column, calls)},
    {"identity", GW_COL_BOOL, true, offsetof(gw_row_column, identity)},
    {"generated", GW_COL_BOOL, true, offsetof(gw_row_column, generated)},
    {"fingerprint", GW_COL_TEXT, true, offsetof(gw_row_column, fingerprint)},
};
enum { COLUMN_COLS = sizeof column_cols / sizeof *column_cols };

static void gather_tables(gw_arena *arena, gw_row_column *columns, size_t count, gw_rows_seen *out)
{
    for (size_t i = 0; i < count; i++) {
        if (!i || columns[i].oid != columns[i - 1].oid)
            *gw_vec_push(arena, out) =
                (gw_row_table){.schema = columns[i].schema,
                               .name = columns[i].table,
                               .shown = gw_display_name(arena, columns[i].schema, columns[i].table),
                               .ref = gw_quote_name(arena, columns[i].schema, columns[i].table),
                               .columns = &columns[i]};
        out->items[out->len - 1].column_count++;
    }
}

/* Sums of hashes: the same rows in any order have the same. */
static void add_select(gw_buf *sql, const gw_row_table *table, size_t number)
{
    gw_buf_addf(sql, "%sSELECT %zu::pg_catalog.int8 AS number, pg_catalog.count(*) AS rows, "
                     "pg_catalog.concat_ws(',', NULL::pg_catalog.text",
                number % TABLES_AT_ONCE ? " UNION ALL " : "", number);
    for (size_t c = 0; c < table->column_count; c++) {
        gw_buf_add(sql, ", coalesce(pg_catalog.sum(pg_catalog.hashtextextended(t.");
        gw_buf_add_ident(sql, table->columns[c].name);
        if (table->columns[c].cast)
            gw_buf_addf(sql, "::%s", table->columns[c].cast);
        gw_buf_add(sql, "::pg_catalog.text COLLATE pg_catalog.\"C\", 7)), -1)::pg_catalog.text"
                        " || ':' || pg_catalog.count(t.");
        gw_buf_add_ident(sql, table->columns[c].name);
        gw_buf_add(sql, ")::pg_catalog.text");
    }
    gw_buf_addf(sql, ") AS digests FROM %s t", table->ref);
}

typedef struct digest_row {
    int64_t number, rows;
    const char *digests;
} digest_row;

static bool look_at(gw_session *session, gw_arena *arena, gw_rows_seen *seen, size_t from,
                    gw_err *err)
{
    static const gw_col cols[] = {
        {"number", GW_COL_INT, true, offsetof(digest_row, number)},
        {"rows", GW_COL_INT, true, offsetof(digest_row, rows)},
        {"digests", GW_COL_TEXT, true, offsetof(digest_row, digests)},
    };
    gw_buf sql = GW_BUF(arena);
    gw_result result;
    digest_row *rows = NULL;
    for (size_t i = from; i < seen->len && i < from + TABLES_AT_ONCE; i++)
        add_select(&sql, &seen->items[i], i);
    if (!gw_query_text(session, arena, "digests of rows", gw_buf_str(&sql), NULL, 0, &result, err) ||
        !gw_rows(arena, &result, cols, 3, sizeof *rows, (void **)&rows, err))
        return false;
    for (size_t i = 0; i < result.rows; i++) {
        gw_row_table *table = &seen->items[rows[i].number];
        const char *at = rows[i].digests;
        table->rows = rows[i].rows;
        for (size_t c = 0; c < table->column_count; c++) {
            size_t len = strcspn(at, ",");
            table->columns[c].digest = gw_strndup(arena, at, len);
            at += len + (at[len] == ',');
        }
    }
    return true;
}

bool gw_rows_look(gw_session *session, gw_arena *arena, gw_rows_seen *out, gw_err *err)
{
    gw_result result;
    gw_row_column *columns = NULL;
    *out = (gw_rows_seen){0};
    if (!gw_query(session, arena, &gw_sql_row_columns, NULL, 0, &result, err) ||
        !gw_rows(arena, &result, column_cols, COLUMN_COLS, sizeof *columns, (void **)&columns, err))
        return false;
    gather_tables(arena, columns, result.rows, out);
    return gw_rows_digest(session, arena, out, err);
}

bool gw_rows_digest(gw_session *session, gw_arena *arena, gw_rows_seen *seen, gw_err *err)
{
    for (size_t i = 0; i < seen->len; i += TABLES_AT_ONCE)
        if (!look_at(session, arena, seen, i, err))
            return gw_err_context(err, "looking at the rows of a shadow database");
    return true;
}

const gw_row_table *gw_rows_find(const gw_rows_seen *seen, const char *schema, const char *name)
{
    for (size_t i = 0; i < seen->len; i++)
        if (strcmp(seen->items[i].name, name) == 0 && strcmp(seen->items[i].schema, schema) == 0)
            return &seen->items[i];
    return NULL;
}

const gw_row_column *gw_row_column_find(const gw_row_table *table, const char *name)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (strcmp(table->columns[i].name, name) == 0)
            return &table->columns[i];
    return NULL;
}
