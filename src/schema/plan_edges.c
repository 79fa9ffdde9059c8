/*
 * What has to come first: an operation waits for what its object needs, what goes leaves after what
 * stands on it, and what tables hand down has an order of its own.
 */
#include <stdlib.h>
#include <string.h>

#include "schema/kinds/kinds.h"
#include "schema/planner.h"

static void edge(planner *p, gw_op *first, gw_op *then)
{
    if (!first || !then || first == then)
        return;
    for (size_t i = first->next.len; i-- > 0 && first->next.len - i < 8;)
        if (first->next.items[i] == then)
            return;
    *gw_vec_push(p->arena, &first->next) = then;
    then->waits_for++;
}

static bool is_derived(const gw_object *object)
{
    return object->kind->derived && object->kind->derived(object);
}

const gw_object *gw_plan_column_of(const gw_object *object)
{
    for (size_t i = 0; i < object->parent->children.len; i++) {
        const gw_object *child = object->parent->children.items[i].object;
        if (child->kind == &gw_kind_column && strcmp(child->name, object->name) == 0)
            return child;
    }
    return NULL;
}

bool gw_plan_needs(const gw_object *object, const gw_object *other)
{
    for (size_t i = 0; i < object->needs.len; i++)
        if (object->needs.items[i].object == other)
            return true;
    return false;
}

/* Only the functions of a type are content with its shell, and what holds rows is filled from the
 * view as it will be. */
static bool takes_placeholder(const gw_object *object, const gw_object *needed)
{
    return needed->kind->flags & GW_KIND_SHELL ? gw_plan_needs(needed, object)
                                               : object->kind != &gw_kind_materialized_view;
}

/* The statement that an object comes with, be it that of what its table inherits. */
static gw_op *begin_of(const planner *p, const gw_object *y)
{
    const gw_pair *pair = p->match->of_y[y->index];
    for (int depth = 0; gw_pair_comes(pair) && !pair->main && depth < 16; depth++) {
        const gw_object *above = is_derived(pair->y) ? gw_handed_down_by(pair->y) : NULL;
        if (!above)
            break;
        pair = p->match->of_y[above->index];
    }
    return pair->main;
}

/* The statement that makes what `object` needs: a view's columns come with its first version. */
static gw_op *made_for(const planner *p, const gw_object *object, const gw_object *needed)
{
    const gw_object *whole =
        needed->kind == &gw_kind_column && needed->parent->kind == &gw_kind_view ? needed->parent
                                                                                 : needed;
    gw_op *placeholder = p->placeholder_ops[whole->index];
    if (placeholder && whole != object && takes_placeholder(object, whole))
        return placeholder;
    gw_op *made = begin_of(p, needed);
    return made || whole == needed ? made : begin_of(p, whole); /* of a view that is replaced */
}

/* An operator class is whole, and an index can use it, when its family has its members. */
static void member_edges(planner *p, const gw_object *family, gw_op *class)
{
    for (size_t i = 0; i < family->children.len; i++)
        edge(p, p->match->of_y[family->children.items[i].object->index]->main, class);
}

/* An expression that casts needs the cast, though the server only notes the cast's function. */
static void cast_edges(planner *p, const gw_object *needed, const gw_pair *pair)
{
    const gw_object *y = pair->y;
    if (y->classid == GW_CLASS_TYPE || y->classid == GW_CLASS_PROC ||
        y->classid == GW_CLASS_OPERATOR || y->kind == &gw_kind_cast ||
        y->kind == &gw_kind_attribute)
        return;
    for (size_t i = 0; i < needed->needed_by.len; i++) {
        const gw_object *cast = needed->needed_by.items[i].object;
        if (cast->kind == &gw_kind_cast && !gw_plan_needs(cast, y))
            edge(p, p->match->of_y[cast->index]->main, pair->main);
    }
}

/* A table is made as an heir when its parents' columns are as they will be: it would conflict with
 * what they were, and be given by their ALTER what it has otherwise. */
