/*
 * The NOT NULL of a column. From 18 on it is a constraint: with a name, a comment, NO INHERIT, NOT VALID. One that is
 * not valid can only be added to a table that is there; it is added at the end, when heirs that get it so and rows
 * that break it are there.
 */
#include <string.h>

#include "schema/kinds/column.h"

static const char *name_of(gw_arena *arena, const gw_object *o)
{
    return o->values[NOT_NULL_NAME]
               ? o->values[NOT_NULL_NAME]
               : gw_ddl_name(arena, gw_printf(arena, "%.63s",
                                              gw_printf(arena, "%s_%s_not_null", o->parent->name,
                                                        o->name)));
}

const char *gw_column_not_null_name(gw_arena *arena, const gw_object *o)
{
    bool named = o->parent->kind == &gw_kind_table && o->server_version >= 180000 &&
                 gw_yes(o, NOT_NULL);
    return named ? name_of(arena, o) : NULL;
}

static const char *name_aside(gw_ddl *ddl, const gw_object *o)
{
    const char *name = gw_printf(ddl->arena, "%s_%s_not_null", o->parent->name, o->name);
    return gw_ddl_name(ddl->arena, gw_aside_name(ddl->arena, name));
}

/* `typed`: its table is of a type now, and the server renames nothing of such a one. */
static void rename_from(gw_ddl *ddl, const gw_object *o, bool typed, const char *from,
                        const char *to)
{
    const char *table = gw_alter_table(ddl->arena, o->parent);
    if (typed)
        gw_ddl_add(ddl, 0, "%s NOT OF", table);
    gw_ddl_add(ddl, 0, "%s RENAME CONSTRAINT %s TO %s", table, from, to);
    if (typed)
        gw_ddl_add(ddl, 0, "%s OF %s", table, gw_object_value(o->parent, "of_type"));
}

void gw_column_unname(gw_ddl *ddl, const gw_object *o)
{
    rename_from(ddl, o, gw_object_value(o->parent, "of_type") != NULL, name_of(ddl->arena, o),
                name_aside(ddl, o));
}

/* Does it come down to heirs? */
static bool is_handed_down(const gw_object *o)
{
    return gw_yes(o, NOT_NULL) && !gw_yes(o, NOT_NULL_NO_INHERIT);
}

static bool is_not_valid(const gw_object *o)
{
    return gw_yes(o, NOT_NULL) && gw_yes(o, NOT_NULL_NOT_VALID);
}

const gw_object *gw_not_null_above(const gw_object *o)
{
    const gw_object *above;
    size_t at = 0;
    do
        above = gw_handed_down_from(o, &at);
    while (above && !is_handed_down(above));
    return above;
}

/* ---- where it is written -------------------------------------------------------------------- */

static bool says_name(const gw_ddl *ddl, const gw_object *o)
{
    return gw_yes(o, NOT_NULL) && (o->values[NOT_NULL_NAME] || ddl->names_not_nulls);
}

/* Does a primary key that is written inside of CREATE TABLE have it? */
static bool in_inline_key(const gw_ddl *ddl, const gw_object *o)
{
    for (size_t i = 0; i < o->needed_by.len; i++) {
        const gw_object *key = o->needed_by.items[i].object;
        if (key->kind == &gw_kind_constraint && key->parent == o->parent &&
            *gw_object_value(key, "sort") == 'p' && ddl->is_inline(ddl, key))
            return true;
    }
    return false;
}

bool gw_column_names_not_null(gw_ddl *ddl, const gw_object *o)
{
    if (ddl->server_version < 180000 || o->server_version < 180000 || !gw_yes(o, NOT_NULL) ||
        is_not_valid(o))
        return false;
    const gw_object *above = gw_not_null_above(o);
    return !above || in_inline_key(ddl, o) ||
           strcmp(name_of(ddl->arena, above), name_of(ddl->arena, o)) != 0;
}

bool gw_key_names_not_null(gw_ddl *ddl, const gw_object *o)
{
    return o->values[NOT_NULL_NAME] && gw_column_names_not_null(ddl, o) && in_inline_key(ddl, o);
}

static const char *no_inherit(const gw_object *o)
{
    return gw_yes(o, NOT_NULL_NO_INHERIT) ? " NO INHERIT" : "";
}

void gw_column_own_not_null(gw_ddl *ddl, gw_buf *buf, const gw_object *o)
{
    gw_buf_addf(buf, "CONSTRAINT %s NOT NULL %s%s", name_of(ddl->arena, o), o->ref, no_inherit(o));
}

