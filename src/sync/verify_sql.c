#include "sync/verify_sql.h"

#include <string.h>

#include "base/buf.h"
#include "sql/quote.h"

enum { SHOWN = 400 }; /* characters of a value that are shown */

typedef struct builder {
    gw_arena *arena;
    const gw_verify *verify;
    const gw_entity_plan *plan;
    const gw_mapping *mapping;
    const gw_apply_sql *apply;
    const char *destination; /* quoted */
    const char *entity;      /* as a literal */
    const char *own;         /* over t; "true" where the table is nobody else's */
    gw_verify_sql *out;
} builder;

const gw_mapping *gw_verify_mapping(const gw_verify *verify, const char *entity)
{
    const gw_mapping *own = verify->projection->entity->mapping;
    if (strcmp(own->entity.text, entity) == 0)
        return own;
    for (size_t i = 0; i < verify->other_count; i++)
        if (strcmp(verify->others[i].entity, entity) == 0)
            return verify->others[i].plan->mapping;
    return NULL;
}

static const char *text_of(builder *b, const char *alias, const char *column)
{
    return gw_printf(b->arena, "(%s.%s)::pg_catalog.text", alias,
                     gw_quote_ident(b->arena, column));
}

/* ---- the source's key of a row of the destination ------------------------------------------ */

static bool one_of(const char *type, const char *const *names)
{
    for (; *names; names++)
        if (strcmp(type, *names) == 0)
            return true;
    return false;
}

/* Converted from the one to the other a value keeps its text form. */
static bool spelled_alike(const gw_source_type *from, const gw_source_type *to)
{
    static const char *const whole[] = {"smallint", "integer", "bigint", NULL};
    static const char *const wide[] = {"smallint", "integer", "bigint", "numeric", "text",
                                       "character varying", NULL};
    static const char *const texts[] = {"text", "character varying", NULL};
    bool into_text = one_of(to->base_type, texts) ||
                     strncmp(to->base_type, "character varying(", 18) == 0;
    if (strcmp(from->base_type, to->base_type) == 0 || one_of(from->base_type, whole))
        return strcmp(from->base_type, to->base_type) == 0 || into_text ||
               one_of(to->base_type, wide);
    return into_text && (one_of(from->base_type, texts) || strcmp(from->base_type, "uuid") == 0 ||
                         strncmp(from->base_type, "character varying(", 18) == 0);
}

static bool in_destination_key(const builder *b, const char *column)
{
    for (size_t i = 0; i < b->mapping->destination.key.len; i++)
        if (strcmp(b->mapping->destination.key.items[i].text, column) == 0)
            return true;
    return false;
}

/* A column of the source's key, from a column of the destination's; NULL: no such column. */
static const char *key_part(builder *b, const char *column, gw_buf *joins, size_t number)
{
    const gw_source_column *from = gw_source_column_of(&b->plan->source, column);
    for (size_t i = 0; i < b->mapping->fields.len; i++) {
        const gw_map_field *field = &b->mapping->fields.items[i];
        const gw_source_column *to = gw_source_column_of(&b->plan->destination, field->to.text);
        if (field->from.len != 1 || strcmp(field->from.items[0].text, column) != 0 || !to ||
            !in_destination_key(b, field->to.text) || b->plan->fields[i].second_pass)
            continue;
        const char *text = text_of(b, "t", field->to.text);
        if (field->kind == GW_FIELD_COPY && !field->type.text && !field->default_value.text &&
            spelled_alike(&from->type, &to->type))
            return text;
        if (field->kind != GW_FIELD_REFERENCE || b->plan->fields[i].reference_key)
            continue;
        gw_buf_addf(joins,
                    " LEFT JOIN godwit.migration_mappings m%zu ON m%zu.entity_type = %s AND "
                    "m%zu.modern_id = %s",
                    number, number, gw_quote_literal(b->arena, field->reference.text), number,
                    text);
        return gw_printf(b->arena, "coalesce(m%zu.legacy_id, %s)", number, text);
    }
    return NULL;
}

