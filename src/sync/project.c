#include "sync/project.h"

#include <inttypes.h>
#include <string.h>

#include "base/json.h"
#include "base/vec.h"
#include "source/fingerprint.h"
#include "sql/quote.h"

enum { FIRST_OF_USERS = 16384 }; /* oids below are the same on every server */

typedef struct maker {
    gw_arena *arena;
    const gw_entity_plan *entity;
    GW_VEC(gw_travelling) columns;
    GW_VEC(gw_typed) typed; /* what the fingerprint is of */
    size_t *of_field;
} maker;

/* Numbers of things of one server, and types without a binary form. */
static bool means_little(const char *type)
{
    static const char *const names[] = {"oid",       "xid",          "xid8",    "cid",
                                        "tid",       "pg_lsn",       "aclitem", "pg_snapshot",
                                        "refcursor", "txid_snapshot"};
    for (size_t i = 0; type && i < sizeof names / sizeof *names; i++)
        if (strcmp(type, names[i]) == 0)
            return true;
    return type && (strncmp(type, "reg", 3) == 0 || strncmp(type, "pg_", 3) == 0);
}

bool gw_type_travels_binary(const gw_source_type *type)
{
    bool kind = *type->base_kind == 'b' || *type->base_kind == 'r' || *type->base_kind == 'm';
    return kind && type->base_oid < FIRST_OF_USERS && type->element_oid < FIRST_OF_USERS &&
           !means_little(type->base_type) &&
           !(type->element_oid && means_little(type->element_type));
}

const char *gw_key_text_sql(gw_arena *arena, const char *const *values, size_t count)
{
    if (count == 1)
        return gw_printf(arena, "(%s)::pg_catalog.text", values[0]);
    gw_buf list = GW_BUF(arena), there = GW_BUF(arena);
    for (size_t i = 0; i < count; i++) {
        gw_buf_addf(&list, "%s(%s)::pg_catalog.text", i ? ", " : "", values[i]);
        gw_buf_addf(&there, "%s(%s) IS NOT NULL", i ? " AND " : "", values[i]);
    }
    return gw_printf(arena,
                     "(CASE WHEN %s THEN pg_catalog.jsonb_build_array(%s)::pg_catalog.text END)",
                     gw_buf_str(&there), gw_buf_str(&list));
}

bool gw_key_values(gw_arena *arena, const char *key, size_t count, const char **out, gw_err *err)
{
    if (count == 1) {
        out[0] = key;
        return true;
    }
    gw_err ignored = {0};
    json_t *values = gw_json_parse(arena, "a key", key, strlen(key), &ignored);
    gw_err_clear(&ignored);
    bool ok = json_is_array(values) && json_array_size(values) == count;
    for (size_t i = 0; ok && i < count; i++) {
        out[i] = json_string_value(json_array_get(values, i));
        ok = out[i] != NULL;
    }
    if (ok)
        return true;
    gw_err_set(err, GW_ERR_STATE, "a key that is kept is none of %zu columns", count);
    return gw_key_said(err, key, strlen(key));
}

static const char *column_sql(gw_arena *arena, const char *name)
{
    return gw_printf(arena, "s.%s", gw_quote_ident(arena, name));
}

static size_t travel(maker *m, const char *name, const char *sql, const gw_source_type *type,
                     bool sensitive)
{
    bool as_text = type && !gw_type_travels_binary(type);
    const char *form = sql;
    if (as_text)
        form = gw_printf(m->arena, "(%s)::pg_catalog.text", sql);
    else if (type && type->domain)
        form = gw_printf(m->arena, "(%s)::%s", sql, type->base_type);
    for (size_t i = 0; i < m->columns.len; i++)
        if (strcmp(m->columns.items[i].sql, form) == 0) {
            m->columns.items[i].sensitive = m->columns.items[i].sensitive || sensitive;
            return i;
        }
    *gw_vec_push(m->arena, &m->columns) =
        (gw_travelling){.sql = form,
                        .type = type && !as_text ? type->base_type : "text",
                        .name = name,
                        .as_text = as_text,
                        .sensitive = sensitive};
    return m->columns.len - 1;
}

static gw_typed typed(const char *sql, const gw_source_type *type, bool deterministic)
{
    return (gw_typed){.sql = sql,
                      .type = (uint32_t)type->base_oid,
                      .typmod = (int32_t)type->base_typmod,
                      .typtype = *type->base_kind,
                      .deterministic = deterministic};
}

