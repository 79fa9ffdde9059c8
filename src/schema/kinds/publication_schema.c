#include "schema/kinds/kinds.h"

static const gw_attr attrs[] = {{NULL, 0}};

static void create(gw_ddl *ddl, const gw_object *o)
{
    gw_ddl_add(ddl, 0, "ALTER PUBLICATION %s ADD TABLES IN SCHEMA %s", o->parent->ref, o->ref);
}

static void drop(gw_ddl *ddl, const gw_object *o)
{
    gw_ddl_add(ddl, 0, "ALTER PUBLICATION %s DROP TABLES IN SCHEMA %s", o->parent->ref, o->ref);
}

const gw_kind gw_kind_publication_schema = {
    .name = "publication schema",
    .keyword = "SCHEMA",
    .sql = &gw_sql_publication_schemas,
    .classid = GW_CLASS_PUBLICATION_SCHEMA,
    .parent_classid = GW_CLASS_PUBLICATION,
    .attrs = attrs,
    .ref = gw_publication_member,
    .comment_target = gw_no_comment,
    .create = create,
    .drop = drop,
};
