#include <stdlib.h>
#include <string.h>

#include "schema/kinds/column.h"

static const gw_attr attrs[] = {{"type", 0},
                                {"collation", 0},
                                {"not_null", 0},
                                {"not_null_name", 0},
                                {"identity", 0},
                                {"identity_options", 0},
                                {"identity_type", 0},
                                {"identity_sequence", GW_ATTR_INFO},
                                {"generated", 0},
                                {"expression", GW_ATTR_DEPARSED},
                                {"storage", 0},
                                {"own_storage", GW_ATTR_INFO},
                                {"compression", 0},
                                {"statistics", 0},
                                {"options", 0},
                                {"foreign_options", 0},
                                {"local", GW_ATTR_INFO},
                                {"inherited", GW_ATTR_INFO},
                                {"not_null_local", GW_ATTR_INFO},
                                {"not_null_no_inherit", 0},
                                {"not_null_not_valid", 0},
                                {"not_null_comment", 0},
                                {NULL, 0}};

static const gw_changed TYPE_BITS = GW_BIT(TYPE) | GW_BIT(COLLATION);
static const gw_changed IDENTITY_BITS =
    GW_BIT(IDENTITY) | GW_BIT(IDENTITY_OPTIONS) | GW_BIT(IDENTITY_TYPE);

static bool of_view(const gw_object *o)
{
    return o->parent->kind != &gw_kind_table;
}

/* A view gives its columns, so does a composite type; a parent table hands them down. */
static bool derived(const gw_object *o)
{
    return of_view(o) || gw_object_value(o->parent, "of_type") ||
           (gw_yes(o, INHERITED) && !gw_yes(o, LOCAL));
}

/* Before 16 a table that is made as an heir has the expression from its parent and cannot say it. */
static bool inherits_expression(const gw_ddl *ddl, const gw_object *o)
{
    if (ddl->server_version >= 160000 || !gw_object_value(o->parent, "inherits") ||
        !ddl->is_new(ddl, o->parent) || ddl->inherits_later(ddl, o->parent))
        return false;
    const gw_object *above = gw_handed_down_by(o);
    return above && above->values[GENERATED];
}

/* Behind the sequence's name, which may be any text in quotes. */
static const char *behind_name(const char *options)
{
    const char *at = options;
    for (const char *next = at; next; next = strstr(next + 1, "START WITH "))
        at = next;
    return at;
}

/* A partition shares the sequence of its parent, whose column comes and goes with attaching. */
static bool own_identity(const gw_object *o)
{
    return o->values[IDENTITY] && o->values[IDENTITY_OPTIONS];
}

/* Bounds of another type than the column's are set afterwards: own_type. */
static const char *in_brackets(const gw_ddl *ddl, const gw_object *o)
{
    const char *options = o->values[IDENTITY_OPTIONS];
    size_t len = o->values[IDENTITY_TYPE] ? (size_t)(behind_name(options) - options)
                                          : strlen(options);
    return len ? gw_printf(ddl->arena, " (%.*s)", (int)len, options) : "";
}

static const char *sequence_of(gw_ddl *ddl, const gw_object *o)
{
    return gw_display_name(ddl->arena, o->parent->schema, o->values[IDENTITY_SEQUENCE]);
}

/* The sequence of an identity column gets a type of its own. */
static void own_type(gw_ddl *ddl, const gw_object *o)
{
    const char *options = behind_name(o->values[IDENTITY_OPTIONS]);
    gw_ddl_add(ddl, 0, "ALTER SEQUENCE %s AS %s %s%s", sequence_of(ddl, o),
               o->values[IDENTITY_TYPE] ? o->values[IDENTITY_TYPE] : o->values[TYPE], options,
               strstr(options, " CYCLE") ? "" : " NO CYCLE");
}

