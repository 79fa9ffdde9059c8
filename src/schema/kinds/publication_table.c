#include "schema/kinds/kinds.h"

enum { COLUMNS, CONDITION };
static const gw_attr attrs[] = {{"published_columns", 0}, {"condition", GW_ATTR_DEPARSED},
                                {NULL, 0}};

const char *gw_publication_member(gw_arena *arena, const gw_object *o)
{
    (void)arena;
    return o->args;
}

static void create(gw_ddl *ddl, const gw_object *o)
{
    gw_buf rest = GW_BUF(ddl->arena);
    if (o->values[COLUMNS])
        gw_buf_addf(&rest, " (%s)", o->values[COLUMNS]);
    if (o->values[CONDITION])
        gw_buf_addf(&rest, " WHERE (%s)", o->values[CONDITION]);
    gw_ddl_add(ddl, 0, "ALTER PUBLICATION %s ADD TABLE ONLY %s%s", o->parent->ref, o->ref,
               gw_buf_str(&rest));
}

static void drop(gw_ddl *ddl, const gw_object *o)
{
    gw_ddl_add(ddl, 0, "ALTER PUBLICATION %s DROP TABLE ONLY %s", o->parent->ref, o->ref);
}

const gw_kind gw_kind_publication_table = {
    .name = "publication table",
    .keyword = "TABLE",
    .sql = &gw_sql_publication_tables,
    .classid = GW_CLASS_PUBLICATION_TABLE,
    .parent_classid = GW_CLASS_PUBLICATION,
    .attrs = attrs,
    .ref = gw_publication_member,
    .comment_target = gw_no_comment,
    .create = create,
    .drop = drop,
};