static const char *id_text(builder *b)
{
    return text_of(b, "t", b->mapping->destination.key.items[0].text);
}

/* The source's key, over t and what is joined; NULL: it cannot be told. */
static const char *source_key(builder *b, gw_buf *joins)
{
    const gw_said_list *key = &b->mapping->source.key;
    if (gw_mapping_has_id_map(b->mapping)) {
        gw_buf_addf(joins,
                    " LEFT JOIN godwit.migration_mappings m ON m.entity_type = %s AND "
                    "m.modern_id = %s",
                    b->entity, id_text(b));
        return "m.legacy_id";
    }
    const char **parts = gw_alloc_array(b->arena, key->len, sizeof *parts);
    for (size_t i = 0; i < key->len; i++) {
        parts[i] = key_part(b, key->items[i].text, joins, i);
        if (!parts[i])
            return NULL;
    }
    return gw_key_text_sql(b->arena, parts, key->len);
}

const char *gw_verify_key_sql(gw_arena *arena, const gw_entity_plan *plan)
{
    builder b = {.arena = arena, .plan = plan, .mapping = plan->mapping};
    gw_buf joins = GW_BUF(arena);
    const char *key = source_key(&b, &joins);
    return key && joins.len
               ? gw_printf(arena, "SELECT %s FROM (SELECT) one%s", key, gw_buf_str(&joins))
               : key;
}

static void make_there(builder *b)
{
    gw_buf joins = GW_BUF(b->arena);
    const char *key = source_key(b, &joins);
    b->out->sums =
        gw_printf(b->arena,
                  "SELECT pg_catalog.count(*) FILTER (WHERE NOT (%s)) AS rows, "
                  "coalesce(pg_catalog.sum(%s) FILTER (WHERE NOT (%s)), 0)::pg_catalog.text AS sum, "
                  "pg_catalog.count(*) FILTER (WHERE %s) AS marked, "
                  "coalesce(pg_catalog.sum(%s), 0)::pg_catalog.text AS sum_all FROM %s t WHERE %s",
                  b->apply->marked, b->apply->print_there, b->apply->marked, b->apply->marked,
                  b->apply->print_there, b->destination, b->own);
    if (key)
        b->out->there = gw_printf(b->arena,
                                  "COPY (SELECT %s, %s, %s FROM %s t%s WHERE %s) "
                                  "TO STDOUT (FORMAT binary)",
                                  key, b->apply->print_there, b->apply->marked, b->destination,
                                  gw_buf_str(&joins), b->own);
}

/* ---- rows without an id map ---------------------------------------------------------------- */

/* The source's key as the destination keeps a copy of it; NULL: it does not. */
static const char *key_copy(builder *b)
{
    const gw_said_list *key = &b->mapping->source.key;
    if (b->mapping->destination.legacy_id.text)
        return text_of(b, "t", b->mapping->destination.legacy_id.text);
    const char **parts = gw_alloc_array(b->arena, key->len, sizeof *parts);
    for (size_t k = 0; k < key->len; k++) {
        for (size_t i = 0; i < b->mapping->fields.len && !parts[k]; i++) {
            const gw_map_field *field = &b->mapping->fields.items[i];
            if (field->kind == GW_FIELD_COPY &&
                strcmp(field->from.items[0].text, key->items[k].text) == 0)
                parts[k] = text_of(b, "t", field->to.text);
        }
        if (!parts[k])
            return NULL;
    }
    return gw_key_text_sql(b->arena, parts, key->len);
}

