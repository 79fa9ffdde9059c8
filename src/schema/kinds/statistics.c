#include "schema/kinds/kinds.h"

enum { DEFINITION, TARGET };
static const gw_attr attrs[] = {{"definition", GW_ATTR_DEPARSED}, {"target", 0}, {NULL, 0}};

static void set_target(gw_ddl *ddl, const gw_object *o)
{
    gw_ddl_add(ddl, 0, "ALTER STATISTICS %s SET STATISTICS %s", o->ref,
               o->values[TARGET] ? o->values[TARGET] : "-1");
}

static void create(gw_ddl *ddl, const gw_object *o)
{
    gw_ddl_add(ddl, 0, "%s", o->values[DEFINITION]);
    if (o->values[TARGET])
        set_target(ddl, o);
}

static bool can_alter(const gw_object *x, const gw_object *y, gw_changed changed)
{
    (void)x;
    (void)y;
    return changed == GW_BIT(TARGET);
}

static void alter(gw_ddl *ddl, const gw_object *x, const gw_object *y, gw_changed changed)
{
    (void)x;
    (void)changed;
    set_target(ddl, y);
}

const gw_kind gw_kind_statistics = {
    .name = "statistics",
    .keyword = "STATISTICS",
    .sql = &gw_sql_statistics,
    .classid = GW_CLASS_STATISTICS,
    .attrs = attrs,
    .flags = GW_KIND_FOLLOWS_TYPE,
    .create = create,
    .can_alter = can_alter,
    .alter = alter,
};
