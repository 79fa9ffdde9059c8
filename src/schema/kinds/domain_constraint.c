#include <string.h>

#include "schema/kinds/kinds.h"

enum { DEFINITION, VALIDATED };
static const gw_attr attrs[] = {{"definition", GW_ATTR_DEPARSED}, {"validated", 0}, {NULL, 0}};

static const char not_valid[] = " NOT VALID";

/* The definition without NOT VALID. */
static int core(const gw_object *o)
{
    size_t len = strlen(o->values[DEFINITION]), tail = strlen(not_valid);
    if (!gw_yes(o, VALIDATED) && len > tail &&
        strcmp(o->values[DEFINITION] + len - tail, not_valid) == 0)
        len -= tail;
    return (int)len;
}

static void create(gw_ddl *ddl, const gw_object *o)
{
    bool split = ddl->options.concurrently && gw_yes(o, VALIDATED) && !ddl->is_new(ddl, o->parent);
    gw_ddl_add(ddl, split ? GW_DDL_OWN_TX : 0, "ALTER DOMAIN %s ADD CONSTRAINT %s %s%s",
               o->parent->ref, o->ref, o->values[DEFINITION], split ? not_valid : "");
    if (split)
        gw_ddl_add(ddl, GW_DDL_OWN_TX, "ALTER DOMAIN %s VALIDATE CONSTRAINT %s", o->parent->ref,
                   o->ref);
}

static void drop(gw_ddl *ddl, const gw_object *o)
{
    gw_ddl_add(ddl, 0, "ALTER DOMAIN %s DROP CONSTRAINT %s", o->parent->ref, o->ref);
}

static bool can_alter(const gw_object *x, const gw_object *y, gw_changed changed)
{
    (void)changed;
    return gw_yes(y, VALIDATED) && core(x) == core(y) &&
           strncmp(x->values[DEFINITION], y->values[DEFINITION], (size_t)core(x)) == 0;
}

static void alter(gw_ddl *ddl, const gw_object *x, const gw_object *y, gw_changed changed)
{
    (void)x;
    (void)changed;
    gw_ddl_add(ddl, 0, "ALTER DOMAIN %s VALIDATE CONSTRAINT %s", y->parent->ref, y->ref);
}

static bool inlined(const gw_object *o)
{
    return gw_yes(o, VALIDATED);
}

static const char *comment_target(gw_arena *arena, const gw_object *o)
{
    return gw_printf(arena, "CONSTRAINT %s ON DOMAIN %s", o->ref, o->parent->ref);
}

const gw_kind gw_kind_domain_constraint = {
    .name = "domain constraint",
    .keyword = "CONSTRAINT",
    .sql = &gw_sql_domain_constraints,
    .classid = GW_CLASS_CONSTRAINT,
    .parent_classid = GW_CLASS_TYPE,
    .attrs = attrs,
    .comment_target = comment_target,
    .create = create,
    .drop = drop,
    .can_alter = can_alter,
    .alter = alter,
    .inlined = inlined,
};
