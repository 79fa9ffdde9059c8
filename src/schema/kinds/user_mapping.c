#include "schema/kinds/kinds.h"

enum { USER_NAME, OPTIONS };
static const gw_attr attrs[] = {{"user_name", 0}, {"options", 0}, {NULL, 0}};

static const char *ref(gw_arena *arena, const gw_object *o)
{
    return gw_printf(arena, "FOR %s SERVER %s", o->values[USER_NAME], o->parent->ref);
}

static void create(gw_ddl *ddl, const gw_object *o)
{
    gw_buf buf = GW_BUF(ddl->arena);
    if (o->values[OPTIONS])
        gw_buf_addf(&buf, " OPTIONS (%s)", o->values[OPTIONS]);
    gw_ddl_add(ddl, 0, "CREATE USER MAPPING %s%s", o->ref, gw_buf_str(&buf));
}

static bool can_alter(const gw_object *x, const gw_object *y, gw_changed changed)
{
    (void)x;
    (void)y;
    return changed == GW_BIT(OPTIONS);
}

static void alter(gw_ddl *ddl, const gw_object *x, const gw_object *y, gw_changed changed)
{
    (void)changed;
    gw_alter_foreign_options(ddl, gw_printf(ddl->arena, "ALTER USER MAPPING %s", y->ref),
                             x->values[OPTIONS], y->values[OPTIONS]);
}

const gw_kind gw_kind_user_mapping = {
    .name = "user mapping",
    .keyword = "USER MAPPING",
    .sql = &gw_sql_user_mappings,
    .classid = GW_CLASS_USER_MAPPING,
    .parent_classid = GW_CLASS_SERVER,
    .attrs = attrs,
    .flags = GW_KIND_BEFORE_PARENT,
    .ref = ref,
    .comment_target = gw_no_comment,
    .create = create,
    .can_alter = can_alter,
    .alter = alter,
};
