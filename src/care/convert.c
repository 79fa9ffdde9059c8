#include "care/convert.h"

#include <string.h>

#include "base/buf.h"
#include "care/locks.h"
#include "sql/quote.h"
#include "sql_care.h"

enum { BATCH = 2000, END_MOST = 12 };

static const char *name_with(gw_arena *arena, const char *name, const char *end)
{
    return gw_printf(arena, "%s%s", gw_partition_cut(arena, name, GW_NAME_MOST - END_MOST), end);
}

static const char *key_array(gw_arena *arena, const gw_config_partition *rule)
{
    const char **names = gw_alloc_array(arena, rule->key.len + 1, sizeof *names);
    for (size_t i = 0; i < rule->key.len; i++)
        names[i] = rule->key.items[i].text;
    return rule->key.len ? gw_quote_array(arena, names, rule->key.len) : NULL;
}

static bool refuse_obstacles(gw_session *session, gw_arena *arena, const gw_convert *c, gw_err *err)
{
    static const gw_col cols[] = {{"obstacle", GW_COL_TEXT, true, 0}};
    const gw_param params[] = {gw_p_int(c->old.oid), gw_p_text(c->rule.convert_by),
                               gw_p_text(key_array(arena, &c->rule)), gw_p_text(c->fresh)};
    gw_result result;
    void *rows;
    if (!gw_query(session, arena, &gw_sql_convert_obstacles, params, 4, &result, err) ||
        !gw_rows(arena, &result, cols, 1, sizeof(const char *), &rows, err))
        return false;
    const char *const *items = rows;
    gw_buf all = GW_BUF(arena);
    for (size_t i = 0; i < result.rows; i++)
        gw_buf_addf(&all, "%s%s", i ? "; " : "", items[i]);
    if (!result.rows)
        return true;
    gw_err_set(err, GW_ERR_STATE, "%s cannot become a partitioned table as it is",
               gw_display_name(arena, c->old.schema, c->old.name));
    return gw_err_detail(err, "%s", gw_buf_str(&all));
}

static bool read_plan(gw_session *session, gw_arena *arena, gw_convert *c, gw_err *err)
{
    static const gw_col cols[] = {
        {"phase", GW_COL_TEXT, true, offsetof(gw_convert_line, phase)},
        {"step", GW_COL_INT, true, offsetof(gw_convert_line, step)},
        {"sql", GW_COL_TEXT, true, offsetof(gw_convert_line, sql)},
    };
    const gw_param params[] = {gw_p_int(c->old.oid), gw_p_text(c->rule.convert_by), gw_p_text(c->fresh),
                               gw_p_text(c->rest), gw_p_text(c->aside),
                               gw_p_text(key_array(arena, &c->rule))};
    gw_result result;
    void *rows;
    if (!gw_query(session, arena, &gw_sql_convert_plan, params, 6, &result, err) ||
        !gw_rows(arena, &result, cols, 3, sizeof(gw_convert_line), &rows, err))
        return false;
    c->lines = rows;
    c->count = result.rows;
    return true;
}

bool gw_convert_look(gw_session *session, gw_arena *arena, const gw_config_partition *rule,
                     const gw_partitioned *table, gw_convert *out, gw_err *err)
{
    typedef struct state {
        bool prepared;
        const char *place;
    } state;
    static const gw_col cols[] = {
        {"prepared", GW_COL_BOOL, true, offsetof(state, prepared)},
        {"place", GW_COL_TEXT, false, offsetof(state, place)},
    };
    state row = {0};
    gw_result result;
    *out = (gw_convert){.old = *table, .rule = *rule};
    out->fresh = name_with(arena, table->name, "_godwit_new");
    out->rest = name_with(arena, table->name, "_default");
    out->aside = name_with(arena, table->name, "_before");
    const gw_param params[] = {gw_p_int(table->oid), gw_p_text(table->schema), gw_p_text(out->fresh)};
    if (!refuse_obstacles(session, arena, out, err) || !read_plan(session, arena, out, err) ||
        !gw_query(session, arena, &gw_sql_convert_state, params, 3, &result, err) ||
        !gw_row(arena, &result, cols, 2, &row, err))
        return false;
    out->prepared = row.prepared;
    out->place = row.prepared ? row.place : NULL;
    return true;
}

