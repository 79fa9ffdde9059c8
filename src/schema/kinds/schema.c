#include "schema/kinds/kinds.h"

static const gw_attr attrs[] = {{NULL, 0}};

static void create(gw_ddl *ddl, const gw_object *o)
{
    gw_ddl_add(ddl, 0, "CREATE SCHEMA %s", o->ref);
}

const gw_kind gw_kind_schema = {
    .name = "schema",
    .keyword = "SCHEMA",
    .grant_word = "SCHEMA",
    .sql = &gw_sql_schemas,
    .classid = GW_CLASS_NAMESPACE,
    .attrs = attrs,
    .create = create,
};
