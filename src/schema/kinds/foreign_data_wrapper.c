#include "schema/kinds/kinds.h"

enum { HANDLER, VALIDATOR, OPTIONS };
static const gw_attr attrs[] = {{"handler", 0}, {"validator", 0}, {"options", 0}, {NULL, 0}};

static void functions(gw_buf *buf, const gw_object *o, bool handler, bool validator)
{
    if (handler && o->values[HANDLER])
        gw_buf_addf(buf, " HANDLER %s", o->values[HANDLER]);
    else if (handler)
        gw_buf_add(buf, " NO HANDLER");
    if (validator && o->values[VALIDATOR])
        gw_buf_addf(buf, " VALIDATOR %s", o->values[VALIDATOR]);
    else if (validator)
        gw_buf_add(buf, " NO VALIDATOR");
}

static void create(gw_ddl *ddl, const gw_object *o)
{
    gw_buf buf = GW_BUF(ddl->arena);
    functions(&buf, o, o->values[HANDLER], o->values[VALIDATOR]);
    if (o->values[OPTIONS])
        gw_buf_addf(&buf, " OPTIONS (%s)", o->values[OPTIONS]);
    gw_ddl_add(ddl, 0, "CREATE FOREIGN DATA WRAPPER %s%s", o->ref, gw_buf_str(&buf));
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
    gw_buf buf = GW_BUF(ddl->arena);
    const char *before = gw_printf(ddl->arena, "ALTER FOREIGN DATA WRAPPER %s", y->ref);
    functions(&buf, y, changed & GW_BIT(HANDLER), changed & GW_BIT(VALIDATOR));
    if (buf.len)
        gw_ddl_add(ddl, 0, "%s%s", before, buf.data);
    if (changed & GW_BIT(OPTIONS))
        gw_alter_foreign_options(ddl, before, x->values[OPTIONS], y->values[OPTIONS]);
}

const gw_kind gw_kind_foreign_data_wrapper = {
    .name = "foreign data wrapper",
    .keyword = "FOREIGN DATA WRAPPER",
    .grant_word = "FOREIGN DATA WRAPPER",
    .sql = &gw_sql_foreign_data_wrappers,
    .classid = GW_CLASS_FDW,
    .attrs = attrs,
    .create = create,
    .can_alter = can_alter,
    .alter = alter,
};
