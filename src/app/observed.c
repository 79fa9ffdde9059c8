#include "app/observed.h"

#include <string.h>

#include "pg/query.h"
#include "sql/quote.h"
#include "sql_app.h"

typedef struct seen {
    int64_t oid, number, up;
    const char *schema, *name, *column;
} seen;

struct gw_observed {
    seen *rows; /* by oid, then number */
    size_t count;
};

bool gw_observe(gw_session *session, gw_arena *arena, gw_observed **out, gw_err *err)
{
    static const gw_col cols[] = {
        {"oid", GW_COL_INT, true, offsetof(seen, oid)},
        {"number", GW_COL_INT, true, offsetof(seen, number)},
        {"schema", GW_COL_TEXT, true, offsetof(seen, schema)},
        {"name", GW_COL_TEXT, true, offsetof(seen, name)},
        {"column_name", GW_COL_TEXT, true, offsetof(seen, column)},
        {"up", GW_COL_INT, false, offsetof(seen, up)},
    };
    gw_observed *observed = gw_alloc(arena, sizeof *observed);
    gw_result result;
    if (!gw_query(session, arena, &gw_sql_tables_seen, NULL, 0, &result, err) ||
        !gw_rows(arena, &result, cols, sizeof cols / sizeof *cols, sizeof *observed->rows,
                 (void **)&observed->rows, err))
        return false;
    observed->count = result.rows;
    *out = observed;
    return true;
}

/* number 0: any column of the table. */
static const seen *find(const gw_observed *o, int64_t oid, int64_t number)
{
    size_t low = 0, high = o->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const seen *row = &o->rows[middle];
        if (row->oid < oid || (row->oid == oid && row->number < number))
            low = middle + 1;
        else
            high = middle;
    }
    bool found =
        low < o->count && o->rows[low].oid == oid && (number == 0 || o->rows[low].number == number);
    return found ? &o->rows[low] : NULL;
}

/* Did the statements' text say it, this way or another? */
static bool is_known(const gw_losses *losses, const char *table, const char *object)
{
    for (size_t i = 0; i < losses->len; i++) {
        gw_loss_kind kind = losses->items[i].kind;
        bool whole = kind == GW_LOSS_TABLE || kind == GW_LOSS_TRUNCATED || kind == GW_LOSS_DELETED;
        if ((kind == GW_LOSS_COLUMN && strcmp(losses->items[i].object, object) == 0) ||
            (whole && strcmp(losses->items[i].object, table) == 0))
            return true;
    }
    return false;
}

static bool is_partition_of_gone(const gw_observed *after, const seen *row)
{
    return row->up != GW_NULL_INT && !find(after, row->up, 0);
}

static void add(gw_arena *arena, const seen *row, bool whole, gw_losses *losses)
{
    const char *table = gw_display_name(arena, row->schema, row->name);
    const char *column = gw_display_name(arena, NULL, row->column);
    const char *object = whole ? table : gw_printf(arena, "%s.%s", table, column);
    const char *quoted = gw_quote_name(arena, row->schema, row->name);
    if (is_known(losses, table, object))
        return;
    const char *sql = gw_printf(arena, "SELECT pg_catalog.count(*) AS n FROM %s", quoted);
    if (!whole)
        sql = gw_printf(arena, "%s WHERE %s IS DISTINCT FROM NULL", sql,
                        gw_quote_ident(arena, row->column));
    *gw_vec_push(arena, losses) = (gw_loss){.kind = whole ? GW_LOSS_TABLE : GW_LOSS_COLUMN,
                                            .object = object,
                                            .count_sql = sql,
                                            .table = quoted,
                                            .column = whole ? NULL : row->column,
                                            .rows = -1,
                                            .only_observed = true};
}

bool gw_observe_losses(const gw_observed *before, gw_session *session, gw_arena *arena,
                       gw_losses *losses, gw_err *err)
{
    gw_observed *after = NULL;
    int64_t told = -1;
    if (!gw_observe(session, arena, &after, err))
        return false;
    for (size_t i = 0; i < before->count; i++) {
        const seen *row = &before->rows[i];
        if (row->oid == told || find(after, row->oid, row->number))
            continue;
        bool whole = !find(after, row->oid, 0);
        if (whole)
            told = row->oid;
        /* A column of a partition goes with that of the whole. */
        bool with_parent = whole ? is_partition_of_gone(after, row) : row->up != GW_NULL_INT;
        if (!with_parent)
            add(arena, row, whole, losses);
    }
    return true;
}