static void make_strangers(builder *b)
{
    if (!gw_mapping_has_id_map(b->mapping))
        return;
    const char *copy = key_copy(b);
    const char *here = gw_mapping_table_sql(b->arena, &b->mapping->destination.table);
    b->out->strangers = gw_printf(
        b->arena,
        "SELECT %s AS key, %s AS known FROM %s t WHERE NOT EXISTS "
        "(SELECT FROM godwit.migration_mappings m WHERE m.entity_type = %s AND m.modern_id = %s) "
        "AND %s ORDER BY 1",
        id_text(b),
        copy ? gw_printf(b->arena,
                         "(SELECT m.legacy_id FROM godwit.migration_mappings m "
                         "WHERE m.entity_type = %s AND m.legacy_id = %s)",
                         b->entity, copy)
             : "NULL::pg_catalog.text",
        here, b->entity, id_text(b), b->own);
    /* The lost in a query of their own: an anti-join hashes, a condition of the count asks the table
     * anew for each id. */
    b->out->map = gw_printf(
        b->arena,
        "SELECT (SELECT pg_catalog.count(*) FROM godwit.migration_mappings m "
        "WHERE m.entity_type = %s) AS rows, (SELECT pg_catalog.count(*) "
        "FROM godwit.migration_mappings m WHERE m.entity_type = %s AND NOT EXISTS "
        "(SELECT FROM %s t WHERE %s = m.modern_id)) AS lost",
        b->entity, b->entity, here, id_text(b));
}

/* ---- row by row ---------------------------------------------------------------------------- */

/* What a field of the second pass has to be in the end. */
static const char *later_value(builder *b, const char *column)
{
    for (size_t i = 0; i < b->mapping->fields.len; i++) {
        const gw_map_field *field = &b->mapping->fields.items[i];
        if (strcmp(field->to.text, column) != 0)
            continue;
        const gw_source_column *to = gw_source_column_of(&b->plan->destination, column);
        const gw_mapping *target = field->kind == GW_FIELD_REFERENCE
                                       ? gw_verify_mapping(b->verify, field->reference.text)
                                       : NULL;
        const char *staged = gw_printf(b->arena, "s.gw_%zu", b->verify->projection->of_field[i] + 1);
        const char *value = staged;
        if (target && gw_mapping_has_id_map(target))
            value = gw_printf(b->arena,
                              "(SELECT m.modern_id FROM godwit.migration_mappings m "
                              "WHERE m.entity_type = %s AND m.legacy_id = %s)",
                              gw_quote_literal(b->arena, field->reference.text), staged);
        return gw_printf(b->arena, "((%s)::%s)::pg_catalog.text", value, to->type.base_type);
    }
    return "NULL::pg_catalog.text";
}

static void add_column(builder *b, gw_buf *list, size_t number, const char *left, const char *right)
{
    const char *name = b->apply->columns[number].name;
    bool masked = gw_mapping_sensitive(b->mapping, name);
    const gw_map_field *field = gw_mapping_field(b->mapping, name);
    masked = masked || (field && gw_mapping_field_masked(b->mapping, field));
    gw_buf_addf(list, "%sCASE WHEN %s COLLATE \"C\" IS DISTINCT FROM %s COLLATE \"C\" THEN ",
                list->len ? ", " : "", left, right);
    if (masked)
        gw_buf_addf(list,
                    "pg_catalog.jsonb_build_array(%zu, CASE WHEN %s IS NOT NULL THEN '***' END, "
                    "CASE WHEN %s IS NOT NULL THEN '***' END) END",
                    number, left, right);
    else
        gw_buf_addf(list,
                    "pg_catalog.jsonb_build_array(%zu, pg_catalog.left(%s, %d), "
                    "pg_catalog.left(%s, %d), pg_catalog.length(%s), pg_catalog.length(%s)) END",
                    number, left, SHOWN, right, SHOWN, left, right);
}