void gw_not_null_define(const gw_ddl *ddl, gw_buf *buf, const gw_object *o)
{
    if (is_not_valid(o))
        return;
    if (says_name(ddl, o))
        gw_buf_addf(buf, " CONSTRAINT %s", name_of(ddl->arena, o));
    if (gw_yes(o, NOT_NULL))
        gw_buf_addf(buf, " NOT NULL%s", no_inherit(o));
}

static const char *add_constraint(gw_ddl *ddl, const gw_object *o)
{
    return gw_printf(ddl->arena, "%s ADD CONSTRAINT %s NOT NULL %s%s",
                     gw_alter_table(ddl->arena, o->parent), name_of(ddl->arena, o), o->ref,
                     no_inherit(o));
}

static const char *validation(gw_ddl *ddl, const gw_object *o)
{
    return gw_printf(ddl->arena, "%s VALIDATE CONSTRAINT %s", gw_alter_table(ddl->arena, o->parent),
                     name_of(ddl->arena, o));
}

/* One of its own name comes before its parent's, which would give it another one. */
static void add_not_valid(gw_ddl *ddl, const gw_object *o)
{
    if (gw_not_null_above(o))
        gw_ddl_add(ddl, 0, "%s NOT VALID", add_constraint(ddl, o));
    else
        gw_ddl_late(ddl, 0, "%s NOT VALID", add_constraint(ddl, o));
}

static void comment(gw_ddl *ddl, const gw_object *o, bool late)
{
    const char *text = o->values[NOT_NULL_COMMENT];
    (late ? gw_ddl_late : gw_ddl_add)(ddl, 0, "COMMENT ON CONSTRAINT %s ON %s IS %s",
                                      name_of(ddl->arena, o), o->parent->ref,
                                      text ? gw_quote_literal(ddl->arena, text) : "NULL");
}

/* Its comment, where it has one: behind what adds it, or brings it down. */
static void comment_added(gw_ddl *ddl, const gw_object *o)
{
    const gw_object *above = gw_not_null_above(o);
    if (gw_yes(o, NOT_NULL) && o->values[NOT_NULL_COMMENT])
        comment(ddl, o, is_not_valid(o) || (above && is_not_valid(above)));
}

void gw_not_null_finish(gw_ddl *ddl, const gw_object *o)
{
    if (is_not_valid(o))
        add_not_valid(ddl, o);
    comment_added(ddl, o);
}

/* Without a scan under its strong lock. */
static void set_concurrently(gw_ddl *ddl, const gw_object *o)
{
    const char *table = gw_alter_table(ddl->arena, o->parent);
    if (ddl->server_version >= 180000) {
        gw_ddl_add(ddl, GW_DDL_OWN_TX, "%s NOT VALID", add_constraint(ddl, o));
        gw_ddl_add(ddl, GW_DDL_OWN_TX, "%s", validation(ddl, o));
        return;
    }
    /* SET NOT NULL believes a validated CHECK. */
    const char *check = gw_ddl_name(ddl->arena,
                                    gw_clip_name(ddl->arena, o->name, "_not_null_check"));
    gw_ddl_add(ddl, GW_DDL_OWN_TX, "%s ADD CONSTRAINT %s CHECK (%s IS NOT NULL) NOT VALID", table,
               check, o->ref);
    gw_ddl_add(ddl, GW_DDL_OWN_TX, "%s VALIDATE CONSTRAINT %s", table, check);
    gw_ddl_add(ddl, 0, "%s SET NOT NULL", gw_alter_column(ddl, o));
    gw_ddl_add(ddl, 0, "%s DROP CONSTRAINT %s", table, check);
}

void gw_not_null_set(gw_ddl *ddl, const gw_object *o)
{
    if (!gw_yes(o, NOT_NULL))
        gw_ddl_add(ddl, 0, "%s DROP NOT NULL", gw_alter_column(ddl, o));
    else if (is_not_valid(o))
        add_not_valid(ddl, o);
    else if (ddl->options.concurrently && !ddl->is_new(ddl, o->parent))
        set_concurrently(ddl, o);
    else if (says_name(ddl, o) || gw_yes(o, NOT_NULL_NO_INHERIT))
        gw_ddl_add(ddl, 0, "%s", add_constraint(ddl, o));
    else
        gw_ddl_add(ddl, 0, "%s SET NOT NULL", gw_alter_column(ddl, o));
}

/* ---- what comes from above ------------------------------------------------------------------ */

gw_changed gw_not_null_differs(const gw_object *above, const gw_object *o)
{
    const gw_object *gives = above ? gw_not_null_above(o) : NULL;
    gw_changed found = 0;
    if ((gives != NULL) != gw_yes(o, NOT_NULL))
        found |= GW_BIT(NOT_NULL);
    else if (gives && is_not_valid(gives) && !is_not_valid(o))
        found |= GW_BIT(NOT_NULL_NOT_VALID);
    if (gw_yes(o, NOT_NULL) && o->values[NOT_NULL_COMMENT])
        found |= GW_BIT(NOT_NULL_COMMENT);
    return found;
}