void gw_column_definition(gw_ddl *ddl, gw_buf *buf, const gw_object *o)
{
    gw_buf_addf(buf, "%s %s", o->ref, o->values[TYPE]);
    if (o->values[FOREIGN_OPTIONS])
        gw_buf_addf(buf, " OPTIONS (%s)", o->values[FOREIGN_OPTIONS]);
    if (o->values[COMPRESSION])
        gw_buf_addf(buf, " COMPRESSION %s", o->values[COMPRESSION]);
    if (o->values[COLLATION])
        gw_buf_addf(buf, " COLLATE %s", o->values[COLLATION]);
    const gw_object *value = gw_column_default(o);
    if (value && ddl->is_inline(ddl, value))
        gw_buf_addf(buf, " DEFAULT %s", gw_object_value(value, "expression"));
    if (o->values[GENERATED] && !inherits_expression(ddl, o))
        gw_buf_addf(buf, " GENERATED ALWAYS AS (%s) %s", o->values[EXPRESSION],
                    *o->values[GENERATED] == 'v' ? "VIRTUAL" : "STORED");
    if (own_identity(o))
        gw_buf_addf(buf, " GENERATED %s AS IDENTITY%s",
                    *o->values[IDENTITY] == 'a' ? "ALWAYS" : "BY DEFAULT", in_brackets(ddl, o));
    gw_not_null_define(ddl, buf, o);
}

const char *gw_alter_column(gw_ddl *ddl, const gw_object *o)
{
    return gw_printf(ddl->arena, "%s ALTER COLUMN %s", gw_alter_table(ddl->arena, o->parent),
                     o->ref);
}

/* What neither CREATE TABLE nor ADD COLUMN can say. These two would come down to the tables that
 * inherit: of a column that is there already they are changed in its own table ONLY. */
static void settings(gw_ddl *ddl, const gw_object *o, gw_changed changed, const char *before)
{
    if (changed & GW_BIT(STORAGE))
        gw_ddl_add(ddl, 0, "%s SET STORAGE %s", before, o->values[STORAGE]);
    if (changed & GW_BIT(STATISTICS))
        gw_ddl_add(ddl, 0, "%s SET STATISTICS %s", before,
                   o->values[STATISTICS] ? o->values[STATISTICS] : "-1");
}

static void after_create(gw_ddl *ddl, const gw_object *o)
{
    settings(ddl, o,
             (gw_yes(o, OWN_STORAGE) ? 0 : GW_BIT(STORAGE)) |
                 (o->values[STATISTICS] ? GW_BIT(STATISTICS) : 0),
             gw_alter_column(ddl, o));
    if (o->values[OPTIONS])
        gw_ddl_add(ddl, 0, "%s SET (%s)", gw_alter_column(ddl, o), o->values[OPTIONS]);
    if (o->values[IDENTITY_TYPE])
        own_type(ddl, o);
    if (o->parent->kind == &gw_kind_table)
        gw_not_null_finish(ddl, o);
}

static void add_identity(gw_ddl *ddl, const gw_object *y);

/* What a column has otherwise than the one above (or its type's attribute) that came down to it. */
static gw_changed differs(const gw_object *above, const gw_object *o)
{
    gw_changed found = gw_not_null_differs(above, o);
    if (above ? !gw_same_text(above->values[STORAGE], o->values[STORAGE]) : !gw_yes(o, OWN_STORAGE))
        found |= GW_BIT(STORAGE);
    if (!gw_same_text(above ? above->values[COMPRESSION] : NULL, o->values[COMPRESSION]))
        found |= GW_BIT(COMPRESSION);
    if (!gw_same_text(above ? above->values[STATISTICS] : NULL, o->values[STATISTICS]))
        found |= GW_BIT(STATISTICS);
    if (o->values[OPTIONS])
        found |= GW_BIT(OPTIONS);
    if (own_identity(o))
        found |= GW_BIT(IDENTITY);
    if (above && above->values[GENERATED] && o->values[GENERATED] &&
        !gw_same_text(above->values[EXPRESSION], o->values[EXPRESSION]))
        found |= GW_BIT(EXPRESSION);
    return found;
}

