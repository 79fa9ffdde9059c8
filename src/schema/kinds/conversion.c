#include "schema/kinds/kinds.h"

enum { SOURCE, TARGET, FUNCTION, IS_DEFAULT };
static const gw_attr attrs[] = {
    {"source", 0}, {"target", 0}, {"function", 0}, {"is_default", 0}, {NULL, 0}};

static void create(gw_ddl *ddl, const gw_object *o)
{
    gw_ddl_add(ddl, 0, "CREATE %sCONVERSION %s FOR %s TO %s FROM %s",
               gw_yes(o, IS_DEFAULT) ? "DEFAULT " : "", o->ref,
               gw_quote_literal(ddl->arena, o->values[SOURCE]),
               gw_quote_literal(ddl->arena, o->values[TARGET]), o->values[FUNCTION]);
}

const gw_kind gw_kind_conversion = {
    .name = "conversion",
    .keyword = "CONVERSION",
    .sql = &gw_sql_conversions,
    .classid = GW_CLASS_CONVERSION,
    .attrs = attrs,
    .create = create,
};
