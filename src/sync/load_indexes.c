/* Indexes that are built after the rows: what was dropped is written down in the transaction that
 * drops it. */
#include <string.h>

#include "base/json.h"
#include "base/vec.h"
#include "sql/quote.h"
#include "sql_sync.h"
#include "sync/load_impl.h"

typedef struct found_index {
    bool is_unique;
    const char *columns, *gone, *again;
} found_index;

/* Ids that are made here, no two alike: the id map holds none of them twice. */
static bool is_made_id(const gw_mapping *mapping, const gw_source_names *names)
{
    bool uuid = mapping->identity == GW_IDENTITY_UUID_V7 || mapping->identity == GW_IDENTITY_UUID_V5;
    return uuid && names->len == 1 &&
           strcmp(names->items[0], mapping->destination.key.items[0].text) == 0;
}

/* The source promises what a unique index of the destination would check: its columns are copies of
 * a key there; or they are an id that is made here. */
static bool promised(const gw_projection *projection, gw_arena *arena, const char *columns)
{
    const gw_entity_plan *plan = projection->entity;
    gw_err ignored = {0};
    gw_source_names names = {0}, own = {0};
    json_t *list =
        columns ? gw_json_parse(arena, "columns", columns, strlen(columns), &ignored) : NULL;
    size_t i;
    json_t *one;
    gw_err_clear(&ignored);
    if (!list)
        return false;
    json_array_foreach(list, i, one) *gw_vec_push(arena, &own) = json_string_value(one);
    if (is_made_id(plan->mapping, &own))
        return true;
    json_array_foreach(list, i, one)
    {
        const gw_map_field *field = gw_mapping_field(plan->mapping, json_string_value(one));
        if (!field || field->kind != GW_FIELD_COPY)
            return false;
        *gw_vec_push(arena, &names) = field->from.items[0].text;
    }
    return gw_source_unique(&plan->source, &names) != NULL;
}

bool gw_load_postpone(gw_session *session, gw_arena *arena, const gw_projection *projection,
                      gw_err *err)
{
    static const gw_col cols[] = {
        {"is_unique", GW_COL_BOOL, true, offsetof(found_index, is_unique)},
        {"columns", GW_COL_TEXT, false, offsetof(found_index, columns)},
        {"gone", GW_COL_TEXT, true, offsetof(found_index, gone)},
        {"again", GW_COL_TEXT, true, offsetof(found_index, again)},
    };
    const char *entity = projection->entity->mapping->entity.text;
    gw_param oid = gw_p_int(projection->entity->destination.oid);
    gw_buf drops = GW_BUF(arena);
    GW_VEC(const char *) later = {0};
    gw_result result;
    void *rows;
    if (!gw_query(session, arena, &gw_sql_load_indexes, &oid, 1, &result, err) ||
        !gw_rows(arena, &result, cols, 4, sizeof(found_index), &rows, err))
        return false;
    for (size_t i = 0; i < result.rows; i++) {
        const found_index *one = (found_index *)rows + i;
        if (one->is_unique && !promised(projection, arena, one->columns))
            continue;
        *gw_vec_push(arena, &later) = one->again;
        gw_buf_addf(&drops, "%s;", one->gone);
    }
    if (!later.len)
        return true;
    gw_param params[] = {gw_p_text(entity),
                         gw_p_text(gw_quote_array(arena, later.items, later.len))};
    return gw_exec_sql(session, &gw_sql_load_postpone, params, 2, err) &&
           gw_exec(session, gw_buf_str(&drops), err);
}

bool gw_load_postponed(gw_session *destination, gw_arena *arena, const char *entity, int64_t *count,
                       gw_err *err)
{
    static const gw_col cols[] = {{"postponed", GW_COL_INT, true, 0}};
    gw_param param = gw_p_text(entity);
    gw_result result;
    return gw_query(destination, arena, &gw_sql_load_postponed, &param, 1, &result, err) &&
           gw_row(arena, &result, cols, 1, count, err);
}

typedef struct load_state {
    bool was_empty;
    int64_t postponed;
    const char *next;
} load_state;

bool gw_load_state_read(gw_session *session, gw_arena *arena, const char *entity, bool *there,
                        bool *was_empty, const char **next, gw_err *err)
{
    static const gw_col cols[] = {
        {"was_empty", GW_COL_BOOL, true, offsetof(load_state, was_empty)},
        {"next", GW_COL_TEXT, false, offsetof(load_state, next)},
    };
    gw_param param = gw_p_text(entity);
    gw_result result;
    void *rows;
    if (!gw_query(session, arena, &gw_sql_load_state, &param, 1, &result, err) ||
        !gw_rows(arena, &result, cols, 2, sizeof(load_state), &rows, err))
        return false;
    *there = result.rows > 0;
    *was_empty = *there && ((load_state *)rows)->was_empty;
    *next = *there ? ((load_state *)rows)->next : NULL;
    return true;
}

static bool build_next(gw_session *session, gw_arena *arena, const char *entity, bool *more,
                       gw_err *err)
{
    gw_param param = gw_p_text(entity);
    bool there, was_empty;
    const char *next = NULL;
    *more = false;
    if (!gw_session_begin(session, NULL, err))
        return false;
    bool ok =
        gw_exec(session, "SET LOCAL lock_timeout = 0; SET LOCAL default_tablespace = ''", err) &&
        gw_load_state_read(session, arena, entity, &there, &was_empty, &next, err);
    if (ok && next)
        ok = gw_pg_user_names(session, true, err) &&
             (gw_exec(session, next, err) ||
              (gw_err_context(err, "building the destination's indexes of %s after its rows",
                              entity),
               gw_err_hint(err, "Until it can be built the load is unfinished; it is written down "
                                "in godwit.sync_loads."),
               false)) &&
             gw_pg_user_names(session, false, err) &&
             gw_exec_sql(session, &gw_sql_load_built, &param, 1, err);
    if (!ok) {
        gw_session_rollback(session);
        return false;
    }
    *more = next != NULL;
    return gw_session_commit(session, err);
}

bool gw_load_build(gw_session *session, gw_arena *arena, const char *entity, gw_log *log,
                   gw_err *err)
{
    bool more = true;
    (void)log;
    while (more)
        if (!build_next(session, arena, entity, &more, err))
            return false;
    return true;
}
