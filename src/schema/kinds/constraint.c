#include <string.h>

#include "base/file.h"
#include "schema/kinds/kinds.h"

enum {
    SORT,
    DEFINITION,
    VALIDATED,
    DEFERRABLE,
    DEFERRED,
    INDEX_OPTIONS,
    TABLESPACE,
    CLUSTERED,
    INHERITED,
    PARENT_INDEX,
    LOCAL,
    INDEX_COMMENT,
    INDEX_COLUMNS,
};
static const gw_attr attrs[] = {
    {"sort", 0},       {"definition", GW_ATTR_DEPARSED},           {"validated", 0},
    {"deferrable", 0}, {"deferred", 0},             {"index_options", 0},
    {"tablespace", 0}, {"clustered", 0},            {"inherited", GW_ATTR_INFO},
    {"parent_index", GW_ATTR_INFO}, {"local", GW_ATTR_INFO},
    {"index_comment", 0},            {"index_columns", GW_ATTR_INFO}, {NULL, 0}};

static bool has_index(const gw_object *o)
{
    return strchr("pux", *o->values[SORT]) != NULL;
}

static bool of_partitioned(const gw_object *o)
{
    return gw_object_value(o->parent, "partition_key") != NULL;
}

bool gw_is_exclusion_part(const gw_object *o)
{
    return o->kind == &gw_kind_constraint && *o->values[SORT] == 'x' && o->values[PARENT_INDEX];
}

bool gw_is_exclusion_of(const gw_object *part, const gw_object *whole)
{
    if (!gw_is_exclusion_part(part) || whole->kind != part->kind)
        return false;
    gw_arena *scratch = gw_arena_new();
    bool same = strcmp(part->values[PARENT_INDEX],
                       gw_display_name(scratch, whole->parent->schema, whole->name)) == 0;
    gw_arena_free(scratch);
    return same;
}

/* A CHECK that a partitioned table hands down, and what becomes of its EXCLUDE. */
static bool derived(const gw_object *o)
{
    return (*o->values[SORT] == 'c' && gw_yes(o, INHERITED) && !gw_yes(o, LOCAL)) ||
           gw_is_exclusion_part(o);
}

/* CREATE TABLE makes one index of two constraints on the same columns. */
static bool doubles(const gw_object *o)
{
    for (size_t i = 0; has_index(o) && i < o->parent->children.len; i++) {
        const gw_object *other = o->parent->children.items[i].object;
        if (other == o)
            break;
        if (other->kind == o->kind && has_index(other) &&
            gw_same_text(strchr(other->values[DEFINITION], '('), strchr(o->values[DEFINITION], '(')))
            return true;
    }
    return false;
}

static bool inlined(const gw_object *o)
{
    return *o->values[SORT] != 'f' && gw_yes(o, VALIDATED) && !o->values[INDEX_OPTIONS] &&
           !o->values[TABLESPACE] && !o->values[INDEX_COMMENT] && !gw_is_exclusion_part(o) &&
           !doubles(o);
}

/* The index gets the constraint's name and lives in its table's schema. */
static const char *index_ref(gw_arena *arena, const gw_object *o)
{
    return gw_display_name(arena, o->parent->schema, o->name);
}

static void comment_index(gw_ddl *ddl, const gw_object *o)
{
    const char *text = o->values[INDEX_COMMENT];
    gw_ddl_add(ddl, 0, "COMMENT ON INDEX %s IS %s", index_ref(ddl->arena, o),
               text ? gw_quote_literal(ddl->arena, text) : "NULL");
}

static void cluster(gw_ddl *ddl, const gw_object *o)
{
    if (gw_yes(o, CLUSTERED))
        gw_ddl_late(ddl, 0, "ALTER TABLE %s CLUSTER ON %s", o->parent->ref, o->ref);
}