static void fingerprinted(maker *m, const char *sql, const gw_source_type *type, bool deterministic)
{
    for (size_t i = 0; i < m->typed.len; i++)
        if (strcmp(m->typed.items[i].sql, sql) == 0)
            return;
    *gw_vec_push(m->arena, &m->typed) = typed(sql, type, deterministic);
}

bool gw_column_spelled_alike(const gw_source_column *column)
{
    gw_typed value = typed(column->name, &column->type, column->deterministic);
    return gw_spelled_alike(&value);
}

static const gw_source_column *column_of(maker *m, const char *name, gw_err *err)
{
    const gw_source_column *column = gw_source_column_of(&m->entity->source, name);
    if (!column)
        gw_err_set(err, GW_ERR_STATE, "the source of %s has no column \"%s\"",
                   m->entity->mapping->entity.text, name);
    else
        fingerprinted(m, column_sql(m->arena, name), &column->type, column->deterministic);
    return column;
}

static bool take_expression(maker *m, gw_session *source, const char *from, size_t number,
                            gw_err *err)
{
    const gw_map_field *field = &m->entity->mapping->fields.items[number];
    const char *sql = gw_printf(m->arena, "(%s\n)", field->sql.text);
    gw_source_relation described;
    if (!gw_pg_describe_query(source, m->arena,
                              gw_printf(m->arena, "SELECT %s AS v FROM %s", sql, from), &described,
                              err))
        return gw_err_context(err, "in the sql of \"%s\" of %s", field->to.text,
                              m->entity->mapping->entity.text);
    const gw_source_type *type = &described.columns[0].type;
    m->of_field[number] = travel(m, field->to.text, sql, type,
                                 gw_mapping_field_masked(m->entity->mapping, field));
    fingerprinted(m, sql, type, false); /* of its collation nothing is known */
    return true;
}

static bool take_field(maker *m, gw_session *source, const char *from, size_t number, gw_err *err)
{
    const gw_map_field *field = &m->entity->mapping->fields.items[number];
    m->of_field[number] = SIZE_MAX;
    if (field->kind == GW_FIELD_SQL)
        return take_expression(m, source, from, number, err);
    if (field->kind != GW_FIELD_COPY && field->kind != GW_FIELD_REFERENCE)
        return true;
    const char **values = gw_alloc_array(m->arena, field->from.len, sizeof *values);
    const gw_source_column *column = NULL;
    for (size_t i = 0; i < field->from.len; i++) {
        column = column_of(m, field->from.items[i].text, err);
        if (!column)
            return false;
        values[i] = column_sql(m->arena, column->name);
    }
    bool sensitive = gw_mapping_field_masked(m->entity->mapping, field);
    if (field->kind == GW_FIELD_COPY) {
        m->of_field[number] = travel(m, column->name, values[0], &column->type, sensitive);
        return true;
    }
    const char *key = m->entity->fields[number].reference_key;
    m->of_field[number] = travel(m, field->from.len == 1 ? column->name : field->to.text,
                                 key ? key : gw_key_text_sql(m->arena, values, field->from.len),
                                 NULL, sensitive);
    return true;
}

/* Functions see the whole row. */
static bool take_seen(maker *m, gw_projection *out, gw_err *err)
{
    const gw_source_relation *source = &m->entity->source;
    if (!m->entity->compiled)
        return true;
    out->seen = gw_alloc_array(m->arena, source->column_count, sizeof *out->seen);
    for (size_t i = 0; i < source->column_count; i++) {
        if (!source->columns[i].may_select)
            continue;
        if (!column_of(m, source->columns[i].name, err))
            return false;
        out->seen[out->seen_count++] = gw_printf(m->arena, "(%s)::pg_catalog.text",
                                                 column_sql(m->arena, source->columns[i].name));
    }
    return true;
}

static bool is_table(const gw_source_relation *relation)
{
    return *relation->kind == 'r' || *relation->kind == 'p' || *relation->kind == 'm';
}

