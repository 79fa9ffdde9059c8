#include "schema/kinds/kinds.h"

enum { NAMESPACE, VERSION, RELOCATABLE };
/* Versions are the server's affair: what is installed is compared, which version of it is shown. */
static const gw_attr attrs[] = {
    {"namespace", 0}, {"version", GW_ATTR_INFO}, {"relocatable", GW_ATTR_INFO}, {NULL, 0}};

static void create(gw_ddl *ddl, const gw_object *o)
{
    if (o->values[NAMESPACE])
        gw_ddl_add(ddl, 0, "CREATE EXTENSION IF NOT EXISTS %s WITH SCHEMA %s", o->ref,
                   gw_ddl_name(ddl->arena, o->values[NAMESPACE]));
    else
        gw_ddl_add(ddl, 0, "CREATE EXTENSION IF NOT EXISTS %s", o->ref);
}

static bool can_alter(const gw_object *x, const gw_object *y, gw_changed changed)
{
    (void)y;
    (void)changed;
    return gw_yes(x, RELOCATABLE);
}

static void alter(gw_ddl *ddl, const gw_object *x, const gw_object *y, gw_changed changed)
{
    (void)x;
    (void)changed;
    gw_ddl_add(ddl, 0, "ALTER EXTENSION %s SET SCHEMA %s", y->ref,
               gw_ddl_name(ddl->arena, y->values[NAMESPACE]));
}

const gw_kind gw_kind_extension = {
    .name = "extension",
    .keyword = "EXTENSION",
    .sql = &gw_sql_extensions,
    .classid = GW_CLASS_EXTENSION,
    .attrs = attrs,
    .flags = GW_KIND_NO_OWNER_CLAUSE,
    .create = create,
    .can_alter = can_alter,
    .alter = alter,
};
