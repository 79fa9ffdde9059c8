#include "care/drain.h"

#include <stdlib.h>
#include <string.h>

#include "sql/quote.h"
#include "sql_care.h"

static const char *default_of(const gw_partitioned *table, gw_arena *arena)
{
    return gw_quote_name(arena, table->default_schema, table->default_name);
}

static const char *mark_of(const gw_partitioned *table, gw_arena *arena)
{
    return gw_printf(arena, "[godwit: filled from %s of %s, ", default_of(table, arena),
                     gw_quote_name(arena, table->schema, table->name));
}

/* "FROM TO PLACE]": as it is counted here. Anything else: no place. */
static bool parse_mark(gw_arena *arena, const char *rest, gw_drain *out)
{
    char *end;
    size_t len = strlen(rest);
    if (!len || rest[len - 1] != ']')
        return false;
    out->range.from = strtoll(rest, &end, 10);
    if (end == rest || *end != ' ')
        return false;
    const char *second = end + 1;
    out->range.to = strtoll(second, &end, 10);
    if (end == second || (*end != ' ' && *end != ']'))
        return false;
    const char *place = *end == ' ' ? end + 1 : NULL;
    out->copying.place = place ? gw_strndup(arena, place, strlen(place) - 1) : NULL;
    return true;
}

static bool read_plan(gw_session *session, gw_arena *arena, gw_drain *d, gw_err *err)
{
    const gw_partitioned *t = d->table;
    const char *place = d->copying.place;
    size_t count;
    /* Without the quotes of SQL: the statement puts them. */
    const char *from = gw_partition_bound_text(t, arena, d->range.from);
    const char *to = gw_partition_bound_text(t, arena, d->range.to);
    const gw_param params[] = {gw_p_int(t->oid), gw_p_int(t->default_oid), gw_p_text(d->name),
                               gw_p_text(from), gw_p_text(to)};
    if (!gw_care_steps_read(session, arena, &gw_sql_drain_plan, params, 5, &d->steps, err))
        return false;
    if (!d->steps.count)
        return true;
    d->copying = (gw_copying){
        .from = default_of(t, arena),
        .into = gw_quote_name(arena, t->schema, d->name),
        .columns = gw_care_steps_of(&d->steps, arena, "columns", &count)[0],
        .key = gw_care_steps_of(&d->steps, arena, "key", &count),
        .which = gw_care_steps_of(&d->steps, arena, "which", &count)[0],
        .comment = gw_printf(arena, "%s%lld %lld ", mark_of(t, arena), (long long)d->range.from,
                             (long long)d->range.to),
        .comment_end = "]",
        .place = place};
    d->copying.types = gw_care_steps_of(&d->steps, arena, "type", &d->copying.keys);
    return true;
}

static bool ask_fits(gw_session *session, gw_arena *arena, gw_drain *d, int64_t oid, gw_err *err)
{
    static const gw_col cols[] = {{"fits", GW_COL_BOOL, true, 0}};
    const gw_param params[] = {gw_p_int(d->table->oid), gw_p_int(d->table->default_oid), gw_p_int(oid)};
    gw_result result;
    return gw_query(session, arena, &gw_sql_drain_fits, params, 3, &result, err) &&
           gw_row(arena, &result, cols, 1, &d->fits, err);
}

