/* Finding what has changed, and storing it. */
#include "app/sync_detect.h"

#include <string.h>

#include "app/internal.h"
#include "base/clock.h"
#include "base/uuid.h"
#include "control/control.h"
#include "sql/quote.h"
#include "sql_sync.h"

typedef struct detecting {
    gw_arena *arena;
    gw_sync sync;
    gw_session *beside, *store;
    gw_view view;
    const gw_detect_want *want;
    gw_detect_result *out;
    const char *group;
    int64_t since;
} detecting;

/* ---- the view of those that are selected and not stopped ------------------------------------- */

static size_t selected(const gw_sync *sync, gw_arena *arena, const gw_entity_plan ***plans)
{
    size_t count = 0;
    *plans = gw_alloc_array(arena, sync->count + 1, sizeof(gw_entity_plan *));
    for (size_t i = 0; i < sync->count; i++)
        if (sync->entities[i].selected && !sync->entities[i].differences.len)
            (*plans)[count++] = &sync->entities[i].plan;
    return count;
}

static gw_viewed *viewed_of(const gw_view *view, const gw_sync_entity *entity)
{
    size_t i = 0;
    while (view->entities[i].entity != &entity->plan)
        i++;
    return &view->entities[i];
}

static bool open_view(gw_app *app, gw_sync *sync, gw_arena *arena, gw_session **store,
                      gw_view *view, gw_err *err)
{
    const gw_entity_plan **plans;
    size_t count = selected(sync, arena, &plans);
    gw_view_want want = {0};
    return gw_app_sync_destination(app, arena, store, err) &&
           gw_view_open(sync->sides.source->session, arena, plans, count, &want, view, err);
}

static bool count_rows(gw_session *session, gw_arena *arena, const char *from, int64_t *out,
                       gw_err *err)
{
    static const gw_col cols[] = {{"rows", GW_COL_INT, true, 0}};
    gw_result result;
    return gw_query_text(session, arena, "count rows",
                         gw_printf(arena, "SELECT pg_catalog.count(*) AS rows FROM %s", from), NULL,
                         0, &result, err) &&
           gw_row(arena, &result, cols, 1, out, err);
}

/* ---- detect ---------------------------------------------------------------------------------- */

static bool read_since(detecting *d, gw_err *err)
{
    static const gw_col cols[] = {{"at", GW_COL_TIME, true, 0}};
    gw_param param = gw_p_text(d->want->since);
    gw_result result;
    int64_t ago;
    d->since = GW_NULL_INT;
    if (!d->want->since)
        return true;
    if (d->want->method != GW_METHOD_AUTO && d->want->method != GW_METHOD_TIMESTAMP) {
        gw_err_set(err, GW_ERR_USAGE, "--since goes with --method timestamp");
        return gw_err_hint(err, "%s finds what has changed since the last run",
                           gw_method_word(d->want->method));
    }
    if (gw_duration_parse(d->want->since, &ago)) {
        d->since = gw_now_us() - ago * 1000;
        return true;
    }
    if (gw_query(d->sync.sides.destination, d->arena, &gw_sql_time_read, &param, 1, &result, err))
        return gw_row(d->arena, &result, cols, 1, &d->since, err);
    if (strncmp(err->sqlstate, "22", 2) != 0)
        return false;
    gw_err_set(err, GW_ERR_USAGE, "--since takes a time, not \"%s\"", d->want->since);
    return gw_err_hint(err, "2026-11-21T08:00:00Z, or how long ago: 2h");
}

static json_t *metadata_of(gw_arena *arena, const gw_find_result *found, const detecting *d,
                           bool too_many)
{
    json_t *json = gw_analysis_metadata(arena, found);
    if (d->since != GW_NULL_INT) {
        json_object_set_new(json, "since", gw_json_text(gw_time_rfc3339(arena, d->since)));
        json_object_set_new(json, "partial", json_boolean(found->partial));
    }
    if (too_many)
        json_object_set_new(json, "refused", json_string("max-deletes"));
    return json;
}

static bool add_first(detecting *d, gw_analysis_writer *writer, const gw_viewed *viewed,
                      const gw_find_result *found, int64_t *destination, gw_err *err)
{
    const gw_mapping_table *table = &viewed->entity->mapping->destination.table;
    for (size_t i = 0; i < viewed->leaf_count; i++)
        if (!gw_analysis_add_blocks(writer, viewed->leaves[i].oid, (gw_blocks){0, GW_BLOCKS_END},
                                    found->leaf_rows[i], err))
            return false;
    return count_rows(d->sync.sides.destination, d->arena, gw_mapping_table_sql(d->arena, table),
                      destination, err);
}

