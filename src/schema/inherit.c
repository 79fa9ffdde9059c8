/*
 * What tables hand down to those that inherit from them and to their partitions. Such a column or
 * CHECK comes and goes with its parent's, but where the inheritance itself begins or ends.
 */
#include <string.h>

#include "schema/kinds/kinds.h"
#include "schema/match.h"

const gw_object *gw_partitioned(const gw_object *table)
{
    for (size_t i = 0; i < table->children.len; i++) {
        const gw_object *child = table->children.items[i].object;
        if (child->kind != &gw_kind_partition)
            continue;
        for (size_t n = 0; n < child->needs.len; n++)
            if (child->needs.items[n].object != table &&
                child->needs.items[n].object->kind == &gw_kind_table)
                return child->needs.items[n].object;
    }
    return NULL;
}

bool gw_is_child_of(const gw_object *table, const gw_object *parent)
{
    if (gw_object_value(table, "inherits"))
        for (size_t i = 0; i < table->needs.len; i++)
            if (table->needs.items[i].object == parent)
                return true;
    return parent && gw_partitioned(table) == parent;
}

bool gw_has_heirs(const gw_object *table)
{
    for (size_t i = 0; i < table->needed_by.len; i++) {
        const gw_object *other = table->needed_by.items[i].object;
        if (other->kind == &gw_kind_partition && other->parent != table)
            return true;
        if (other->kind == &gw_kind_table && gw_object_value(other, "inherits"))
            return true;
    }
    return false;
}

static const gw_object *same_of(const gw_object *table, const gw_object *o)
{
    for (size_t i = 0; table && i < table->children.len; i++) {
        const gw_object *child = table->children.items[i].object;
        bool parts = gw_is_exclusion_part(child) || gw_is_exclusion_part(o);
        if (parts ? gw_is_exclusion_of(o, child) || gw_is_exclusion_of(child, o)
                  : child->kind == o->kind && strcmp(child->name, o->name) == 0)
            return child;
    }
    return NULL;
}

const gw_object *gw_handed_down_from(const gw_object *o, size_t *at)
{
    const gw_object *table = o->parent, *found = NULL;
    if (*at == 0 && (found = same_of(gw_partitioned(table), o)) != NULL) {
        *at = table->needs.len + 1; /* not 0, whatever it needs */
        return found;
    }
    if (table->kind != &gw_kind_table || !gw_object_value(table, "inherits"))
        return NULL;
    while (*at < table->needs.len && !found) {
        const gw_object *parent = table->needs.items[(*at)++].object;
        if (parent->kind == &gw_kind_table)
            found = same_of(parent, o);
    }
    return found;
}

const gw_object *gw_handed_down_by(const gw_object *o)
{
    size_t at = 0;
    return gw_handed_down_from(o, &at);
}

const gw_object *gw_handed_down_to(const gw_object *o, size_t *at)
{
    while (*at < o->parent->needed_by.len) {
        const gw_object *other = o->parent->needed_by.items[(*at)++].object;
        const gw_object *heir = other->kind == &gw_kind_partition ? other->parent : other;
        const gw_object *found = heir != o->parent && heir->kind == &gw_kind_table &&
                                         gw_is_child_of(heir, o->parent)
                                     ? same_of(heir, o)
                                     : NULL;
        if (found)
            return found;
    }
    return NULL;
}

const gw_object *gw_index_above(gw_arena *arena, const gw_object *o)
{
    bool has_index = o->parent->kind == &gw_kind_table &&
                     (o->kind == &gw_kind_index || o->kind == &gw_kind_constraint);
    const char *name = has_index ? gw_object_value(o, "parent_index") : NULL;
    const gw_object *table = name ? gw_partitioned(o->parent) : NULL;
    for (size_t i = 0; table && i < table->children.len; i++) {
        const gw_object *whole = table->children.items[i].object;
        if (whole->kind == o->kind &&
            strcmp(name, gw_display_name(arena, table->schema, whole->name)) == 0)
            return whole;
    }
    return NULL;
}

static bool is_derived(const gw_object *o)
{
    return o->kind->derived && o->kind->derived(o);
}

bool gw_stays_typed(const gw_object *x, const gw_object *y)
{
    const char *was = x->kind == &gw_kind_table ? gw_object_value(x, "of_type") : NULL;
    const char *is = y && y->kind == &gw_kind_table ? gw_object_value(y, "of_type") : NULL;
    return was && is && strcmp(was, is) == 0;
}

/* The type of a table gives it its columns only while the table is of that type. */
static bool is_typed(const gw_object *table)
{
    return table->kind == &gw_kind_table && gw_object_value(table, "of_type");
}

