#include <string.h>

#include "schema/kinds/kinds.h"

enum {
    SORT,
    PERSISTENCE,
    ACCESS_METHOD,
    TABLESPACE,
    OPTIONS,
    OF_TYPE,
    INHERITS,
    PARENTS, /* the same sorted: in which order they came is no difference */
    PARTITION_KEY,
    SERVER,
    FOREIGN_OPTIONS,
    REPLICA_IDENTITY,
    ROW_SECURITY,
    FORCE_ROW_SECURITY,
};
static const gw_attr attrs[] = {
    {"sort", 0},           {"persistence", 0},     {"access_method", 0},    {"tablespace", 0},
    {"options", 0},        {"of_type", 0},         {"inherits", GW_ATTR_INFO},
    {"parents", 0},
    {"partition_key", GW_ATTR_DEPARSED},
    {"server", 0},         {"foreign_options", 0}, {"replica_identity", 0}, {"row_security", 0},
    {"force_row_security", 0}, {NULL, 0}};

static const char *word(const gw_object *o)
{
    return *o->values[SORT] == 'f' ? "FOREIGN TABLE" : "TABLE";
}

const char *gw_alter_table(gw_arena *arena, const gw_object *table)
{
    const gw_kind *kind = table->kind;
    return gw_printf(arena, "ALTER %s %s", kind->word ? kind->word(table) : kind->keyword,
                     table->ref);
}

/* What CREATE TABLE OF does not take: such a table gets its type when it is there. */
static bool becomes_typed(const gw_object *o)
{
    for (size_t i = 0; i < o->children.len && o->values[OF_TYPE]; i++) {
        const gw_object *child = o->children.items[i].object;
        if (child->kind == &gw_kind_column &&
            (gw_object_value(child, "generated") || gw_object_value(child, "identity")))
            return true;
    }
    return false;
}

/* Columns and constraints that are written inside: a line each. */
static void inside(gw_ddl *ddl, gw_buf *buf, const gw_object *o)
{
    bool inherits = o->values[INHERITS] && !ddl->inherits_later(ddl, o);
    const char *between = "\n    ";
    const gw_object *like = ddl->made_like(ddl, o);
    if (like) {
        gw_buf_addf(buf, "%sLIKE %s INCLUDING CONSTRAINTS INCLUDING GENERATED", between, like->ref);
        between = ",\n    ";
    }
    for (size_t i = 0; i < o->children.len; i++) {
        const gw_object *child = o->children.items[i].object;
        if (child->kind == &gw_kind_column) {
            bool handed_down = gw_object_is(child, "inherited") && !gw_object_is(child, "local");
            bool typed = o->values[OF_TYPE] && !becomes_typed(o);
            handed_down = typed || (handed_down && inherits);
            if (like || (typed && !gw_key_names_not_null(ddl, child)) ||
                (handed_down && !gw_column_names_not_null(ddl, child)))
                continue;
            gw_buf_add(buf, between);
            if (handed_down)
                gw_column_own_not_null(ddl, buf, child);
            else
                gw_column_definition(ddl, buf, child);
        } else if (child->kind == &gw_kind_constraint && ddl->is_inline(ddl, child)) {
            if ((inherits || like) && child->kind->derived(child))
                continue;
            gw_buf_addf(buf, "%sCONSTRAINT %s %s", between, child->ref,
                        gw_object_value(child, "definition"));
        } else {
            continue;
        }
        between = ",\n    ";
    }
}

static void replica_identity(gw_ddl *ddl, const gw_object *o)
{
    gw_ddl_late(ddl, 0, "ALTER TABLE %s REPLICA IDENTITY %s", o->ref, o->values[REPLICA_IDENTITY]);
}

static void row_security(gw_ddl *ddl, const gw_object *o, bool enable, bool force)
{
    if (enable)
        gw_ddl_add(ddl, 0, "ALTER TABLE %s %s ROW LEVEL SECURITY", o->ref,
                   gw_yes(o, ROW_SECURITY) ? "ENABLE" : "DISABLE");
    if (force)
        gw_ddl_add(ddl, 0, "ALTER TABLE %s %s ROW LEVEL SECURITY", o->ref,
                   gw_yes(o, FORCE_ROW_SECURITY) ? "FORCE" : "NO FORCE");
}

