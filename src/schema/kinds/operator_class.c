#include "schema/kinds/kinds.h"

enum { TYPE, IS_DEFAULT, FAMILY, STORAGE, MEMBERS };
static const gw_attr attrs[] = {
    {"type", 0}, {"is_default", 0}, {"family", 0}, {"storage", 0}, {"members", 0}, {NULL, 0}};

static void create(gw_ddl *ddl, const gw_object *o)
{
    gw_buf buf = GW_BUF(ddl->arena);
    gw_buf_addf(&buf, "CREATE OPERATOR CLASS %s%s FOR TYPE %s USING %s FAMILY %s AS ",
                gw_display_name(ddl->arena, o->schema, o->name),
                gw_yes(o, IS_DEFAULT) ? " DEFAULT" : "", o->values[TYPE], o->args,
                o->values[FAMILY]);
    if (o->values[MEMBERS])
        gw_buf_add(&buf, o->values[MEMBERS]);
    /* The list cannot be empty, and STORAGE of the type itself says nothing. */
    if (o->values[STORAGE] || !o->values[MEMBERS])
        gw_buf_addf(&buf, "%sSTORAGE %s", o->values[MEMBERS] ? ", " : "",
                    o->values[STORAGE] ? o->values[STORAGE] : o->values[TYPE]);
    gw_ddl_add(ddl, 0, "%s", buf.data);
}

const gw_kind gw_kind_operator_class = {
    .name = "operator class",
    .keyword = "OPERATOR CLASS",
    .sql = &gw_sql_operator_classes,
    .classid = GW_CLASS_OPCLASS,
    .attrs = attrs,
    .ref = gw_using_ref,
    .create = create,
};
