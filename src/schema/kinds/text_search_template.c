#include "schema/kinds/kinds.h"

enum { FUNCTIONS };
static const gw_attr attrs[] = {{"functions", 0}, {NULL, 0}};

static void create(gw_ddl *ddl, const gw_object *o)
{
    gw_ddl_add(ddl, 0, "CREATE TEXT SEARCH TEMPLATE %s (%s)", o->ref, o->values[FUNCTIONS]);
}

const gw_kind gw_kind_text_search_template = {
    .name = "text search template",
    .keyword = "TEXT SEARCH TEMPLATE",
    .sql = &gw_sql_text_search_templates,
    .classid = GW_CLASS_TS_TEMPLATE,
    .attrs = attrs,
    .flags = GW_KIND_NO_OWNER_CLAUSE,
    .create = create,
};