static bool take_locks(const gw_convert *c, gw_session *session, gw_arena *arena, const char *phase,
                       gw_err *err)
{
    const char **locks = gw_alloc_array(arena, c->count + 1, sizeof *locks);
    size_t count = 0;
    for (size_t i = 0; i < c->count; i++)
        if (strcmp(c->lines[i].phase, phase) == 0 && c->lines[i].step <= 0)
            locks[count++] = c->lines[i].sql;
    return !count || gw_locks_take(session, arena, locks, count, err);
}

static bool run_steps(const gw_convert *c, gw_session *session, const char *phase, gw_err *err)
{
    for (size_t i = 0; i < c->count; i++)
        if (strcmp(c->lines[i].phase, phase) == 0 && c->lines[i].step > 0 &&
            !gw_exec(session, c->lines[i].sql, err))
            return gw_err_context(err, "%s", c->lines[i].sql);
    return true;
}

/* What waits for others first, so that nothing has to be waited for while they wait. */
static bool run_phase(const gw_convert *c, gw_session *session, gw_arena *arena, const char *phase,
                      gw_err *err)
{
    return take_locks(c, session, arena, phase, err) && run_steps(c, session, phase, err);
}

/* Whoever would be shown some of the rows only is told so, and nothing is lost. */
static bool see_all(gw_session *session, gw_err *err)
{
    return gw_exec(session, "SET LOCAL row_security = off", err);
}

/* Partitions for all rows that there are; later ones go to the DEFAULT one until the end. */
static bool make_ranges(const gw_convert *c, gw_session *session, gw_arena *arena, gw_err *err)
{
    gw_config_partition rule = c->rule;
    gw_partitioned fresh;
    gw_ranges ranges = {0};
    rule.table = gw_quote_name(arena, c->old.schema, c->fresh);
    if (!gw_partitioned_read(session, arena, &rule, &fresh, err) ||
        !gw_partitioned_span(&fresh, session, arena, &rule, c->old.schema, c->old.name, &ranges, err))
        return false;
    for (size_t i = 0; i < ranges.len; i++) {
        gw_partitioned named = fresh;
        const char *name;
        int64_t moved;
        named.name = c->old.name;
        if (!gw_partition_name(&named, session, arena, &rule, ranges.items[i], &name, err) ||
            !gw_partition_make(&fresh, session, arena, ranges.items[i], name, &moved, err))
            return false;
    }
    return true;
}

bool gw_convert_prepare(const gw_convert *c, gw_session *session, gw_arena *arena, gw_err *err)
{
    return see_all(session, err) && run_phase(c, session, arena, "prepare", err) && make_ranges(c, session, arena, err) &&
           run_phase(c, session, arena, "capture", err);
}

/* "(a, b)" of the key's columns, or of a place's values (parameter), each of its type. */
static const char *key_row(const gw_convert *c, gw_arena *arena, const char *parameter, bool text)
{
    gw_buf buf = GW_BUF(arena);
    size_t n = 0;
    for (size_t i = 0; i < c->count; i++) {
        const gw_convert_line *line = &c->lines[i];
        if (strcmp(line->phase, parameter ? "type" : "key") != 0)
            continue;
        gw_buf_add(&buf, n++ ? ", " : "");
        if (parameter)
            gw_buf_addf(&buf, "(%s::pg_catalog.text[])[%zu]::%s", parameter, n, line->sql);
        else
            gw_buf_addf(&buf, "%s%s", line->sql, text ? "::pg_catalog.text" : "");
    }
    return gw_buf_str(&buf);
}

static const char *columns_of(const gw_convert *c)
{
    for (size_t i = 0; i < c->count; i++)
        if (strcmp(c->lines[i].phase, "columns") == 0)
            return c->lines[i].sql;
    return "";
}