/* Does the statement that brings it bring a default, too, which it is to have none of? */
static bool loses_default(const gw_object *o)
{
    const gw_object *above = gw_column_default(o) || o->values[GENERATED] ? NULL : gw_handed_down_by(o);
    for (int depth = 0; above && depth < 16; depth++, above = gw_handed_down_by(above))
        if (gw_column_default(above))
            return true;
    return false;
}

bool gw_column_differs(const gw_object *o)
{
    return differs(gw_handed_down_by(o), o) != 0 || loses_default(o);
}

/* Do all that it is handed down to compute the same? */
static bool computed_alike(const gw_object *o)
{
    const gw_object *below;
    for (size_t at = 0; (below = gw_handed_down_to(o, &at));)
        if (!gw_same_text(below->values[EXPRESSION], o->values[EXPRESSION]) ||
            !computed_alike(below))
            return false;
    return true;
}

/* It would come down to heirs, those with an expression of their own among them. */
static void set_expression(gw_ddl *ddl, const gw_object *o)
{
    if (ddl->server_version < 170000) { /* a partition to be, made LIKE its parent */
        gw_buf buf = GW_BUF(ddl->arena);
        gw_column_definition(ddl, &buf, o);
        gw_ddl_add(ddl, 0, "%s DROP COLUMN %s, ADD COLUMN %s", gw_alter_table(ddl->arena, o->parent),
                   o->ref, buf.data);
        return;
    }
    const char *table = computed_alike(o)
                            ? gw_alter_table(ddl->arena, o->parent)
                            : gw_printf(ddl->arena, "ALTER TABLE ONLY %s", o->parent->ref);
    gw_ddl_add(ddl, 0, "%s ALTER COLUMN %s SET EXPRESSION AS (%s)", table, o->ref,
               o->values[EXPRESSION]);
}

/* Does the parent's SET EXPRESSION make this one's, too? */
static bool computed_above(const gw_object *x, const gw_object *y)
{
    const gw_object *above = gw_handed_down_by(y), *was_above = gw_handed_down_by(x);
    return above && was_above && strcmp(above->parent->key, was_above->parent->key) == 0 &&
           !gw_same_text(above->values[EXPRESSION], was_above->values[EXPRESSION]) &&
           computed_alike(above);
}

static void give(gw_ddl *ddl, const gw_object *o, gw_changed found)
{
    const char *before = gw_alter_column(ddl, o);
    if (found & GW_BIT(EXPRESSION))
        set_expression(ddl, o);
    gw_not_null_give(ddl, o, found);
    if (found & GW_BIT(IDENTITY))
        add_identity(ddl, o);
    settings(ddl, o, found, before);
    if (found & GW_BIT(COMPRESSION))
        gw_ddl_add(ddl, 0, "%s SET COMPRESSION %s", before,
                   o->values[COMPRESSION] ? o->values[COMPRESSION] : "DEFAULT");
    if (found & GW_BIT(OPTIONS))
        gw_ddl_add(ddl, 0, "%s SET (%s)", before, o->values[OPTIONS]);
}

void gw_column_come_down(gw_ddl *ddl, const gw_object *o)
{
    if (of_view(o))
        return;
    give(ddl, o, differs(gw_handed_down_by(o), o));
    if (loses_default(o))
        gw_default_drop(ddl, o);
}

/* LIKE takes type, collation, NOT NULL (from 18 on with its name) and what is computed. */
static void after_like(gw_ddl *ddl, const gw_object *o, const gw_object *above)
{
    gw_changed taken = GW_NOT_NULL_BITS | GW_BIT(EXPRESSION);
    give(ddl, o, (differs(above, o) & taken) | (differs(NULL, o) & ~taken));
    gw_not_null_after_like(ddl, above, o);
}

