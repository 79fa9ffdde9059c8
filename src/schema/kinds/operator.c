#include <string.h>

#include "schema/kinds/kinds.h"

enum {
    LEFT_TYPE,
    RIGHT_TYPE,
    FUNCTION,
    COMMUTATOR,
    NEGATOR,
    RESTRICT_FUNCTION,
    JOIN_FUNCTION,
    HASHES,
    MERGES,
};
static const gw_attr attrs[] = {{"left_type", 0},         {"right_type", 0},    {"function", 0},
                                {"commutator", 0},        {"negator", 0},
                                {"restrict_function", 0}, {"join_function", 0}, {"hashes", 0},
                                {"merges", 0},            {NULL, 0}};

static const char *name(gw_arena *arena, const gw_object *o)
{
    return gw_printf(arena, "%s.%s", gw_display_name(arena, NULL, o->schema), o->name);
}

static const char *ref(gw_arena *arena, const gw_object *o)
{
    return gw_printf(arena, "%s (%s)", name(arena, o), o->args);
}

static void option(gw_buf *buf, const char *word, const char *value)
{
    if (value)
        gw_buf_addf(buf, ", %s = %s", word, value);
}

/* A commutator or negator that is not there yet is declared by this, and made when its turn
 * comes. */
static void create(gw_ddl *ddl, const gw_object *o)
{
    gw_buf buf = GW_BUF(ddl->arena);
    gw_buf_addf(&buf, "%s = %s", ddl->server_version >= 110000 ? "FUNCTION" : "PROCEDURE",
                o->values[FUNCTION]);
    option(&buf, "LEFTARG", o->values[LEFT_TYPE]);
    option(&buf, "RIGHTARG", o->values[RIGHT_TYPE]);
    option(&buf, "COMMUTATOR", o->values[COMMUTATOR]);
    option(&buf, "NEGATOR", o->values[NEGATOR]);
    option(&buf, "RESTRICT", o->values[RESTRICT_FUNCTION]);
    option(&buf, "JOIN", o->values[JOIN_FUNCTION]);
    if (gw_yes(o, HASHES))
        gw_buf_add(&buf, ", HASHES");
    if (gw_yes(o, MERGES))
        gw_buf_add(&buf, ", MERGES");
    gw_ddl_add(ddl, 0, "CREATE OPERATOR %s (%s)", name(ddl->arena, o), buf.data);
}

/* Since 17 what was not there can be added. */
static bool can_alter(const gw_object *x, const gw_object *y, gw_changed changed)
{
    gw_changed estimators = GW_BIT(RESTRICT_FUNCTION) | GW_BIT(JOIN_FUNCTION);
    gw_changed rest = changed & ~estimators;
    if (!rest)
        return true;
    if (x->server_version < 170000 || (rest & ~(GW_BIT(COMMUTATOR) | GW_BIT(NEGATOR) |
                                                GW_BIT(HASHES) | GW_BIT(MERGES))))
        return false;
    if ((rest & GW_BIT(HASHES)) && !gw_yes(y, HASHES))
        return false;
    if ((rest & GW_BIT(MERGES)) && !gw_yes(y, MERGES))
        return false;
    return !((rest & GW_BIT(COMMUTATOR)) && x->values[COMMUTATOR]) &&
           !((rest & GW_BIT(NEGATOR)) && x->values[NEGATOR]);
}

static void set(gw_ddl *ddl, const gw_object *o, const char *word, int attr, bool late)
{
    const char *value = o->values[attr] ? o->values[attr] : "NONE";
    if (late)
        gw_ddl_late(ddl, 0, "ALTER OPERATOR %s SET (%s = %s)", o->ref, word, value);
    else
        gw_ddl_add(ddl, 0, "ALTER OPERATOR %s SET (%s = %s)", o->ref, word, value);
}

static void alter(gw_ddl *ddl, const gw_object *x, const gw_object *y, gw_changed changed)
{
    (void)x;
    if (changed & GW_BIT(RESTRICT_FUNCTION))
        set(ddl, y, "RESTRICT", RESTRICT_FUNCTION, false);
    if (changed & GW_BIT(JOIN_FUNCTION))
        set(ddl, y, "JOIN", JOIN_FUNCTION, false);
    /* the other one has to be there */
    if (changed & GW_BIT(COMMUTATOR))
        set(ddl, y, "COMMUTATOR", COMMUTATOR, true);
    if (changed & GW_BIT(NEGATOR))
        set(ddl, y, "NEGATOR", NEGATOR, true);
    if (changed & GW_BIT(HASHES))
        gw_ddl_late(ddl, 0, "ALTER OPERATOR %s SET (HASHES)", y->ref);
    if (changed & GW_BIT(MERGES))
        gw_ddl_late(ddl, 0, "ALTER OPERATOR %s SET (MERGES)", y->ref);
}

const gw_kind gw_kind_operator = {
    .name = "operator",
    .keyword = "OPERATOR",
    .sql = &gw_sql_operators,
    .classid = GW_CLASS_OPERATOR,
    .attrs = attrs,
    .flags = GW_KIND_KEY_AS_REF,
    .ref = ref,
    .create = create,
    .can_alter = can_alter,
    .alter = alter,
};