static void heir_edges(planner *p, const gw_object *table, gw_op *made, int depth)
{
    for (size_t i = 0; i < table->needs.len && depth < 16; i++) {
        const gw_object *parent = table->needs.items[i].object;
        if (parent->kind != &gw_kind_table || !gw_is_child_of(table, parent))
            continue;
        const gw_pair *pair = p->match->of_y[parent->index];
        for (size_t c = 0; c < parent->children.len; c++) {
            const gw_object *child = parent->children.items[c].object;
            if (child->kind == &gw_kind_column)
                edge(p, p->match->of_y[child->index]->main, made);
        }
        for (size_t c = 0; pair->x && c < pair->x->children.len; c++) {
            const gw_object *child = pair->x->children.items[c].object;
            if (child->kind == &gw_kind_column)
                edge(p, p->match->of_x[child->index]->drop, made);
        }
        heir_edges(p, parent, made, depth + 1);
    }
}

static bool is_taken_over(const gw_object *o)
{
    return o->kind == &gw_kind_column ||
           (o->kind == &gw_kind_constraint && *gw_object_value(o, "sort") == 'c');
}

/* What is made LIKE another table is made when that is as it will be. */
static void like_edges(planner *p, const gw_object *like, gw_op *made)
{
    const gw_pair *pair = p->match->of_y[like->index];
    edge(p, pair->main, made);
    for (size_t i = 0; i < like->children.len; i++) {
        const gw_object *child = like->children.items[i].object;
        if (is_taken_over(child))
            edge(p, begin_of(p, child), made);
    }
    for (size_t i = 0; pair->x && i < pair->x->children.len; i++) {
        const gw_object *child = pair->x->children.items[i].object;
        if (is_taken_over(child))
            edge(p, p->match->of_x[child->index]->drop, made);
    }
}

/* A CHECK that is not valid comes down as such to the heirs that are there. */
static void not_valid_edges(planner *p, const gw_object *table, gw_op *made)
{
    for (size_t i = 0; i < table->children.len; i++) {
        const gw_object *own = table->children.items[i].object;
        bool not_valid = own->kind == &gw_kind_constraint && is_derived(own) &&
                         !gw_object_is(own, "validated") && gw_comes_by_itself(p->match, own);
        const gw_object *above = not_valid ? gw_handed_down_by(own) : NULL;
        if (above)
            edge(p, made, begin_of(p, above));
    }
}

static bool is_inherited(const gw_object *o)
{
    return (o->kind == &gw_kind_column || o->kind == &gw_kind_constraint) &&
           o->parent->kind == &gw_kind_table && gw_object_is(o, "inherited");
}

/* What an heir has of its own is as its parent's will be before that comes: they are merged. */
static bool goes_before_above(const planner *p, const gw_pair *pair)
{
    if (!is_inherited(pair->y) || gw_pair_comes(p->match->of_y[pair->y->parent->index]))
        return false;
    const gw_object *above = gw_handed_down_by(pair->y);
    bool comes = above && gw_pair_comes(p->match->of_y[above->index]);
    if (gw_pair_comes(pair))
        return comes && !is_derived(pair->y);
    if (pair->fate == GW_ALTERED && pair->y->kind == &gw_kind_column &&
        gw_column_before_above(p->arena, pair->x, pair->y, pair->changed))
        return true;
    return pair->fate == GW_ALTERED && comes && !is_inherited(pair->x);
}

/* What gives one above its NOT NULL may be a statement about one further up. */
static void before_edges(planner *p, gw_op *first, const gw_object *y, bool far, int depth)
{
    const gw_object *above;
    for (size_t i = 0; depth < 16 && (above = gw_handed_down_from(y, &i)) != NULL;) {
        edge(p, first, begin_of(p, above));
        if (!far)
            return;
        before_edges(p, first, above, far, depth + 1);
    }
}

static void create_edges(planner *p, const gw_pair *pair)
{
    const gw_object *y = pair->y;
    for (size_t i = 0; i < y->needs.len; i++) {
        const gw_object *needed = y->needs.items[i].object;
        /* OWNED BY is tied at the end: a column's default needs the sequence first. */
        if (y->kind == &gw_kind_sequence && y->needs.items[i].type == 'a')
            continue;
        edge(p, made_for(p, y, needed), pair->main);
        if (needed->classid == GW_CLASS_PROC || needed->classid == GW_CLASS_TYPE)
            cast_edges(p, needed, pair);
        if (y->kind == &gw_kind_operator_class && needed->kind == &gw_kind_operator_family)
            member_edges(p, needed, pair->main);
    }
    /* What is handed down, and what hangs on it, comes after what hands it down. */
    const gw_object *column = y->kind == &gw_kind_default ? gw_plan_column_of(y) : y;
    const gw_object *above = is_derived(column) ? gw_handed_down_by(column) : NULL;
    if (goes_before_above(p, pair))
        before_edges(p, pair->main, y, !gw_pair_comes(pair) && y->kind == &gw_kind_column, 0);
    else if (above && gw_comes_by_itself(p->match, column))
        edge(p, begin_of(p, above), pair->main);
    if (y->kind == &gw_kind_table && gw_object_value(y, "inherits") && gw_pair_comes(pair)) {
        heir_edges(p, y, pair->main, 0);
        not_valid_edges(p, y, pair->main);
    }
    const gw_object *like = y->kind == &gw_kind_table ? gw_made_like(p->match, y) : NULL;
    if (like)
        like_edges(p, like, pair->main);
    gw_op *placeholder = p->placeholder_ops[y->index];
    if (placeholder)
        edge(p, placeholder, pair->main);
}