static void create(gw_ddl *ddl, const gw_object *o)
{
    if (o->parent->kind == &gw_kind_view)
        return;
    bool with_table = ddl->is_new(ddl, o->parent);
    if (with_table && ddl->made_like(ddl, o->parent)) {
        after_like(ddl, o, gw_handed_down_by(o));
        return;
    }
    const gw_object *above = with_table && gw_object_value(o->parent, "inherits") && derived(o) &&
                                     !ddl->inherits_later(ddl, o->parent)
                                 ? gw_handed_down_by(o)
                                 : NULL;
    if (above) { /* CREATE TABLE takes no statistics over */
        gw_changed found = differs(above, o) & ~GW_BIT(STATISTICS);
        if (gw_column_names_not_null(ddl, o)) /* CREATE TABLE has said it */
            found &= ~GW_BIT(NOT_NULL);
        give(ddl, o, found | (o->values[STATISTICS] ? GW_BIT(STATISTICS) : 0));
        if (loses_default(o))
            gw_default_drop(ddl, o);
        return;
    }
    /* Inside a new table only what its CREATE cannot say is left. */
    if (!with_table) {
        gw_buf buf = GW_BUF(ddl->arena);
        gw_column_definition(ddl, &buf, o);
        gw_ddl_add(ddl, 0, "%s ADD COLUMN %s", gw_alter_table(ddl->arena, o->parent), buf.data);
    }
    after_create(ddl, o);
}

static void drop(gw_ddl *ddl, const gw_object *o)
{
    unsigned flags = o->values[GENERATED] ? 0 : GW_DDL_LOSES;
    bool stays_below = ddl->stays_below(ddl, o);
    /* from 18 on its NOT NULL would stay below as an inherited one that nothing drops */
    if (stays_below && o->server_version >= 180000 && gw_yes(o, NOT_NULL) && !gw_not_null_below(ddl, o))
        gw_ddl_add(ddl, 0, "%s DROP NOT NULL", gw_alter_column(ddl, o));
    if (stays_below)
        gw_ddl_add(ddl, flags, "ALTER TABLE ONLY %s DROP COLUMN %s", o->parent->ref, o->ref);
    else
        gw_ddl_add(ddl, flags, "%s DROP COLUMN %s", gw_alter_table(ddl->arena, o->parent), o->ref);
}

/* Is it numeric(10,2) and numeric(8), say? */
static bool same_base(const char *x, const char *y)
{
    size_t len = strcspn(x, "([");
    return len == strcspn(y, "([") && strncmp(x, y, len) == 0 && !strchr(x, '[') == !strchr(y, '[');
}

static bool can_alter(const gw_object *x, const gw_object *y, gw_changed changed)
{
    bool typed = gw_object_value(x->parent, "of_type") && gw_object_value(y->parent, "of_type");
    bool computed = changed & (GW_BIT(GENERATED) | GW_BIT(EXPRESSION));
    bool alike = gw_same_text(gw_object_value(x->parent, "of_type"),
                              gw_object_value(y->parent, "of_type"));
    if (derived(x) && derived(y) && alike && !(typed && computed))
        return true;
    /* ALTER TYPE of a generated column takes no USING; what is computed is computed anew */
    if ((changed & GW_BIT(TYPE)) && x->values[GENERATED] && y->values[GENERATED] &&
        !same_base(x->values[TYPE], y->values[TYPE]))
        return false;
    if (!(changed & (GW_BIT(GENERATED) | GW_BIT(EXPRESSION))))
        return true;
    if (x->values[GENERATED] && *x->values[GENERATED] == 's' && !y->values[GENERATED])
        return x->server_version >= 130000;
    return gw_same_text(x->values[GENERATED], y->values[GENERATED]) && x->server_version >= 170000;
}

static bool disturbs(const gw_object *x, const gw_object *y, gw_changed changed)
{
    (void)x;
    (void)y;
    return changed & TYPE_BITS;
}

/* ---- another type --------------------------------------------------------------------------- */

