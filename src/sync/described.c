/* The two sides of an entity as they were: kept with its definition, compared before a run. */
#include <string.h>

#include "base/json.h"
#include "base/vec.h"
#include "sync/check.h"

static void put_text(json_t *object, const char *key, const char *text)
{
    if (text && *text)
        json_object_set_new(object, key, gw_json_text(text));
}

static void put_true(json_t *object, const char *key, bool value)
{
    if (value)
        json_object_set_new(object, key, json_true());
}

static json_t *names_json(const gw_source_names *names)
{
    json_t *array = json_array();
    for (size_t i = 0; i < names->len; i++)
        json_array_append_new(array, gw_json_text(names->items[i]));
    return array;
}

static json_t *column_json(gw_arena *arena, const gw_source_column *column)
{
    json_t *one = json_object();
    put_text(one, "type", column->type.type);
    if (column->type.domain)
        put_text(one, "base_type", column->type.base_type);
    if (column->type.labels) {
        gw_err ignored = {0};
        json_t *labels = gw_json_parse(arena, "labels", column->type.labels,
                                       strlen(column->type.labels), &ignored);
        json_object_set(one, "labels", labels ? labels : json_null());
        gw_err_clear(&ignored);
    }
    put_true(one, "not_null", column->not_null);
    put_text(one, "default", column->default_text);
    put_text(one, "identity", column->identity);
    put_text(one, "generated", column->generated);
    put_text(one, "collation", column->collation);
    return one;
}

static json_t *relation_json(gw_arena *arena, const gw_source_relation *relation)
{
    json_t *one = json_object(), *columns = json_object(), *keys = json_array();
    json_t *foreign = json_array();
    put_text(one, "schema", relation->schema);
    put_text(one, "name", relation->name);
    put_text(one, "kind", relation->kind);
    for (size_t i = 0; i < relation->column_count; i++)
        json_object_set_new(columns, relation->columns[i].name,
                            column_json(arena, &relation->columns[i]));
    for (size_t i = 0; i < relation->key_count; i++)
        json_array_append_new(keys, names_json(&relation->keys[i].columns));
    for (size_t i = 0; i < relation->foreign_key_count; i++) {
        const gw_source_foreign_key *key = &relation->foreign_keys[i];
        json_t *f = json_object();
        json_object_set_new(f, "columns", names_json(&key->columns));
        put_text(f, "target_schema", key->target_schema);
        put_text(f, "target_name", key->target_name);
        put_true(f, "deferrable", key->deferrable);
        json_array_append_new(foreign, f);
    }
    json_object_set_new(one, "columns", columns);
    json_object_set_new(one, "keys", keys);
    json_object_set_new(one, "foreign_keys", foreign);
    return one;
}

json_t *gw_entity_described(gw_arena *arena, const gw_entity_plan *entity)
{
    json_t *all = json_object(), *fields = json_array();
    json_object_set_new(all, "source", relation_json(arena, &entity->source));
    json_object_set_new(all, "destination", relation_json(arena, &entity->destination));
    for (size_t i = 0; i < entity->mapping->fields.len; i++) {
        const gw_field_plan *plan = &entity->fields[i];
        json_t *one = json_object();
        put_text(one, "to", plan->field->to.text);
        put_text(one, "kind", gw_field_kind_word(plan->field->kind));
        put_text(one, "source_type", plan->source_type);
        put_text(one, "type", plan->type);
        put_text(one, "to_type", plan->to_type);
        put_text(one, "conversion", gw_conversion_word(plan->conversion));
        put_true(one, "binary", plan->binary);
        put_true(one, "second_pass", plan->second_pass);
        json_array_append_new(fields, one);
    }
    json_object_set_new(all, "fields", fields);
    json_object_set_new(all, "needs", names_json(&entity->needs));
    return gw_json_own(arena, all);
}

/* ---- differences --------------------------------------------------------------------------- */

typedef struct differ {
    gw_arena *arena;
    const char *side;
    gw_source_names *out;
} differ;

static void differs(differ *d, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void differs(differ *d, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    *gw_vec_push(d->arena, d->out) =
        gw_printf(d->arena, "%s: %s", d->side, gw_vprintf(d->arena, format, args));
    va_end(args);
}

static const char *word(gw_arena *arena, const json_t *value)
{
    if (!value)
        return "not";
    if (json_is_string(value))
        return json_string_value(value);
    return json_is_true(value) ? "so" : gw_json_dump(arena, value);
}

static void column_differs(differ *d, const char *name, json_t *was, json_t *is)
{
    static const char *const keys[] = {"type",    "base_type", "labels",    "not_null",
                                       "default", "identity",  "generated", "collation"};
    static const char *const said[] = {"",            " its base",  " its labels",    " NOT NULL",
                                       " its default", " identity", " its expression", " collation"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        json_t *a = json_object_get(was, keys[i]), *b = json_object_get(is, keys[i]);
        if (a != b && !(a && b && json_equal(a, b)))
            differs(d, "column %s:%s is %s now, was %s", name, said[i], word(d->arena, b),
                    word(d->arena, a));
    }
}

static void relation_differs(differ *d, json_t *was, json_t *is)
{
    json_t *had = json_object_get(was, "columns"), *has = json_object_get(is, "columns");
    const char *name;
    json_t *column;
    if (!json_object_size(has)) {
        differs(d, "the table is not there");
        return;
    }
    json_object_foreach(had, name, column) {
        json_t *now = json_object_get(has, name);
        if (now)
            column_differs(d, name, column, now);
        else
            differs(d, "column %s is gone", name);
    }
    json_object_foreach(has, name, column)
        if (!json_object_get(had, name))
            differs(d, "column %s is new, %s", name, word(d->arena, json_object_get(column, "type")));
    static const char *const lists[] = {"kind", "keys", "foreign_keys"};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        json_t *a = json_object_get(was, lists[i]), *b = json_object_get(is, lists[i]);
        if (!json_equal(a, b))
            differs(d, "%s: %s now, was %s", i == 2 ? "foreign keys" : lists[i], word(d->arena, b),
                    word(d->arena, a));
    }
}

void gw_described_differences(gw_arena *arena, json_t *was, json_t *is, gw_source_names *out)
{
    static const char *const sides[] = {"source", "destination"};
    *out = (gw_source_names){0};
    for (size_t i = 0; i < 2; i++) {
        differ d = {.arena = arena, .side = sides[i], .out = out};
        relation_differs(&d, json_object_get(was, sides[i]), json_object_get(is, sides[i]));
    }
}
