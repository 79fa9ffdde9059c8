#include "sync/view.h"

#include <inttypes.h>
#include <string.h>

#include "base/digest.h"
#include "base/vec.h"
#include "sql/quote.h"
#include "sql_source.h"
#include "sync/altered.h"

typedef struct oids {
    int64_t *items;
    size_t len, cap;
} oids;

static bool holds(const oids *list, int64_t oid)
{
    for (size_t i = 0; i < list->len; i++)
        if (list->items[i] == oid)
            return true;
    return false;
}

static bool is_table(const gw_source_relation *relation)
{
    return *relation->kind == 'r' || *relation->kind == 'p' || *relation->kind == 'm';
}

/* What a query or a view reads: planned, not run, and what is locked then. */
static bool tables_of_query(gw_session *source, gw_arena *arena, const gw_projection *projection,
                            oids *out, gw_err *err)
{
    typedef struct locked {
        int64_t oid;
    } locked;
    static const gw_col cols[] = {{"oid", GW_COL_INT, true, offsetof(locked, oid)}};
    gw_result ignored, result;
    void *rows = NULL;
    if (!gw_session_begin(source, "repeatable read read only", err))
        return false;
    bool ok = gw_pg_user_names(source, true, err) &&
              gw_query_text(source, arena, "the query of a mapping",
                            gw_printf(arena, "EXPLAIN SELECT * FROM %s", projection->from), NULL, 0,
                            &ignored, err) &&
              gw_query(source, arena, &gw_sql_source_read_tables, NULL, 0, &result, err) &&
              gw_rows(arena, &result, cols, 1, sizeof(locked), &rows, err);
    gw_session_rollback(source);
    for (size_t i = 0; ok && i < result.rows; i++)
        *gw_vec_push(arena, out) = ((locked *)rows)[i].oid;
    return ok;
}

/* What else than the row makes its values. Only a table's can be found by less than reading all of
 * them. Read before the snapshot: what is replaced afterwards is another one to the next mark,
 * whichever of the two this run reads by. */
static bool defined(gw_session *source, gw_arena *arena, const gw_projection *projection,
                    const char **out, gw_err *err)
{
    const gw_mapping *mapping = projection->entity->mapping;
    gw_buf text = GW_BUF(arena);
    *out = NULL;
    for (size_t i = 0; projection->has_blocks && i < mapping->fields.len; i++)
        if (mapping->fields.items[i].kind == GW_FIELD_SQL)
            gw_buf_addf(&text, "%s\n", mapping->fields.items[i].sql.text);
    return !text.len || gw_pg_defined(source, arena, gw_buf_str(&text), out, err);
}

static bool digest_of(gw_session *source, gw_arena *arena, const gw_projection *projection,
                      const char **out, gw_err *err)
{
    const gw_mapping *mapping = projection->entity->mapping;
    const char *by;
    if (!defined(source, arena, projection, &by, err))
        return false;
    const char *text = gw_printf(arena, "%s\n%s\n%s\n%s%s%s", mapping->body_hash, projection->from,
                                 projection->key, projection->fingerprint, by ? "\n" : "",
                                 by ? by : "");
    *out = gw_digest_hex(arena, GW_SHA256, text, strlen(text));
    return true;
}

/* Before the snapshot: descriptions, and what its SQL depends on. */
static bool prepare(gw_session *source, gw_arena *arena, const gw_entity_plan *plan,
                    gw_viewed *out, oids *tables, gw_err *err)
{
    const gw_mapping *mapping = plan->mapping;
    *out = (gw_viewed){.entity = plan};
    if (!gw_project(source, arena, plan, &out->projection, err) ||
        !digest_of(source, arena, &out->projection, &out->digest, err))
        return false;
    out->user_names = mapping->source.query.text != NULL;
    for (size_t i = 0; i < mapping->fields.len; i++) {
        const gw_map_field *field = &mapping->fields.items[i];
        if (field->kind != GW_FIELD_SQL)
            continue;
        out->user_names = true;
        if (!out->unstable &&
            !gw_sql_moves(source, arena, out->projection.from, field->sql.text, &out->unstable,
                          err))
            return false;
    }
    if (!is_table(&plan->source))
        return tables_of_query(source, arena, &out->projection, tables, err);
    *gw_vec_push(arena, tables) = plan->source.oid;
    return true;
}

