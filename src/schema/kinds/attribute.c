#include "schema/kinds/kinds.h"

enum { TYPE, COLLATION };
static const gw_attr attrs[] = {{"type", 0}, {"collation", 0}, {NULL, 0}};

bool gw_attribute_retyped(const gw_object *x, const gw_object *y)
{
    return !gw_same_text(x->values[TYPE], y->values[TYPE]) ||
           !gw_same_text(x->values[COLLATION], y->values[COLLATION]);
}

/* CASCADE takes typed tables along. */
static void write(gw_ddl *ddl, const gw_object *o, const char *verb, const char *word)
{
    gw_buf buf = GW_BUF(ddl->arena);
    gw_buf_addf(&buf, "ALTER TYPE %s %s ATTRIBUTE %s %s%s", o->parent->ref, verb, o->ref, word,
                o->values[TYPE]);
    if (o->values[COLLATION])
        gw_buf_addf(&buf, " COLLATE %s", o->values[COLLATION]);
    gw_ddl_add(ddl, 0, "%s CASCADE", buf.data);
}

static void create(gw_ddl *ddl, const gw_object *o)
{
    write(ddl, o, "ADD", "");
}

static void drop(gw_ddl *ddl, const gw_object *o)
{
    gw_ddl_add(ddl, GW_DDL_LOSES, "ALTER TYPE %s DROP ATTRIBUTE %s CASCADE", o->parent->ref,
               o->ref);
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
    (void)changed;
    write(ddl, y, "ALTER", "TYPE ");
}

/* Views that look into it. */
static bool disturbs(const gw_object *x, const gw_object *y, gw_changed changed)
{
    (void)x;
    (void)y;
    return changed != 0;
}

static bool inlined(const gw_object *o)
{
    (void)o;
    return true;
}

static const char *comment_target(gw_arena *arena, const gw_object *o)
{
    return gw_printf(arena, "COLUMN %s.%s", o->parent->ref, o->ref);
}

const gw_kind gw_kind_attribute = {
    .name = "attribute",
    .keyword = "ATTRIBUTE",
    .sql = &gw_sql_attributes,
    .classid = GW_CLASS_RELATION,
    .parent_classid = GW_CLASS_TYPE,
    .attrs = attrs,
    .flags = GW_KIND_DATA | GW_KIND_PART,
    .comment_target = comment_target,
    .create = create,
    .drop = drop,
    .can_alter = can_alter,
    .alter = alter,
    .disturbs = disturbs,
    .inlined = inlined,
};
