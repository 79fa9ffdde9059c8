#include "schema/kinds/kinds.h"

static const gw_attr attrs[] = {{NULL, 0}};

const char *gw_using_ref(gw_arena *arena, const gw_object *o)
{
    return gw_printf(arena, "%s USING %s", gw_display_name(arena, o->schema, o->name), o->args);
}

static void create(gw_ddl *ddl, const gw_object *o)
{
    gw_ddl_add(ddl, 0, "CREATE OPERATOR FAMILY %s", o->ref);
}

const gw_kind gw_kind_operator_family = {
    .name = "operator family",
    .keyword = "OPERATOR FAMILY",
    .sql = &gw_sql_operator_families,
    .classid = GW_CLASS_OPFAMILY,
    .attrs = attrs,
    .ref = gw_using_ref,
    .create = create,
};