bool gw_drain_find(const gw_partitioned *table, gw_session *session, gw_arena *arena, gw_drain *out,
                   gw_err *err)
{
    typedef struct found {
        int64_t oid;
        const char *schema, *name, *comment;
    } found;
    static const gw_col cols[] = {
        {"oid", GW_COL_INT, true, offsetof(found, oid)},
        {"schema", GW_COL_TEXT, true, offsetof(found, schema)},
        {"name", GW_COL_TEXT, true, offsetof(found, name)},
        {"comment", GW_COL_TEXT, true, offsetof(found, comment)},
    };
    *out = (gw_drain){.table = table};
    if (table->default_oid == GW_NULL_INT)
        return true;
    const char *mark = mark_of(table, arena);
    gw_param param = gw_p_text(mark);
    gw_result result;
    void *rows;
    if (!gw_query(session, arena, &gw_sql_partition_over, &param, 1, &result, err) ||
        !gw_rows(arena, &result, cols, 4, sizeof(found), &rows, err))
        return false;
    const found *items = rows;
    for (size_t i = 0; i < result.rows && !out->name; i++)
        if (strncmp(items[i].comment, mark, strlen(mark)) == 0 && strcmp(items[i].schema, table->schema) == 0 &&
            parse_mark(arena, items[i].comment + strlen(mark), out)) {
            out->name = items[i].name;
            out->begun = true;
            if (!ask_fits(session, arena, out, items[i].oid, err) || !read_plan(session, arena, out, err))
                return false;
            out->fits = out->fits && out->steps.count && gw_partitioned_lacks(table, arena, out->range);
        }
    return true;
}

bool gw_drain_plan(const gw_partitioned *table, gw_session *session, gw_arena *arena, gw_range range,
                   const char *name, gw_drain *out, bool *worth, gw_err *err)
{
    int64_t rows;
    *out = (gw_drain){.table = table, .range = range, .name = name, .fits = true};
    *worth = false;
    if (!gw_partition_strays(table, session, arena, range, GW_COPY_BATCH + 1, &rows, err) ||
        (rows > GW_COPY_BATCH && !read_plan(session, arena, out, err)))
        return false;
    *worth = rows > GW_COPY_BATCH && out->steps.count;
    return true;
}

bool gw_drain_begin(const gw_drain *d, gw_session *session, gw_arena *arena, gw_err *err)
{
    const char *comment = gw_printf(arena, "%s%lld %lld]", mark_of(d->table, arena), (long long)d->range.from,
                                    (long long)d->range.to);
    return gw_partition_may_leave(d->table, session, arena, err) &&
           gw_care_steps_locks(&d->steps, session, arena, "begin", err) &&
           gw_care_steps_run(&d->steps, session, "begin", err) &&
           gw_exec(session,
                   gw_printf(arena, "COMMENT ON TABLE %s IS %s", d->copying.into, gw_quote_literal(arena, comment)),
                   err);
}

/* With it go its triggers. */
static bool end_capture(const gw_drain *d, gw_session *session, gw_arena *arena, gw_err *err)
{
    const char *name = gw_printf(arena, "godwit_drain_%lld", (long long)d->table->default_oid);
    return gw_exec(session,
                   gw_printf(arena, "DROP FUNCTION IF EXISTS %s() CASCADE", gw_quote_name(arena, d->table->schema, name)),
                   err);
}

bool gw_drain_end(const gw_drain *d, gw_session *session, gw_arena *arena, int64_t *moved, gw_err *err)
{
    static const gw_col cols[] = {{"rows", GW_COL_INT, true, 0}};
    gw_result result;
    return gw_partition_locks(d->table, session, arena, GW_NULL_INT, true, err) && gw_copy_see_all(session, err) &&
           end_capture(d, session, arena, err) &&
           gw_query_text(session, arena, "drain/rows",
                         gw_printf(arena, "SELECT pg_catalog.count(*) AS rows FROM %s", d->copying.into), NULL,
                         0, &result, err) &&
           gw_row(arena, &result, cols, 1, moved, err) &&
           gw_partition_attach(d->table, session, arena, d->range, d->copying.into, *moved, err) &&
           gw_exec(session,
                   gw_printf(arena, "ALTER TABLE %s DROP CONSTRAINT godwit_range; COMMENT ON TABLE %s IS NULL",
                             d->copying.into, d->copying.into),
                   err);
}

bool gw_drain_discard(const gw_drain *d, gw_session *session, gw_arena *arena, gw_err *err)
{
    return gw_partition_locks(d->table, session, arena, GW_NULL_INT, false, err) && end_capture(d, session, arena, err) &&
           gw_exec(session,
                   gw_printf(arena, "DROP TABLE %s", gw_quote_name(arena, d->table->schema, d->name)), err);
}
