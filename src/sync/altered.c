#include "sync/altered.h"

#include <string.h>

#include "base/buf.h"
#include "sql_sync.h"

/* ---- what is another one ------------------------------------------------------------------- */

static void differs(gw_buf *out, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void differs(gw_buf *out, const char *format, ...)
{
    va_list args;
    if (out->len)
        gw_buf_add(out, "; ");
    va_start(args, format);
    gw_buf_vaddf(out, format, args);
    va_end(args);
}

static bool same_text(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "") == 0;
}

/* What values are read by, or written as. */
static void compare_columns(const gw_source_relation *was, const gw_source_relation *is, bool reads,
                            gw_buf *out)
{
    for (size_t i = 0; i < was->column_count; i++) {
        const gw_source_column *had = &was->columns[i];
        const gw_source_column *has = gw_source_column_of(is, had->name);
        if (!has)
            differs(out, "column %s is gone", had->name);
        else if (had->type.oid != has->type.oid || had->type.typmod != has->type.typmod)
            differs(out, "column %s: %s now, was %s", had->name, has->type.type, had->type.type);
        else if (!same_text(had->collation, has->collation))
            differs(out, "column %s: another collation", had->name);
        else if (reads && had->not_null && !has->not_null)
            differs(out, "column %s may be NULL now", had->name);
    }
}

static bool altered(const gw_entity_plan *plan, const char *side, gw_buf *differences, gw_err *err)
{
    gw_err_set(err, GW_ERR_STATE, "the %s of %s was altered after this was planned: %s", side,
               plan->mapping->entity.text, gw_buf_str(differences));
    return gw_err_hint(err, "begin again: mappings are then held against the tables as they are now");
}

/* ---- the source ---------------------------------------------------------------------------- */

static bool describe(gw_session *session, gw_arena *arena, const gw_mapping *m,
                     gw_source_relation *out, bool *found, gw_err *err)
{
    *found = true;
    return m->source.query.text
               ? gw_pg_describe_query(session, arena,
                                      gw_printf(arena, "SELECT * FROM (%s\n) s",
                                                m->source.query.text),
                                      out, err)
               : gw_pg_describe(session, arena, m->source.table.schema, m->source.table.name, out,
                                found, err);
}

bool gw_source_as_planned(gw_session *source, gw_arena *arena, const gw_entity_plan *plan,
                          gw_err *err)
{
    gw_source_relation now;
    gw_buf differences = GW_BUF(arena);
    bool found;
    if (!describe(source, arena, plan->mapping, &now, &found, err))
        return false;
    if (!found || now.oid != plan->source.oid)
        differs(&differences, "another table has its name");
    compare_columns(&plan->source, &now, true, &differences);
    return !differences.len || altered(plan, "source", &differences, err);
}

/* ---- the destination ----------------------------------------------------------------------- */

static bool read_columns(gw_session *session, gw_arena *arena, const char *table, const char **out,
                         gw_err *err)
{
    static const gw_col cols[] = {{"columns", GW_COL_TEXT, false, 0}};
    gw_param param = gw_p_text(table);
    gw_result result;
    return gw_query(session, arena, &gw_sql_columns_now, &param, 1, &result, err) &&
           gw_row(arena, &result, cols, 1, out, err);
}

static bool compare_destination(gw_session *session, gw_arena *arena, const gw_entity_plan *plan,
                                gw_err *err)
{
    const gw_mapping_table *table = &plan->mapping->destination.table;
    gw_source_relation now;
    gw_buf differences = GW_BUF(arena);
    bool found;
    if (!gw_pg_describe(session, arena, table->schema, table->name, &now, &found, err))
        return false;
    if (!found)
        differs(&differences, "the table is not there");
    compare_columns(&plan->destination, &now, false, &differences);
    return !differences.len || altered(plan, "destination", &differences, err);
}

/* In this order: what is altered between is seen by the next look. */
bool gw_destination_as_planned(gw_session *destination, gw_arena *arena,
                               const gw_entity_plan *plan, gw_columns_seen *out, gw_err *err)
{
    *out = (gw_columns_seen){
        .plan = plan, .table = gw_mapping_table_sql(arena, &plan->mapping->destination.table)};
    return read_columns(destination, arena, out->table, &out->columns, err) &&
           compare_destination(destination, arena, plan, err);
}

bool gw_destination_kept_still(gw_session *destination, gw_arena *arena,
                               const gw_columns_seen *seen, gw_err *err)
{
    const char *now;
    if (!read_columns(destination, arena, seen->table, &now, err))
        return false;
    return same_text(seen->columns, now) ||
           compare_destination(destination, arena, seen->plan, err);
}

bool gw_destination_explain(gw_session *destination, gw_arena *arena, const gw_columns_seen *seen,
                            gw_err *err)
{
    gw_err why = {0};
    bool asks = (err->kind == GW_ERR_SQL || err->kind == GW_ERR_CHECK) &&
                !gw_session_lost(destination);
    if (asks && !gw_destination_kept_still(destination, arena, seen, &why) &&
        why.kind == GW_ERR_STATE) {
        gw_err_clear(err);
        gw_err_move(err, &why);
    }
    gw_err_clear(&why);
    return false;
}