/* Built without blocking, then made a constraint: only a plain list of columns allows it. */
static bool add_using_index(gw_ddl *ddl, const gw_object *o, const char *before)
{
    const char *definition = o->values[DEFINITION];
    const char *what = *o->values[SORT] == 'p' ? "PRIMARY KEY " : "UNIQUE ";
    if (*o->values[SORT] == 'x' || of_partitioned(o) || strncmp(definition, what, strlen(what)) ||
        strstr(definition, "WITHOUT OVERLAPS"))
        return false;
    const char *rest = definition + strlen(what);
    size_t len = strlen(rest);
    const char *deferrable = strstr(rest, " DEFERRABLE");
    if (deferrable)
        len = (size_t)(deferrable - rest);
    const char *nulls = "";
    if (strncmp(rest, "NULLS NOT DISTINCT ", 19) == 0) {
        nulls = " NULLS NOT DISTINCT";
        rest += 19;
        len -= 19;
    }
    gw_ddl_add(ddl, GW_DDL_NO_TX, "CREATE UNIQUE INDEX CONCURRENTLY %s ON %s %.*s%s", o->ref,
               o->parent->ref, (int)len, rest, nulls);
    gw_ddl_add(ddl, 0, "%s ADD CONSTRAINT %s %sUSING INDEX %s%s", before, o->ref, what, o->ref,
               deferrable ? deferrable : "");
    return true;
}

static bool add_not_valid(gw_ddl *ddl, const gw_object *o, const char *before)
{
    if (!strchr("fc", *o->values[SORT]) || !gw_yes(o, VALIDATED) || of_partitioned(o))
        return false;
    gw_ddl_add(ddl, GW_DDL_OWN_TX, "%s ADD CONSTRAINT %s %s NOT VALID", before, o->ref,
               o->values[DEFINITION]);
    gw_ddl_add(ddl, GW_DDL_OWN_TX, "%s VALIDATE CONSTRAINT %s", before, o->ref);
    return true;
}

static void create(gw_ddl *ddl, const gw_object *o)
{
    bool old_table = !ddl->is_new(ddl, o->parent);
    const char *before = gw_alter_table(ddl->arena, o->parent);
    bool done = false;
    if (old_table && ddl->options.concurrently)
        done = add_using_index(ddl, o, before) || add_not_valid(ddl, o, before);
    if (!done) {
        /* The partitions have constraints of their own names, attached below. */
        if (old_table && of_partitioned(o) && has_index(o) && *o->values[SORT] != 'x')
            before = gw_printf(ddl->arena, "ALTER TABLE ONLY %s", o->parent->ref);
        gw_ddl_add(ddl, 0, "%s ADD CONSTRAINT %s %s", before, o->ref, o->values[DEFINITION]);
    }
    if (o->values[INDEX_OPTIONS])
        gw_ddl_add(ddl, 0, "ALTER INDEX %s SET (%s)", index_ref(ddl->arena, o),
                   o->values[INDEX_OPTIONS]);
    if (o->values[TABLESPACE])
        gw_ddl_add(ddl, 0, "ALTER INDEX %s SET TABLESPACE %s", index_ref(ddl->arena, o),
                   gw_ddl_name(ddl->arena, o->values[TABLESPACE]));
    if (o->values[INDEX_COMMENT])
        comment_index(ddl, o);
    if (o->values[PARENT_INDEX] && old_table)
        gw_ddl_late(ddl, 0, "ALTER INDEX %s ATTACH PARTITION %s", o->values[PARENT_INDEX],
                    index_ref(ddl->arena, o));
    cluster(ddl, o);
}

static void drop(gw_ddl *ddl, const gw_object *o)
{
    gw_ddl_add(ddl, 0, "%s DROP CONSTRAINT %s", gw_alter_table(ddl->arena, o->parent), o->ref);
}

static bool ends_with(const char *text, size_t len, const char *end)
{
    size_t tail = strlen(end);
    return len > tail && memcmp(text + len - tail, end, tail) == 0;
}

