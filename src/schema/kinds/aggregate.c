#include <string.h>

#include "schema/kinds/kinds.h"

enum { ARGUMENTS, SORT, DIRECT, RESULT, NAMES, DEFINITION };
static const gw_attr attrs[] = {{"arguments", 0}, {"sort", 0},  {"direct", 0},
                                {"result", 0},    {"names", 0}, {"definition", 0},
                                {NULL, 0}};

static const char *ref(gw_arena *arena, const gw_object *o)
{
    return gw_printf(arena, "%s(%s)", gw_display_name(arena, o->schema, o->name),
                     o->values[ARGUMENTS]);
}

static void write(gw_ddl *ddl, const gw_object *o, const char *verb)
{
    gw_ddl_add(ddl, 0, "%s AGGREGATE %s (%s)", verb, o->ref, o->values[DEFINITION]);
}

static void create(gw_ddl *ddl, const gw_object *o)
{
    write(ddl, o, "CREATE");
}

static bool can_alter(const gw_object *x, const gw_object *y, gw_changed changed)
{
    (void)x;
    (void)y;
    return !(changed & ~GW_BIT(DEFINITION));
}

static void alter(gw_ddl *ddl, const gw_object *x, const gw_object *y, gw_changed changed)
{
    (void)x;
    (void)changed;
    write(ddl, y, "CREATE OR REPLACE");
}

const gw_kind gw_kind_aggregate = {
    .name = "aggregate",
    .keyword = "AGGREGATE",
    .grant_word = "FUNCTION",
    .sql = &gw_sql_aggregates,
    .classid = GW_CLASS_PROC,
    .attrs = attrs,
    .ref = ref,
    .create = create,
    .can_alter = can_alter,
    .alter = alter,
};
