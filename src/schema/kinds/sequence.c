#include <stdlib.h>
#include <string.h>

#include "schema/kinds/kinds.h"

enum { PERSISTENCE, TYPE, START, INCREMENT, MINIMUM, MAXIMUM, CACHE, CYCLE, OWNED_BY };
static const gw_attr attrs[] = {{"persistence", 0}, {"type", 0},    {"start", 0},
                                {"increment", 0},   {"minimum", 0}, {"maximum", 0},
                                {"cache", 0},       {"cycle", 0},   {"owned_by", 0},
                                {NULL, 0}};

static void parameters(gw_buf *buf, const gw_object *o)
{
    gw_buf_addf(buf, " INCREMENT BY %s MINVALUE %s MAXVALUE %s START WITH %s CACHE %s %s",
                o->values[INCREMENT], o->values[MINIMUM], o->values[MAXIMUM], o->values[START],
                o->values[CACHE], gw_yes(o, CYCLE) ? "CYCLE" : "NO CYCLE");
}

/* As CREATE SEQUENCE has it where nothing else is said. */
static bool plain(const gw_object *o)
{
    const char *type = o->values[TYPE];
    const char *top = strcmp(type, "integer") == 0    ? "2147483647"
                      : strcmp(type, "smallint") == 0 ? "32767"
                                                      : "9223372036854775807";
    return strcmp(o->values[INCREMENT], "1") == 0 && strcmp(o->values[MINIMUM], "1") == 0 &&
           strcmp(o->values[MAXIMUM], top) == 0 && strcmp(o->values[START], "1") == 0 &&
           strcmp(o->values[CACHE], "1") == 0 && !gw_yes(o, CYCLE);
}

/* A type may have the name of a sequence that was there before it, and stands in the way of one
 * that comes after it. */
static bool beside_type(const gw_schema *schema, const gw_object *o)
{
    for (size_t i = 0; i < gw_kind_count; i++)
        if (gw_kinds[i]->classid == GW_CLASS_TYPE &&
            gw_schema_find(schema, gw_kinds[i]->name, o->key))
            return true;
    return false;
}

static void create(gw_ddl *ddl, const gw_object *o)
{
    gw_buf buf = GW_BUF(ddl->arena);
    const char *name = o->ref;
    bool beside = beside_type(ddl->from, o) || beside_type(ddl->to, o);
    if (beside)
        name = gw_display_name(ddl->arena, o->schema, gw_clip_name(ddl->arena, o->name, "__new"));
    if (strcmp(o->values[TYPE], "bigint") != 0)
        gw_buf_addf(&buf, " AS %s", o->values[TYPE]);
    if (!plain(o))
        parameters(&buf, o);
    gw_ddl_add(ddl, 0, "CREATE %sSEQUENCE %s%s", *o->values[PERSISTENCE] == 'u' ? "UNLOGGED " : "",
               name, gw_buf_str(&buf));
    if (beside)
        gw_ddl_add(ddl, 0, "ALTER SEQUENCE %s RENAME TO %s", name,
                   gw_ddl_name(ddl->arena, o->name));
    if (o->values[OWNED_BY])
        gw_ddl_late(ddl, 0, "ALTER SEQUENCE %s OWNED BY %s", o->ref, o->values[OWNED_BY]);
}

static long long number(const gw_object *o, size_t attr)
{
    return strtoll(o->values[attr], NULL, 10);
}

/* Where not even a fresh sequence's value fits the new bounds, a value beyond the bound that moved
 * starts again. Any other value that does not fit is the server's to refuse: going back could give
 * numbers out twice. */
static void move_value(gw_ddl *ddl, const gw_object *x, const gw_object *y)
{
    bool low = number(x, START) < number(y, MINIMUM), high = number(x, START) > number(y, MAXIMUM);
    if (!low && !high)
        return;
    if (number(y, START) > number(x, MAXIMUM))
        gw_ddl_add(ddl, 0, "ALTER SEQUENCE %s AS %s MAXVALUE %s", y->ref, y->values[TYPE],
                   y->values[START]);
    if (number(y, START) < number(x, MINIMUM))
        gw_ddl_add(ddl, 0, "ALTER SEQUENCE %s MINVALUE %s", y->ref, y->values[START]);
    gw_ddl_add(ddl, 0, "SELECT pg_catalog.setval(%s, %s, false) FROM %s WHERE last_value %c %s",
               gw_quote_literal(ddl->arena, y->ref), y->values[START], y->ref, low ? '<' : '>',
               y->values[low ? MINIMUM : MAXIMUM]);
}

static void alter(gw_ddl *ddl, const gw_object *x, const gw_object *y, gw_changed changed)
{
    gw_changed ours = GW_BIT(START) | GW_BIT(INCREMENT) | GW_BIT(MINIMUM) | GW_BIT(MAXIMUM) |
                      GW_BIT(CACHE) | GW_BIT(CYCLE) | GW_BIT(TYPE);
    if (changed & GW_BIT(PERSISTENCE))
        gw_ddl_add(ddl, 0, "ALTER SEQUENCE %s SET %s", y->ref,
                   *y->values[PERSISTENCE] == 'u' ? "UNLOGGED" : "LOGGED");
    if (changed & ours) {
        gw_buf buf = GW_BUF(ddl->arena);
        move_value(ddl, x, y);
        if (changed & GW_BIT(TYPE))
            gw_buf_addf(&buf, " AS %s", y->values[TYPE]);
        parameters(&buf, y);
        gw_ddl_add(ddl, 0, "ALTER SEQUENCE %s%s", y->ref, buf.data);
    }
    if (changed & GW_BIT(OWNED_BY)) {
        /* loose before its old column goes, tied when its new one is there */
        if (x->values[OWNED_BY])
            gw_ddl_add(ddl, 0, "ALTER SEQUENCE %s OWNED BY NONE", y->ref);
        if (y->values[OWNED_BY])
            gw_ddl_late(ddl, 0, "ALTER SEQUENCE %s OWNED BY %s", y->ref, y->values[OWNED_BY]);
    }
}

static bool can_alter(const gw_object *x, const gw_object *y, gw_changed changed)
{
    (void)x;
    (void)y;
    (void)changed;
    return true;
}

const gw_kind gw_kind_sequence = {
    .name = "sequence",
    .keyword = "SEQUENCE",
    .grant_word = "SEQUENCE",
    .sql = &gw_sql_sequences,
    .classid = GW_CLASS_RELATION,
    .attrs = attrs,
    .flags = GW_KIND_FOLLOWS_TYPE | GW_KIND_RELATION,
    .create = create,
    .can_alter = can_alter,
    .alter = alter,
};