static void placeholder_edges(planner *p, const gw_object *y)
{
    for (size_t i = 0; i < y->needs.len; i++) {
        const gw_object *needed = y->needs.items[i].object;
        if (needed->kind == &gw_kind_schema || needed->classid == GW_CLASS_TYPE)
            edge(p, p->match->of_y[needed->index]->main, p->placeholder_ops[y->index]);
    }
}

static bool handed_down(const gw_object *x, const gw_object *table)
{
    if (x->parent != table || !table)
        return false;
    if (x->kind == &gw_kind_column && table->kind == &gw_kind_table &&
        gw_object_value(table, "of_type"))
        return true;
    return (x->kind == &gw_kind_column || x->kind == &gw_kind_constraint) &&
           gw_object_is(x, "inherited");
}

/* The statement that an object goes away with, be it the drop of what its table inherits. */
static gw_op *end_of(const planner *p, const gw_object *x)
{
    const gw_pair *pair = p->match->of_x[x->index];
    for (int depth = 0; gw_pair_goes(pair) && !pair->drop && depth < 16; depth++) {
        const gw_object *above = is_derived(pair->x) ? gw_handed_down_by(pair->x) : NULL;
        if (!above)
            break;
        pair = p->match->of_x[above->index];
    }
    return pair->drop;
}

/* What stands on a column goes before the columns that hand it down get another type. */
static void above_edges(planner *p, const gw_object *column, gw_op *drop)
{
    for (int depth = 0; column && depth < 16; depth++) {
        if (column->kind != &gw_kind_column || !handed_down(column, column->parent))
            return;
        column = gw_handed_down_by(column);
        const gw_pair *above = column ? p->match->of_x[column->index] : NULL;
        if (above && above->fate == GW_ALTERED && (above->changed & 1))
            edge(p, drop, above->main);
    }
}

static void drop_edges(planner *p, const gw_pair *pair)
{
    const gw_object *x = pair->x;
    gw_op *release = p->release_ops[x->index];
    edge(p, release, pair->drop);
    for (size_t i = 0; i < x->needs.len; i++) {
        const gw_pair *needed = p->match->of_x[x->needs.items[i].object->index];
        if (release && x->kind == &gw_kind_view && needed->x->classid != GW_CLASS_TYPE && needed->x->kind != &gw_kind_schema) {
            edge(p, release, end_of(p, needed->x));
            continue;
        }
        /* it goes with whichever of them goes first */
        if (x->needs.items[i].type == 'n' || pair->drop->pair == pair)
            edge(p, pair->drop, end_of(p, needed->x));
        /* an owner or a comment waits for nothing; a sequence is loosened from a column that goes */
        if (!needed->changed || needed->x->kind == &gw_kind_sequence)
            continue;
        /* what goes with a column that is handed down waits for NO INHERIT as it does */
        const gw_object *gone = pair->drop ? pair->drop->pair->x : x;
        above_edges(p, needed->x, pair->drop);
        if (needed->fate == GW_ALTERED && !handed_down(gone, needed->x))
            edge(p, pair->drop, needed->main);
        else if (needed->fate == GW_ALTERED)
            edge(p, needed->main, pair->drop); /* NO INHERIT first */
    }
    const gw_object *above = handed_down(x, x->parent) ? gw_handed_down_by(x) : NULL;
    if (!above)
        return;
    /* with its table, before its parent's would take it and what hangs on it along */
    if (pair->drop->pair != pair) {
        if (pair->drop->pair->x == x->parent)
            edge(p, pair->drop, end_of(p, above));
        return;
    }
    /* While it inherits, its parent's goes first; where that ends, NO INHERIT before either. */
    const gw_pair *table = p->match->of_x[x->parent->index];
    const gw_pair *parent = p->match->of_x[above->parent->index];
    gw_op *above_drop = p->match->of_x[above->index]->drop;
    if (table->fate == GW_ALTERED && !gw_is_child_of(table->y, parent->y))
        edge(p, table->main, above_drop);
    else
        edge(p, above_drop, pair->drop);
}