/* "numeric" of "numeric(10,2)[]", and whether it is an array. */
static char *base_type(gw_arena *arena, const char *type, bool *array)
{
    size_t len = strlen(type);
    *array = len > 2 && strcmp(type + len - 2, "[]") == 0;
    char *base = gw_strndup(arena, type, *array ? len - 2 : len);
    char *open = strchr(base, '(');
    char *close = open ? strchr(open, ')') : NULL;
    if (close)
        memmove(open, close + 1, strlen(close + 1) + 1); /* timestamp(3) with time zone */
    return base;
}

/* Types that explicit casts lead between; text leads to and from each. */
static const char *const families[][10] = {
    {"smallint", "integer", "bigint", "numeric", "real", "double precision", NULL},
    {"text", "character varying", "character", "name", NULL},
    {"text", "character varying", "character", "name", "\"char\"", NULL},
    {"\"char\"", "integer", NULL},
    {"timestamp without time zone", "timestamp with time zone", "date", NULL},
    {"time without time zone", "time with time zone", NULL},
    {"time without time zone", "interval", NULL},
    {"json", "jsonb", NULL},
    {"inet", "cidr", NULL},
    {"bit", "bit varying", NULL},
    {"integer", "boolean", NULL},
    {"numeric", "money", NULL},
    {"integer", "bigint", "oid", NULL},
};

/* Casts that lead on where none leads all the way. */
static const char *const ways[] = {"numeric", "integer", "time without time zone"};

static bool in_family(size_t family, const char *type)
{
    for (const char *const *t = families[family]; *t; t++)
        if (strcmp(*t, type) == 0)
            return true;
    return false;
}

static bool has_cast(const char *from, const char *to)
{
    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        if (in_family(i, from) && in_family(i, to))
            return true;
    return in_family(1, from) || in_family(1, to);
}

/* The cast on the way to a type, with its colons; "": there is one all the way; NULL: there is none. */
static const char *way_to(gw_arena *arena, const char *from, const char *to)
{
    if (has_cast(from, to))
        return "";
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        if (has_cast(from, ways[i]) && has_cast(ways[i], to))
            return gw_printf(arena, "::%s", ways[i]);
    return NULL;
}

static const gw_object *composite_of(const gw_object *column)
{
    for (size_t i = 0; i < column->needs.len; i++) {
        const gw_object *type = column->needs.items[i].object;
        if (type->kind == &gw_kind_composite && strcmp(type->ref, column->values[TYPE]) == 0)
            return type;
    }
    return NULL;
}

static bool same_names(const gw_object *x, const gw_object *y)
{
    bool same = x->children.len == y->children.len;
    for (size_t i = 0; same && i < x->children.len; i++)
        same = strcmp(x->children.items[i].object->name, y->children.items[i].object->name) == 0;
    return same;
}

/* The type itself was set aside: over its text, where its parts are the same. */
static const char *moved_over(gw_ddl *ddl, const gw_object *x, const gw_object *y, bool array)
{
    const gw_object *old = composite_of(x), *new = composite_of(y);
    if (old && new && !same_names(old, new))
        return gw_composite_value(ddl->arena, y->ref, old, new);
    return gw_printf(ddl->arena, "%s::text%s::%s", y->ref, array ? "[]" : "", y->values[TYPE]);
}

