#include "sync/load.h"

#include <string.h>

#include "sql/quote.h"
#include "sql_sync.h"
#include "sync/load_impl.h"
#include "sync/segments.h"

enum {
    FEW = 20000,      /* rows for which no index is dropped */
    GIVE_UP_AFTER = 3 /* refused batches: the next ones would be, too */
};

static void free_batch(void *arena)
{
    gw_arena_free(arena);
}

/* ---- beginning ----------------------------------------------------------------------------- */

static bool is_empty(gw_session *session, gw_arena *arena, const gw_mapping *mapping, bool *out,
                     gw_err *err)
{
    static const gw_col cols[] = {{"empty", GW_COL_BOOL, true, 0}};
    const char *text = gw_printf(arena,
                                 "SELECT NOT EXISTS (SELECT FROM %s) AND NOT EXISTS (SELECT FROM "
                                 "godwit.sync_segments s WHERE s.entity_type = %s) AS empty",
                                 gw_mapping_table_sql(arena, &mapping->destination.table),
                                 gw_quote_literal(arena, mapping->entity.text));
    gw_result result;
    return gw_query_text(session, arena, "is the destination empty?", text, NULL, 0, &result,
                         err) &&
           gw_row(arena, &result, cols, 1, out, err);
}

static bool make_id_map(gw_load *load, gw_arena *arena, bool whole, gw_err *err)
{
    gw_param entity = gw_p_text(load->mapping->entity.text);
    const char *text = whole ? "SELECT godwit.id_map_ensure($1::pg_catalog.text)"
                             : "SELECT CASE WHEN pg_catalog.to_regclass('godwit.' || "
                               "godwit.id_map_name($1::pg_catalog.text)) IS NULL THEN "
                               "godwit.id_map_make($1::pg_catalog.text) END";
    gw_result result;
    return !gw_mapping_has_id_map(load->mapping) ||
           gw_query_text(load->session, arena, "the entity's id map", text, &entity, 1, &result,
                         err);
}

/* In a transaction: the first to come writes down what all of them go by. */
static bool join_or_begin(gw_load *load, gw_arena *arena, int64_t few, bool *was_empty, gw_err *err)
{
    const char *entity = load->mapping->entity.text, *next;
    gw_param param = gw_p_text(entity);
    gw_result result;
    bool there, empty = false;
    if (!gw_query(load->session, arena, &gw_sql_load_begin, &param, 1, &result, err) ||
        !gw_load_state_read(load->session, arena, entity, &there, was_empty, &next, err))
        return false;
    if (result.affected == 0)
        return true;
    if (!is_empty(load->session, arena, load->mapping, &empty, err))
        return false;
    bool many = few >= 0 && load->projection->entity->source.rows >= (few ? few : FEW);
    *was_empty = empty;
    return !empty || (gw_exec_sql(load->session, &gw_sql_filled_forget, &param, 1, err) &&
                      gw_exec_sql(load->session, &gw_sql_load_was_empty, &param, 1, err) &&
                      make_id_map(load, arena, false, err) &&
                      (!many || gw_load_postpone(load->session, arena, load->projection, err)));
}

static bool begin(gw_load *load, gw_arena *arena, int64_t few, gw_err *err)
{
    bool was_empty = false;
    if (!gw_session_begin(load->session, NULL, err))
        return false;
    if (!join_or_begin(load, arena, few, &was_empty, err)) {
        gw_session_rollback(load->session);
        return false;
    }
    if (!gw_session_commit(load->session, err))
        return false;
    load->way = was_empty ? GW_LOAD_COPIED : GW_LOAD_JUDGED;
    load->why = was_empty ? NULL : "the destination was not empty";
    return was_empty || make_id_map(load, arena, true, err);
}

