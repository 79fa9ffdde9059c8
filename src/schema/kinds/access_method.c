#include "schema/kinds/kinds.h"

enum { TYPE, HANDLER };
static const gw_attr attrs[] = {{"type", 0}, {"handler", 0}, {NULL, 0}};

static void create(gw_ddl *ddl, const gw_object *o)
{
    gw_ddl_add(ddl, 0, "CREATE ACCESS METHOD %s TYPE %s HANDLER %s", o->ref, o->values[TYPE],
               o->values[HANDLER]);
}

const gw_kind gw_kind_access_method = {
    .name = "access method",
    .keyword = "ACCESS METHOD",
    .sql = &gw_sql_access_methods,
    .classid = GW_CLASS_AM,
    .attrs = attrs,
    .flags = GW_KIND_NO_OWNER_CLAUSE,
    .create = create,
};
