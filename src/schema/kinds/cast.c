#include "schema/kinds/kinds.h"

enum { SOURCE, TARGET, FUNCTION, METHOD, CONTEXT };
static const gw_attr attrs[] = {
    {"source", 0}, {"target", 0}, {"function", 0}, {"method", 0}, {"context", 0}, {NULL, 0}};

static const char *ref(gw_arena *arena, const gw_object *o)
{
    return gw_printf(arena, "(%s)", o->name);
}

static void create(gw_ddl *ddl, const gw_object *o)
{
    gw_buf buf = GW_BUF(ddl->arena);
    switch (*o->values[METHOD]) {
    case 'f':
        gw_buf_addf(&buf, "WITH FUNCTION %s", o->values[FUNCTION]);
        break;
    case 'i':
        gw_buf_add(&buf, "WITH INOUT");
        break;
    default:
        gw_buf_add(&buf, "WITHOUT FUNCTION");
    }
    if (*o->values[CONTEXT] != 'e')
        gw_buf_add(&buf, *o->values[CONTEXT] == 'a' ? " AS ASSIGNMENT" : " AS IMPLICIT");
    gw_ddl_add(ddl, 0, "CREATE CAST %s %s", o->ref, buf.data);
}

const gw_kind gw_kind_cast = {
    .name = "cast",
    .keyword = "CAST",
    .sql = &gw_sql_casts,
    .classid = GW_CLASS_CAST,
    .attrs = attrs,
    .flags = GW_KIND_NO_OWNER_CLAUSE | GW_KIND_KEY_AS_REF,
    .ref = ref,
    .create = create,
};
