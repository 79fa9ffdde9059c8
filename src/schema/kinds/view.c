#include <string.h>

#include "schema/kinds/kinds.h"

enum { DEFINITION, OPTIONS, COLUMNS };
static const gw_attr attrs[] = {{"definition", GW_ATTR_DEPARSED}, {"options", 0},
                                {"columns", 0}, {NULL, 0}};

/* pg_get_viewdef ends with a semicolon. */
static int text_length(const char *definition)
{
    size_t len = strlen(definition);
    while (len && strchr("; \n", definition[len - 1]))
        len--;
    return (int)len;
}

static void write(gw_ddl *ddl, const gw_object *o, const char *verb)
{
    gw_buf with = GW_BUF(ddl->arena);
    if (o->values[OPTIONS])
        gw_buf_addf(&with, " WITH (%s)", o->values[OPTIONS]);
    gw_ddl_add(ddl, 0, "%s VIEW %s%s AS\n%.*s", verb, o->ref, gw_buf_str(&with),
               text_length(o->values[DEFINITION]), o->values[DEFINITION]);
}

static void create(gw_ddl *ddl, const gw_object *o)
{
    write(ddl, o, "CREATE OR REPLACE");
}

/* Columns of the right names and types that need nothing: before it comes, and before it goes. */
static void placeholder(gw_ddl *ddl, const gw_object *o)
{
    gw_buf list = GW_BUF(ddl->arena);
    for (size_t i = 0; i < o->children.len; i++) {
        const gw_object *column = o->children.items[i].object;
        if (column->kind != &gw_kind_column)
            continue;
        const char *collation = gw_object_value(column, "collation");
        gw_buf_addf(&list, "%sNULL::%s%s%s AS %s", list.len ? ", " : "",
                    gw_object_value(column, "type"), collation ? " COLLATE " : "",
                    collation ? collation : "", column->ref);
    }
    gw_ddl_add(ddl, 0, "CREATE OR REPLACE VIEW %s AS SELECT %s", o->ref, gw_buf_str(&list));
}

/* CREATE OR REPLACE keeps the columns that are there and appends. */
static bool can_alter(const gw_object *x, const gw_object *y, gw_changed changed)
{
    if (!(changed & GW_BIT(COLUMNS)))
        return true;
    const char *old = x->values[COLUMNS], *new = y->values[COLUMNS];
    size_t len = strlen(old);
    return strncmp(old, new, len) == 0 && (new[len] == '\0' || new[len] == ',');
}

static void alter(gw_ddl *ddl, const gw_object *x, const gw_object *y, gw_changed changed)
{
    if (changed & (GW_BIT(DEFINITION) | GW_BIT(COLUMNS)))
        write(ddl, y, "CREATE OR REPLACE");
    if (changed & GW_BIT(OPTIONS))
        gw_alter_options(ddl, gw_printf(ddl->arena, "ALTER VIEW %s", y->ref), x->values[OPTIONS],
                         y->values[OPTIONS]);
}

const gw_kind gw_kind_view = {
    .name = "view",
    .keyword = "VIEW",
    .grant_word = "TABLE",
    .sql = &gw_sql_views,
    .classid = GW_CLASS_RELATION,
    .attrs = attrs,
    .flags = GW_KIND_RELATION,
    .create = create,
    .can_alter = can_alter,
    .alter = alter,
    .placeholder = placeholder,
};