static void set_type(gw_ddl *ddl, const gw_object *x, const gw_object *y)
{
    bool was_array, is_array;
    const char *old = base_type(ddl->arena, x->values[TYPE], &was_array);
    const char *new = base_type(ddl->arena, y->values[TYPE], &is_array);
    gw_buf buf = GW_BUF(ddl->arena);
    gw_buf_addf(&buf, "%s TYPE %s", gw_alter_column(ddl, y), y->values[TYPE]);
    if (y->values[COLLATION])
        gw_buf_addf(&buf, " COLLATE %s", y->values[COLLATION]);
    bool same_type = gw_same_text(x->values[TYPE], y->values[TYPE]);
    const char *way = way_to(ddl->arena, old, new);
    if (gw_object_value(y->parent, "server"))
        ; /* a foreign table has no values of its own */
    else if (same_type && gw_same_text(x->values[COLLATION], y->values[COLLATION]))
        gw_buf_addf(&buf, " USING %s", moved_over(ddl, x, y, was_array));
    else if (strcmp(old, new) == 0 && was_array == is_array)
        ; /* another length or precision: assignment is enough */
    else if (was_array == is_array && way)
        gw_buf_addf(&buf, " USING %s%s%s::%s", y->ref, way, *way && is_array ? "[]" : "",
                    y->values[TYPE]);
    else
        gw_buf_addf(&buf, " USING %s::text%s::%s", y->ref, was_array && is_array ? "[]" : "",
                    y->values[TYPE]);
    gw_ddl_add(ddl, GW_DDL_LOSES, "%s", buf.data);
}

/* ---- the rest ------------------------------------------------------------------------------- */

static long long option_of(const gw_object *o, const char *word)
{
    const char *at = strstr(behind_name(o->values[IDENTITY_OPTIONS]), word);
    return at ? strtoll(at + strlen(word), NULL, 10) : 0;
}

/* As a sequence's value is moved (sequence.c): where not even a fresh one fits the new bounds. */
static void move_value(gw_ddl *ddl, const gw_object *x, const gw_object *y)
{
    long long start = option_of(y, "START WITH "), was = option_of(x, "START WITH ");
    long long least = option_of(y, "MINVALUE "), most = option_of(y, "MAXVALUE ");
    const char *before = gw_alter_column(ddl, y);
    if (was >= least && was <= most)
        return;
    if (start > option_of(x, "MAXVALUE "))
        gw_ddl_add(ddl, 0, "%s SET MAXVALUE %lld", before, start);
    if (start < option_of(x, "MINVALUE "))
        gw_ddl_add(ddl, 0, "%s SET MINVALUE %lld", before, start);
    gw_ddl_add(ddl, 0,
               "SELECT pg_catalog.setval(s, %lld, false) FROM (SELECT "
               "pg_catalog.pg_get_serial_sequence(%s, %s)::pg_catalog.regclass AS s) AS q WHERE "
               "coalesce(pg_catalog.pg_sequence_last_value(s), %lld) %s",
               start, gw_quote_literal(ddl->arena, y->parent->ref),
               gw_quote_literal(ddl->arena, y->name), was,
               was < least ? gw_printf(ddl->arena, "< %lld", least)
                           : gw_printf(ddl->arena, "> %lld", most));
}

static const char *how(const gw_object *y)
{
    return *y->values[IDENTITY] == 'a' ? "ALWAYS" : "BY DEFAULT";
}

/* Each option of an identity column that stays wants its own SET. */
static void set_options(gw_buf *buf, const gw_object *y)
{
    static const char *const words[] = {"START WITH ", "INCREMENT BY ", "MINVALUE ", "MAXVALUE ",
                                        "CACHE "};
    const char *options = behind_name(y->values[IDENTITY_OPTIONS]);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const char *at = strstr(options, words[i]);
        size_t len = at ? strlen(words[i]) + strcspn(at + strlen(words[i]), " ") : 0;
        if (at)
            gw_buf_addf(buf, " SET %.*s", (int)len, at);
    }
    gw_buf_add(buf, strstr(options, " CYCLE") ? " SET CYCLE" : " SET NO CYCLE");
}

