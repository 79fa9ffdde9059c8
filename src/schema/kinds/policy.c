#include "schema/kinds/kinds.h"

enum { PERMISSIVE, COMMAND, ROLES, CONDITION, CHECK };
static const gw_attr attrs[] = {{"permissive", 0}, {"command", 0},         {"roles", 0},
                                {"condition", GW_ATTR_DEPARSED},
                                {"check_condition", GW_ATTR_DEPARSED},
                                {NULL, 0}};

static void conditions(gw_buf *buf, const gw_object *o, bool condition, bool check)
{
    if (condition)
        gw_buf_addf(buf, " USING (%s)", o->values[CONDITION]);
    if (check)
        gw_buf_addf(buf, " WITH CHECK (%s)", o->values[CHECK]);
}

static void create(gw_ddl *ddl, const gw_object *o)
{
    gw_buf buf = GW_BUF(ddl->arena);
    conditions(&buf, o, o->values[CONDITION], o->values[CHECK]);
    gw_ddl_add(ddl, 0, "CREATE POLICY %s ON %s%s FOR %s TO %s%s", o->ref, o->parent->ref,
               gw_yes(o, PERMISSIVE) ? "" : " AS RESTRICTIVE", o->values[COMMAND],
               o->values[ROLES], gw_buf_str(&buf));
}

static void drop(gw_ddl *ddl, const gw_object *o)
{
    gw_ddl_add(ddl, 0, "DROP POLICY %s ON %s", o->ref, o->parent->ref);
}

/* A condition can be changed, not taken away. */
static bool can_alter(const gw_object *x, const gw_object *y, gw_changed changed)
{
    (void)x;
    return !(changed & (GW_BIT(PERMISSIVE) | GW_BIT(COMMAND))) &&
           !((changed & GW_BIT(CONDITION)) && !y->values[CONDITION]) &&
           !((changed & GW_BIT(CHECK)) && !y->values[CHECK]);
}

static void alter(gw_ddl *ddl, const gw_object *x, const gw_object *y, gw_changed changed)
{
    (void)x;
    gw_buf buf = GW_BUF(ddl->arena);
    if (changed & GW_BIT(ROLES))
        gw_buf_addf(&buf, " TO %s", y->values[ROLES]);
    conditions(&buf, y, changed & GW_BIT(CONDITION), changed & GW_BIT(CHECK));
    gw_ddl_add(ddl, 0, "ALTER POLICY %s ON %s%s", y->ref, y->parent->ref, gw_buf_str(&buf));
}

static const char *comment_target(gw_arena *arena, const gw_object *o)
{
    return gw_printf(arena, "POLICY %s ON %s", o->ref, o->parent->ref);
}

const gw_kind gw_kind_policy = {
    .name = "policy",
    .keyword = "POLICY",
    .sql = &gw_sql_policies,
    .classid = GW_CLASS_POLICY,
    .parent_classid = GW_CLASS_RELATION,
    .attrs = attrs,
    .comment_target = comment_target,
    .create = create,
    .drop = drop,
    .can_alter = can_alter,
    .alter = alter,
};