bool gw_load_open(gw_session *destination, gw_arena *arena, const gw_projection *projection,
                  const gw_apply_to *to, int64_t few, gw_log *log, gw_load **out, gw_err *err)
{
    gw_load *load = gw_alloc(arena, sizeof *load);
    *load = (gw_load){.session = destination,
                      .arena = gw_arena_new(),
                      .projection = projection,
                      .mapping = projection->entity->mapping,
                      .to = *to,
                      .log = log};
    gw_arena_defer(arena, free_batch, load->arena);
    *out = load;
    load->to.loads = true;
    if (!begin(load, arena, few, err) ||
        !gw_apply_open(destination, arena, projection, &load->to, log, &load->apply, err) ||
        !gw_load_copy_plan(destination, arena, projection, &load->copy, err))
        return gw_err_context(err, "beginning the first load of %s", load->mapping->entity.text);
    if (load->way == GW_LOAD_COPIED && load->copy.why) {
        load->way = GW_LOAD_CONVERTED;
        load->why = load->copy.why;
    }
    return true;
}

gw_load_way gw_load_goes(const gw_load *load, const char **why)
{
    *why = load->why;
    return load->way;
}

/* ---- batches ------------------------------------------------------------------------------- */

/* Judging looks rows up by their keys and ids. */
static bool judge(gw_load *load, gw_session *source, const gw_apply_batch *batch, gw_applied *out,
                  gw_err *err)
{
    return gw_load_build(load->session, load->arena, load->mapping->entity.text, load->log, err) &&
           make_id_map(load, load->arena, true, err) &&
           gw_apply_run(load->apply, source, batch, out, err);
}

static void was_refused(gw_load *load)
{
    if (++load->refused < GIVE_UP_AFTER)
        return;
    load->way = GW_LOAD_JUDGED;
    load->why = "batches were refused one after the other";
}

static void add_up(gw_applied *sum, const gw_applied *part)
{
    sum->inserted += part->inserted;
    sum->updated += part->updated;
    sum->deleted += part->deleted;
    sum->rejected += part->rejected;
    sum->left += part->left;
    sum->bytes += part->bytes;
}

static bool staged(gw_load *load, gw_session *source, const gw_source_leaf *leaf, gw_blocks run,
                   bool convert, gw_applied *out, gw_err *err)
{
    gw_apply_batch batch = {.query = gw_project_blocks(load->arena, load->projection, leaf, run),
                            .fresh = &run,
                            .leaf = leaf ? (uint32_t)leaf->oid : 0};
    gw_applied part = {0};
    bool refused = false;
    if (convert) {
        if (gw_apply_first(load->apply, source, &batch, &part, &refused, err)) {
            load->refused = 0;
            add_up(out, &part);
            return true;
        }
        if (!refused)
            return false;
        was_refused(load);
    }
    if (!judge(load, source, &batch, &part, err))
        return false;
    add_up(out, &part);
    return true;
}

bool gw_load_run(gw_load *load, gw_session *source, const gw_source_leaf *leaf, gw_blocks run,
                 gw_applied *out, gw_err *err)
{
    bool refused = false;
    *out = (gw_applied){0};
    gw_arena_reset(load->arena);
    if (!gw_segments_reach(load->session, load->arena, load->mapping->entity.text,
                           leaf ? leaf->oid : 0, run, &run.first, err))
        return false;
    if (run.first >= run.end)
        return true;
    if (load->way == GW_LOAD_COPIED && leaf) {
        if (gw_load_copy_run(load, source, leaf, &run, out, &refused, err)) {
            load->refused = 0;
            return true;
        }
        if (!refused) {
            gw_destination_explain(load->session, load->arena, &load->apply->seen, err);
            gw_mapping_mask(load->mapping, err);
            return gw_err_context(err, "copying rows of %s", load->mapping->entity.text);
        }
        was_refused(load);
        return staged(load, source, leaf, run, false, out, err);
    }
    return staged(load, source, leaf, run, load->way != GW_LOAD_JUDGED, out, err);
}

/* ---- the end ------------------------------------------------------------------------------- */