/* What goes with the parents of a table that inherits from fewer: NO INHERIT first, or it would stay as the
 * table's own when nobody hands it down any more. */
static void leave_edges(planner *p, const gw_pair *pair)
{
    if (!handed_down(pair->x, pair->x->parent) || !is_derived(pair->x))
        return;
    const gw_pair *table = p->match->of_x[pair->x->parent->index];
    if (table->fate != GW_ALTERED || !gw_object_value(pair->x->parent, "inherits"))
        return;
    const gw_object *above;
    for (size_t i = 0; (above = gw_handed_down_from(pair->x, &i)) != NULL;)
        edge(p, table->main, p->match->of_x[above->index]->drop);
}

/* What changes of a partition changes while it is not attached. */
static void detach_edges(planner *p, const gw_pair *pair)
{
    const gw_object *table = pair->x->parent;
    for (size_t i = 0; pair->drop && i < table->children.len; i++) {
        const gw_pair *child = p->match->of_x[table->children.items[i].object->index];
        if (child->fate == GW_ALTERED && child->y->kind == &gw_kind_column)
            edge(p, pair->drop, child->main);
        if (child->drop && child->drop != pair->drop && gw_object_value(child->x, "parent_index"))
            edge(p, pair->drop, child->drop);
        if (gw_is_exclusion_part(child->x) && gw_handed_down_by(child->x))
            edge(p, pair->drop, end_of(p, gw_handed_down_by(child->x)));
        /* what it has of its parent's indexes stays with it, or goes alone */
        const gw_object *whole = gw_index_above(p->arena, child->x);
        if (whole)
            edge(p, pair->drop, end_of(p, whole));
    }
}

/* A table leaves its type before the type gets other attributes: they would come down to it. */
static void type_edges(planner *p, const gw_pair *table, const gw_pair *type)
{
    for (size_t i = 0; i < type->x->children.len; i++) {
        const gw_pair *part = p->match->of_x[type->x->children.items[i].object->index];
        edge(p, table->main, part->drop);
        edge(p, table->main, part->main);
    }
    for (size_t i = 0; type->y && i < type->y->children.len; i++)
        edge(p, table->main, p->match->of_y[type->y->children.items[i].object->index]->main);
}

/* What is altered leaves what is dropped behind first; a type set aside goes when its columns have
 * moved over. */
static void alter_edges(planner *p, const gw_pair *pair)
{
    bool leaves_type = pair->x->kind == &gw_kind_table && gw_object_value(pair->x, "of_type") &&
                       !gw_stays_typed(pair->x, pair->y);
    for (size_t i = 0; i < pair->x->needs.len; i++) {
        const gw_object *needed = pair->x->needs.items[i].object;
        edge(p, pair->main, end_of(p, needed));
        if (leaves_type && needed->kind == &gw_kind_composite)
            type_edges(p, pair, p->match->of_x[needed->index]);
    }
    /* a column that is handed down gets its type with the one above */
    const gw_object *above;
    bool follows = pair->y->kind == &gw_kind_column && pair->changed &&
                   handed_down(pair->y, pair->y->parent) && !goes_before_above(p, pair);
    for (size_t i = 0; follows && (above = gw_handed_down_from(pair->y, &i)) != NULL;)
        edge(p, p->match->of_y[above->index]->main, pair->main);
}

