#include "schema/kinds/kinds.h"

enum { OF_TABLE, BOUND };
static const gw_attr attrs[] = {{"of_table", 0}, {"bound", GW_ATTR_DEPARSED}, {NULL, 0}};

static void create(gw_ddl *ddl, const gw_object *o)
{
    gw_ddl_add(ddl, 0, "ALTER TABLE %s ATTACH PARTITION %s %s", o->values[OF_TABLE],
               o->parent->ref, o->values[BOUND]);
}

static void drop(gw_ddl *ddl, const gw_object *o)
{
    gw_ddl_add(ddl, 0, "ALTER TABLE %s DETACH PARTITION %s", o->values[OF_TABLE], o->parent->ref);
}

const gw_kind gw_kind_partition = {
    .name = "partition",
    .keyword = "PARTITION",
    .sql = &gw_sql_partitions,
    .classid = GW_CLASS_INHERITS,
    .parent_classid = GW_CLASS_RELATION,
    .attrs = attrs,
    .flags = GW_KIND_FOLLOWS_TYPE | GW_KIND_NO_DERIVED_DROP,
    .comment_target = gw_no_comment,
    .create = create,
    .drop = drop,
};