static void make_lookup(gw_arena *arena, gw_view *view, gw_viewed *out)
{
    const gw_said_list *key = &out->entity->mapping->source.key;
    out->whole = gw_project_reader(arena, &out->projection, view->session, NULL);
    out->whole.has_blocks = out->projection.has_blocks;
    gw_key_part *parts = gw_alloc_array(arena, key->len, sizeof *parts);
    for (size_t i = 0; i < key->len; i++) {
        const gw_source_column *column =
            gw_source_column_of(&out->entity->source, key->items[i].text);
        parts[i] = (gw_key_part){
            .sql = gw_printf(arena, "s.%s", gw_quote_ident(arena, key->items[i].text)),
            .type = gw_source_unbounded(arena, column->type.base_type),
            .type_oid = column->type.base_oid};
    }
    out->lookup =
        (gw_lookup){.reader = &out->whole,
                    .parts = parts,
                    .part_count = key->len,
                    .spelled_anew = out->projection.spelled_anew};
}

static bool make_leaf(gw_arena *arena, gw_view *view, gw_viewed *out, const gw_stored_leaf *stored,
                      gw_err *err)
{
    if (*stored->kind == 'f') {
        gw_err_set(err, GW_ERR_UNSUPPORTED, "a partition of %s is a foreign table: %s",
                   gw_mapping_table_shown(arena, &out->entity->mapping->source.table),
                   gw_quote_name(arena, stored->schema, stored->name));
        return gw_err_hint(err, "make the source a query: SELECT * FROM the table");
    }
    gw_source_leaf *leaf = gw_alloc(arena, sizeof *leaf);
    *leaf = (gw_source_leaf){.oid = stored->oid,
                             .schema = stored->schema,
                             .name = stored->name,
                             .kind = stored->kind,
                             .file_node = stored->file_node,
                             .unlogged = stored->unlogged};
    out->leaves[out->leaf_count++] =
        (gw_leaf){.oid = (uint32_t)stored->oid,
                  .blocks = (uint32_t)stored->blocks,
                  .reader = gw_project_reader(arena, &out->projection, view->session, leaf)};
    return true;
}

/* Under the snapshot: the leaves of this entity. */
static bool look(gw_arena *arena, gw_view *view, gw_viewed *out, const oids *tables, gw_err *err)
{
    const gw_snapshot *all = &view->snapshot;
    if (!gw_source_as_planned(view->session, arena, out->entity, err))
        return false;
    out->snapshot = *all;
    out->snapshot.leaf_count = 0;
    out->snapshot.leaves = gw_alloc_array(arena, all->leaf_count + 1, sizeof *all->leaves);
    out->leaves = gw_alloc_array(arena, all->leaf_count + 1, sizeof *out->leaves);
    for (size_t i = 0; i < all->leaf_count; i++) {
        if (!holds(tables, all->leaves[i].relation))
            continue;
        out->snapshot.leaves[out->snapshot.leaf_count++] = all->leaves[i];
        if (out->projection.has_blocks &&
            !make_leaf(arena, view, out, &all->leaves[i], err))
            return false;
    }
    if (!out->projection.has_blocks)
        out->leaves[out->leaf_count++] = (gw_leaf){
            .reader = gw_project_reader(arena, &out->projection, view->session, NULL)};
    make_lookup(arena, view, out);
    return gw_lookup_prepare(view->session, arena, out->lookup.parts, out->lookup.part_count, err);
}

static bool wants_low_water(const gw_entity_plan *const *entities, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (entities[i]->mapping->source.changed_at.text)
            return true;
    return false;
}

bool gw_view_open(gw_session *source, gw_arena *arena, const gw_entity_plan *const *entities,
                  size_t count, const gw_view_want *want, gw_view *out, gw_err *err)
{
    gw_source_identity identity;
    oids *tables = gw_alloc_array(arena, count + 1, sizeof *tables), all = {0};
    *out = (gw_view){.session = source, .count = count};
    out->entities = gw_alloc_array(arena, count + 1, sizeof *out->entities);
    if (!gw_pg_identify(source, arena, &identity, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!prepare(source, arena, entities[i], &out->entities[i], &tables[i], err))
            return gw_err_context(err, "while looking at the source of %s",
                                  entities[i]->mapping->entity.text);
        for (size_t k = 0; k < tables[i].len; k++)
            if (!holds(&all, tables[i].items[k]))
                *gw_vec_push(arena, &all) = tables[i].items[k];
    }
    gw_snapshot_want snapshot = {.relations = all.items,
                                 .count = all.len,
                                 .share = want->share,
                                 .mark = !identity.standby && identity.version >= 130000,
                                 .low_water = wants_low_water(entities, count),
                                 .if_it_can = true,
                                 .lock_timeout_ms = want->lock_timeout_ms};
    if (!gw_snapshot_open(source, arena, &snapshot, &out->snapshot, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!look(arena, out, &out->entities[i], &tables[i], err)) {
            gw_session_rollback(source);
            return false;
        }
    return true;
}