/* It was an identity before and is one now. */
static void change_identity(gw_ddl *ddl, const gw_object *x, const gw_object *y, gw_changed changed)
{
    gw_buf buf = GW_BUF(ddl->arena);
    if (changed & GW_BIT(IDENTITY))
        gw_buf_addf(&buf, " SET GENERATED %s", how(y));
    bool bounds = (changed & GW_BIT(IDENTITY_OPTIONS)) &&
                  strcmp(behind_name(x->values[IDENTITY_OPTIONS]),
                         behind_name(y->values[IDENTITY_OPTIONS])) != 0;
    bool type = changed & GW_BIT(IDENTITY_TYPE) || y->values[IDENTITY_TYPE];
    if (bounds)
        move_value(ddl, x, y);
    if (bounds && !type)
        set_options(&buf, y);
    if (buf.len)
        gw_ddl_add(ddl, 0, "%s%s", gw_alter_column(ddl, y), buf.data);
    if (type)
        own_type(ddl, y);
}

/* Its sequence gets the column's type with it, where its bounds fit. Are they y's by then? */
static bool before_type(gw_ddl *ddl, const gw_object *x, const gw_object *y)
{
    const char *type = y->values[TYPE];
    long long most = strcmp(type, "smallint") == 0  ? INT16_MAX
                     : strcmp(type, "integer") == 0 ? INT32_MAX
                                                    : INT64_MAX;
    const char *old = x->values[TYPE];
    long long top = strcmp(old, "smallint") == 0  ? INT16_MAX
                    : strcmp(old, "integer") == 0 ? INT32_MAX
                                                  : INT64_MAX;
    long long highest = option_of(x, "MAXVALUE "), lowest = option_of(x, "MINVALUE ");
    bool fits = (highest <= most || highest == top) && (lowest >= -most - 1 || lowest == -top - 1);
    if (fits && !x->values[IDENTITY_TYPE])
        return false;
    const char *name = sequence_of(ddl, y);
    if (y->values[IDENTITY_TYPE]) {
        int start = option_of(x, "INCREMENT BY ") < 0 ? -1 : 1;
        gw_ddl_add(ddl, 0, "ALTER SEQUENCE %s AS bigint NO MINVALUE NO MAXVALUE START WITH %d", name,
                   start);
        return false;
    }
    move_value(ddl, x, y);
    const char *options = behind_name(y->values[IDENTITY_OPTIONS]);
    gw_ddl_add(ddl, 0, "ALTER SEQUENCE %s AS bigint %s%s", name, options,
               strstr(options, " CYCLE") ? "" : " NO CYCLE");
    return true;
}

static void add_identity(gw_ddl *ddl, const gw_object *y)
{
    gw_ddl_add(ddl, 0, "%s ADD GENERATED %s AS IDENTITY%s", gw_alter_column(ddl, y), how(y),
               in_brackets(ddl, y));
    if (y->values[IDENTITY_TYPE])
        own_type(ddl, y);
}

/* Has it a parent all the way, whose ALTER comes down to it? */
static bool keeps_parent(gw_ddl *ddl, const gw_object *x, const gw_object *y)
{
    const gw_object *above;
    for (size_t i = 0; (above = gw_handed_down_from(y, &i)) != NULL;)
        if (gw_column_was_above(ddl, x, above))
            return true;
    return false;
}

