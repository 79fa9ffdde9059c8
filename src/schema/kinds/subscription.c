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

/* The value of an option in "name = value, …"; otherwise where it is not there. */
static const char *option(gw_arena *arena, const char *options, const char *name,
                          const char *otherwise)
{
    const char *at = options;
    size_t len = strlen(name);
    while (at && (strncmp(at, name, len) != 0 || strncmp(at + len, " = ", 3) != 0)) {
        at = strstr(at, ", ");
        at = at ? at + 2 : NULL;
    }
    return at ? gw_strndup(arena, at + len + 3, strcspn(at + len + 3, ",")) : otherwise;
}

static bool same_option(const gw_object *x, const gw_object *y, const char *name)
{
    gw_arena *scratch = gw_arena_new();
    bool same = strcmp(option(scratch, x->values[OPTIONS], name, ""),
                       option(scratch, y->values[OPTIONS], name, "")) == 0;
    gw_arena_free(scratch);
    return same;
}

/* These two are the slot's as well, which is at the publisher. */
static bool can_alter(const gw_object *x, const gw_object *y, gw_changed changed)
{
    (void)changed;
    return same_option(x, y, "two_phase") && same_option(x, y, "failover");
}

static void alter_options(gw_ddl *ddl, const gw_object *x, const gw_object *y)
{
    static const char *const names[][2] = {
        {"binary", "false"},           {"streaming", NULL},
        {"disable_on_error", "false"}, {"password_required", "true"},
        {"run_as_owner", "false"},     {"origin", "any"},
        {"synchronous_commit", "off"}, {NULL, NULL}};
    for (size_t i = 0; names[i][0]; i++) {
        const char *otherwise = names[i][1]           ? names[i][1]
                                : ddl->server_version >= 180000 ? "parallel"
                                                                : "off";
        if (!same_option(x, y, names[i][0]))
            gw_ddl_add(ddl, 0, "ALTER SUBSCRIPTION %s SET (%s = %s)", y->ref, names[i][0],
                       option(ddl->arena, y->values[OPTIONS], names[i][0], otherwise));
    }
}

static void alter(gw_ddl *ddl, const gw_object *x, const gw_object *y, gw_changed changed)
{
    if (changed & GW_BIT(OPTIONS))
        alter_options(ddl, x, y);
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