bool gw_project(gw_session *source, gw_arena *arena, const gw_entity_plan *entity,
                gw_projection *out, gw_err *err)
{
    const gw_mapping *mapping = entity->mapping;
    maker m = {.arena = arena, .entity = entity};
    m.of_field = gw_alloc_array(arena, mapping->fields.len, sizeof *m.of_field);
    *out = (gw_projection){.entity = entity,
                           .of_field = m.of_field,
                           .source_version = gw_session_version(source)};
    out->from = mapping->source.query.text
                    ? gw_printf(arena, "(%s\n) s", mapping->source.query.text)
                    : gw_printf(arena, "%s s", gw_mapping_table_sql(arena, &mapping->source.table));
    out->has_blocks = is_table(&entity->source);
    const char **keys = gw_alloc_array(arena, mapping->source.key.len, sizeof *keys);
    gw_buf order = GW_BUF(arena);
    for (size_t i = 0; i < mapping->source.key.len; i++) {
        const gw_source_column *column = column_of(&m, mapping->source.key.items[i].text, err);
        if (!column)
            return false;
        keys[i] = column_sql(arena, column->name);
        out->spelled_anew = out->spelled_anew || !gw_column_spelled_alike(column);
        gw_buf_addf(&order, "%s(%s)::pg_catalog.text COLLATE \"C\"", i ? ", " : "", keys[i]);
    }
    out->key = gw_key_text_sql(arena, keys, mapping->source.key.len);
    out->order = out->has_blocks ? NULL : gw_buf_str(&order);
    for (size_t i = 0; i < mapping->fields.len; i++)
        if (!take_field(&m, source, out->from, i, err))
            return false;
    if (!take_seen(&m, out, err))
        return false;
    out->columns = m.columns.items;
    out->count = m.columns.len;
    out->fingerprint =
        gw_fingerprint_sql(arena, m.typed.items, m.typed.len, out->source_version);
    if (entity->salt)
        out->fingerprint = gw_printf(arena, "(%s OPERATOR(pg_catalog.#) %" PRId64 "::pg_catalog.int8)",
                                     out->fingerprint, (int64_t)entity->salt);
    return true;
}

static void add_select(gw_buf *text, const gw_projection *p)
{
    gw_buf_addf(text, "COPY (SELECT %s, %s, %s",
                p->has_blocks ? "s.tableoid::pg_catalog.int8, s.ctid"
                              : "0::pg_catalog.int8, '(0,0)'::pg_catalog.tid",
                p->key, p->fingerprint);
    for (size_t i = 0; i < p->count; i++)
        gw_buf_addf(text, ", %s", p->columns[i].sql);
    for (size_t i = 0; i < p->seen_count; i++)
        gw_buf_addf(text, ", %s", p->seen[i]);
}

static const char *leaf_from(gw_arena *arena, const gw_projection *p, const gw_source_leaf *leaf)
{
    return leaf ? gw_printf(arena, "ONLY %s s", gw_quote_name(arena, leaf->schema, leaf->name))
                : p->from;
}

const char *gw_project_blocks(gw_arena *arena, const gw_projection *p, const gw_source_leaf *leaf,
                              gw_blocks run)
{
    gw_buf text = GW_BUF(arena);
    add_select(&text, p);
    gw_buf_addf(&text, " FROM %s", leaf_from(arena, p, leaf));
    if (leaf && p->has_blocks && run.first)
        gw_buf_addf(&text, " WHERE s.ctid >= '(%" PRIu32 ",0)'::pg_catalog.tid", run.first);
    if (leaf && p->has_blocks && run.end != GW_BLOCKS_END)
        gw_buf_addf(&text, " %s s.ctid < '(%" PRIu32 ",0)'::pg_catalog.tid",
                    run.first ? "AND" : "WHERE", run.end);
    if (p->order)
        gw_buf_addf(&text, " ORDER BY %s", p->order);
    gw_buf_add(&text, ") TO STDOUT (FORMAT binary)");
    return gw_buf_str(&text);
}

/* The key's column where an index of its own finds its values for certain (the collation of one that
 * is no primary key may be another); NULL. */
static const gw_source_column *indexed_key(const gw_projection *p)
{
    const gw_source_relation *source = &p->entity->source;
    const gw_said_list *key = &p->entity->mapping->source.key;
    const gw_source_column *column = gw_source_column_of(source, key->items[0].text);
    if (key->len > 1 || (*source->kind != 'r' && *source->kind != 'p'))
        return NULL;
    for (size_t i = 0; i < source->key_count; i++)
        if (source->keys[i].columns.len == 1 &&
            strcmp(source->keys[i].columns.items[0], column->name) == 0 &&
            (source->keys[i].primary || !column->collation))
            return column;
    return NULL;
}

/* Keys lie side by side in the table: an index finds them sooner than the planner thinks, who would
 * read all of the table for that many. It is not told how many there are. */
