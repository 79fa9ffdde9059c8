#include <string.h>

#include "schema/kinds/kinds.h"

enum { PARSER, MAPPINGS };
static const gw_attr attrs[] = {{"parser", 0}, {"mappings", 0}, {NULL, 0}};

/* Is the line of this length among those of `lines`? */
static bool has_line(const char *lines, const char *line, size_t len)
{
    for (const char *p = lines ? lines : ""; *p;) {
        size_t here = strcspn(p, "\n");
        if (here == len && memcmp(p, line, len) == 0)
            return true;
        p += here + (p[here] != '\0');
    }
    return false;
}

static void map_all(gw_ddl *ddl, const gw_object *o, const char *lines, const char *but, bool add)
{
    for (const char *p = lines ? lines : ""; *p;) {
        size_t len = strcspn(p, "\n");
        const char *with = strstr(p, " WITH ");
        if (!has_line(but, p, len))
            gw_ddl_add(ddl, 0, "ALTER TEXT SEARCH CONFIGURATION %s %s MAPPING FOR %.*s", o->ref,
                       add ? "ADD" : "DROP", add ? (int)len : (int)(with - p), p);
        p += len + (p[len] != '\0');
    }
}

static void create(gw_ddl *ddl, const gw_object *o)
{
    gw_ddl_add(ddl, 0, "CREATE TEXT SEARCH CONFIGURATION %s (PARSER = %s)", o->ref,
               o->values[PARSER]);
    map_all(ddl, o, o->values[MAPPINGS], NULL, true);
}

static bool can_alter(const gw_object *x, const gw_object *y, gw_changed changed)
{
    (void)x;
    (void)y;
    return !(changed & GW_BIT(PARSER));
}

static void alter(gw_ddl *ddl, const gw_object *x, const gw_object *y, gw_changed changed)
{
    (void)changed;
    map_all(ddl, y, x->values[MAPPINGS], y->values[MAPPINGS], false);
    map_all(ddl, y, y->values[MAPPINGS], x->values[MAPPINGS], true);
}

const gw_kind gw_kind_text_search_configuration = {
    .name = "text search configuration",
    .keyword = "TEXT SEARCH CONFIGURATION",
    .sql = &gw_sql_text_search_configurations,
    .classid = GW_CLASS_TS_CONFIG,
    .attrs = attrs,
    .create = create,
    .can_alter = can_alter,
    .alter = alter,
};