static bool detect_entity(detecting *d, const gw_sync_entity *entity, gw_entity_found *out,
                          gw_err *err)
{
    gw_viewed *viewed = viewed_of(&d->view, entity);
    gw_analysis_writer *writer;
    gw_find_result found;
    gw_err none = {0};
    gw_analysis_of of = {.group = d->group,
                         .entity = entity->name,
                         .mapping_id = entity->definition.id};
    if (!gw_analysis_begin(d->store, d->arena, &of, &writer, err))
        return false;
    gw_find find = {.viewed = viewed,
                    .source = d->view.session,
                    .beside = d->beside,
                    .kept = d->sync.sides.destination,
                    .method = d->want->method,
                    .since = d->since,
                    .fn = gw_analysis_add,
                    .self = writer};
    int64_t destination = 0;
    bool ok = gw_find_changes(&find, d->arena, &found, err);
    if (ok && found.first)
        ok = add_first(d, writer, viewed, &found, &destination, err);
    if (!ok) {
        gw_analysis_abandon(writer);
        return false;
    }
    out->first = found.first;
    out->known = found.kept_rows;
    out->waiting = found.waiting;
    out->too_many = entity->plan.mapping->deletes != GW_DELETES_IGNORE &&
                    !gw_deletes_allowed(entity->name, found.counts[GW_ROW_DELETED], found.kept_rows,
                                        d->out->max_deletes, &none);
    gw_err_clear(&none);
    gw_analysis_counts counts = {.source = found.source_rows,
                                 .destination = found.first ? destination : found.kept_rows,
                                 .method = found.method,
                                 .why = found.why,
                                 .mark = &found.mark,
                                 .metadata = metadata_of(d->arena, &found, d, out->too_many)};
    return gw_analysis_end(writer, &counts, d->arena, &out->analysis, err);
}

static bool count_later(detecting *d, gw_entity_found *item, gw_err *err)
{
    static const gw_col cols[] = {{"rows", GW_COL_INT, true, 0}};
    gw_param param = gw_p_text(item->entity);
    gw_result result;
    return gw_query(d->sync.sides.destination, d->arena, &gw_sql_later_count, &param, 1, &result,
                    err) &&
           gw_row(d->arena, &result, cols, 1, &item->later, err);
}

static bool detect_all(detecting *d, gw_err *err)
{
    gw_detect_result *out = d->out;
    out->items = gw_alloc_array(d->arena, d->sync.count, sizeof *out->items);
    for (size_t i = 0; i < d->sync.count; i++) {
        const gw_sync_entity *entity = &d->sync.entities[i];
        if (!entity->selected)
            continue;
        gw_entity_found *item = &out->items[out->len];
        *item = (gw_entity_found){.entity = entity->name};
        if (entity->differences.len)
            item->stopped = entity;
        else if (!detect_entity(d, entity, item, err) || !count_later(d, item, err))
            return false;
        else
            out->analysis = d->group;
        out->len++;
    }
    return true;
}

bool gw_app_sync_detect(gw_app *app, gw_arena *arena, const gw_detect_want *want,
                        gw_detect_result *out, gw_err *err)
{
    detecting d = {.arena = arena, .want = want, .out = out};
    gw_source *beside;
    *out = (gw_detect_result){0};
    if (!gw_app_sync_begin(app, arena, want->names, want->count, true, &d.sync, err))
        return false;
    out->max_deletes = want->max_deletes < 0 ? d.sync.sides.settings.max_deletes : want->max_deletes;
    d.group = gw_strdup(arena, gw_uuid_v7().text);
    if (!read_since(&d, err) ||
        !gw_app_sync_source(app, arena, &d.sync.sides.settings, &beside, err))
        return false;
    d.beside = beside->session;
    bool ok = open_view(app, &d.sync, arena, &d.store, &d.view, err) && detect_all(&d, err);
    if (gw_session_in_transaction(d.sync.sides.source->session))
        gw_session_rollback(d.sync.sides.source->session);
    if (!ok)
        gw_control_explain(d.sync.sides.destination, err);
    return ok;
}

bool gw_detect_verdict(const gw_detect_result *result, gw_err *err)
{
    for (size_t i = 0; i < result->len; i++)
        if (result->items[i].too_many)
            return gw_deletes_allowed(result->items[i].entity, result->items[i].analysis.deleted,
                                      result->items[i].known, result->max_deletes, err);
    for (size_t i = 0; i < result->len; i++)
        if (result->items[i].stopped)
            return gw_sync_entity_fits(result->items[i].stopped, err);
    return true;
}

/* ---- analyze ---------------------------------------------------------------------------------- */

/* Rows that are marked as deleted do not count. */
static const char *live_rows(gw_arena *arena, const gw_entity_plan *plan)
{
    const gw_mapping *m = plan->mapping;
    const char *table = gw_mapping_table_sql(arena, &m->destination.table);
    if (m->deletes != GW_DELETES_SOFT)
        return table;
    const gw_source_column *column =
        gw_source_column_of(&plan->destination, m->deletes_column.text);
    const char *name = gw_quote_ident(arena, m->deletes_column.text);
    return column && *column->type.category == 'B'
               ? gw_printf(arena, "%s AS d WHERE d.%s IS NOT TRUE", table, name)
               : gw_printf(arena, "%s AS d WHERE d.%s IS NULL", table, name);
}

static const char *status_of(const gw_entity_counted *c)
{
    if (c->source > 0 && c->destination == 0)
        return "missing";
    return c->destination < c->source ? "behind" : c->destination > c->source ? "ahead" : "synced";
}

