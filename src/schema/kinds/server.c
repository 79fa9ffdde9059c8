#include "schema/kinds/kinds.h"

enum { WRAPPER, TYPE, VERSION, OPTIONS };
static const gw_attr attrs[] = {
    {"wrapper", 0}, {"type", 0}, {"version", 0}, {"options", 0}, {NULL, 0}};

static void create(gw_ddl *ddl, const gw_object *o)
{
    gw_buf buf = GW_BUF(ddl->arena);
    if (o->values[TYPE])
        gw_buf_addf(&buf, " TYPE %s", gw_quote_literal(ddl->arena, o->values[TYPE]));
    if (o->values[VERSION])
        gw_buf_addf(&buf, " VERSION %s", gw_quote_literal(ddl->arena, o->values[VERSION]));
    gw_buf_addf(&buf, " FOREIGN DATA WRAPPER %s", o->values[WRAPPER]);
    if (o->values[OPTIONS])
        gw_buf_addf(&buf, " OPTIONS (%s)", o->values[OPTIONS]);
    gw_ddl_add(ddl, 0, "CREATE SERVER %s%s", o->ref, buf.data);
}

static bool can_alter(const gw_object *x, const gw_object *y, gw_changed changed)
{
    (void)x;
    (void)y;
    return !(changed & (GW_BIT(WRAPPER) | GW_BIT(TYPE)));
}

static void alter(gw_ddl *ddl, const gw_object *x, const gw_object *y, gw_changed changed)
{
    const char *before = gw_printf(ddl->arena, "ALTER SERVER %s", y->ref);
    if (changed & GW_BIT(VERSION))
        gw_ddl_add(ddl, 0, "%s VERSION %s", before,
                   y->values[VERSION] ? gw_quote_literal(ddl->arena, y->values[VERSION]) : "NULL");
    if (changed & GW_BIT(OPTIONS))
        gw_alter_foreign_options(ddl, before, x->values[OPTIONS], y->values[OPTIONS]);
}

const gw_kind gw_kind_server = {
    .name = "server",
    .keyword = "SERVER",
    .grant_word = "FOREIGN SERVER",
    .sql = &gw_sql_servers,
    .classid = GW_CLASS_SERVER,
    .attrs = attrs,
    .create = create,
    .can_alter = can_alter,
    .alter = alter,
};
