/* Operators and functions that an operator family has besides those of its classes. */
#include "schema/kinds/kinds.h"

enum { MEMBER, SORT_FAMILY };
static const gw_attr operator_attrs[] = {{"operator", 0}, {"sort_family", 0}, {NULL, 0}};
static const gw_attr function_attrs[] = {{"function", 0}, {NULL, 0}};

/* "operator 3 (integer, bigint)" */
static const char *ref(gw_arena *arena, const gw_object *o)
{
    return gw_printf(arena, "%s (%s)", o->name, o->args);
}

static void add_operator(gw_ddl *ddl, const gw_object *o)
{
    gw_ddl_add(ddl, 0, "ALTER OPERATOR FAMILY %s ADD %s %s%s%s", o->parent->ref, o->name,
               o->values[MEMBER], o->values[SORT_FAMILY] ? " FOR ORDER BY " : "",
               o->values[SORT_FAMILY] ? o->values[SORT_FAMILY] : "");
}

static void add_function(gw_ddl *ddl, const gw_object *o)
{
    gw_ddl_add(ddl, 0, "ALTER OPERATOR FAMILY %s ADD %s %s", o->parent->ref, o->ref,
               o->values[MEMBER]);
}

static void drop(gw_ddl *ddl, const gw_object *o)
{
    gw_ddl_add(ddl, 0, "ALTER OPERATOR FAMILY %s DROP %s", o->parent->ref, o->ref);
}

static const char *comment_target(gw_arena *arena, const gw_object *o)
{
    (void)arena;
    (void)o;
    return NULL;
}

const gw_kind gw_kind_family_operator = {
    .name = "family operator",
    .keyword = "OPERATOR",
    .sql = &gw_sql_family_operators,
    .classid = GW_CLASS_AMOP,
    .parent_classid = GW_CLASS_OPFAMILY,
    .attrs = operator_attrs,
    .ref = ref,
    .comment_target = comment_target,
    .create = add_operator,
    .drop = drop,
};

const gw_kind gw_kind_family_function = {
    .name = "family function",
    .keyword = "FUNCTION",
    .sql = &gw_sql_family_functions,
    .classid = GW_CLASS_AMPROC,
    .parent_classid = GW_CLASS_OPFAMILY,
    .attrs = function_attrs,
    .ref = ref,
    .comment_target = comment_target,
    .create = add_function,
    .drop = drop,
};