/* What names a type in its DROP goes before the type is renamed. */
static void aside_edges(planner *p, const gw_pair *pair)
{
    gw_op *placeholder = p->placeholder_ops[pair->y->index];
    gw_op *first = placeholder ? placeholder : pair->main;
    for (size_t i = 0; i < pair->x->needed_by.len; i++) {
        const gw_object *user = pair->x->needed_by.items[i].object;
        gw_op *drop = p->match->of_x[user->index]->drop;
        bool names_it = user->kind->classid == GW_CLASS_PROC ||
                        user->kind->classid == GW_CLASS_OPERATOR ||
                        user->kind->classid == GW_CLASS_CAST ||
                        user->kind->classid == GW_CLASS_TRANSFORM ||
                        user->kind->classid == GW_CLASS_AMOP ||
                        user->kind->classid == GW_CLASS_AMPROC;
        if (names_it && drop != pair->drop)
            edge(p, drop, first);
    }
    edge(p, pair->main, pair->drop);
}

/* A CHECK that is not valid, in the partition neither: it is handed down. */
static bool comes_down_later(const planner *p, const gw_object *partition, const gw_object *check)
{
    if (check->kind != &gw_kind_constraint || *gw_object_value(check, "sort") != 'c' ||
        gw_object_is(check, "validated"))
        return false;
    for (size_t i = 0; i < partition->children.len; i++) {
        const gw_object *own = partition->children.items[i].object;
        if (own->kind == check->kind && strcmp(own->name, check->name) == 0)
            return !gw_object_is(own, "validated") && !p->match->of_y[own->index]->main;
    }
    return false;
}

static bool is_exclusion(const gw_object *o)
{
    return o->kind == &gw_kind_constraint && *gw_object_value(o, "sort") == 'x';
}

/* The EXCLUDE that a partition has of its parent's is there when that is, and all that leads up to it is
 * attached; what had its name is gone by then. */
static void exclusion_edges(planner *p, const gw_pair *pair)
{
    if (pair->drop)
        edge(p, pair->drop, begin_of(p, gw_handed_down_by(pair->y)));
    for (const gw_object *o = pair->y; o && gw_is_exclusion_part(o); o = gw_handed_down_by(o))
        for (size_t i = 0; i < o->parent->children.len; i++) {
            const gw_object *child = o->parent->children.items[i].object;
            if (child->kind == &gw_kind_partition)
                edge(p, p->match->of_y[child->index]->main, pair->main);
        }
}

/* And has what its parent has: neither keeps a column or a CHECK that goes. */
static void fit_edges(planner *p, const gw_object *table, gw_op *attach)
{
    const gw_object *x = p->match->of_y[table->index]->x;
    for (size_t i = 0; x && i < x->children.len; i++)
        if (is_taken_over(x->children.items[i].object) || is_exclusion(x->children.items[i].object))
            edge(p, p->match->of_x[x->children.items[i].object->index]->drop, attach);
}

/* What comes down to a partition does so while it is attached: before it is detached for other bounds. */
static void bound_edges(planner *p, const gw_pair *pair)
{
    const gw_pair *child = p->match->of_y[pair->y->parent->index];
    const gw_object *above = gw_partitioned(pair->y->parent);
    const gw_pair *parent = above ? p->match->of_y[above->index] : NULL;
    if (pair->fate != GW_REBUILT || !parent || !parent->x || gw_pair_comes(parent) ||
        gw_pair_comes(child) || !gw_is_child_of(child->x, parent->x))
        return;
    for (size_t i = 0; i < above->children.len; i++)
        if (is_taken_over(above->children.items[i].object))
            edge(p, begin_of(p, above->children.items[i].object), pair->drop);
    for (size_t i = 0; i < parent->x->children.len; i++)
        if (is_taken_over(parent->x->children.items[i].object))
            edge(p, end_of(p, parent->x->children.items[i].object), pair->drop);
}

/* What had these bounds has left by then. */
static void leave_bounds(planner *p, const gw_object *parent, gw_op *attach)
{
    const gw_object *x = p->match->of_y[parent->index]->x;
    for (size_t i = 0; x && i < x->needed_by.len; i++) {
        const gw_object *other = x->needed_by.items[i].object;
        if (other->kind == &gw_kind_partition && other->parent != x)
            edge(p, p->match->of_x[other->index]->drop, attach);
    }
}

/* Will this index have been there before that one? Both are of one table. */
static bool comes_first(const planner *p, const gw_object *a, const gw_object *b, int depth)
{
    const gw_pair *one = p->match->of_y[a->index], *other = p->match->of_y[b->index];
    if (gw_pair_comes(one) != gw_pair_comes(other))
        return !gw_pair_comes(one);
    if (!gw_pair_comes(one))
        return one->x->oid < other->x->oid;
    if (gw_object_is(a, "valid") != gw_object_is(b, "valid"))
        return gw_object_is(a, "valid"); /* the other one comes when all is attached */
    const gw_object *over = gw_index_above(p->arena, a), *beside = gw_index_above(p->arena, b);
    return over && beside && depth < 16 ? comes_first(p, over, beside, depth + 1)
                                        : strcmp(a->key, b->key) < 0;
}