bool gw_load_finish(gw_session *destination, gw_arena *arena, const char *entity, gw_log *log,
                    gw_err *err)
{
    gw_param param = gw_p_text(entity);
    gw_result result;
    if (!gw_load_build(destination, arena, entity, log, err) ||
        !gw_query_text(destination, arena, "the entity's id map",
                       "SELECT CASE WHEN pg_catalog.to_regclass('godwit.' || godwit.id_map_name($1"
                       "::pg_catalog.text)) IS NOT NULL THEN godwit.id_map_ensure($1"
                       "::pg_catalog.text) END",
                       &param, 1, &result, err))
        return gw_err_context(err, "finishing the first load of %s", entity);
    if (!gw_session_begin(destination, NULL, err))
        return false;
    if (!gw_segments_close(destination, entity, err) ||
        !gw_exec_sql(destination, &gw_sql_load_end, &param, 1, err)) {
        gw_session_rollback(destination);
        return false;
    }
    return gw_session_commit(destination, err);
}

/* ---- sequences ----------------------------------------------------------------------------- */

typedef struct owned_sequence {
    const char *name, *schema, *sequence;
    int64_t increment, low, high;
    bool whole;
} owned_sequence;

/* The one statement looks and moves: what is higher already stays. */
static bool move_sequence(gw_session *session, gw_arena *arena, const gw_mapping *mapping,
                          const owned_sequence *one, gw_err *err)
{
    const char *sequence = gw_quote_name(arena, one->schema, one->sequence);
    bool up = one->increment > 0;
    const char *text = gw_printf(
        arena,
        "SELECT pg_catalog.setval(%s::pg_catalog.regclass, m.v) FROM (SELECT pg_catalog.%s(t.%s)"
        "::pg_catalog.int8 AS v FROM %s t WHERE t.%s BETWEEN %lld AND %lld) m, %s q "
        "WHERE m.v %s q.last_value OR (m.v = q.last_value AND NOT q.is_called)",
        gw_quote_literal(arena, sequence), up ? "max" : "min", gw_quote_ident(arena, one->name),
        gw_mapping_table_sql(arena, &mapping->destination.table), gw_quote_ident(arena, one->name),
        (long long)one->low, (long long)one->high, sequence, up ? ">" : "<");
    gw_result result;
    return gw_query_text(session, arena, "moving a sequence", text, NULL, 0, &result, err) ||
           gw_err_context(err, "moving the sequence %s of %s past the keys that were copied",
                          sequence, mapping->entity.text);
}

bool gw_sequences_past(gw_session *destination, gw_arena *arena, const gw_entity_plan *entity,
                       gw_err *err)
{
    static const gw_col cols[] = {
        {"name", GW_COL_TEXT, true, offsetof(owned_sequence, name)},
        {"schema", GW_COL_TEXT, true, offsetof(owned_sequence, schema)},
        {"sequence", GW_COL_TEXT, true, offsetof(owned_sequence, sequence)},
        {"increment", GW_COL_INT, true, offsetof(owned_sequence, increment)},
        {"low", GW_COL_INT, true, offsetof(owned_sequence, low)},
        {"high", GW_COL_INT, true, offsetof(owned_sequence, high)},
        {"whole", GW_COL_BOOL, true, offsetof(owned_sequence, whole)},
    };
    size_t count = entity->mapping->fields.len;
    const char **names = gw_alloc_array(arena, count, sizeof *names);
    gw_result result;
    void *rows;
    for (size_t i = 0; i < count; i++)
        names[i] = entity->mapping->fields.items[i].to.text;
    gw_param params[] = {gw_p_int(entity->destination.oid),
                         gw_p_text(gw_quote_array(arena, names, count))};
    if (!gw_query(destination, arena, &gw_sql_owned_sequences, params, 2, &result, err) ||
        !gw_rows(arena, &result, cols, 7, sizeof(owned_sequence), &rows, err))
        return false;
    for (size_t i = 0; i < result.rows; i++)
        if (((owned_sequence *)rows)[i].whole &&
            !move_sequence(destination, arena, entity->mapping, (owned_sequence *)rows + i, err))
            return false;
    return true;
}