void gw_not_null_give(gw_ddl *ddl, const gw_object *o, gw_changed found)
{
    if (found & GW_BIT(NOT_NULL))
        gw_not_null_set(ddl, o);
    if (found & GW_BIT(NOT_NULL_NOT_VALID)) /* it came down as its parent's is */
        gw_ddl_late(ddl, 0, "%s", validation(ddl, o));
    if (found & GW_BIT(NOT_NULL_COMMENT))
        comment_added(ddl, o);
}

void gw_not_null_after_like(gw_ddl *ddl, const gw_object *above, const gw_object *o)
{
    if (ddl->server_version < 180000 || !above || !gw_yes(above, NOT_NULL) || !gw_yes(o, NOT_NULL))
        return;
    const char *had = name_of(ddl->arena, above), *wanted = name_of(ddl->arena, o);
    if (strcmp(had, wanted) != 0)
        rename_from(ddl, o, false, had, wanted);
}

bool gw_not_null_below(const gw_ddl *ddl, const gw_object *o)
{
    const gw_object *below;
    for (size_t at = 0; (below = gw_handed_down_to(o, &at));) {
        const gw_object *kept = gw_schema_find(ddl->to, o->kind->name, below->key);
        if ((kept && gw_yes(kept, NOT_NULL)) || gw_not_null_below(ddl, below))
            return true;
    }
    return false;
}

const gw_object *gw_column_was_above(const gw_ddl *ddl, const gw_object *x, const gw_object *above)
{
    const gw_object *was;
    for (size_t i = 0; (was = gw_handed_down_from(x, &i)) != NULL;)
        if (strcmp(above->parent->key, was->parent->key) == 0 &&
            !(ddl && ddl->is_new(ddl, above->parent)))
            return was;
    return NULL;
}

/* Does a statement say of it, or of one above, whether it is NOT NULL? */
static bool said(const gw_ddl *ddl, const gw_object *x, const gw_object *y, int depth)
{
    const gw_object *above, *was;
    if (gw_yes(x, NOT_NULL) != gw_yes(y, NOT_NULL))
        return true;
    for (size_t i = 0; depth < 16 && (above = gw_handed_down_from(y, &i)) != NULL;)
        if ((was = gw_column_was_above(ddl, x, above)) != NULL && said(ddl, was, above, depth + 1))
            return true;
    return false;
}

/* NO INHERIT leaves the heirs what they have. */
static bool is_withdrawn(const gw_object *was, const gw_object *above)
{
    return is_handed_down(was) && !(gw_yes(above, NOT_NULL) && gw_yes(above, NOT_NULL_NO_INHERIT));
}

/* Is it as it shall be when those above are? Before 18 each statement about one of them comes down; from
 * then on it has what any of them has, or what is its own. */
static bool comes_so(const gw_ddl *ddl, const gw_object *x, const gw_object *y)
{
    bool counts = x->server_version >= 180000;
    bool any = false, some_not = false, had = false;
    const gw_object *above, *was;
    for (size_t i = 0; (above = gw_handed_down_from(y, &i)) != NULL;) {
        was = gw_column_was_above(ddl, x, above);
        had |= was && is_withdrawn(was, above);
        if (!was || (!counts && !said(ddl, was, above, 0)))
            continue;
        any |= is_handed_down(above);
        some_not |= !is_handed_down(above);
    }
    if (counts)
        return gw_yes(y, NOT_NULL) ==
               (any || (gw_yes(x, NOT_NULL) && (!had || gw_yes(x, NOT_NULL_LOCAL))));
    if (!any && !some_not)
        return gw_yes(x, NOT_NULL) == gw_yes(y, NOT_NULL);
    return !(gw_yes(y, NOT_NULL) ? some_not : any);
}

/* Is it dropped, to be added anew as one that is not valid? */
static bool is_added_anew(const gw_object *x, const gw_object *y)
{
    return gw_yes(x, NOT_NULL) && !is_not_valid(x) && is_not_valid(y);
}

/* Is any above dropped and added anew? */
static bool above_added_anew(const gw_ddl *ddl, const gw_object *x, const gw_object *y, int depth)
{
    const gw_object *above, *was;
    for (size_t i = 0; depth < 16 && (above = gw_handed_down_from(y, &i)) != NULL;)
        if ((was = gw_column_was_above(ddl, x, above)) != NULL &&
            (is_added_anew(was, above) || above_added_anew(ddl, was, above, depth + 1)))
            return true;
    return false;
}

