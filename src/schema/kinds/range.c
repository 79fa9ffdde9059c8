#include "schema/kinds/kinds.h"

enum {
    SUBTYPE,
    OPCLASS,
    COLLATION,
    CANONICAL,
    SUBTYPE_DIFF,
    MULTIRANGE_SCHEMA,
    MULTIRANGE,
    MULTIRANGE_NAME,
};
static const gw_attr attrs[] = {{"subtype", 0},
                                {"opclass", 0},
                                {"collation", 0},
                                {"canonical", 0},
                                {"subtype_diff", 0},
                                {"multirange_schema", GW_ATTR_INFO},
                                {"multirange", GW_ATTR_INFO},
                                {"multirange_name", 0},
                                {NULL, 0}};

static void create(gw_ddl *ddl, const gw_object *o)
{
    gw_buf buf = GW_BUF(ddl->arena);
    gw_buf_addf(&buf, "subtype = %s", o->values[SUBTYPE]);
    if (o->values[OPCLASS])
        gw_buf_addf(&buf, ", subtype_opclass = %s", o->values[OPCLASS]);
    if (o->values[COLLATION])
        gw_buf_addf(&buf, ", collation = %s", o->values[COLLATION]);
    if (o->values[CANONICAL])
        gw_buf_addf(&buf, ", canonical = %s", o->values[CANONICAL]);
    if (o->values[SUBTYPE_DIFF])
        gw_buf_addf(&buf, ", subtype_diff = %s", o->values[SUBTYPE_DIFF]);
    if (o->values[MULTIRANGE_NAME] && ddl->server_version >= 140000)
        gw_buf_addf(&buf, ", multirange_type_name = %s", o->values[MULTIRANGE_NAME]);
    gw_ddl_add(ddl, 0, "CREATE TYPE %s AS RANGE (%s)", o->ref, buf.data);
}

static void placeholder(gw_ddl *ddl, const gw_object *o)
{
    gw_ddl_add(ddl, 0, "CREATE TYPE %s", o->ref);
}

/* CASCADE: its canonical function takes the type, and the type needs the function. */
static void drop(gw_ddl *ddl, const gw_object *o)
{
    gw_ddl_add(ddl, 0, "DROP TYPE %s%s", o->ref, o->values[CANONICAL] ? " CASCADE" : "");
}

static void rename_function(gw_ddl *ddl, const char *schema, const char *name, const char *args)
{
    gw_ddl_add(ddl, 0, "ALTER FUNCTION %s(%s) RENAME TO %s",
               gw_display_name(ddl->arena, schema, name), args,
               gw_ddl_name(ddl->arena, gw_aside_name(ddl->arena, name)));
}

/* The functions that make a range of its bounds keep their names when the type is renamed, and
 * would be in the new one's way. */
static void set_aside(gw_ddl *ddl, const gw_object *o)
{
    gw_arena *arena = ddl->arena;
    gw_set_aside(ddl, o);
    const char *subtype = o->values[SUBTYPE];
    rename_function(ddl, o->schema, o->name, gw_printf(arena, "%s, %s", subtype, subtype));
    rename_function(ddl, o->schema, o->name, gw_printf(arena, "%s, %s, text", subtype, subtype));
    if (!o->values[MULTIRANGE])
        return;
    const char *schema = o->values[MULTIRANGE_SCHEMA], *name = o->values[MULTIRANGE];
    const char *range = gw_display_name(arena, o->schema, gw_aside_name(arena, o->name));
    gw_ddl_add(ddl, 0, "ALTER TYPE %s RENAME TO %s", gw_display_name(arena, schema, name),
               gw_ddl_name(arena, gw_aside_name(arena, name)));
    rename_function(ddl, schema, name, "");
    rename_function(ddl, schema, name, range);
    rename_function(ddl, schema, name, gw_printf(arena, "%s[]", range));
}

static void drop_aside(gw_ddl *ddl, const gw_object *o)
{
    gw_ddl_add(ddl, 0, "DROP TYPE %s%s",
               gw_display_name(ddl->arena, o->schema, gw_aside_name(ddl->arena, o->name)),
               o->values[CANONICAL] ? " CASCADE" : "");
}

const gw_kind gw_kind_range = {
    .name = "range type",
    .keyword = "TYPE",
    .grant_word = "TYPE",
    .sql = &gw_sql_ranges,
    .classid = GW_CLASS_TYPE,
    .attrs = attrs,
    .flags = GW_KIND_RELATION | GW_KIND_SHELL,
    .create = create,
    .drop = drop,
    .placeholder = placeholder,
    .set_aside = set_aside,
    .drop_aside = drop_aside,
};