bool gw_inherits_later(const gw_match *match, const gw_object *table)
{
    if (!gw_pair_comes(match->of_y[table->index]) || !gw_object_value(table, "inherits"))
        return false;
    for (size_t i = 0; i < table->children.len; i++) {
        const gw_object *child = table->children.items[i].object;
        const gw_object *above = child->kind == &gw_kind_constraint && is_derived(child) &&
                                         !gw_object_is(child, "validated")
                                     ? gw_handed_down_by(child)
                                     : NULL;
        if (above && !gw_pair_comes(match->of_y[above->index]))
            return true;
    }
    return false;
}

/* Has the server this CHECK in words that it would not read so again? */
static bool is_reworded(const gw_match *match, const gw_object *check, int depth)
{
    const gw_pair *pair = match->of_y[check->index];
    if (!gw_pair_comes(pair))
        return pair->x->reworded;
    const gw_object *above = depth < 16 && is_derived(check) ? gw_handed_down_by(check) : NULL;
    return above && gw_pair_comes(match->of_y[check->parent->index]) &&
           is_reworded(match, above, depth + 1);
}

const gw_object *gw_made_like(const gw_match *match, const gw_object *table)
{
    const gw_object *parent =
        gw_pair_comes(match->of_y[table->index]) && table->kind == &gw_kind_table &&
                *gw_object_value(table, "sort") != 'f'
            ? gw_partitioned(table)
            : NULL;
    bool reworded = false;
    for (size_t i = 0; parent && i < parent->children.len; i++) {
        const gw_object *check = parent->children.items[i].object;
        if (check->kind != &gw_kind_constraint || *gw_object_value(check, "sort") != 'c')
            continue;
        if (!gw_object_is(check, "validated"))
            return NULL;
        reworded |= is_reworded(match, check, 0);
    }
    return reworded ? parent : NULL;
}

bool gw_is_detached(const gw_match *match, const gw_object *table)
{
    for (size_t i = 0; i < table->children.len; i++) {
        const gw_object *child = table->children.items[i].object;
        if (child->kind == &gw_kind_partition && gw_pair_goes(match->of_x[child->index]))
            return !gw_pair_goes(match->of_x[table->index]);
    }
    return false;
}

bool gw_comes_by_itself(const gw_match *match, const gw_object *y)
{
    if (!is_derived(y))
        return false;
    const gw_object *above = gw_handed_down_by(y);
    const gw_pair *table = match->of_y[y->parent->index];
    if (!above)
        return !is_typed(y->parent) || !table->x || gw_pair_comes(table) ||
               gw_stays_typed(table->x, y->parent);
    if (gw_is_exclusion_part(y))
        return true;
    const gw_pair *parent = match->of_y[above->parent->index];
    /* a partition is made first; what is not valid cannot be written inside of it */
    if (gw_pair_comes(table) && y->kind == &gw_kind_constraint && !gw_object_is(y, "validated") &&
        gw_partitioned(y->parent) && !gw_pair_comes(match->of_y[above->index]))
        return false;
    if (y->kind == &gw_kind_constraint && gw_inherits_later(match, y->parent))
        return false;
    if (!table->x || gw_pair_comes(table))
        return true;
    return parent->x && !gw_pair_comes(parent) && gw_is_child_of(table->x, parent->x);
}

bool gw_stays_below(const gw_match *match, const gw_object *x)
{
    for (size_t i = 0; i < x->parent->needed_by.len; i++) {
        const gw_object *heir = x->parent->needed_by.items[i].object;
        const gw_object *below = heir->kind == &gw_kind_table ? same_of(heir, x) : NULL;
        if (below && gw_is_child_of(heir, x->parent) &&
            gw_object_is(below, "inherited") && !gw_object_is(below, "local") &&
            !gw_pair_goes(match->of_x[below->index]))
            return true;
    }
    return false;
}

bool gw_goes_by_itself(const gw_match *match, const gw_object *x)
{
    if (!is_derived(x))
        return false;
    const gw_pair *table = match->of_x[x->parent->index];
    if (gw_pair_goes(table))
        return true;
    if (gw_is_exclusion_part(x) && gw_is_detached(match, x->parent))
        return false;
    const gw_object *above;
    size_t at = 0;
    for (bool any = false;; any = true) {
        above = gw_handed_down_from(x, &at);
        if (!above)
            return !any && (!is_typed(x->parent) || gw_stays_typed(x->parent, table->y));
        /* it goes with the last one that is inherited from to the end */
        const gw_pair *parent = match->of_x[above->parent->index];
        if (!gw_pair_goes(parent) && gw_is_child_of(table->y, parent->y) &&
            !gw_stays_below(match, above))
            return true;
    }
}

/* An index of a partition hangs on one of its parent's, until the partition is detached. */
bool gw_comes_loose(const gw_match *match, const gw_object *x, const gw_object *on)
{
    return gw_object_value(x, "parent_index") && on->parent && on->parent != x->parent &&
           gw_is_detached(match, x->parent);
}
