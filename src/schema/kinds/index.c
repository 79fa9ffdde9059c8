#include <string.h>

#include "schema/kinds/kinds.h"

enum { DEFINITION, VALID, CLUSTERED, TABLESPACE, STATISTICS, PARENT_INDEX, PARTITIONED, OPTIONS };
static const gw_attr attrs[] = {{"definition", GW_ATTR_DEPARSED},
                                {"valid", GW_ATTR_ONLY_TRUE}, /* unrendered.sql says which are not */
                                {"clustered", 0},
                                {"tablespace", 0},
                                {"statistics", 0},
                                {"parent_index", GW_ATTR_INFO},
                                {"partitioned", GW_ATTR_INFO},
                                {"options", GW_ATTR_INFO}, /* in the definition, too */
                                {NULL, 0}};

static const char *ref(gw_arena *arena, const gw_object *o)
{
    return gw_display_name(arena, o->schema, o->name);
}

/* "1=100, 2=50", column=target. -1 where y has none. */
static void set_statistics(gw_ddl *ddl, const char *index, const char *x, const char *y)
{
    for (const char *p = x; p && *p; p += strcspn(p, ",") + (p[strcspn(p, ",")] ? 2 : 0)) {
        int column = (int)strcspn(p, "=");
        gw_ddl_add(ddl, 0, "ALTER INDEX %s ALTER COLUMN %.*s SET STATISTICS -1", index, column, p);
    }
    for (const char *p = y; p && *p; p += strcspn(p, ",") + (p[strcspn(p, ",")] ? 2 : 0)) {
        int column = (int)strcspn(p, "="), value = (int)strcspn(p + column + 1, ",");
        gw_ddl_add(ddl, 0, "ALTER INDEX %s ALTER COLUMN %.*s SET STATISTICS %.*s", index, column, p,
                   value, p + column + 1);
    }
}

static void create(gw_ddl *ddl, const gw_object *o)
{
    const char *definition = o->values[DEFINITION];
    bool old_table = !ddl->is_new(ddl, o->parent);
    const char *word = strstr(definition, "INDEX ");
    if (ddl->options.concurrently && old_table && !gw_yes(o, PARTITIONED) && word)
        gw_ddl_add(ddl, GW_DDL_NO_TX, "%.*sINDEX CONCURRENTLY %s", (int)(word - definition),
                   definition, word + 6);
    else
        gw_ddl_add(ddl, 0, "%s", definition);
    if (o->values[TABLESPACE])
        gw_ddl_add(ddl, 0, "ALTER INDEX %s SET TABLESPACE %s", o->ref,
                   gw_ddl_name(ddl->arena, o->values[TABLESPACE]));
    set_statistics(ddl, o->ref, NULL, o->values[STATISTICS]);
    if (o->values[PARENT_INDEX] && old_table)
        gw_ddl_late(ddl, 0, "ALTER INDEX %s ATTACH PARTITION %s", o->values[PARENT_INDEX], o->ref);
    if (gw_yes(o, CLUSTERED))
        gw_ddl_late(ddl, 0, "%s CLUSTER ON %s", gw_alter_table(ddl->arena, o->parent),
                    gw_ddl_name(ddl->arena, o->name));
}

static void drop(gw_ddl *ddl, const gw_object *o)
{
    if (ddl->options.concurrently && !gw_yes(o, PARTITIONED))
        gw_ddl_add(ddl, GW_DDL_NO_TX, "DROP INDEX CONCURRENTLY %s", o->ref);
    else
        gw_ddl_add(ddl, 0, "DROP INDEX %s", o->ref);
}

/* The definition behind the name, without its options. */
static const char *what_it_is(gw_arena *arena, const gw_object *o)
{
    const char *before = gw_printf(arena, "INDEX %s ON ", gw_ddl_name(arena, o->name));
    const char *found = strstr(o->values[DEFINITION], before);
    found = found ? found + strlen(before) : o->values[DEFINITION];
    const char *options = o->values[OPTIONS] ? gw_printf(arena, " WITH (%s)", o->values[OPTIONS]) : NULL;
    const char *there = options ? strstr(found, options) : NULL;
    return there ? gw_printf(arena, "%.*s%s", (int)(there - found), found, there + strlen(options)) : found;
}

static bool is_unique(const gw_object *o)
{
    return strncmp(o->values[DEFINITION], "CREATE UNIQUE ", 14) == 0;
}

bool gw_is_twin_index(const gw_object *a, const gw_object *b)
{
    if (a->kind != &gw_kind_index || b->kind != a->kind || is_unique(a) != is_unique(b))
        return false;
    gw_arena *scratch = gw_arena_new();
    bool same = strcmp(what_it_is(scratch, a), what_it_is(scratch, b)) == 0;
    gw_arena_free(scratch);
    return same;
}

static bool can_alter(const gw_object *x, const gw_object *y, gw_changed changed)
{
    bool same = gw_is_twin_index(x, y);
    if (!gw_same_text(x->values[OPTIONS], y->values[OPTIONS]) && gw_yes(y, PARTITIONED))
        return false; /* the server takes SET of a table's index alone */
    return !(changed & GW_BIT(VALID)) && (same || !(changed & GW_BIT(DEFINITION)));
}

static void rename_to(gw_ddl *ddl, const gw_object *x, const char *from, const char *to)
{
    gw_ddl_add(ddl, 0, "ALTER INDEX %s RENAME TO %s", gw_display_name(ddl->arena, x->schema, from),
               gw_ddl_name(ddl->arena, to));
}

void gw_index_unname(gw_ddl *ddl, const gw_object *x)
{
    rename_to(ddl, x, x->name, gw_name_meanwhile(ddl, x));
}

static void alter(gw_ddl *ddl, const gw_object *x, const gw_object *y, gw_changed changed)
{
    if (strcmp(x->name, y->name) != 0)
        rename_to(ddl, x, gw_name_meanwhile(ddl, x), y->name);
    gw_alter_options(ddl, gw_printf(ddl->arena, "ALTER INDEX %s", y->ref), x->values[OPTIONS],
                     y->values[OPTIONS]);
    if (changed & GW_BIT(TABLESPACE))
        gw_ddl_add(ddl, 0, "ALTER INDEX %s SET TABLESPACE %s", y->ref,
                   gw_ddl_name(ddl->arena,
                               y->values[TABLESPACE] ? y->values[TABLESPACE] : "pg_default"));
    if (changed & GW_BIT(STATISTICS))
        set_statistics(ddl, y->ref, x->values[STATISTICS], y->values[STATISTICS]);
    if (changed & GW_BIT(CLUSTERED)) {
        const char *before = gw_alter_table(ddl->arena, y->parent);
        if (gw_yes(y, CLUSTERED))
            gw_ddl_late(ddl, 0, "%s CLUSTER ON %s", before, gw_ddl_name(ddl->arena, y->name));
        else
            gw_ddl_add(ddl, 0, "%s SET WITHOUT CLUSTER", before);
    }
}

const gw_kind gw_kind_index = {
    .name = "index",
    .keyword = "INDEX",
    .sql = &gw_sql_indexes,
    .classid = GW_CLASS_RELATION,
    .parent_classid = GW_CLASS_RELATION,
    .attrs = attrs,
    .flags = GW_KIND_FOLLOWS_TYPE | GW_KIND_RELATION | GW_KIND_NO_OWNER_CLAUSE,
    .ref = ref,
    .create = create,
    .drop = drop,
    .can_alter = can_alter,
    .alter = alter,
};
