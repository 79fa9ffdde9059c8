#include "schema/kinds/kinds.h"

enum { FUNCTIONS };
static const gw_attr attrs[] = {{"functions", 0}, {NULL, 0}};

static void create(gw_ddl *ddl, const gw_object *o)
{
    gw_ddl_add(ddl, 0, "CREATE TEXT SEARCH PARSER %s (%s)", o->ref, o->values[FUNCTIONS]);
}

const gw_kind gw_kind_text_search_parser = {
    .name = "text search parser",
    .keyword = "TEXT SEARCH PARSER",
    .sql = &gw_sql_text_search_parsers,
    .classid = GW_CLASS_TS_PARSER,
    .attrs = attrs,
    .flags = GW_KIND_NO_OWNER_CLAUSE,
    .create = create,
};