static void add_by_index(gw_buf *text, gw_arena *arena, const gw_projection *p,
                         const gw_source_column *key, const char *const *keys, size_t count)
{
    gw_buf_addf(text, " FROM %s WHERE %s = ANY ((SELECT ", p->from, column_sql(arena, key->name));
    gw_buf_add_literal(text, gw_quote_array(arena, keys, count));
    gw_buf_addf(text, "::%s[])::%s[]))", key->type.base_type, key->type.base_type);
}

static bool add_by_values(gw_buf *text, gw_arena *arena, const gw_projection *p,
                          const char *const *keys, size_t count, gw_err *err)
{
    const gw_mapping *mapping = p->entity->mapping;
    size_t width = mapping->source.key.len;
    const char **values = gw_alloc_array(arena, width, sizeof *values);
    gw_buf_addf(text, " FROM %s WHERE (", p->from);
    for (size_t i = 0; i < width; i++)
        gw_buf_addf(text, "%s%s", i ? ", " : "",
                    column_sql(arena, mapping->source.key.items[i].text));
    gw_buf_add(text, count ? ") IN (VALUES " : ") IN (SELECT");
    for (size_t k = 0; k < count; k++) {
        if (!gw_key_values(arena, keys[k], width, values, err))
            return false;
        for (size_t i = 0; i < width; i++) {
            const gw_source_column *column =
                gw_source_column_of(&p->entity->source, mapping->source.key.items[i].text);
            gw_buf_add(text, i ? ", " : k ? ", (" : "(");
            gw_buf_add_literal(text, values[i]);
            gw_buf_addf(text, "::%s", column->type.base_type);
        }
        gw_buf_addc(text, ')');
    }
    for (size_t i = 0; !count && i < width; i++)
        gw_buf_addf(text, "%s %s", i ? "," : "",
                    column_sql(arena, mapping->source.key.items[i].text));
    gw_buf_add(text, count ? "))" : " WHERE false))");
    return true;
}

bool gw_project_keys(gw_arena *arena, const gw_projection *p, const char *const *keys, size_t count,
                     const char **out, gw_err *err)
{
    gw_buf text = GW_BUF(arena);
    add_select(&text, p);
    const gw_source_column *only = indexed_key(p);
    if (only)
        add_by_index(&text, arena, p, only, keys, count);
    else if (!add_by_values(&text, arena, p, keys, count, err))
        return false;
    gw_buf_add(&text, " TO STDOUT (FORMAT binary)");
    *out = gw_buf_str(&text);
    return true;
}

bool gw_project_spelled(gw_arena *arena, const gw_projection *p, const gw_key_text *keys,
                        size_t count, const char **out, gw_err *err)
{
    const gw_said_list *key = &p->entity->mapping->source.key;
    const char **values = gw_alloc_array(arena, key->len, sizeof *values);
    gw_buf text = GW_BUF(arena), names = GW_BUF(arena), equal = GW_BUF(arena);
    for (size_t i = 0; i < key->len; i++) {
        gw_buf_addf(&names, ", k%zu", i);
        gw_buf_addf(&equal, "%s%s = v.k%zu", i ? " AND " : "",
                    column_sql(arena, key->items[i].text), i);
    }
    gw_buf_addf(&text, "SELECT v.n::pg_catalog.int8 AS number, %s AS key FROM (VALUES ", p->key);
    for (size_t k = 0; k < count; k++) {
        const char *one = gw_strndup(arena, keys[k].key, keys[k].len);
        if (!gw_key_values(arena, one, key->len, values, err))
            return false;
        gw_buf_addf(&text, "%s(%zu", k ? ", " : "", k + 1);
        for (size_t i = 0; i < key->len; i++) {
            gw_buf_add(&text, ", ");
            gw_buf_add_literal(&text, values[i]);
            gw_buf_addf(&text, "::%s",
                        gw_source_column_of(&p->entity->source, key->items[i].text)->type.base_type);
        }
        gw_buf_addc(&text, ')');
    }
    gw_buf_addf(&text, ") v (n%s) JOIN %s ON %s", gw_buf_str(&names), p->from, gw_buf_str(&equal));
    *out = gw_buf_str(&text);
    return true;
}

gw_reader gw_project_reader(gw_arena *arena, const gw_projection *p, gw_session *session,
                            const gw_source_leaf *leaf)
{
    return (gw_reader){.session = session,
                       .from = leaf_from(arena, p, leaf),
                       .has_blocks = p->has_blocks && leaf,
                       .key = p->key,
                       .fingerprint = p->fingerprint,
                       .order = p->order};
}
