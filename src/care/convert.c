#include "care/convert.h"

#include "base/buf.h"
#include "sql/quote.h"
#include "sql_care.h"

enum { END_MOST = 12 };

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
    const gw_param params[] = {gw_p_int(c->old.oid), gw_p_text(c->rule.convert_by), gw_p_text(c->fresh),
                               gw_p_text(c->rest), gw_p_text(c->aside),
                               gw_p_text(key_array(arena, &c->rule))};
    return gw_care_steps_read(session, arena, &gw_sql_convert_plan, params, 6, &c->steps, err);
}

static void begin_copying(gw_convert *c, gw_arena *arena, const char *place)
{
    size_t count;
    const char **columns = gw_care_steps_of(&c->steps, arena, "columns", &count);
    c->copying = (gw_copying){.from = gw_quote_name(arena, c->old.schema, c->old.name),
                              .into = gw_quote_name(arena, c->old.schema, c->fresh),
                              .columns = columns[0],
                              .key = gw_care_steps_of(&c->steps, arena, "key", &count),
                              .comment = "",
                              .comment_end = "",
                              .place = place};
    c->copying.types = gw_care_steps_of(&c->steps, arena, "type", &c->copying.keys);
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
    begin_copying(out, arena, row.prepared ? row.place : NULL);
    return true;
}

static bool run_phase(const gw_convert *c, gw_session *session, gw_arena *arena, const char *phase,
                      gw_err *err)
{
    return gw_care_steps_locks(&c->steps, session, arena, phase, err) &&
           gw_care_steps_run(&c->steps, session, phase, err);
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
    return gw_copy_see_all(session, err) && run_phase(c, session, arena, "prepare", err) && make_ranges(c, session, arena, err) &&
           run_phase(c, session, arena, "capture", err);
}

/* Migrations may have run since the plan was read: under the locks it is read again. */
bool gw_convert_swap(const gw_convert *c, gw_session *session, gw_arena *arena, gw_err *err)
{
    gw_convert now = *c;
    return gw_care_steps_locks(&c->steps, session, arena, "swap", err) &&
           refuse_obstacles(session, arena, &now, err) && read_plan(session, arena, &now, err) &&
           gw_care_steps_run(&now.steps, session, "swap", err);
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
