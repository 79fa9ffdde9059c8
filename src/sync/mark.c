#include "sync/mark.h"

#include <string.h>

#include "sql_sync.h"

static const struct {
    const char *name, *text;
} reasons[GW_UNSOUND_COUNT] = {
    [GW_SOUND] = {"sound", "it is sound"},
    [GW_UNSOUND_VERSION] = {"version", "the source is older than PostgreSQL 17"},
    [GW_UNSOUND_STANDBY] = {"standby", "the source is a standby"},
    [GW_UNSOUND_NOT_SUMMARIZED] = {"not-summarized", "summarize_wal is off in the source"},
    [GW_UNSOUND_NO_TABLE] = {"no-table",
                             "the source is no table: a query, a view, a foreign table"},
    [GW_UNSOUND_UNLOGGED] = {"unlogged", "a table of the source is unlogged"},
    [GW_UNSOUND_ROW_SECURITY] = {"row-security", "row security applies to the reading role"},
    [GW_UNSOUND_EXPRESSIONS] = {"expressions",
                                "the mapping's SQL is not immutable, or reads other tables"},
    [GW_UNSOUND_NO_MARK] = {"no-mark", "no earlier run has left a mark"},
    [GW_UNSOUND_MARK_TOO_NEW] = {"mark-too-new",
                                 "a transaction was open then that is older than every mark"},
    [GW_UNSOUND_OTHER_SOURCE] = {"other-source", "the mark is of another database"},
    [GW_UNSOUND_TIMELINE] = {"timeline", "the source has changed its timeline"},
    [GW_UNSOUND_MAPPING] = {"mapping", "the mapping has changed, or a function that it goes through"},
    [GW_UNSOUND_FILE_NODE] = {"file-node", "a table of the source was rewritten or truncated"},
    [GW_UNSOUND_SHAPE] =
        {"shape", "columns, types, defaults or labels of a table of the source have changed"},
    [GW_UNSOUND_GAP] = {"gap", "the summaries of the source's log have a gap"},
    [GW_UNSOUND_TAIL] = {"tail", "the last summary of the source's log ends before now"},
    [GW_UNSOUND_NOT_DECLARED] =
        {"not-declared",
         "nobody has said that the server sets the changed-at column on every write"},
    [GW_UNSOUND_CHANGED_AT_TYPE] = {"changed-at-type",
                                    "the changed-at column is no timestamp with time zone"},
    [GW_UNSOUND_NO_LOW_WATER] = {"no-low-water", "no earlier run has left a low-water mark"},
};

const char *gw_unsound_name(gw_unsound reason)
{
    return reasons[reason].name;
}

const char *gw_unsound_text(gw_unsound reason)
{
    return reasons[reason].text;
}

const char *gw_unsound_remedy(gw_unsound reason)
{
    switch (reason) {
    case GW_UNSOUND_VERSION:
        return "it needs PostgreSQL 17 or newer";
    case GW_UNSOUND_STANDBY:
        return "name the primary as the source";
    case GW_UNSOUND_NOT_SUMMARIZED:
        return "ALTER SYSTEM SET summarize_wal = on, and reload the source's configuration";
    case GW_UNSOUND_NO_TABLE:
        return "make the source a table";
    case GW_UNSOUND_UNLOGGED:
        return "ALTER TABLE … SET LOGGED";
    case GW_UNSOUND_ROW_SECURITY:
        return "read with a role that row security does not apply to (BYPASSRLS)";
    case GW_UNSOUND_EXPRESSIONS:
        return "use only immutable functions in `sql:`, and no other tables";
    case GW_UNSOUND_TAIL:
        return "CREATE EXTENSION pg_walinspect in the source, for a role that may read its log";
    case GW_UNSOUND_NOT_DECLARED:
        return "where the server sets a column on every write (a trigger), say so: changed_at: { "
               "column: …, set_by: server }";
    case GW_UNSOUND_CHANGED_AT_TYPE:
        return "the column has to be timestamptz";
    case GW_UNSOUND_NO_LOW_WATER:
        return "GRANT pg_read_all_stats to the reading role, and run once";
    default:
        return "a run by checksum makes it sound again";
    }
}

