#include <string.h>

#include "schema/kinds/kinds.h"

enum { DEFINITION, ENABLED };
static const gw_attr attrs[] = {{"definition", GW_ATTR_DEPARSED}, {"enabled", 0}, {NULL, 0}};

/* pg_get_ruledef ends with a semicolon and begins with CREATE RULE. */
static void write(gw_ddl *ddl, const gw_object *o)
{
    static const char start[] = "CREATE RULE";
    const char *text = o->values[DEFINITION];
    size_t len = strlen(text);
    while (len && strchr("; \n", text[len - 1]))
        len--;
    size_t skip = strncmp(text, start, strlen(start)) == 0 ? strlen(start) : 0;
    gw_ddl_add(ddl, 0, "%s%.*s", skip ? "CREATE OR REPLACE RULE" : "", (int)(len - skip),
               text + skip);
}

static void set_enabled(gw_ddl *ddl, const gw_object *o)
{
    gw_ddl_add(ddl, 0, "ALTER TABLE %s %s RULE %s", o->parent->ref, o->values[ENABLED], o->ref);
}

static void create(gw_ddl *ddl, const gw_object *o)
{
    write(ddl, o);
    if (strcmp(o->values[ENABLED], "ENABLE") != 0)
        set_enabled(ddl, o);
}

static void drop(gw_ddl *ddl, const gw_object *o)
{
    gw_ddl_add(ddl, 0, "DROP RULE %s ON %s", o->ref, o->parent->ref);
}

static bool can_alter(const gw_object *x, const gw_object *y, gw_changed changed)
{
    (void)x;
    (void)y;
    (void)changed;
    return true;
}

static void alter(gw_ddl *ddl, const gw_object *x, const gw_object *y, gw_changed changed)
{
    (void)x;
    if (changed & GW_BIT(DEFINITION))
        write(ddl, y);
    if (changed & GW_BIT(ENABLED))
        set_enabled(ddl, y);
}

static const char *comment_target(gw_arena *arena, const gw_object *o)
{
    return gw_printf(arena, "RULE %s ON %s", o->ref, o->parent->ref);
}

const gw_kind gw_kind_rule = {
    .name = "rule",
    .keyword = "RULE",
    .sql = &gw_sql_rules,
    .classid = GW_CLASS_REWRITE,
    .parent_classid = GW_CLASS_RELATION,
    .attrs = attrs,
    .comment_target = comment_target,
    .create = create,
    .drop = drop,
    .can_alter = can_alter,
    .alter = alter,
};