/* Is any above validated? That comes down. */
static bool above_validated(const gw_ddl *ddl, const gw_object *x, const gw_object *y)
{
    const gw_object *above, *was;
    for (size_t i = 0; (above = gw_handed_down_from(y, &i)) != NULL;)
        if ((was = gw_column_was_above(ddl, x, above)) != NULL && is_not_valid(was) &&
            is_handed_down(above) && !is_not_valid(above))
            return true;
    return false;
}

gw_changed gw_column_given_again(const gw_object *x, const gw_object *y)
{
    gw_changed again = comes_so(NULL, x, y) ? 0 : GW_BIT(NOT_NULL);
    if (gw_yes(x, NOT_NULL) && gw_yes(y, NOT_NULL) && above_added_anew(NULL, x, y, 0))
        again |= (is_not_valid(y) ? 0 : GW_BIT(NOT_NULL_NOT_VALID)) |
                 (y->values[NOT_NULL_COMMENT] ? GW_BIT(NOT_NULL_COMMENT) : 0);
    return again;
}

gw_changed gw_not_null_own_change(const gw_ddl *ddl, const gw_object *x, const gw_object *y,
                                  gw_changed changed)
{
    if (comes_so(ddl, x, y))
        changed &= ~GW_BIT(NOT_NULL);
    if (is_not_valid(y) ? !gw_yes(x, NOT_NULL_LOCAL) && above_added_anew(ddl, x, y, 0)
                        : above_validated(ddl, x, y))
        changed &= ~GW_BIT(NOT_NULL_NOT_VALID);
    return changed;
}

bool gw_column_before_above(gw_arena *arena, const gw_object *x, const gw_object *y,
                            gw_changed changed)
{
    if (!(changed & GW_BIT(NOT_NULL)) && (changed & GW_BIT(NOT_NULL_NAME)) && gw_yes(x, NOT_NULL)) {
        const gw_object *was = gw_handed_down_by(x);
        return changed == GW_BIT(NOT_NULL_NAME) && was && !is_handed_down(was);
    }
    const gw_object *above = gw_not_null_above(y);
    const char *name = gw_column_not_null_name(arena, y);
    const gw_object *was = above ? gw_column_was_above(NULL, x, above) : NULL;
    return !(changed & ~GW_NOT_NULL_BITS) && !gw_yes(x, NOT_NULL) && name && was &&
           !is_handed_down(was) && strcmp(name, name_of(arena, above)) != 0;
}

/* ---- another one ---------------------------------------------------------------------------- */

/* It was one before and is one now. */
static void change(gw_ddl *ddl, const gw_object *x, const gw_object *y, gw_changed changed)
{
    const char *table = gw_alter_table(ddl->arena, y->parent), *name = name_of(ddl->arena, y);
    bool anew = (changed & GW_BIT(NOT_NULL_NOT_VALID)) && is_added_anew(x, y);
    if (anew) {
        gw_ddl_add(ddl, 0, "%s DROP NOT NULL", gw_alter_column(ddl, y));
        gw_not_null_finish(ddl, y);
        return;
    }
    if (changed & GW_BIT(NOT_NULL_NAME))
        rename_from(ddl, y, gw_stays_typed(x->parent, y->parent),
                    ddl->unnamed(ddl, x) ? name_aside(ddl, x) : name_of(ddl->arena, x), name);
    if (changed & GW_BIT(NOT_NULL_NO_INHERIT))
        gw_ddl_add(ddl, 0, "%s ALTER CONSTRAINT %s%s", table, name,
                   gw_yes(y, NOT_NULL_NO_INHERIT) ? no_inherit(y) : " INHERIT");
    if ((changed & GW_BIT(NOT_NULL_NOT_VALID)) && !is_not_valid(x))
        gw_ddl_late(ddl, 0, "%s", validation(ddl, y)); /* it came down again */
    else if (changed & GW_BIT(NOT_NULL_NOT_VALID))
        gw_ddl_add(ddl, ddl->options.concurrently ? GW_DDL_OWN_TX : 0, "%s", validation(ddl, y));
    if (changed & GW_BIT(NOT_NULL_COMMENT))
        comment(ddl, y, above_added_anew(ddl, x, y, 0));
}

void gw_not_null_alter(gw_ddl *ddl, const gw_object *x, const gw_object *y, gw_changed changed)
{
    if (changed & GW_BIT(NOT_NULL)) /* it went with the one above, where it was one: it comes with all that it has */
        gw_not_null_set(ddl, y);
    if (gw_yes(x, NOT_NULL) && gw_yes(y, NOT_NULL) && !(changed & GW_BIT(NOT_NULL)))
        change(ddl, x, y, changed);
    else
        comment_added(ddl, y);
}
