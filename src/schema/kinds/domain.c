#include <string.h>

#include "schema/kinds/kinds.h"

/* CONSTRAINTS are objects of their own too (domain_constraint.c). */
enum { TYPE, COLLATION, NOT_NULL, NOT_NULL_NAME, CONSTRAINTS };
static const gw_attr attrs[] = {{"type", 0},          {"collation", 0},   {"not_null", 0},
                                {"not_null_name", 0}, {"constraints", GW_ATTR_DEPARSED}, {NULL, 0}};

static bool has_default(const gw_object *o)
{
    for (size_t i = 0; o && i < o->children.len; i++)
        if (o->children.items[i].object->kind == &gw_kind_domain_default)
            return true;
    return false;
}

/* Has the domain that it is made of a default, before or after? The server takes it over. */
static bool takes_default(const gw_ddl *ddl, const gw_object *o)
{
    for (size_t i = 0; i < o->needs.len; i++) {
        const gw_object *base = o->needs.items[i].object;
        if (base->kind == o->kind && strcmp(base->ref, o->values[TYPE]) == 0)
            return has_default(base) ||
                   has_default(gw_schema_find(ddl->from, base->kind->name, base->key));
    }
    return false;
}

static void create(gw_ddl *ddl, const gw_object *o)
{
    gw_buf buf = GW_BUF(ddl->arena);
    gw_buf_addf(&buf, "CREATE DOMAIN %s AS %s", o->ref, o->values[TYPE]);
    if (o->values[COLLATION])
        gw_buf_addf(&buf, " COLLATE %s", o->values[COLLATION]);
    for (size_t i = 0; i < o->children.len; i++) {
        const gw_object *child = o->children.items[i].object;
        if (child->kind == &gw_kind_domain_default && ddl->is_inline(ddl, child))
            gw_buf_addf(&buf, " DEFAULT %s", gw_object_value(child, "expression"));
    }
    if (o->values[NOT_NULL_NAME])
        gw_buf_addf(&buf, " CONSTRAINT %s", o->values[NOT_NULL_NAME]);
    if (gw_yes(o, NOT_NULL))
        gw_buf_add(&buf, " NOT NULL");
    for (size_t i = 0; i < o->children.len; i++) {
        const gw_object *child = o->children.items[i].object;
        if (child->kind == &gw_kind_domain_constraint && ddl->is_inline(ddl, child))
            gw_buf_addf(&buf, "\n    CONSTRAINT %s %s", child->ref,
                        gw_object_value(child, "definition"));
    }
    gw_ddl_add(ddl, 0, "%s", buf.data);
    if (!has_default(o) && takes_default(ddl, o))
        gw_ddl_add(ddl, 0, "ALTER DOMAIN %s DROP DEFAULT", o->ref);
}

/* Is there a constraint in y that x does not have so? */
static bool has_more(const gw_object *x, const gw_object *y)
{
    for (size_t i = 0; i < y->children.len; i++) {
        const gw_object *new = y->children.items[i].object, *old = NULL;
        if (new->kind != &gw_kind_domain_constraint)
            continue;
        for (size_t j = 0; j < x->children.len && !old; j++)
            if (x->children.items[j].object->kind == new->kind &&
                strcmp(x->children.items[j].object->name, new->name) == 0)
                old = x->children.items[j].object;
        if (!old || !gw_same_text(gw_object_value(old, "definition"),
                                  gw_object_value(new, "definition")))
            return true;
    }
    return false;
}

/* Do tables hold arrays, composites or ranges of it? */
static bool is_contained(const gw_object *o)
{
    for (size_t i = 0; i < o->needed_by.len; i++) {
        const gw_object *user = o->needed_by.items[i].object;
        bool array = user->kind == &gw_kind_column &&
                     strcmp(gw_object_value(user, "type"), o->ref) != 0;
        bool composite = user->kind == &gw_kind_attribute && gw_is_stored(user->parent, true);
        bool range = user->kind == &gw_kind_range && gw_is_stored(user, true);
        if (array || composite || range || (user->kind == &gw_kind_domain && is_contained(user)))
            return true;
    }
    return false;
}

/* The server checks the rows that hold it, and only where they hold it by itself. */
static bool can_alter(const gw_object *x, const gw_object *y, gw_changed changed)
{
    if (changed & (GW_BIT(TYPE) | GW_BIT(COLLATION)))
        return false;
    bool stricter = ((changed & GW_BIT(NOT_NULL)) && gw_yes(y, NOT_NULL)) ||
                    ((changed & GW_BIT(CONSTRAINTS)) && has_more(x, y));
    return !stricter || !is_contained(x);
}

static const char *not_null_name(gw_ddl *ddl, const gw_object *o)
{
    return o->values[NOT_NULL_NAME]
               ? o->values[NOT_NULL_NAME]
               : gw_ddl_name(ddl->arena, gw_clip_name(ddl->arena, o->name, "_not_null"));
}

static void alter(gw_ddl *ddl, const gw_object *x, const gw_object *y, gw_changed changed)
{
    if (changed & GW_BIT(NOT_NULL)) {
        if (gw_yes(y, NOT_NULL) && y->values[NOT_NULL_NAME])
            gw_ddl_add(ddl, 0, "ALTER DOMAIN %s ADD CONSTRAINT %s NOT NULL", y->ref,
                       y->values[NOT_NULL_NAME]);
        else
            gw_ddl_add(ddl, 0, "ALTER DOMAIN %s %s NOT NULL", y->ref,
                       gw_yes(y, NOT_NULL) ? "SET" : "DROP");
    } else if (changed & GW_BIT(NOT_NULL_NAME)) {
        gw_ddl_add(ddl, 0, "ALTER DOMAIN %s RENAME CONSTRAINT %s TO %s", y->ref,
                   not_null_name(ddl, x), not_null_name(ddl, y));
    }
}

const gw_kind gw_kind_domain = {
    .name = "domain",
    .keyword = "DOMAIN",
    .grant_word = "DOMAIN",
    .sql = &gw_sql_domains,
    .classid = GW_CLASS_TYPE,
    .attrs = attrs,
    .flags = GW_KIND_RELATION,
    .create = create,
    .can_alter = can_alter,
    .alter = alter,
    .set_aside = gw_set_aside,
    .drop_aside = gw_drop_aside,
};
