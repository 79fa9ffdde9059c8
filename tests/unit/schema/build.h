/* Schemas made by hand, for tests of what is done with them: no server has read them. */
#ifndef GW_TESTS_UNIT_SCHEMA_BUILD_H
#define GW_TESTS_UNIT_SCHEMA_BUILD_H

#include <string.h>

#include "../base/unit.h"
#include "schema/internal.h"
#include "schema/kinds/kinds.h"
#include "schema/map.h"
#include "schema/plan.h"

static inline gw_object *add(gw_schema *schema, const gw_kind *kind, gw_object *parent,
                             const char *name)
{
    gw_object *o = gw_alloc(schema->arena, sizeof *o);
    size_t attrs = 0;
    while (kind->attrs[attrs].name)
        attrs++;
    o->kind = kind;
    o->classid = kind->classid;
    o->schema = parent ? NULL : "s";
    o->name = name;
    o->parent = parent;
    o->owner = "postgres";
    o->server_version = schema->server_version;
    o->values = gw_alloc_array(schema->arena, attrs + 1, sizeof *o->values);
    o->index = schema->objects.len;
    gw_object_name(schema->arena, o);
    *gw_vec_push(schema->arena, &schema->objects) = o;
    gw_object_map_put_key(schema->by_key, kind->name, o->key, o);
    return o;
}

static inline void set(gw_object *o, const char *attribute, const char *value)
{
    size_t i = 0;
    while (strcmp(o->kind->attrs[i].name, attribute) != 0)
        i++;
    o->values[i] = value;
}

static inline void need(gw_schema *schema, gw_object *o, gw_object *needed, char type)
{
    *gw_vec_push(schema->arena, &o->needs) = (gw_need){needed, type};
    *gw_vec_push(schema->arena, &needed->needed_by) = (gw_need){o, type};
}

static inline gw_object *part(gw_schema *schema, const gw_kind *kind, gw_object *parent,
                              const char *name)
{
    gw_object *o = add(schema, kind, parent, name);
    *gw_vec_push(schema->arena, &parent->children) = (gw_need){o, 'a'};
    o->subid = kind == &gw_kind_column ? (int32_t)parent->children.len : 0;
    need(schema, o, parent, 'a');
    return o;
}

static inline gw_object *table(gw_schema *schema, const char *name)
{
    gw_object *o = add(schema, &gw_kind_table, NULL, name);
    set(o, "sort", "r");
    set(o, "persistence", "p");
    set(o, "replica_identity", "DEFAULT");
    return o;
}

static inline gw_object *column(gw_schema *schema, gw_object *parent, const char *name,
                                const char *type)
{
    gw_object *o = part(schema, &gw_kind_column, parent, name);
    set(o, "type", type);
    set(o, "not_null", "f");
    set(o, "own_storage", "t");
    return o;
}

static inline gw_object *foreign_key(gw_schema *schema, gw_object *from, gw_object *to)
{
    gw_object *o = part(schema, &gw_kind_constraint, from, "fk");
    set(o, "sort", "f");
    set(o, "definition", gw_printf(schema->arena, "FOREIGN KEY (a) REFERENCES %s(a)", to->ref));
    set(o, "validated", "t");
    need(schema, o, to, 'n');
    return o;
}

static inline gw_object *view(gw_schema *schema, const char *name, const char *definition)
{
    gw_object *o = add(schema, &gw_kind_view, NULL, name);
    set(o, "definition", definition);
    set(o, "columns", "a");
    return o;
}

/* The place of the first statement that begins so; -1: there is none. */
static inline int place(const gw_schema_plan *plan, const char *start)
{
    for (size_t i = 0; i < plan->statements.len; i++)
        if (strncmp(plan->statements.items[i].sql, start, strlen(start)) == 0)
            return (int)i;
    return -1;
}

static inline gw_schema_plan *plan_of(gw_arena *arena, const gw_schema *x, const gw_schema *y)
{
    gw_ddl_options options = {.runner = "postgres"};
    gw_schema_plan *plan = NULL;
    gw_err err = {0};
    assert_true(gw_schema_plan_make(arena, x, y, &options, &plan, &err));
    return plan;
}

/* Both statements are there, the first one first. */
#define assert_order(plan, first, then)                                                            \
    do {                                                                                           \
        assert_true(place(plan, first) >= 0);                                                      \
        assert_true(place(plan, then) >= 0);                                                       \
        assert_true(place(plan, first) < place(plan, then));                                       \
    } while (0)

#endif