/* What a typed table changes on the columns that its type gives it. */
static void typed_columns(gw_ddl *ddl, const gw_object *o)
{
    for (size_t i = 0; i < o->children.len; i++) {
        const gw_object *child = o->children.items[i].object;
        if (child->kind == &gw_kind_column && gw_object_is(child, "not_null") &&
            !gw_object_is(child, "not_null_not_valid") && !gw_key_names_not_null(ddl, child))
            gw_not_null_set(ddl, child);
    }
}

/* Names of a comma-separated list that the other does not have. */
static void parents(gw_ddl *ddl, const gw_object *o, const char *of, const char *not_of,
                    bool begins)
{
    char *list = gw_strdup(ddl->arena, of ? of : "");
    for (char *name = list, *next; name && *name; name = next) {
        next = strstr(name, ", ");
        if (next) {
            *next = '\0';
            next += 2;
        }
        gw_buf wrapped = GW_BUF(ddl->arena), all = GW_BUF(ddl->arena);
        gw_buf_addf(&wrapped, ", %s, ", name);
        gw_buf_addf(&all, ", %s, ", not_of ? not_of : "");
        if (strstr(all.data, wrapped.data))
            continue;
        if (begins) /* when every column and CHECK of the parent is there */
            gw_ddl_late(ddl, 0, "ALTER TABLE %s INHERIT %s", o->ref, name);
        else
            gw_ddl_add(ddl, 0, "ALTER TABLE %s NO INHERIT %s", o->ref, name);
    }
}

static void create(gw_ddl *ddl, const gw_object *o)
{
    gw_buf buf = GW_BUF(ddl->arena);
    gw_buf_addf(&buf, "CREATE %s%s %s", *o->values[PERSISTENCE] == 'u' ? "UNLOGGED " : "", word(o),
                o->ref);
    bool later = becomes_typed(o);
    if (o->values[OF_TYPE] && !later) {
        gw_buf list = GW_BUF(ddl->arena);
        inside(ddl, &list, o);
        gw_buf_addf(&buf, " OF %s", o->values[OF_TYPE]);
        if (list.len)
            gw_buf_addf(&buf, " (%s\n)", list.data);
    } else {
        gw_buf_add(&buf, " (");
        inside(ddl, &buf, o);
        gw_buf_add(&buf, "\n)");
    }
    if (o->values[INHERITS] && !ddl->inherits_later(ddl, o))
        gw_buf_addf(&buf, " INHERITS (%s)", o->values[INHERITS]);
    if (o->values[PARTITION_KEY])
        gw_buf_addf(&buf, " PARTITION BY %s", o->values[PARTITION_KEY]);
    if (o->values[ACCESS_METHOD])
        gw_buf_addf(&buf, " USING %s", gw_ddl_name(ddl->arena, o->values[ACCESS_METHOD]));
    if (o->values[SERVER])
        gw_buf_addf(&buf, " SERVER %s", o->values[SERVER]);
    if (o->values[FOREIGN_OPTIONS])
        gw_buf_addf(&buf, " OPTIONS (%s)", o->values[FOREIGN_OPTIONS]);
    if (o->values[OPTIONS])
        gw_buf_addf(&buf, " WITH (%s)", o->values[OPTIONS]);
    if (o->values[TABLESPACE])
        gw_buf_addf(&buf, " TABLESPACE %s", gw_ddl_name(ddl->arena, o->values[TABLESPACE]));
    gw_ddl_add(ddl, 0, "%s", buf.data);
    if (later)
        gw_ddl_add(ddl, 0, "ALTER TABLE %s OF %s", o->ref, o->values[OF_TYPE]);
    else if (o->values[OF_TYPE])
        typed_columns(ddl, o);
    if (ddl->inherits_later(ddl, o))
        parents(ddl, o, o->values[INHERITS], NULL, true);
    row_security(ddl, o, gw_yes(o, ROW_SECURITY), gw_yes(o, FORCE_ROW_SECURITY));
    if (*o->values[SORT] != 'f' && strcmp(o->values[REPLICA_IDENTITY], "DEFAULT") != 0)
        replica_identity(ddl, o);
}

static void drop(gw_ddl *ddl, const gw_object *o)
{
    gw_ddl_add(ddl, *o->values[SORT] == 'f' ? 0 : GW_DDL_LOSES, "DROP %s %s", word(o), o->ref);
}

