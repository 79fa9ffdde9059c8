#include <string.h>

#include "schema/kinds/kinds.h"

enum { EVENT, TAGS, FUNCTION, ENABLED };
static const gw_attr attrs[] = {
    {"event", 0}, {"tags", 0}, {"function", 0}, {"enabled", 0}, {NULL, 0}};

static void set_enabled(gw_ddl *ddl, const gw_object *o)
{
    gw_ddl_add(ddl, 0, "ALTER EVENT TRIGGER %s %s", o->ref, o->values[ENABLED]);
}

static void create(gw_ddl *ddl, const gw_object *o)
{
    gw_buf when = GW_BUF(ddl->arena);
    if (o->values[TAGS])
        gw_buf_addf(&when, " WHEN TAG IN (%s)", o->values[TAGS]);
    gw_ddl_add(ddl, 0, "CREATE EVENT TRIGGER %s ON %s%s EXECUTE FUNCTION %s", o->ref, o->values[EVENT],
               gw_buf_str(&when), o->values[FUNCTION]);
    if (strcmp(o->values[ENABLED], "ENABLE") != 0)
        set_enabled(ddl, o);
}

static bool can_alter(const gw_object *x, const gw_object *y, gw_changed changed)
{
    (void)x;
    (void)y;
    return changed == GW_BIT(ENABLED);
}

static void alter(gw_ddl *ddl, const gw_object *x, const gw_object *y, gw_changed changed)
{
    (void)x;
    (void)changed;
    set_enabled(ddl, y);
}

const gw_kind gw_kind_event_trigger = {
    .name = "event trigger",
    .keyword = "EVENT TRIGGER",
    .sql = &gw_sql_event_triggers,
    .classid = GW_CLASS_EVENT_TRIGGER,
    .attrs = attrs,
    .create = create,
    .can_alter = can_alter,
    .alter = alter,
};
