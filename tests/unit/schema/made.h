/* Schema values made by hand, for the layers that are given one and never ask a server. */
#ifndef GW_TESTS_UNIT_SCHEMA_MADE_H
#define GW_TESTS_UNIT_SCHEMA_MADE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "schema/kind.h"
#include "schema/value.h"

/* Whether `text` is there and holds `part`. */
#define assert_holds(text, part)                                                                   \
    do {                                                                                           \
        const char *held = (text);                                                                 \
        if (!held || !strstr(held, (part)))                                                        \
            fail_msg("\"%s\" does not hold \"%s\"", held ? held : "(null)", (part));               \
    } while (0)

static inline gw_schema *made_schema(gw_arena *arena)
{
    gw_schema *schema = gw_alloc(arena, sizeof *schema);
    schema->arena = arena;
    schema->server_version = 150000;
    return schema;
}

static inline void made_value(gw_object *object, const char *attribute, const char *value)
{
    for (size_t i = 0; object->kind->attrs[i].name; i++)
        if (strcmp(object->kind->attrs[i].name, attribute) == 0) {
            object->values[i] = value;
            return;
        }
    fail_msg("a %s has no attribute %s", object->kind->name, attribute);
}

/* Attributes and their values follow in pairs; NULL ends them. */
static inline gw_object *made(gw_schema *schema, const char *kind, gw_object *parent,
                              const char *in, const char *name, ...)
{
    gw_object *object = gw_alloc(schema->arena, sizeof *object);
    for (size_t i = 0; i < gw_kind_count; i++)
        if (strcmp(gw_kinds[i]->name, kind) == 0)
            object->kind = gw_kinds[i];
    if (!object->kind)
        fail_msg("there is no kind %s", kind);
    size_t attrs = 0;
    while (object->kind->attrs[attrs].name)
        attrs++;
    object->values = gw_alloc_array(schema->arena, attrs + 1, sizeof *object->values);
    object->schema = in;
    object->name = name;
    object->parent = parent;
    object->key = gw_printf(schema->arena, "%s.%s", parent ? parent->key : in, name);
    object->ref = name;
    object->index = schema->objects.len;
    object->subid = parent ? (int32_t)parent->children.len + 1 : 0;
    *gw_vec_push(schema->arena, &schema->objects) = object;
    if (parent)
        *gw_vec_push(schema->arena, &parent->children) = (gw_need){object, 'a'};
    va_list pairs;
    va_start(pairs, name);
    for (const char *attribute; (attribute = va_arg(pairs, const char *));)
        made_value(object, attribute, va_arg(pairs, const char *));
    va_end(pairs);
    return object;
}

static inline gw_object *made_table(gw_schema *schema, const char *in, const char *name)
{
    return made(schema, "table", NULL, in, name, "sort", "r", NULL);
}

static inline gw_object *made_column(gw_schema *schema, gw_object *table, const char *name,
                                     const char *type, bool not_null)
{
    return made(schema, "column", table, NULL, name, "type", type, "not_null",
                not_null ? "t" : "f", NULL);
}

static inline gw_object *made_constraint(gw_schema *schema, gw_object *table, const char *name,
                                         const char *sort, const char *definition)
{
    return made(schema, "constraint", table, NULL, name, "sort", sort, "definition", definition,
                NULL);
}

static inline void made_need(gw_schema *schema, gw_object *object, gw_object *needed)
{
    *gw_vec_push(schema->arena, &object->needs) = (gw_need){needed, 'n'};
}

static inline int made_setup(void **state)
{
    *state = made_schema(gw_arena_new());
    return 0;
}

static inline int made_teardown(void **state)
{
    gw_arena_free(((gw_schema *)*state)->arena);
    return 0;
}

#define with_schema(test) cmocka_unit_test_setup_teardown(test, made_setup, made_teardown)

#endif
