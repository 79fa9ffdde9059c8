#include <string.h>

#include "schema/kinds/kinds.h"

enum { DEFINITION, OPTIONS, ACCESS_METHOD, TABLESPACE, POPULATED };
static const gw_attr attrs[] = {{"definition", GW_ATTR_DEPARSED}, {"options", 0},
                                {"access_method", 0},
                                {"tablespace", 0}, {"populated", GW_ATTR_INFO}, {NULL, 0}};

static void create(gw_ddl *ddl, const gw_object *o)
{
    const char *definition = o->values[DEFINITION];
    size_t len = strlen(definition);
    while (len && strchr("; \n", definition[len - 1]))
        len--;
    gw_buf with = GW_BUF(ddl->arena);
    if (o->values[ACCESS_METHOD])
        gw_buf_addf(&with, " USING %s", gw_ddl_name(ddl->arena, o->values[ACCESS_METHOD]));
    if (o->values[OPTIONS])
        gw_buf_addf(&with, " WITH (%s)", o->values[OPTIONS]);
    if (o->values[TABLESPACE])
        gw_buf_addf(&with, " TABLESPACE %s", gw_ddl_name(ddl->arena, o->values[TABLESPACE]));
    gw_ddl_add(ddl, 0, "CREATE MATERIALIZED VIEW %s%s AS\n%.*s%s", o->ref, gw_buf_str(&with),
               (int)len, definition, gw_yes(o, POPULATED) ? "" : "\nWITH NO DATA");
}

static bool can_alter(const gw_object *x, const gw_object *y, gw_changed changed)
{
    (void)x;
    (void)y;
    return !(changed & (GW_BIT(DEFINITION) | GW_BIT(ACCESS_METHOD)));
}

static void alter(gw_ddl *ddl, const gw_object *x, const gw_object *y, gw_changed changed)
{
    const char *before = gw_alter_table(ddl->arena, y);
    if (changed & GW_BIT(OPTIONS))
        gw_alter_options(ddl, before, x->values[OPTIONS], y->values[OPTIONS]);
    if (changed & GW_BIT(TABLESPACE))
        gw_ddl_add(ddl, 0, "%s SET TABLESPACE %s", before,
                   gw_ddl_name(ddl->arena,
                               y->values[TABLESPACE] ? y->values[TABLESPACE] : "pg_default"));
}

const gw_kind gw_kind_materialized_view = {
    .name = "materialized view",
    .keyword = "MATERIALIZED VIEW",
    .grant_word = "TABLE",
    .sql = &gw_sql_materialized_views,
    .classid = GW_CLASS_RELATION,
    .attrs = attrs,
    .flags = GW_KIND_RELATION,
    .create = create,
    .can_alter = can_alter,
    .alter = alter,
};
