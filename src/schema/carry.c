/*
 * The rows of a table that has to be made anew: held in a table of their own beside it while the
 * old one goes and the new one comes, then filled in. What a partitioned table held is in its
 * partitions; those that stay keep their rows, those that go give theirs.
 */
#include <string.h>

#include "base/buf.h"
#include "schema/kinds/kinds.h"
#include "schema/match.h"

static char sort_of(const gw_object *table)
{
    return *gw_object_value(table, "sort");
}

static const gw_object *column_named(const gw_object *table, const char *name)
{
    for (size_t i = 0; i < table->children.len; i++) {
        const gw_object *child = table->children.items[i].object;
        if (child->kind == &gw_kind_column && strcmp(child->name, name) == 0)
            return child;
    }
    return NULL;
}

/* The column that a column's values come from; NULL: nothing is carried over to it. */
static const gw_object *source_of(const gw_object *x, const gw_object *column)
{
    if (column->kind != &gw_kind_column || gw_object_value(column, "generated"))
        return NULL;
    return column_named(x, column->name);
}

static void add_sources(const gw_match *match, gw_arena *arena, const gw_object *x, int depth,
                        gw_tables *list)
{
    if (sort_of(x) == 'r')
        *gw_vec_push(arena, list) = x;
    for (size_t i = 0; sort_of(x) == 'p' && depth < 16 && i < x->needed_by.len; i++) {
        const gw_object *part = x->needed_by.items[i].object;
        if (part->kind == &gw_kind_partition && part->parent != x &&
            match->of_x[part->parent->index]->fate == GW_DROPPED)
            add_sources(match, arena, part->parent, depth + 1, list);
    }
}

bool gw_carry_sources(const gw_match *match, gw_arena *arena, const gw_pair *pair, gw_tables *list)
{
    *list = (gw_tables){0};
    if (!pair->x || !pair->y || pair->fate != GW_REBUILT || pair->y->kind != &gw_kind_table ||
        sort_of(pair->y) == 'f')
        return false;
    bool common = false;
    for (size_t i = 0; i < pair->y->children.len && !common; i++)
        common = source_of(pair->x, pair->y->children.items[i].object) != NULL;
    if (common)
        add_sources(match, arena, pair->x, 0, list);
    return list->len > 0;
}

/* A value of the column would keep something that goes: it is held as text. */
static bool as_text(const gw_match *match, const gw_object *x, const gw_object *y)
{
    if (!gw_same_text(gw_object_value(x, "type"), gw_object_value(y, "type")))
        return true;
    for (size_t i = 0; i < x->needs.len; i++)
        if (x->needs.items[i].object->kind != &gw_kind_table &&
            gw_pair_goes(match->of_x[x->needs.items[i].object->index]))
            return true;
    return false;
}

static const char *holder(gw_ddl *ddl, const gw_object *x)
{
    return gw_display_name(ddl->arena, x->schema, gw_clip_name(ddl->arena, x->name, "__rows"));
}

void gw_carry_out(gw_ddl *ddl, const gw_match *match, const gw_pair *pair)
{
    gw_tables from;
    gw_carry_sources(match, ddl->arena, pair, &from);
    gw_buf columns = GW_BUF(ddl->arena), all = GW_BUF(ddl->arena);
    for (size_t i = 0; i < pair->y->children.len; i++) {
        const gw_object *y = pair->y->children.items[i].object, *x = source_of(pair->x, y);
        if (!x)
            continue;
        gw_buf_add(&columns, columns.len ? ", " : "");
        if (as_text(match, x, y))
            gw_buf_addf(&columns, "%s::text COLLATE pg_catalog.\"C\" AS %s", x->ref, x->ref);
        else
            gw_buf_add(&columns, x->ref);
    }
    for (size_t i = 0; i < from.len; i++) {
        if (gw_object_is(from.items[i], "force_row_security")) /* it would hide rows */
            gw_ddl_add(ddl, 0, "ALTER TABLE %s NO FORCE ROW LEVEL SECURITY", from.items[i]->ref);
        gw_buf_addf(&all, "%sSELECT %s FROM ONLY %s", i ? " UNION ALL " : "", columns.data,
                    from.items[i]->ref);
    }
    gw_ddl_add(ddl, 0, "CREATE TABLE %s AS %s", holder(ddl, pair->x), all.data);
}

/* The next number of an identity column is behind those that are there. */
static void move_identity(gw_ddl *ddl, const gw_object *y)
{
    const char *options = gw_object_value(y, "identity_options");
    bool down = options && strstr(options, "INCREMENT BY -");
    gw_ddl_add(ddl, 0,
               "SELECT pg_catalog.setval(pg_catalog.pg_get_serial_sequence(%s, %s), "
               "pg_catalog.%s(%s)) FROM %s HAVING pg_catalog.count(*) > 0",
               gw_quote_literal(ddl->arena, y->parent->ref), gw_quote_literal(ddl->arena, y->name),
               down ? "min" : "max", y->ref, y->parent->ref);
}

void gw_carry_in(gw_ddl *ddl, const gw_match *match, const gw_pair *pair)
{
    gw_buf names = GW_BUF(ddl->arena), values = GW_BUF(ddl->arena);
    for (size_t i = 0; i < pair->y->children.len; i++) {
        const gw_object *y = pair->y->children.items[i].object, *x = source_of(pair->x, y);
        if (!x)
            continue;
        gw_buf_addf(&names, "%s%s", names.len ? ", " : "", y->ref);
        gw_buf_addf(&values, "%s%s", values.len ? ", " : "", y->ref);
        if (as_text(match, x, y))
            gw_buf_addf(&values, "::%s", gw_object_value(y, "type"));
    }
    gw_ddl_add(ddl, 0, "INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM %s",
               pair->y->ref, names.data, values.data, holder(ddl, pair->x));
    for (size_t i = 0; i < pair->y->children.len; i++) {
        const gw_object *y = pair->y->children.items[i].object;
        if (source_of(pair->x, y) && gw_object_value(y, "identity"))
            move_identity(ddl, y);
    }
    gw_ddl_add(ddl, 0, "DROP TABLE %s", holder(ddl, pair->x));
}