/* The definition up to what can be altered. */
static size_t core(const gw_object *o)
{
    const char *definition = o->values[DEFINITION];
    size_t len = strlen(definition);
    static const char *const ends[] = {" NOT VALID", " NOT ENFORCED", " INITIALLY DEFERRED", " DEFERRABLE"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        if (i > 0 && *o->values[SORT] != 'f')
            break;
        if (ends_with(definition, len, ends[i]))
            len -= strlen(ends[i]);
    }
    return len;
}

bool gw_is_same_constraint(const gw_object *x, const gw_object *y)
{
    size_t same = core(x);
    return same == core(y) && memcmp(x->values[DEFINITION], y->values[DEFINITION], same) == 0;
}

/* From 18 on a foreign key can be told to hold, which checks what is there, or not to. */
static bool is_enforced(const gw_object *o)
{
    return *o->values[SORT] != 'f' ||
           !ends_with(o->values[DEFINITION], strlen(o->values[DEFINITION]), " NOT ENFORCED");
}

static bool can_alter(const gw_object *x, const gw_object *y, gw_changed changed)
{
    if (derived(y) && !gw_yes(x, INHERITED) &&
        !gw_same_text(x->values[DEFINITION], y->values[DEFINITION]))
        return false; /* what is merged with its parent's is as that is */
    if (derived(y)) /* one that is not valid any more comes with its parent's, made anew */
        return !derived(x) || !(changed & GW_BIT(VALIDATED)) || gw_yes(y, VALIDATED);
    if (changed & GW_BIT(SORT))
        return false;
    if ((changed & GW_BIT(VALIDATED)) && !gw_yes(y, VALIDATED) && is_enforced(y))
        return false;
    if (!is_enforced(x) && is_enforced(y) && !gw_yes(y, VALIDATED))
        return false;
    if (!gw_is_same_constraint(x, y))
        return false;
    return *x->values[SORT] == 'f' || !(changed & (GW_BIT(DEFERRABLE) | GW_BIT(DEFERRED)));
}

static const char *rename_to(gw_ddl *ddl, const gw_object *o, const char *from, const char *to)
{
    return gw_printf(ddl->arena, "%s RENAME CONSTRAINT %s TO %s",
                     gw_alter_table(ddl->arena, o->parent), gw_ddl_name(ddl->arena, from),
                     gw_ddl_name(ddl->arena, to));
}

void gw_constraint_unname(gw_ddl *ddl, const gw_object *x)
{
    gw_ddl_add(ddl, 0, "%s", rename_to(ddl, x, x->name, gw_name_meanwhile(ddl, x)));
}

/* Table, columns and label in 63 bytes: the longer of the first two gives way. */
static const char *cut_name(gw_arena *arena, const char *table, const char *columns,
                            const char *label)
{
    size_t t = strlen(table), c = strlen(columns), most = 63 - 2 - strlen(label);
    while (t + c > most) {
        if (t > c)
            t--;
        else
            c--;
    }
    return gw_printf(arena, "%.*s_%.*s_%s", (int)gw_utf8_clip(table, t), table,
                     (int)gw_utf8_clip(columns, c), columns, label);
}

/* The name that the server gives to an EXCLUDE; NULL: it is not to be known. */
static const char *server_name(gw_arena *arena, const gw_object *o)
{
    const char *columns = o->values[INDEX_COLUMNS], *name = NULL;
    for (int n = 0; columns && n < 99; n++, name = NULL) {
        name = cut_name(arena, o->parent->name, columns,
                        n ? gw_printf(arena, "excl%d", n) : "excl");
        bool taken = false;
        for (size_t i = 0; i < o->parent->children.len; i++) {
            const gw_object *other = o->parent->children.items[i].object;
            taken |= other != o && other->kind != &gw_kind_column && strcmp(other->name, name) == 0;
        }
        if (!taken)
            break;
    }
    return name;
}

bool gw_constraint_differs(const gw_object *o)
{
    if (gw_is_exclusion_part(o)) {
        gw_arena *scratch = gw_arena_new();
        const char *name = server_name(scratch, o);
        bool differs = (name && strcmp(name, o->name) != 0) || o->values[INDEX_COMMENT] ||
                       gw_yes(o, CLUSTERED);
        gw_arena_free(scratch);
        return differs;
    }
    const gw_object *above = derived(o) ? gw_handed_down_by(o) : NULL;
    return above && gw_yes(o, VALIDATED) && !gw_yes(above, VALIDATED);
}

