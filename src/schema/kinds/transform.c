#include "schema/kinds/kinds.h"

enum { TYPE, LANGUAGE, FROM_SQL, TO_SQL };
static const gw_attr attrs[] = {
    {"type", 0}, {"language", 0}, {"from_sql", 0}, {"to_sql", 0}, {NULL, 0}};

static const char *ref(gw_arena *arena, const gw_object *o)
{
    return gw_printf(arena, "FOR %s LANGUAGE %s", o->values[TYPE], o->values[LANGUAGE]);
}

static void create(gw_ddl *ddl, const gw_object *o)
{
    const char *from = o->values[FROM_SQL], *to = o->values[TO_SQL];
    gw_ddl_add(ddl, 0, "CREATE OR REPLACE TRANSFORM %s (%s%s%s%s%s)", o->ref,
               from ? "FROM SQL WITH FUNCTION " : "", from ? from : "", from && to ? ", " : "",
               to ? "TO SQL WITH FUNCTION " : "", to ? to : "");
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
    create(ddl, y);
}

const gw_kind gw_kind_transform = {
    .name = "transform",
    .keyword = "TRANSFORM",
    .sql = &gw_sql_transforms,
    .classid = GW_CLASS_TRANSFORM,
    .attrs = attrs,
    .flags = GW_KIND_NO_OWNER_CLAUSE | GW_KIND_KEY_AS_REF,
    .ref = ref,
    .create = create,
    .can_alter = can_alter,
    .alter = alter,
};