gw_mark gw_mark_of(gw_arena *arena, const gw_snapshot *snapshot, const char *projection,
                   int64_t complete)
{
    gw_mark mark = {.system_identifier = gw_strdup(arena, snapshot->identity.system_identifier),
                    .database_oid = snapshot->identity.database_oid,
                    .timeline = snapshot->timeline,
                    .position = snapshot->position,
                    .xid = snapshot->xid,
                    .xmin = snapshot->xmin,
                    .complete = complete,
                    .low_water = snapshot->low_water,
                    .taken_at = snapshot->taken_at,
                    .projection = gw_strdup(arena, projection),
                    .leaf_count = snapshot->leaf_count};
    mark.leaves = gw_alloc_array(arena, mark.leaf_count, sizeof *mark.leaves);
    for (size_t i = 0; i < mark.leaf_count; i++)
        mark.leaves[i] = (gw_mark_leaf){.oid = snapshot->leaves[i].oid,
                                        .file_node = snapshot->leaves[i].file_node,
                                        .shape = gw_strdup(arena, snapshot->leaves[i].shape)};
    return mark;
}

static bool same_source(const gw_mark *mark, const char *system_identifier, int64_t database_oid)
{
    return strcmp(mark->system_identifier, system_identifier) == 0 &&
           mark->database_oid == database_oid;
}

void gw_mark_carry(gw_mark *mark, const gw_mark *marks, size_t count, bool files)
{
    const gw_mark *last = count ? &marks[0] : NULL;
    mark->complete = GW_NULL_INT;
    if (!last || !same_source(last, mark->system_identifier, mark->database_oid))
        return;
    mark->complete = last->complete;
    mark->timeline = last->timeline;
    for (size_t i = 0; files && i < mark->leaf_count; i++)
        for (size_t at = 0; at < last->leaf_count; at++)
            if (last->leaves[at].oid == mark->leaves[i].oid)
                mark->leaves[i].file_node = last->leaves[at].file_node;
}

static json_t *number(int64_t value)
{
    return value == GW_NULL_INT ? json_null() : json_integer(value);
}

json_t *gw_mark_json(gw_arena *arena, const gw_mark *mark)
{
    json_t *json = gw_json_own(arena, json_object());
    json_object_set_new(json, "system_identifier", gw_json_text(mark->system_identifier));
    json_object_set_new(json, "database_oid", json_integer(mark->database_oid));
    json_object_set_new(json, "timeline", json_integer(mark->timeline));
    json_object_set_new(json, "position", number(mark->position));
    json_object_set_new(json, "xid", number(mark->xid));
    json_object_set_new(json, "xmin", number(mark->xmin));
    json_object_set_new(json, "complete", number(mark->complete));
    json_object_set_new(json, "low_water", number(mark->low_water));
    json_object_set_new(json, "taken_at", number(mark->taken_at));
    json_object_set_new(json, "projection", gw_json_text(mark->projection));
    json_t *leaves = json_array();
    for (size_t i = 0; i < mark->leaf_count; i++) {
        json_t *leaf = json_object();
        json_object_set_new(leaf, "oid", json_integer(mark->leaves[i].oid));
        json_object_set_new(leaf, "file_node", number(mark->leaves[i].file_node));
        json_object_set_new(leaf, "shape", gw_json_text(mark->leaves[i].shape));
        json_array_append_new(leaves, leaf);
    }
    json_object_set_new(json, "leaves", leaves);
    return json;
}

static bool take_number(const json_t *json, const char *key, int64_t *out)
{
    const json_t *value = json_object_get(json, key);
    *out = json_is_integer(value) ? json_integer_value(value) : GW_NULL_INT;
    return json_is_integer(value) || json_is_null(value);
}

static bool take_text(gw_arena *arena, const json_t *json, const char *key, const char **out)
{
    *out = gw_strdup(arena, json_string_value(json_object_get(json, key)));
    return *out != NULL;
}

