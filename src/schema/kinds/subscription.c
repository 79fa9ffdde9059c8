/*
 * Subscriptions hold a connection string, which is a secret and not read. A new one is made
 * without connecting anywhere, and stays disabled until somebody gives it its string.
 */
#include <string.h>

#include "schema/kinds/kinds.h"

enum { PUBLICATIONS, SLOT_NAME, OPTIONS, ENABLED };
static const gw_attr attrs[] = {{"publications", 0},
                                {"slot_name", 0},
                                {"options", 0},
                                {"enabled", GW_ATTR_INFO},
                                {NULL, 0}};

static const char *slot(gw_ddl *ddl, const gw_object *o)
{
    return o->values[SLOT_NAME] ? gw_quote_literal(ddl->arena, o->values[SLOT_NAME]) : "NONE";
}

static void create(gw_ddl *ddl, const gw_object *o)
{
    const char *options = o->values[OPTIONS];
    gw_ddl_add(ddl, 0,
               "CREATE SUBSCRIPTION %s CONNECTION '' PUBLICATION %s WITH (connect = false, "
               "slot_name = %s%s%s)",
               o->ref, o->values[PUBLICATIONS], slot(ddl, o), *options ? ", " : "", options);
}

/* With its slot, DROP SUBSCRIPTION would connect to the publisher, outside of any transaction. */
static void drop(gw_ddl *ddl, const gw_object *o)
{
    gw_ddl_add(ddl, 0, "ALTER SUBSCRIPTION %s DISABLE", o->ref);
    gw_ddl_add(ddl, 0, "ALTER SUBSCRIPTION %s SET (slot_name = NONE)", o->ref);
    if (o->values[SLOT_NAME])
        gw_ddl_add(ddl, 0,
                   "/* replication slot %s stays at the publisher: drop it there */ "
                   "DROP SUBSCRIPTION %s",
                   slot(ddl, o), o->ref);
    else
        gw_ddl_add(ddl, 0, "DROP SUBSCRIPTION %s", o->ref);
}

static bool can_alter(const gw_object *x, const gw_object *y, gw_changed changed)
{
    (void)x;
    (void)y;
    return !(changed & GW_BIT(OPTIONS));
}

static void alter(gw_ddl *ddl, const gw_object *x, const gw_object *y, gw_changed changed)
{
    (void)x;
    if (changed & GW_BIT(PUBLICATIONS))
        gw_ddl_add(ddl, 0, "ALTER SUBSCRIPTION %s SET PUBLICATION %s WITH (refresh = false)",
                   y->ref, y->values[PUBLICATIONS]);
    if (changed & GW_BIT(SLOT_NAME))
        gw_ddl_add(ddl, 0, "ALTER SUBSCRIPTION %s SET (slot_name = %s)", y->ref, slot(ddl, y));
}

const gw_kind gw_kind_subscription = {
    .name = "subscription",
    .keyword = "SUBSCRIPTION",
    .sql = &gw_sql_subscriptions,
    .classid = GW_CLASS_SUBSCRIPTION,
    .attrs = attrs,
    .create = create,
    .drop = drop,
    .can_alter = can_alter,
    .alter = alter,
};
