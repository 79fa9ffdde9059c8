#include <string.h>

#include "schema/kinds/kinds.h"

enum { DEFINITION, ENABLED, IS_CONSTRAINT };
static const gw_attr attrs[] = {
    {"definition", GW_ATTR_DEPARSED}, {"enabled", 0}, {"is_constraint", GW_ATTR_INFO}, {NULL, 0}};

static void set_enabled(gw_ddl *ddl, const gw_object *o)
{
    gw_ddl_add(ddl, 0, "ALTER TABLE %s %s TRIGGER %s", o->parent->ref, o->values[ENABLED], o->ref);
}

static void create(gw_ddl *ddl, const gw_object *o)
{
    gw_ddl_add(ddl, 0, "%s", o->values[DEFINITION]);
    if (strcmp(o->values[ENABLED], "ENABLE") != 0)
        set_enabled(ddl, o);
}

static void drop(gw_ddl *ddl, const gw_object *o)
{
    gw_ddl_add(ddl, 0, "DROP TRIGGER %s ON %s", o->ref, o->parent->ref);
}

static bool can_alter(const gw_object *x, const gw_object *y, gw_changed changed)
{
    (void)x;
    (void)y;
    return !(changed & GW_BIT(DEFINITION));
}

static void alter(gw_ddl *ddl, const gw_object *x, const gw_object *y, gw_changed changed)
{
    (void)x;
    (void)changed;
    set_enabled(ddl, y);
}

static const char *comment_target(gw_arena *arena, const gw_object *o)
{
    return gw_printf(arena, "TRIGGER %s ON %s", o->ref, o->parent->ref);
}

const gw_kind gw_kind_trigger = {
    .name = "trigger",
    .keyword = "TRIGGER",
    .sql = &gw_sql_triggers,
    .classid = GW_CLASS_TRIGGER,
    .parent_classid = GW_CLASS_RELATION,
    .attrs = attrs,
    .comment_target = comment_target,
    .create = create,
    .drop = drop,
    .can_alter = can_alter,
    .alter = alter,
};