static void alter(gw_ddl *ddl, const gw_object *x, const gw_object *y, gw_changed changed)
{
    if (of_view(y))
        return;
    if (changed & TYPE_BITS) /* these go with the type */
        changed |= (gw_yes(y, OWN_STORAGE) ? 0 : GW_BIT(STORAGE)) |
                   (y->values[COMPRESSION] ? GW_BIT(COMPRESSION) : 0);
    if (gw_yes(x, INHERITED) && gw_yes(y, INHERITED)) {
        /* What its parent got comes down by itself. */
        const gw_object *above = gw_handed_down_by(y), *was = gw_handed_down_by(x);
        /* Between two parents it belongs to nobody: then its NOT NULL can be renamed. */
        bool before = gw_column_before_above(ddl->arena, x, y, changed);
        bool moves = (above && was && strcmp(above->parent->key, was->parent->key) != 0) ||
                     !gw_not_null_above(y) || before;
        if (x->server_version < 170000 || computed_above(x, y))
            changed &= ~GW_BIT(EXPRESSION);
        changed &= ~((keeps_parent(ddl, x, y) ? TYPE_BITS : 0) | GW_BIT(GENERATED) |
                     (moves ? 0 : GW_BIT(NOT_NULL_NAME)));
        if (!before)
            changed = gw_not_null_own_change(ddl, x, y, changed);
    }
    if (gw_stays_typed(x->parent, y->parent))
        changed &= ~TYPE_BITS; /* ALTER TYPE brings it down */
    const char *before = gw_alter_column(ddl, y);
    if ((changed & GW_BIT(GENERATED)) && !y->values[GENERATED])
        gw_ddl_add(ddl, 0, "%s DROP EXPRESSION", before);
    bool was = own_identity(x), is = own_identity(y);
    if ((changed & IDENTITY_BITS) && was && !is)
        gw_ddl_add(ddl, 0, "%s DROP IDENTITY", before);
    if (was && is && strcmp(x->values[IDENTITY_SEQUENCE], y->values[IDENTITY_SEQUENCE]) != 0)
        gw_ddl_add(ddl, 0, "ALTER SEQUENCE %s RENAME TO %s", sequence_of(ddl, x),
                   gw_ddl_name(ddl->arena, y->values[IDENTITY_SEQUENCE]));
    if ((changed & GW_BIT(TYPE)) && was && is && before_type(ddl, x, y))
        changed &= ~(GW_BIT(IDENTITY_OPTIONS) | GW_BIT(IDENTITY_TYPE));
    if (changed & TYPE_BITS)
        set_type(ddl, x, y);
    if ((changed & GW_BIT(EXPRESSION)) && y->values[EXPRESSION])
        set_expression(ddl, y);
    bool retyped = (changed & GW_BIT(TYPE)) && y->values[IDENTITY_TYPE];
    if (((changed & IDENTITY_BITS) || retyped) && was && is)
        change_identity(ddl, x, y, changed);
    gw_not_null_alter(ddl, x, y, changed);
    if ((changed & IDENTITY_BITS) && !was && is)
        add_identity(ddl, y);
    bool heirs = y->parent->kind == &gw_kind_table &&
                 (gw_has_heirs(x->parent) || gw_has_heirs(y->parent));
    settings(ddl, y, changed,
             heirs ? gw_printf(ddl->arena, "ALTER TABLE ONLY %s ALTER COLUMN %s", y->parent->ref,
                               y->ref)
                   : before);
    if (changed & GW_BIT(COMPRESSION))
        gw_ddl_add(ddl, 0, "%s SET COMPRESSION %s", before,
                   y->values[COMPRESSION] ? y->values[COMPRESSION] : "DEFAULT");
    if (changed & GW_BIT(OPTIONS))
        gw_alter_options(ddl, before, x->values[OPTIONS], y->values[OPTIONS]);
    if (changed & GW_BIT(FOREIGN_OPTIONS))
        gw_alter_foreign_options(ddl, before, x->values[FOREIGN_OPTIONS],
                                 y->values[FOREIGN_OPTIONS]);
}

static bool inlined(const gw_object *o)
{
    (void)o;
    return true;
}

static const char *comment_target(gw_arena *arena, const gw_object *o)
{
    return gw_printf(arena, "COLUMN %s.%s", o->parent->ref, o->ref);
}

const gw_kind gw_kind_column = {
    .name = "column",
    .keyword = "COLUMN",
    .grant_word = "TABLE",
    .sql = &gw_sql_columns,
    .classid = GW_CLASS_RELATION,
    .parent_classid = GW_CLASS_RELATION,
    .attrs = attrs,
    .flags = GW_KIND_DATA,
    .comment_target = comment_target,
    .create = create,
    .drop = drop,
    .can_alter = can_alter,
    .alter = alter,
    .disturbs = disturbs,
    .inlined = inlined,
    .derived = derived,
};