/* Where indexes are alike, the server takes the first of a partition for the first of its parent. */
static void twin_edges(planner *p, const gw_object *index)
{
    gw_op *made = p->match->of_y[index->index]->main;
    for (size_t i = 0; made && i < index->parent->children.len; i++) {
        const gw_object *twin = index->parent->children.items[i].object;
        if (twin == index)
            return;
        if (!gw_is_twin_index(index, twin) || !gw_pair_comes(p->match->of_y[twin->index]))
            continue;
        bool first = comes_first(p, index, twin, 0);
        gw_op *other = p->match->of_y[twin->index]->main;
        edge(p, first ? made : other, first ? other : made);
    }
}

/* A partition is attached when its indexes and its parent's are there to be matched; one that is not
 * valid is of its parent ONLY, for it came later. */
static void partition_edges(planner *p, const gw_pair *pair)
{
    const gw_object *y = pair->y;
    bound_edges(p, pair);
    for (size_t i = 0; i < y->needs.len; i++) {
        const gw_object *table = y->needs.items[i].object;
        if (table->kind != &gw_kind_table)
            continue;
        fit_edges(p, table, pair->main);
        if (table != y->parent)
            leave_bounds(p, table, pair->main);
        for (size_t c = 0; c < table->children.len; c++) {
            const gw_object *child = table->children.items[c].object;
            bool index = child->kind == &gw_kind_index || child->kind == &gw_kind_column ||
                         (child->kind == &gw_kind_constraint &&
                          *gw_object_value(child, "sort") != 'f');
            gw_op *made = index ? p->match->of_y[child->index]->main : NULL;
            if (table != y->parent && comes_down_later(p, y->parent, child))
                edge(p, pair->main, p->match->of_y[child->index]->main);
            else if (gw_is_exclusion_part(child) && table == y->parent)
                continue; /* exclusion_edges */
            else if (made && table != y->parent && child->kind == &gw_kind_index &&
                     !gw_object_is(child, "valid"))
                edge(p, pair->main, made);
            else
                edge(p, made, pair->main);
        }
    }
}

/* Rows are held before anything that has them goes, and filled in before what looks at them comes;
 * of a partitioned table when its partitions are there. */
static void carry_edges(planner *p, const gw_pair *pair)
{
    gw_tables sources;
    gw_carry_sources(p->match, p->arena, pair, &sources);
    for (size_t i = 0; i < sources.len; i++)
        edge(p, pair->hold, p->match->of_x[sources.items[i]->index]->drop);
    edge(p, pair->hold, pair->drop);
    edge(p, pair->hold, pair->main);
    edge(p, pair->main, pair->fill);
    for (size_t i = 0; i < pair->y->needed_by.len; i++) {
        const gw_object *user = pair->y->needed_by.items[i].object;
        gw_op *made = p->match->of_y[user->index]->main;
        if (user->kind == &gw_kind_partition && user->parent != pair->y) {
            edge(p, made, pair->fill);
            edge(p, p->match->of_y[user->parent->index]->main, pair->fill);
        } else if (made != pair->main && user->kind != &gw_kind_sequence &&
                   user->kind != &gw_kind_partition) {
            edge(p, pair->fill, made);
        }
    }
}

/* Relations, types, the indexes of constraints and the sequences of identity columns share their
 * names within a schema; so do functions and aggregates. */
static const char *slot(gw_arena *arena, const gw_object *o)
{
    if (o->kind->flags & GW_KIND_RELATION)
        return gw_printf(arena, "%s.%s", o->schema, o->name);
    if (o->kind == &gw_kind_constraint && strchr("pux", *gw_object_value(o, "sort")))
        return gw_printf(arena, "%s.%s", o->parent->schema, o->name);
    if (o->kind->classid == GW_CLASS_PROC)
        return gw_printf(arena, "%s.%s(%s)", o->schema, o->name, o->args);
    if (o->kind == &gw_kind_column && gw_object_value(o, "identity_sequence"))
        return gw_printf(arena, "%s.%s", o->parent->schema,
                         gw_object_value(o, "identity_sequence"));
    return NULL;
}