void gw_constraint_come_down(gw_ddl *ddl, const gw_object *o)
{
    if (gw_is_exclusion_part(o)) {
        const char *name = server_name(ddl->arena, o);
        if (name && strcmp(name, o->name) != 0)
            gw_ddl_add(ddl, 0, "%s", rename_to(ddl, o, name, o->name));
        if (o->values[INDEX_COMMENT])
            comment_index(ddl, o);
        cluster(ddl, o);
    } else if (gw_constraint_differs(o))
        gw_ddl_add(ddl, 0, "%s VALIDATE CONSTRAINT %s", gw_alter_table(ddl->arena, o->parent),
                   o->ref);
}

static void alter(gw_ddl *ddl, const gw_object *x, const gw_object *y, gw_changed changed)
{
    if (strcmp(x->name, y->name) != 0)
        gw_ddl_add(ddl, 0, "%s", rename_to(ddl, y, gw_name_meanwhile(ddl, x), y->name));
    if (*y->values[SORT] == 'c' && derived(y)) {
        if (changed & GW_BIT(VALIDATED))
            gw_constraint_come_down(ddl, y);
        return;
    }
    const char *before = gw_alter_table(ddl->arena, y->parent);
    if (changed & (GW_BIT(DEFERRABLE) | GW_BIT(DEFERRED)))
        gw_ddl_add(ddl, 0, "%s ALTER CONSTRAINT %s %s%s", before, y->ref,
                   gw_yes(y, DEFERRABLE) ? "DEFERRABLE" : "NOT DEFERRABLE",
                   gw_yes(y, DEFERRED) ? " INITIALLY DEFERRED" : "");
    if (is_enforced(x) != is_enforced(y))
        gw_ddl_add(ddl, 0, "%s ALTER CONSTRAINT %s%s ENFORCED", before, y->ref, is_enforced(y) ? "" : " NOT");
    else if (changed & GW_BIT(VALIDATED))
        gw_ddl_add(ddl, 0, "%s VALIDATE CONSTRAINT %s", before, y->ref);
    const char *index = gw_printf(ddl->arena, "ALTER INDEX %s", index_ref(ddl->arena, y));
    if (changed & GW_BIT(INDEX_OPTIONS))
        gw_alter_options(ddl, index, x->values[INDEX_OPTIONS], y->values[INDEX_OPTIONS]);
    if (changed & GW_BIT(TABLESPACE))
        gw_ddl_add(ddl, 0, "%s SET TABLESPACE %s", index,
                   gw_ddl_name(ddl->arena,
                               y->values[TABLESPACE] ? y->values[TABLESPACE] : "pg_default"));
    if (changed & GW_BIT(INDEX_COMMENT))
        comment_index(ddl, y);
    if ((changed & GW_BIT(CLUSTERED)) && !gw_yes(y, CLUSTERED))
        gw_ddl_add(ddl, 0, "%s SET WITHOUT CLUSTER", before);
    else if (changed & GW_BIT(CLUSTERED))
        cluster(ddl, y);
}

static const char *comment_target(gw_arena *arena, const gw_object *o)
{
    return gw_printf(arena, "CONSTRAINT %s ON %s", o->ref, o->parent->ref);
}

const gw_kind gw_kind_constraint = {
    .name = "constraint",
    .keyword = "CONSTRAINT",
    .sql = &gw_sql_constraints,
    .classid = GW_CLASS_CONSTRAINT,
    .parent_classid = GW_CLASS_RELATION,
    .attrs = attrs,
    .flags = GW_KIND_FOLLOWS_TYPE,
    .comment_target = comment_target,
    .create = create,
    .drop = drop,
    .can_alter = can_alter,
    .alter = alter,
    .inlined = inlined,
    .derived = derived,
};
