/* How a reference finds the row that it names, where it may be spelled otherwise than that row's key. */
#include <string.h>

#include "base/buf.h"
#include "sql/quote.h"
#include "sync/checker.h"
#include "sync/project.h"

typedef struct part {
    const gw_source_column *child, *parent;
    const char *value;     /* s.column */
    const char *text;      /* its text form, as the parent's key is spelled where that can be told */
    const char *condition; /* over the parent's row p; NULL: texts are compared */
} part;

static bool is_one_of(const gw_source_type *type, const char *const *names)
{
    for (; *names; names++) {
        size_t len = strlen(*names);
        if (strncmp(type->base_type, *names, len) == 0 &&
            (!type->base_type[len] || type->base_type[len] == '('))
            return true;
    }
    return false;
}

static bool is_whole(const gw_source_type *type)
{
    static const char *const names[] = {"smallint", "integer", "bigint", NULL};
    return is_one_of(type, names);
}

static bool is_numeric(const gw_source_type *type)
{
    static const char *const names[] = {"numeric", NULL};
    return is_one_of(type, names);
}

static bool is_float(const gw_source_type *type)
{
    static const char *const names[] = {"real", "double precision", NULL};
    return is_one_of(type, names);
}

static bool is_text(const gw_source_type *type)
{
    return *type->category == 'S' && *type->base_kind == 'b';
}

static bool is_plain_text(const gw_source_column *column)
{
    static const char *const names[] = {"text", "character varying", NULL};
    return is_one_of(&column->type, names) && column->deterministic;
}

/* Equal values are spelled alike on both sides. */
static bool alike(const part *one)
{
    if (is_whole(&one->child->type) && is_whole(&one->parent->type))
        return true;
    if (is_plain_text(one->child) && is_plain_text(one->parent))
        return true;
    return strcmp(one->child->type.base_type, one->parent->type.base_type) == 0 &&
           gw_column_spelled_alike(one->child) && gw_column_spelled_alike(one->parent);
}

static const char *digits(gw_arena *arena, const char *value, const char *pattern)
{
    return gw_printf(arena,
                     "CASE WHEN (%s)::pg_catalog.text ~ '%s' THEN ((%s)::pg_catalog.text)::"
                     "pg_catalog.numeric",
                     value, pattern, value);
}

/* A whole number, however the child spells it. */
static void spell_whole(gw_arena *arena, part *one)
{
    const gw_source_type *type = &one->child->type;
    if (is_numeric(type))
        one->text = gw_printf(arena,
                              "CASE WHEN %s = pg_catalog.trunc(%s) THEN pg_catalog.trunc(%s)::"
                              "pg_catalog.text ELSE (%s)::pg_catalog.text END",
                              one->value, one->value, one->value, one->value);
    else if (is_float(type))
        one->text = gw_printf(arena,
                              "CASE WHEN pg_catalog.abs(%s) < 9e15 AND %s = "
                              "pg_catalog.trunc((%s)::pg_catalog.float8) THEN (%s)::pg_catalog.int8"
                              "::pg_catalog.text ELSE (%s)::pg_catalog.text END",
                              one->value, one->value, one->value, one->value, one->value);
    else if (is_text(type))
        one->text = gw_printf(arena, "%s::pg_catalog.text ELSE (%s)::pg_catalog.text END",
                              digits(arena, one->value, "^ *[+-]?[0-9]{1,99} *$"), one->value);
}

/* What the source itself takes for equal, found by the index of the key. */
static void compare(gw_arena *arena, part *one)
{
    const gw_source_type *from = &one->child->type, *to = &one->parent->type;
    const char *value = NULL;
    const char *key = gw_printf(arena, "p.%s", gw_quote_ident(arena, one->parent->name));
    const char *bare = gw_source_unbounded(arena, to->base_type);
    if (is_text(to) && is_text(from)) /* under the collation of the key: text that is made has none */
        value = gw_printf(arena,
                          "(pg_catalog.textin(pg_catalog.textout((%s)::pg_catalog.text)))::%s",
                          one->value, bare);
    else if (strcmp(gw_source_unbounded(arena, from->base_type), bare) == 0)
        value = one->value;
    else if (is_numeric(to) && is_whole(from))
        value = gw_printf(arena, "(%s)::pg_catalog.numeric", one->value);
    else if (is_numeric(to) && is_text(from))
        value = gw_printf(arena, "%s END",
                          digits(arena, one->value, "^ *[+-]?[0-9]{1,99}([.][0-9]{0,99})? *$"));
    if (value)
        one->condition = gw_printf(arena, "%s = %s", key, value);
}

static bool take_part(gw_arena *arena, const gw_entity_plan *child, const gw_entity_plan *parent,
                      const gw_map_field *field, size_t number, part *one)
{
    *one = (part){
        .child = gw_source_column_of(&child->source, field->from.items[number].text),
        .parent = gw_source_column_of(&parent->source,
                                      parent->mapping->source.key.items[number].text)};
    if (!one->child || !one->parent)
        return false;
    one->value = gw_printf(arena, "s.%s", gw_quote_ident(arena, one->child->name));
    one->text = gw_printf(arena, "(%s)::pg_catalog.text", one->value);
    return true;
}

static const char *looked_up(gw_arena *arena, const gw_entity_plan *parent, const part *parts,
                             size_t count, const char *otherwise)
{
    gw_buf where = GW_BUF(arena);
    const char **keys = gw_alloc_array(arena, count, sizeof *keys);
    const gw_mapping *m = parent->mapping;
    const char *from = m->source.query.text
                           ? gw_printf(arena, "(%s\n)", m->source.query.text)
                           : gw_mapping_table_sql(arena, &m->source.table);
    for (size_t i = 0; i < count; i++) {
        keys[i] = gw_printf(arena, "p.%s", gw_quote_ident(arena, parts[i].parent->name));
        gw_buf_add(&where, i ? " AND " : "");
        if (parts[i].condition)
            gw_buf_add(&where, parts[i].condition);
        else
            gw_buf_addf(&where, "(%s)::pg_catalog.text COLLATE \"C\" = (%s) COLLATE \"C\"", keys[i],
                        parts[i].text);
    }
    return gw_printf(arena, "coalesce((SELECT %s FROM %s p WHERE %s LIMIT 1), %s)",
                     gw_key_text_sql(arena, keys, count), from, gw_buf_str(&where), otherwise);
}

const char *gw_reference_key_sql(gw_arena *arena, const gw_entity_plan *child,
                                 const gw_entity_plan *parent, const gw_map_field *field)
{
    size_t count = field->from.len;
    part *parts = gw_alloc_array(arena, count, sizeof *parts);
    const char **texts = gw_alloc_array(arena, count, sizeof *texts);
    bool differ = false, look = false;
    if (!gw_mapping_has_id_map(parent->mapping))
        return NULL; /* the value itself goes on, converted to the column's type */
    for (size_t i = 0; i < count; i++) {
        if (!take_part(arena, child, parent, field, i, &parts[i]))
            return NULL;
        texts[i] = parts[i].text;
        if (alike(&parts[i]))
            continue;
        differ = true;
        if (is_whole(&parts[i].parent->type))
            spell_whole(arena, &parts[i]);
        else
            compare(arena, &parts[i]);
        texts[i] = parts[i].text;
        look = look || parts[i].condition;
    }
    if (!differ)
        return NULL;
    const char *otherwise = gw_key_text_sql(arena, texts, count);
    return look ? looked_up(arena, parent, parts, count, otherwise) : otherwise;
}
