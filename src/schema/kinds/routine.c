#include <stdlib.h>
#include <string.h>

#include "schema/kinds/kinds.h"

enum { ARGUMENTS, SORT, DEFINITION, RESULT, NAMES, DEFAULTS };
static const gw_attr attrs[] = {
    {"arguments", GW_ATTR_INFO}, {"sort", 0},  {"definition", GW_ATTR_DEPARSED},
    {"result", 0},               {"names", 0}, {"defaults", 0},   {NULL, 0}};

static const char *word(const gw_object *o)
{
    return *o->values[SORT] == 'p' ? "PROCEDURE" : "FUNCTION";
}

static const char *ref(gw_arena *arena, const gw_object *o)
{
    return gw_printf(arena, "%s(%s)", gw_display_name(arena, o->schema, o->name),
                     o->values[ARGUMENTS]);
}

static void create(gw_ddl *ddl, const gw_object *o)
{
    /* pg_get_functiondef ends its text with a line of its own */
    const char *text = o->values[DEFINITION];
    size_t len = strlen(text);
    while (len && (text[len - 1] == '\n' || text[len - 1] == ' '))
        len--;
    gw_ddl_add(ddl, 0, "%.*s", (int)len, text);
}

/* CREATE OR REPLACE keeps the result and the names, and takes no default away. */
static bool can_alter(const gw_object *x, const gw_object *y, gw_changed changed)
{
    if (changed & (GW_BIT(SORT) | GW_BIT(RESULT) | GW_BIT(NAMES)))
        return false;
    return !(changed & GW_BIT(DEFAULTS)) ||
           strtol(y->values[DEFAULTS], NULL, 10) > strtol(x->values[DEFAULTS], NULL, 10);
}

static void alter(gw_ddl *ddl, const gw_object *x, const gw_object *y, gw_changed changed)
{
    (void)x;
    (void)changed;
    create(ddl, y);
}

const gw_kind gw_kind_routine = {
    .name = "routine",
    .keyword = "ROUTINE",
    .grant_word = "ROUTINE",
    .sql = &gw_sql_routines,
    .classid = GW_CLASS_PROC,
    .attrs = attrs,
    .ref = ref,
    .word = word,
    .create = create,
    .can_alter = can_alter,
    .alter = alter,
};
