#include "schema/kinds/kinds.h"

enum { EXPRESSION };
static const gw_attr attrs[] = {{"expression", GW_ATTR_DEPARSED}, {NULL, 0}};

static void set(gw_ddl *ddl, const gw_object *o)
{
    gw_ddl_add(ddl, 0, "ALTER DOMAIN %s SET DEFAULT %s", o->parent->ref, o->values[EXPRESSION]);
}

static void drop(gw_ddl *ddl, const gw_object *o)
{
    gw_ddl_add(ddl, 0, "ALTER DOMAIN %s DROP DEFAULT", o->parent->ref);
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
    (void)o;
    return true;
}

const gw_kind gw_kind_domain_default = {
    .name = "domain default",
    .keyword = "DEFAULT",
    .sql = &gw_sql_domain_defaults,
    .classid = GW_CLASS_DOMAIN_DEFAULT,
    .parent_classid = GW_CLASS_TYPE,
    .attrs = attrs,
    .comment_target = gw_no_comment,
    .create = set,
    .drop = drop,
    .can_alter = can_alter,
    .alter = alter,
    .inlined = inlined,
};