static bool leaves_slot(const gw_pair *pair)
{
    if (pair->fate == GW_ALTERED &&
        (pair->y->kind == &gw_kind_index || pair->y->kind == &gw_kind_constraint))
        return strcmp(pair->x->name, pair->y->name) != 0;
    return pair->fate == GW_ALTERED && pair->y->kind == &gw_kind_column &&
           !gw_same_text(gw_object_value(pair->x, "identity_sequence"),
                         gw_object_value(pair->y, "identity_sequence"));
}

/* Constraints share their names within a table, from 18 on with its NOT NULLs. What an heir has from its
 * parent has its name from there. */
static const char *table_slot(gw_arena *arena, const gw_object *o)
{
    const char *name = NULL;
    if (o->kind == &gw_kind_constraint)
        name = o->ref;
    else if (o->kind == &gw_kind_column && !gw_object_is(o, "inherited"))
        name = gw_column_not_null_name(arena, o);
    return name ? gw_printf(arena, "%s %s", o->parent->key, name) : NULL;
}

static bool leaves_table_slot(const gw_pair *pair)
{
    if (pair->fate == GW_ALTERED && pair->y->kind == &gw_kind_constraint)
        return strcmp(pair->x->name, pair->y->name) != 0;
    if (pair->fate != GW_ALTERED || pair->y->kind != &gw_kind_column || !pair->changed)
        return false;
    gw_arena *scratch = gw_arena_new();
    bool moves = !gw_same_text(gw_column_not_null_name(scratch, pair->x),
                               gw_column_not_null_name(scratch, pair->y));
    gw_arena_free(scratch);
    return moves;
}

/* Names that only one can have, and who leaves one although it stays. */
typedef struct slots {
    const char *(*name)(gw_arena *arena, const gw_object *o);
    bool (*moves)(const gw_pair *pair);
} slots;
static const slots of_schema = {slot, leaves_slot}, of_table = {table_slot, leaves_table_slot};

/* Who leaves a name. */
typedef struct slot_entry {
    const char *slot;
    gw_pair *pair;
    gw_op *op;
} slot_entry;

static int by_slot(const void *a, const void *b)
{
    return strcmp(((const slot_entry *)a)->slot, ((const slot_entry *)b)->slot);
}

/* Call `taken` for each name that one leaves to another, until a call says true. */
static bool each_taken(planner *p, const slots *names,
                       bool (*taken)(planner *p, const slots *names, slot_entry *from, gw_pair *to))
{
    gw_arena *scratch = gw_arena_new();
    GW_VEC(slot_entry) gone = {0};
    bool any = false;
    for (size_t i = 0; i < p->match->count; i++) {
        gw_pair *pair = &p->match->pairs[i];
        gw_op *op = names->moves(pair) ? pair->main : pair->drop;
        const char *name = pair->x && op ? names->name(scratch, pair->x) : NULL;
        if (name)
            *gw_vec_push(scratch, &gone) = (slot_entry){name, pair, op};
    }
    if (gone.len)
        qsort(gone.items, gone.len, sizeof *gone.items, by_slot);
    for (size_t i = 0; i < p->match->count && gone.len && !any; i++) {
        gw_pair *pair = &p->match->pairs[i];
        bool takes = pair->main && (gw_pair_comes(pair) || names->moves(pair));
        slot_entry key = {.slot = takes ? names->name(scratch, pair->y) : NULL};
        slot_entry *found = key.slot ? bsearch(&key, gone.items, gone.len, sizeof *gone.items, by_slot)
                                     : NULL;
        if (found && found->op->pair->fate != GW_ASIDE)
            any = taken(p, names, found, pair);
    }
    gw_arena_free(scratch);
    return any;
}

static bool has_own_name(const gw_object *o)
{
    return o->kind == &gw_kind_index || o->kind == &gw_kind_constraint;
}

/* What gives this name up before it gets its own; NULL: nothing does. A column has that of its NOT NULL. */
static gw_op *release_of(const planner *p, const slots *names, const gw_object *x)
{
    return has_own_name(x) || (x->kind == &gw_kind_column && names == &of_table)
               ? p->release_ops[x->index]
               : NULL;
}