/* The last key of the next batch; "" where fewer are left. */
static bool find_end(const gw_convert *c, gw_session *session, gw_arena *arena, const char *old,
                     const char *behind, const char **end, gw_err *err)
{
    static const gw_col cols[] = {{"place", GW_COL_TEXT, true, 0}};
    const char *key = key_row(c, arena, NULL, false);
    const char *text = gw_printf(arena, "SELECT ARRAY[%s]::pg_catalog.text AS place FROM ONLY %s%s ORDER BY %s "
                                        "OFFSET %d LIMIT 1",
                                 key_row(c, arena, NULL, true), old, behind, key, BATCH - 1);
    gw_param param = gw_p_text(c->place);
    gw_result result;
    *end = "";
    return gw_query_text(session, arena, "convert/end", text, &param, c->place ? 1 : 0, &result, err) &&
           (!result.rows || gw_row(arena, &result, cols, 1, (void *)end, err));
}

bool gw_convert_copy(gw_convert *c, gw_session *session, gw_arena *arena, int64_t *rows, gw_err *err)
{
    const char *old = gw_quote_name(arena, c->old.schema, c->old.name);
    const char *fresh = gw_quote_name(arena, c->old.schema, c->fresh);
    const char *key = key_row(c, arena, NULL, false), *columns = columns_of(c), *end;
    const char *behind = c->place ? gw_printf(arena, " WHERE (%s) > (%s)", key, key_row(c, arena, "$1", false))
                                  : "";
    gw_result result;
    /* A writer waits no longer for a batch than this one for writers. */
    if (!gw_exec(session, "SET LOCAL lock_timeout = '200ms'", err) || !see_all(session, err) ||
        !find_end(c, session, arena, old, behind, &end, err))
        return false;
    const gw_param params[] = {gw_p_text(c->place), gw_p_text(*end ? end : NULL)};
    const char *until = !*end ? ""
                              : gw_printf(arena, " %s (%s) <= (%s)", c->place ? "AND" : "WHERE", key,
                                          key_row(c, arena, c->place ? "$2" : "$1", false));
    const char *text = gw_printf(arena, "INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM ONLY %s%s%s "
                                        "FOR SHARE ON CONFLICT DO NOTHING",
                                 fresh, columns, columns, old, behind, until);
    size_t count = (c->place ? 1U : 0U) + (*end ? 1U : 0U);
    if (!gw_query_text(session, arena, "convert/copy", text, c->place ? params : params + 1, count, &result,
                       err) ||
        !gw_exec(session, gw_printf(arena, "COMMENT ON TABLE %s IS %s", fresh, gw_quote_literal(arena, end)),
                 err))
        return false;
    *rows = result.affected;
    c->place = end;
    return true;
}

/* Migrations may have run since the plan was read: under the locks it is read again. */
bool gw_convert_swap(const gw_convert *c, gw_session *session, gw_arena *arena, gw_err *err)
{
    gw_convert now = *c;
    return take_locks(c, session, arena, "swap", err) && refuse_obstacles(session, arena, &now, err) &&
           read_plan(session, arena, &now, err) && run_steps(&now, session, "swap", err);
}

bool gw_convert_keys(gw_session *session, gw_arena *arena, int64_t table, gw_convert_key_list *out,
                     gw_err *err)
{
    static const gw_col cols[] = {
        {"name", GW_COL_TEXT, true, offsetof(gw_convert_key, name)},
        {"sql", GW_COL_TEXT, true, offsetof(gw_convert_key, sql)},
    };
    gw_param param = gw_p_int(table);
    gw_result result;
    void *rows;
    if (!gw_query(session, arena, &gw_sql_convert_keys, &param, 1, &result, err) ||
        !gw_rows(arena, &result, cols, 2, sizeof(gw_convert_key), &rows, err))
        return false;
    *out = (gw_convert_key_list){rows, result.rows};
    return true;
}
