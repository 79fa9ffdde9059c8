/*
 * Rows that references lead to and that the same session deletes, in pg_temp.gw_leaving: deletes come
 * last, so that they are still there when the row is written that would lead nowhere behind them.
 */
#include <string.h>

#include "base/json.h"
#include "sql/quote.h"
#include "sql_sync.h"
#include "sync/apply_impl.h"

static bool is_known(const gw_source_names *names, const char *name)
{
    for (size_t i = 0; i < names->len; i++)
        if (strcmp(names->items[i], name) == 0)
            return true;
    return false;
}

static json_t *targets(gw_arena *arena, const gw_entity_plan *plan)
{
    gw_source_names names = {0};
    json_t *list = gw_json_own(arena, json_array());
    for (size_t i = 0; i < plan->mapping->fields.len; i++) {
        const gw_mapping *target = plan->fields[i].target;
        if (plan->mapping->fields.items[i].kind != GW_FIELD_REFERENCE || !target ||
            target->deletes != GW_DELETES_DELETE || is_known(&names, target->entity.text))
            continue;
        *gw_vec_push(arena, &names) = target->entity.text;
        json_array_append_new(list, json_string(target->entity.text));
    }
    return list;
}

bool gw_apply_leaving(gw_session *session, gw_arena *arena, const gw_entity_plan *plan,
                      const char *run, gw_source_names *out, gw_err *err)
{
    static const gw_col cols[] = {{"entity", GW_COL_TEXT, true, 0}};
    json_t *names = targets(arena, plan);
    gw_param params[] = {gw_p_text(run), gw_p_text(gw_json_dump(arena, names))};
    gw_result result;
    void *rows;
    *out = (gw_source_names){0};
    if (!run || !json_array_size(names))
        return true;
    if (!gw_exec(session,
                 "CREATE TEMPORARY TABLE IF NOT EXISTS gw_leaving (entity_type pg_catalog.text, "
                 "key pg_catalog.text COLLATE \"C\", PRIMARY KEY (entity_type, key)); "
                 "DELETE FROM pg_temp.gw_leaving",
                 err) ||
        !gw_exec_sql(session, &gw_sql_leaving, params, 2, err) ||
        !gw_query_text(session, arena, "rows that go in this session",
                       "SELECT DISTINCT l.entity_type AS entity FROM pg_temp.gw_leaving l", NULL, 0,
                       &result, err) ||
        !gw_rows(arena, &result, cols, 1, sizeof(char *), &rows, err))
        return false;
    *out = (gw_source_names){.items = rows, .len = result.rows};
    return true;
}

const char *gw_apply_stays(gw_arena *arena, const gw_source_names *leaving, const char *entity,
                           const char *key)
{
    if (!is_known(leaving, entity))
        return "";
    return gw_printf(arena,
                     " AND NOT EXISTS (SELECT FROM pg_temp.gw_leaving l WHERE l.entity_type = %s AND "
                     "l.key = %s)",
                     gw_quote_literal(arena, entity), key);
}