static void make_compare(builder *b)
{
    gw_buf columns = GW_BUF(b->arena), filled = GW_BUF(b->arena);
    gw_buf_add(&filled, "true");
    for (size_t i = 0; i < b->apply->column_count; i++) {
        const gw_apply_column *column = &b->apply->columns[i];
        const char *there = text_of(b, "t", column->name);
        if (column->clock)
            continue;
        const char *wanted =
            column->later ? later_value(b, column->name) : text_of(b, "r", column->name);
        if (column->later)
            gw_buf_addf(&filled, " AND %s COLLATE \"C\" IS NOT DISTINCT FROM %s COLLATE \"C\"",
                        wanted, there);
        add_column(b, &columns, i, wanted, there);
    }
    b->out->compare = gw_printf(
        b->arena,
        "SELECT c.number, c.there, c.equal, c.written, c.filled, c.marked, "
        "c.columns::pg_catalog.text AS columns FROM (SELECT r." GW_NUMBER
        " AS number, t.%s IS NOT NULL AS there, (%s) AS marked, e.equal, e.written, e.filled, CASE WHEN t.%s IS NOT NULL AND NOT e.equal THEN "
        "pg_catalog.to_jsonb(ARRAY[%s]::pg_catalog.jsonb[]) END AS columns "
        "FROM pg_temp.gw_row r JOIN pg_temp.gw_stage s ON s.gw_n = r." GW_NUMBER
        " LEFT JOIN %s t ON %s CROSS JOIN LATERAL (SELECT w.written AND (%s) AS equal, w.written, "
        "%s AS filled FROM (SELECT %s = %s AS written) w) e) c ORDER BY c.number",
        gw_quote_ident(b->arena, b->mapping->destination.key.items[0].text), b->apply->marked,
        gw_quote_ident(b->arena, b->mapping->destination.key.items[0].text), gw_buf_str(&columns),
        b->destination, b->apply->same_key, gw_buf_str(&filled), gw_buf_str(&filled),
        b->apply->print_row, b->apply->print_there);
}

void gw_verify_sql_make(gw_arena *arena, const gw_verify *verify, const gw_apply_sql *apply,
                        const char *own, gw_verify_sql *out)
{
    const gw_entity_plan *plan = verify->projection->entity;
    builder b = {.arena = arena,
                 .verify = verify,
                 .plan = plan,
                 .mapping = plan->mapping,
                 .apply = apply,
                 .destination = gw_mapping_table_sql(arena, &plan->mapping->destination.table),
                 .entity = gw_quote_literal(arena, plan->mapping->entity.text),
                 .own = own ? own : "true",
                 .out = out};
    *out = (gw_verify_sql){0};
    make_there(&b);
    make_strangers(&b);
    make_compare(&b);
}

/* ---- within the destination ---------------------------------------------------------------- */

const char *gw_verify_reference_sql(gw_arena *arena, const gw_entity_plan *plan,
                                    const gw_map_field *field, const gw_mapping *target,
                                    const char *same, const char *own)
{
    const char *column = gw_quote_ident(arena, field->to.text);
    return gw_printf(arena,
                     "SELECT pg_catalog.count(*) AS rows, pg_catalog.min((t.%s)::pg_catalog.text "
                     "COLLATE \"C\") AS example FROM %s t WHERE t.%s IS NOT NULL AND NOT EXISTS "
                     "(SELECT FROM %s o WHERE %s) AND %s",
                     column, gw_mapping_table_sql(arena, &plan->mapping->destination.table), column,
                     gw_mapping_table_sql(arena, &target->destination.table), same,
                     own ? own : "true");
}

const char *gw_verify_unique_sql(gw_arena *arena, const gw_entity_plan *plan,
                                 const gw_rule_said *rule)
{
    gw_buf list = GW_BUF(arena), there = GW_BUF(arena);
    for (size_t i = 0; i < rule->fields.len; i++) {
        const char *column = gw_quote_ident(arena, rule->fields.items[i].text);
        gw_buf_addf(&list, "%st.%s", i ? ", " : "", column);
        gw_buf_addf(&there, "%st.%s IS NOT NULL", i ? " AND " : "", column);
    }
    return gw_printf(arena,
                     "SELECT pg_catalog.count(*) AS values, "
                     "coalesce(pg_catalog.sum(g.n), 0)::pg_catalog.int8 AS rows FROM ("
                     "SELECT pg_catalog.count(*) AS n FROM %s t WHERE %s GROUP BY %s "
                     "HAVING pg_catalog.count(*) > 1) g",
                     gw_mapping_table_sql(arena, &plan->mapping->destination.table),
                     gw_buf_str(&there), gw_buf_str(&list));
}