bool gw_mark_read(gw_arena *arena, const json_t *json, gw_mark *out, gw_err *err)
{
    const json_t *leaves = json_object_get(json, "leaves"), *leaf;
    *out = (gw_mark){0};
    bool ok = take_text(arena, json, "system_identifier", &out->system_identifier) &&
              take_number(json, "database_oid", &out->database_oid) &&
              take_number(json, "timeline", &out->timeline) &&
              take_number(json, "position", &out->position) &&
              take_number(json, "xid", &out->xid) && take_number(json, "xmin", &out->xmin) &&
              take_number(json, "complete", &out->complete) &&
              take_number(json, "low_water", &out->low_water) &&
              take_text(arena, json, "projection", &out->projection) && json_is_array(leaves);
    size_t i;
    take_number(json, "taken_at", &out->taken_at);
    out->leaf_count = json_array_size(leaves);
    out->leaves = gw_alloc_array(arena, out->leaf_count, sizeof *out->leaves);
    json_array_foreach(leaves, i, leaf) ok =
        ok && take_number(leaf, "oid", &out->leaves[i].oid) &&
        take_number(leaf, "file_node", &out->leaves[i].file_node) &&
        take_text(arena, leaf, "shape", &out->leaves[i].shape);
    if (ok)
        return true;
    gw_err_set(err, GW_ERR_STATE, "godwit.sync_marks holds a mark that is none");
    return gw_err_hint(err, "Remove it: the next detection reads the source anew.");
}

static bool shapes_fit(const gw_mark *mark, const gw_snapshot *snapshot)
{
    for (size_t i = 0; i < mark->leaf_count; i++)
        for (size_t at = 0; at < snapshot->leaf_count; at++)
            if (mark->leaves[i].oid == snapshot->leaves[at].oid &&
                strcmp(mark->leaves[i].shape, snapshot->leaves[at].shape) != 0)
                return false;
    return true;
}

gw_unsound gw_mark_fits(const gw_mark *mark, const gw_snapshot *snapshot, const char *projection)
{
    if (!same_source(mark, snapshot->identity.system_identifier, snapshot->identity.database_oid))
        return GW_UNSOUND_OTHER_SOURCE;
    if (strcmp(mark->projection, projection) != 0)
        return GW_UNSOUND_MAPPING;
    return shapes_fit(mark, snapshot) ? GW_SOUND : GW_UNSOUND_SHAPE;
}

/* ---- kept ---------------------------------------------------------------------------------- */

bool gw_marks_read(gw_session *session, gw_arena *arena, const char *entity, gw_mark **out,
                   size_t *count, gw_err *err)
{
    static const gw_col cols[] = {{"mark", GW_COL_TEXT, true, 0}};
    gw_param param = gw_p_text(entity);
    gw_result result;
    void *rows;
    *count = 0;
    if (!gw_query(session, arena, &gw_sql_marks_read, &param, 1, &result, err) ||
        !gw_rows(arena, &result, cols, 1, sizeof(char *), &rows, err))
        return false;
    const char *const *texts = rows;
    *out = gw_alloc_array(arena, result.rows + 1, sizeof **out);
    for (size_t i = 0; i < result.rows; i++) {
        json_t *json = gw_json_parse(arena, "a mark", texts[i], strlen(texts[i]), err);
        if (!json || !gw_mark_read(arena, json, &(*out)[i], err))
            return false;
    }
    *count = result.rows;
    return true;
}

bool gw_mark_put(gw_session *session, gw_arena *arena, const gw_mark_kept *kept,
                 const gw_mark *mark, gw_err *err)
{
    gw_param params[] = {
        gw_p_text(kept->entity),     gw_p_text(kept->method),
        gw_p_text(kept->mapping_id), gw_p_text(gw_json_dump(arena, gw_mark_json(arena, mark))),
        gw_p_text(kept->run),        gw_p_int(mark->taken_at)};
    return gw_exec_sql(session, &gw_sql_mark_put, params, 6, err) &&
           gw_exec_sql(session, &gw_sql_marks_prune, params, 1, err);
}