static bool take_after(planner *p, const slots *names, slot_entry *from, gw_pair *to)
{
    gw_op *release = release_of(p, names, from->pair->x);
    edge(p, release, from->op);
    edge(p, release ? release : from->op, to->main);
    return false;
}

/* Does the one wait, be it through others, until the other is done? */
static bool waits_for(const planner *p, gw_op *op, const gw_op *first)
{
    gw_arena *scratch = gw_arena_new();
    bool *seen = gw_alloc_array(scratch, p->ops.len + 1, sizeof *seen);
    GW_VEC(const gw_op *) queue = {0};
    *gw_vec_push(scratch, &queue) = first;
    for (size_t at = 0; at < queue.len && !seen[op->rank]; at++)
        for (size_t i = 0; i < queue.items[at]->next.len; i++) {
            const gw_op *next = queue.items[at]->next.items[i];
            if (!seen[next->rank])
                *gw_vec_push(scratch, &queue) = next;
            seen[next->rank] = true;
        }
    bool waits = seen[op->rank];
    gw_arena_free(scratch);
    return waits;
}

static bool take_before(planner *p, const slots *names, slot_entry *from, gw_pair *to)
{
    const gw_object *x = from->pair->x;
    bool can = has_own_name(x) ? names->moves(from->pair)
                               : x->kind == &gw_kind_column && names == &of_table &&
                                     !gw_pair_goes(p->match->of_x[x->parent->index]);
    if (!can || p->released[x->index] || from->pair == to || from->op->done || to->main->done ||
        !waits_for(p, from->op, to->main))
        return false;
    return p->released[x->index] = true;
}

bool gw_plan_unname(planner *p)
{
    return each_taken(p, &of_schema, take_before) || each_taken(p, &of_table, take_before);
}

/* The statement that makes a table logged or unlogged; NULL: it stays what it is. */
static gw_op *logged_op(const gw_pair *table)
{
    return gw_changes_persistence(table) ? table->main : NULL;
}

/* At no moment may a table that is logged refer to one that is not. */
static void logged_edges(planner *p, const gw_pair *pair)
{
    const gw_object *key = pair->y ? pair->y : pair->x, *needed;
    gw_pair **of = pair->y ? p->match->of_y : p->match->of_x;
    for (size_t i = 0; (needed = gw_referred_to(key, &i)) != NULL;) {
        const gw_pair *table = of[needed->index];
        gw_op *child = logged_op(of[key->parent->index]), *parent = logged_op(table);
        edge(p, pair->drop, child);
        edge(p, pair->drop, parent);
        if (gw_pair_comes(pair)) {
            edge(p, child, pair->main);
            edge(p, parent, pair->main);
        } else if (parent && child && pair->y) {
            bool logged = *gw_object_value(table->y, "persistence") != 'u';
            edge(p, logged ? parent : child, logged ? child : parent);
        }
    }
}

void gw_plan_edges(planner *p)
{
    for (size_t i = 0; i < p->match->count; i++) {
        gw_pair *pair = &p->match->pairs[i];
        if (pair->y && pair->main)
            create_edges(p, pair);
        if (pair->y && p->placeholder_ops[pair->y->index])
            placeholder_edges(p, pair->y);
        if (pair->drop)
            drop_edges(p, pair);
        if (pair->x && gw_pair_goes(pair))
            leave_edges(p, pair);
        if (pair->x && pair->x->kind == &gw_kind_partition)
            detach_edges(p, pair);
        if (pair->fate == GW_ALTERED)
            alter_edges(p, pair);
        /* what goes with a type that was renamed away is not in its own way */
        if (pair->fate == GW_REBUILT && pair->drop && pair->drop->pair->fate != GW_ASIDE)
            edge(p, pair->drop, begin_of(p, pair->y));
        if (pair->fate == GW_ASIDE)
            aside_edges(p, pair);
        if (pair->y && pair->main && pair->y->kind == &gw_kind_partition)
            partition_edges(p, pair);
        if (pair->hold)
            carry_edges(p, pair);
        if (pair->y && gw_pair_comes(pair) && pair->y->kind == &gw_kind_index)
            twin_edges(p, pair->y);
        if (pair->y && gw_pair_comes(pair) && gw_is_exclusion_part(pair->y))
            exclusion_edges(p, pair);
        logged_edges(p, pair);
    }
    each_taken(p, &of_schema, take_after);
    each_taken(p, &of_table, take_after);
}
