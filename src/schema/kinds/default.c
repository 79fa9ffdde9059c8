#include "schema/kinds/kinds.h"

enum { EXPRESSION };
static const gw_attr attrs[] = {{"expression", GW_ATTR_DEPARSED}, {NULL, 0}};

/* Tables that inherit have defaults of their own. */
static const char *alter_column(gw_ddl *ddl, const gw_object *o)
{
    if (o->parent->kind == &gw_kind_table && gw_has_heirs(o->parent))
        return gw_printf(ddl->arena, "ALTER TABLE ONLY %s ALTER COLUMN %s", o->parent->ref, o->ref);
    return gw_printf(ddl->arena, "%s ALTER COLUMN %s", gw_alter_table(ddl->arena, o->parent),
                     o->ref);
}

static void set(gw_ddl *ddl, const gw_object *o)
{
    gw_ddl_add(ddl, 0, "%s SET DEFAULT %s", alter_column(ddl, o), o->values[EXPRESSION]);
}

void gw_default_drop(gw_ddl *ddl, const gw_object *o)
{
    gw_ddl_add(ddl, 0, "%s DROP DEFAULT", alter_column(ddl, o));
}

static bool can_alter(const gw_object *x, const gw_object *y, gw_changed changed)
{
    (void)x;
    (void)y;
    (void)changed;
    return true;
}

static void alter(gw_ddl *ddl, const gw_object *x, const gw_object *y, gw_changed changed)
{
    (void)x;
    (void)changed;
    set(ddl, y);
}

static bool inlined(const gw_object *o)
{
    /* a typed table's columns are not listed */
    return o->parent->kind == &gw_kind_table && !gw_object_value(o->parent, "of_type");
}

const gw_kind gw_kind_default = {
    .name = "default",
    .keyword = "DEFAULT",
    .sql = &gw_sql_defaults,
    .classid = GW_CLASS_ATTRDEF,
    .parent_classid = GW_CLASS_RELATION,
    .attrs = attrs,
    .comment_target = gw_no_comment,
    .create = set,
    .drop = gw_default_drop,
    .can_alter = can_alter,
    .alter = alter,
    .inlined = inlined,
};