static const gw_object *next_column(const gw_object *table, size_t *at)
{
    while (*at < table->children.len) {
        const gw_object *child = table->children.items[(*at)++].object;
        if (child->kind == &gw_kind_column)
            return child;
    }
    return NULL;
}

static const gw_object *same_column(const gw_object *table, const gw_object *column)
{
    const gw_object *found;
    for (size_t at = 0; (found = next_column(table, &at));)
        if (strcmp(found->name, column->name) == 0)
            return found;
    return NULL;
}

/* A type is given to a table that has the type's columns in the type's order: what stays of the
 * table's has to stand first. */
static bool takes_type(const gw_object *x, const gw_object *y)
{
    const gw_object *have, *want;
    for (size_t at = 0, to = 0; (have = next_column(x, &at));) {
        if (!same_column(y, have))
            continue;
        want = next_column(y, &to);
        if (!want || strcmp(have->name, want->name) != 0 ||
            !gw_same_text(gw_object_value(have, "generated"), gw_object_value(want, "generated")))
            return false;
    }
    return true;
}

static bool can_alter(const gw_object *x, const gw_object *y, gw_changed changed)
{
    if ((changed & GW_BIT(OF_TYPE)) && y->values[OF_TYPE] && !takes_type(x, y))
        return false;
    gw_changed never = GW_BIT(SORT) | GW_BIT(PARTITION_KEY) | GW_BIT(SERVER);
    if ((changed & GW_BIT(ACCESS_METHOD)) &&
        (*x->values[SORT] == 'p' || x->server_version < 150000))
        return false;
    return !(changed & never);
}

static void alter(gw_ddl *ddl, const gw_object *x, const gw_object *y, gw_changed changed)
{
    const char *before = gw_alter_table(ddl->arena, y);
    if (changed & GW_BIT(PERSISTENCE))
        gw_ddl_add(ddl, 0, "%s SET %s", before,
                   *y->values[PERSISTENCE] == 'u' ? "UNLOGGED" : "LOGGED");
    if (changed & GW_BIT(ACCESS_METHOD))
        gw_ddl_add(ddl, 0, "%s SET ACCESS METHOD %s", before,
                   gw_ddl_name(ddl->arena,
                               y->values[ACCESS_METHOD] ? y->values[ACCESS_METHOD] : "heap"));
    if (changed & GW_BIT(TABLESPACE))
        gw_ddl_add(ddl, 0, "%s SET TABLESPACE %s", before,
                   gw_ddl_name(ddl->arena,
                               y->values[TABLESPACE] ? y->values[TABLESPACE] : "pg_default"));
    if (changed & GW_BIT(OPTIONS))
        gw_alter_options(ddl, before, x->values[OPTIONS], y->values[OPTIONS]);
    if (changed & GW_BIT(OF_TYPE)) {
        if (x->values[OF_TYPE])
            gw_ddl_add(ddl, 0, "%s NOT OF", before);
        if (y->values[OF_TYPE]) /* when the columns are the type's */
            gw_ddl_late(ddl, 0, "%s OF %s", before, y->values[OF_TYPE]);
    }
    if (changed & GW_BIT(PARENTS)) {
        parents(ddl, y, x->values[INHERITS], y->values[INHERITS], false);
        parents(ddl, y, y->values[INHERITS], x->values[INHERITS], true);
    }
    if (changed & GW_BIT(FOREIGN_OPTIONS))
        gw_alter_foreign_options(ddl, before, x->values[FOREIGN_OPTIONS],
                                 y->values[FOREIGN_OPTIONS]);
    if (changed & GW_BIT(REPLICA_IDENTITY))
        replica_identity(ddl, y);
    row_security(ddl, y, changed & GW_BIT(ROW_SECURITY), changed & GW_BIT(FORCE_ROW_SECURITY));
}

const gw_kind gw_kind_table = {
    .name = "table",
    .keyword = "TABLE",
    .grant_word = "TABLE",
    .sql = &gw_sql_tables,
    .classid = GW_CLASS_RELATION,
    .attrs = attrs,
    .flags = GW_KIND_RELATION | GW_KIND_DATA,
    .word = word,
    .create = create,
    .drop = drop,
    .can_alter = can_alter,
    .alter = alter,
};