static bool kept_counts(gw_session *session, gw_arena *arena, const char *entity,
                        gw_entity_counted *out, gw_err *err)
{
    typedef struct kept {
        int64_t applied, rejected;
        bool has_id_map;
    } kept;
    static const gw_col cols[] = {
        {"applied", GW_COL_INT, true, offsetof(kept, applied)},
        {"rejected", GW_COL_INT, true, offsetof(kept, rejected)},
        {"has_id_map", GW_COL_BOOL, true, offsetof(kept, has_id_map)},
    };
    gw_param param = gw_p_text(entity);
    gw_result result;
    kept row;
    if (!gw_query(session, arena, &gw_sql_counts_here, &param, 1, &result, err) ||
        !gw_row(arena, &result, cols, 3, &row, err))
        return false;
    out->applied = row.applied;
    out->rejected = row.rejected;
    out->id_map = GW_NULL_INT;
    /* A first load fills the entity's own table before it becomes a part of the map. */
    return !row.has_id_map ||
           count_rows(session, arena,
                      gw_printf(arena, "godwit.migration_mappings m WHERE m.entity_type = %s",
                                gw_quote_literal(arena, entity)),
                      &out->id_map, err);
}

/* Others go into the same table: the id map knows which rows are this entity's. */
static bool shares_table(const gw_sync *sync, const gw_sync_entity *entity)
{
    const gw_mapping_table *table = &entity->plan.mapping->destination.table;
    for (size_t i = 0; i < sync->count; i++) {
        const gw_mapping_table *other = &sync->entities[i].plan.mapping->destination.table;
        if (&sync->entities[i] != entity && strcmp(other->name, table->name) == 0 &&
            strcmp(other->schema, table->schema) == 0)
            return true;
    }
    return false;
}

static bool count_source(gw_view *view, gw_arena *arena, const gw_viewed *viewed, int64_t *out,
                         gw_err *err)
{
    return (!viewed->user_names || gw_pg_user_names(view->session, true, err)) &&
           count_rows(view->session, arena, viewed->whole.from, out, err) &&
           (!viewed->user_names || gw_pg_user_names(view->session, false, err));
}

static bool store_counts(gw_session *store, gw_arena *arena, const char *group,
                         const gw_sync_entity *entity, const gw_entity_counted *c, gw_err *err)
{
    gw_analysis_writer *writer;
    gw_analysis stored;
    gw_analysis_of of = {.group = group,
                         .entity = entity->name,
                         .mapping_id = entity->definition.id,
                         .baseline = true};
    json_t *json = gw_json_own(arena, json_object());
    json_object_set_new(json, "status", json_string(c->status));
    json_object_set_new(json, "id_map_count",
                        c->id_map == GW_NULL_INT ? json_null() : json_integer(c->id_map));
    json_object_set_new(json, "applied_count", json_integer(c->applied));
    json_object_set_new(json, "rejected_count", json_integer(c->rejected));
    gw_analysis_counts counts = {
        .source = c->source, .destination = c->destination, .metadata = json};
    return gw_analysis_begin(store, arena, &of, &writer, err) &&
           gw_analysis_end(writer, &counts, arena, &stored, err);
}

static bool analyze_entity(gw_sync *sync, gw_arena *arena, gw_view *view,
                           const gw_sync_entity *entity, gw_entity_counted *out, gw_err *err)
{
    gw_session *destination = sync->sides.destination;
    if (!count_source(view, arena, viewed_of(view, entity), &out->source, err) ||
        !count_rows(destination, arena, live_rows(arena, &entity->plan), &out->destination, err) ||
        !kept_counts(destination, arena, entity->name, out, err))
        return gw_err_context(err, "while counting the rows of %s", entity->name);
    if (out->id_map != GW_NULL_INT && shares_table(sync, entity))
        out->destination = out->id_map;
    out->status = status_of(out);
    return true;
}

bool gw_app_sync_analyze(gw_app *app, gw_arena *arena, const char *const *names, size_t count,
                         gw_analyze_result *out, gw_err *err)
{
    gw_sync sync;
    gw_session *store;
    gw_view view;
    *out = (gw_analyze_result){0};
    if (!gw_app_sync_begin(app, arena, names, count, true, &sync, err) ||
        !open_view(app, &sync, arena, &store, &view, err))
        return false;
    const char *group = gw_strdup(arena, gw_uuid_v7().text);
    out->items = gw_alloc_array(arena, sync.count, sizeof *out->items);
    for (size_t i = 0; i < sync.count; i++) {
        const gw_sync_entity *entity = &sync.entities[i];
        gw_entity_counted *item = &out->items[out->len];
        if (!entity->selected)
            continue;
        *item = (gw_entity_counted){.entity = entity->name, .status = "stopped"};
        if (entity->differences.len)
            item->stopped = entity;
        else if (!analyze_entity(&sync, arena, &view, entity, item, err) ||
                 !store_counts(store, arena, group, entity, item, err))
            return false;
        else
            out->analysis = group;
        out->len++;
    }
    return gw_session_rollback(sync.sides.source->session), true;
}
