#include <string.h>

#include "schema/kinds/kinds.h"

enum { ALL_TABLES, PUBLISH, VIA_ROOT, GENERATED_COLUMNS };
static const gw_attr attrs[] = {
    {"all_tables", 0}, {"publish", 0}, {"via_root", 0}, {"generated_columns", 0}, {NULL, 0}};

/* Those in `changed`; what an older server does not know keeps its neutral value and is not said. */
static const char *parameters(gw_ddl *ddl, const gw_object *o, gw_changed changed)
{
    gw_buf list = GW_BUF(ddl->arena);
    if (changed & GW_BIT(PUBLISH))
        gw_buf_addf(&list, ", publish = '%s'", o->values[PUBLISH]);
    if (changed & GW_BIT(VIA_ROOT))
        gw_buf_addf(&list, ", publish_via_partition_root = %s",
                    gw_yes(o, VIA_ROOT) ? "true" : "false");
    if (changed & GW_BIT(GENERATED_COLUMNS))
        gw_buf_addf(&list, ", publish_generated_columns = %s", o->values[GENERATED_COLUMNS]);
    return list.len ? list.data + 2 : NULL;
}

static void create(gw_ddl *ddl, const gw_object *o)
{
    gw_changed set = GW_BIT(PUBLISH) | (gw_yes(o, VIA_ROOT) ? GW_BIT(VIA_ROOT) : 0);
    if (strcmp(o->values[GENERATED_COLUMNS], "none") != 0)
        set |= GW_BIT(GENERATED_COLUMNS);
    gw_ddl_add(ddl, 0, "CREATE PUBLICATION %s%s WITH (%s)", o->ref,
               gw_yes(o, ALL_TABLES) ? " FOR ALL TABLES" : "", parameters(ddl, o, set));
}

static bool can_alter(const gw_object *x, const gw_object *y, gw_changed changed)
{
    (void)x;
    (void)y;
    return !(changed & GW_BIT(ALL_TABLES));
}

static void alter(gw_ddl *ddl, const gw_object *x, const gw_object *y, gw_changed changed)
{
    (void)x;
    gw_ddl_add(ddl, 0, "ALTER PUBLICATION %s SET (%s)", y->ref, parameters(ddl, y, changed));
}

const gw_kind gw_kind_publication = {
    .name = "publication",
    .keyword = "PUBLICATION",
    .sql = &gw_sql_publications,
    .classid = GW_CLASS_PUBLICATION,
    .attrs = attrs,
    .create = create,
    .can_alter = can_alter,
    .alter = alter,
};
