#include <string.h>

#include "schema/kinds/kinds.h"

/* ATTRIBUTES says in which order they are; each is an object of its own (attribute.c). */
enum { ATTRIBUTES };
static const gw_attr attrs[] = {{"attributes", 0}, {NULL, 0}};

static void create(gw_ddl *ddl, const gw_object *o)
{
    gw_ddl_add(ddl, 0, "CREATE TYPE %s AS (%s)", o->ref,
               o->values[ATTRIBUTES] ? o->values[ATTRIBUTES] : "");
}

static const gw_object *attribute_named(const gw_object *type, const char *name)
{
    for (size_t i = 0; i < type->children.len; i++)
        if (strcmp(type->children.items[i].object->name, name) == 0)
            return type->children.items[i].object;
    return NULL;
}

/* Attributes are dropped anywhere and added at the end; the type of one can only be changed as
 * long as no table or materialized view holds values of it. */
static bool can_alter(const gw_object *x, const gw_object *y, gw_changed changed)
{
    (void)changed;
    size_t at = 0;
    for (size_t i = 0; i < x->children.len; i++) {
        const gw_object *old = x->children.items[i].object;
        const gw_object *new = attribute_named(y, old->name);
        if (!new)
            continue;
        if (at >= y->children.len || y->children.items[at++].object != new)
            return false;
        if (gw_attribute_retyped(old, new) && gw_is_stored(x, true))
            return false;
    }
    return true;
}

static void alter(gw_ddl *ddl, const gw_object *x, const gw_object *y, gw_changed changed)
{
    (void)ddl;
    (void)x;
    (void)y;
    (void)changed; /* its attributes alter themselves */
}

const char *gw_composite_value(gw_arena *arena, const char *value, const gw_object *x,
                               const gw_object *y)
{
    gw_buf row = GW_BUF(arena);
    for (size_t i = 0; i < y->children.len; i++) {
        const gw_object *new = y->children.items[i].object;
        const gw_object *old = attribute_named(x, new->name);
        gw_buf_add(&row, i ? ", " : "");
        if (old)
            gw_buf_addf(&row, "(%s).%s::text::%s", value, old->ref, gw_object_value(new, "type"));
        else
            gw_buf_add(&row, "NULL");
    }
    /* A NULL stays NULL; a row of nothing but NULLs stays a row. */
    return gw_printf(arena, "CASE WHEN %s IS DISTINCT FROM NULL THEN ROW(%s)::%s END", value,
                     gw_buf_str(&row), y->ref);
}

const gw_kind gw_kind_composite = {
    .name = "composite type",
    .keyword = "TYPE",
    .grant_word = "TYPE",
    .sql = &gw_sql_composites,
    .classid = GW_CLASS_TYPE,
    .attrs = attrs,
    .flags = GW_KIND_RELATION,
    .create = create,
    .can_alter = can_alter,
    .alter = alter,
    .set_aside = gw_set_aside,
    .drop_aside = gw_drop_aside,
};
