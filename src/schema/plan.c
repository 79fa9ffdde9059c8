/*
 * The order of a plan: operations as nodes, what has to come first as edges, then a topological
 * sort that takes the lowest rank first (Kahn's algorithm). A loop is broken where PostgreSQL
 * allows it: defaults and constraints leave their table's CREATE, a view first comes as a placeholder.
 */
#include "schema/plan.h"

#include <stdlib.h>
#include <string.h>

#include "schema/internal.h"
#include "schema/kinds/kinds.h"
#include "schema/match.h"

typedef enum { OP_HOLD, OP_RELEASE, OP_DROP, OP_STUB, OP_ALTER, OP_CREATE, OP_FILL } op_sort;

typedef struct gw_op {
    op_sort sort;
    gw_pair *pair;
    GW_VEC(gw_pair *) members; /* written inside, or right after */
    GW_VEC(struct gw_op *) next;
    size_t waits_for;
    size_t rank;
    bool done;
} gw_op;

typedef struct planner {
    gw_arena *arena;
    gw_match *match;
    gw_schema_plan *plan;
    gw_ddl ddl;
    GW_VEC(gw_op *) ops;
    bool *apart; /* by y index: a table whose defaults and constraints stand alone */
    bool *unfastened; /* by x index: a foreign key that goes before its table */
    bool *placeholders; /* by y index: a view that is made in two steps */
    gw_op **placeholder_ops;
    bool *released; /* by x index: a view that needs nothing any more before it goes */
    gw_op **release_ops;
} planner;

static gw_op *new_op(planner *p, op_sort sort, gw_pair *pair)
{
    gw_op *op = gw_alloc(p->arena, sizeof *op);
    op->sort = sort;
    op->pair = pair;
    *gw_vec_push(p->arena, &p->ops) = op;
    return op;
}

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

/* ---- which operations there are --------------------------------------------------------------- */

static gw_pair *new_pair(const planner *p, const gw_object *y)
{
    gw_pair *pair = p->match->of_y[y->index];
    return gw_pair_comes(pair) ? pair : NULL;
}

/* The column of a default. */
static const gw_object *column_of(const gw_object *object)
{
    for (size_t i = 0; i < object->parent->children.len; i++) {
        const gw_object *child = object->parent->children.items[i].object;
        if (child->kind == &gw_kind_column && strcmp(child->name, object->name) == 0)
            return child;
    }
    return NULL;
}

/* What a new object is written inside of; NULL: it stands alone. */
static gw_pair *host_of(const planner *p, const gw_object *y)
{
    if (!y->parent || !y->kind->inlined || !y->kind->inlined(y))
        return NULL;
    gw_pair *parent = new_pair(p, y->parent);
    const gw_object *column = y->kind == &gw_kind_default ? column_of(y) : NULL;
    if (column && is_derived(column) && gw_object_value(y->parent, "inherits"))
        return NULL; /* the column is not written, its parent hands it down */
    bool always = y->kind == &gw_kind_column || y->kind == &gw_kind_attribute;
    if (parent)
        return !always && p->apart[y->parent->index] ? NULL : parent;
    if (!column || p->apart[y->parent->index] || gw_comes_by_itself(p->match, column))
        return NULL;
    return new_pair(p, column);
}

/* What an object goes away with; NULL: it has to be dropped. */
static gw_pair *goes_with(const planner *p, const gw_object *x)
{
    if (p->unfastened[x->index] || (x->kind->flags & GW_KIND_BEFORE_PARENT))
        return NULL;
    if (x->parent && gw_pair_goes(p->match->of_x[x->parent->index]))
        return p->match->of_x[x->parent->index];
    if (x->kind->flags & GW_KIND_NO_DERIVED_DROP)
        return NULL;
    for (size_t i = 0; i < x->needs.len; i++) {
        gw_pair *pair = p->match->of_x[x->needs.items[i].object->index];
        /* of what leans on a type that is renamed away only its own functions stay with it */
        if (pair->fate == GW_ASIDE && x->classid != GW_CLASS_PROC)
            continue;
        if (x->needs.items[i].type != 'n' && gw_pair_goes(pair) &&
            !gw_comes_loose(p->match, x, pair->x))
            return pair;
    }
    return NULL;
}

static gw_op *drop_op(planner *p, gw_pair *pair, int depth)
{
    if (pair->drop || depth > 16)
        return pair->drop;
    gw_pair *with = goes_with(p, pair->x);
    if (with)
        pair->drop = drop_op(p, with, depth + 1);
    else if (!gw_goes_by_itself(p->match, pair->x))
        pair->drop = new_op(p, OP_DROP, pair);
    return pair->drop;
}

static gw_op *create_op(planner *p, gw_pair *pair)
{
    if (pair->main)
        return pair->main;
    gw_pair *host = host_of(p, pair->y);
    if (host) {
        pair->main = create_op(p, host);
        *gw_vec_push(p->arena, &pair->main->members) = pair;
    } else if (!gw_comes_by_itself(p->match, pair->y)) {
        pair->main = new_op(p, OP_CREATE, pair);
    } else if (pair->aspects) {
        pair->main = new_op(p, OP_ALTER, pair);
    }
    return pair->main;
}

static void make_ops(planner *p)
{
    p->ops.len = 0;
    memset(p->placeholder_ops, 0, (p->match->y->objects.len + 1) * sizeof(gw_op *));
    memset(p->release_ops, 0, (p->match->x->objects.len + 1) * sizeof(gw_op *));
    for (size_t i = 0; i < p->match->count; i++)
        p->match->pairs[i].drop = p->match->pairs[i].main = p->match->pairs[i].hold =
            p->match->pairs[i].fill = NULL;
    for (size_t i = 0; i < p->match->count; i++) {
        gw_pair *pair = &p->match->pairs[i];
        if (gw_pair_goes(pair))
            drop_op(p, pair, 0);
        if (gw_pair_comes(pair))
            create_op(p, pair);
        if (pair->fate == GW_ALTERED)
            pair->main = new_op(p, OP_ALTER, pair);
        gw_tables sources;
        if (gw_carry_sources(p->match, p->arena, pair, &sources)) {
            pair->hold = new_op(p, OP_HOLD, pair);
            pair->fill = new_op(p, OP_FILL, pair);
        }
        if (pair->y && p->placeholders[pair->y->index])
            p->placeholder_ops[pair->y->index] = new_op(p, OP_STUB, pair);
        if (pair->x && p->released[pair->x->index])
            p->release_ops[pair->x->index] = new_op(p, OP_RELEASE, pair);
    }
}

/* ---- what has to come first --------------------------------------------------------------------- */

static bool needs(const gw_object *object, const gw_object *other)
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
    return needed->kind->flags & GW_KIND_SHELL ? needs(needed, object)
                                               : object->kind != &gw_kind_materialized_view;
}

/* The statement that makes what `object` needs: a view's columns come with its first version. */
static gw_op *made_for(const planner *p, const gw_object *object, const gw_object *needed)
{
    const gw_object *whole =
        needed->kind == &gw_kind_column && needed->parent->kind == &gw_kind_view ? needed->parent
                                                                                 : needed;
    gw_op *placeholder = p->placeholder_ops[whole->index];
    return placeholder && whole != object && takes_placeholder(object, whole)
               ? placeholder
               : p->match->of_y[needed->index]->main;
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
        if (cast->kind == &gw_kind_cast && !needs(cast, y))
            edge(p, p->match->of_y[cast->index]->main, pair->main);
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
    const gw_object *column = y->kind == &gw_kind_default ? column_of(y) : y;
    const gw_object *above = is_derived(column) ? gw_handed_down_by(column) : NULL;
    if (above && gw_comes_by_itself(p->match, column))
        edge(p, p->match->of_y[above->index]->main, pair->main);
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
    return x->parent == table && table &&
           (x->kind == &gw_kind_column || x->kind == &gw_kind_constraint) &&
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

static void drop_edges(planner *p, const gw_pair *pair)
{
    const gw_object *x = pair->x;
    gw_op *release = p->release_ops[x->index];
    edge(p, release, pair->drop);
    for (size_t i = 0; i < x->needs.len; i++) {
        const gw_pair *needed = p->match->of_x[x->needs.items[i].object->index];
        if (release && needed->x->classid != GW_CLASS_TYPE && needed->x->kind != &gw_kind_schema) {
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
    }
}

/* What is altered leaves what is dropped behind first; a type set aside goes when its columns have
 * moved over. */
static void alter_edges(planner *p, const gw_pair *pair)
{
    for (size_t i = 0; i < pair->x->needs.len; i++) {
        edge(p, pair->main, end_of(p, pair->x->needs.items[i].object));
    }
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

/* A partition is attached when its indexes and its parent's are there to be matched; one that is not
 * valid is of its parent ONLY, for it came later. */
static void partition_edges(planner *p, const gw_pair *pair)
{
    const gw_object *y = pair->y;
    for (size_t i = 0; i < y->needs.len; i++) {
        const gw_object *table = y->needs.items[i].object;
        if (table->kind != &gw_kind_table)
            continue;
        for (size_t c = 0; c < table->children.len; c++) {
            const gw_object *child = table->children.items[c].object;
            bool index = child->kind == &gw_kind_index || child->kind == &gw_kind_column ||
                         (child->kind == &gw_kind_constraint &&
                          *gw_object_value(child, "sort") != 'f');
            gw_op *made = index ? p->match->of_y[child->index]->main : NULL;
            if (table != y->parent && comes_down_later(p, y->parent, child))
                edge(p, pair->main, p->match->of_y[child->index]->main);
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

static bool moves_sequence(const gw_pair *pair)
{
    return pair->fate == GW_ALTERED && pair->y->kind == &gw_kind_column &&
           !gw_same_text(gw_object_value(pair->x, "identity_sequence"),
                         gw_object_value(pair->y, "identity_sequence"));
}

/* Who leaves a name. */
typedef struct slot_entry {
    const char *slot;
    gw_op *op;
} slot_entry;

static int by_slot(const void *a, const void *b)
{
    return strcmp(((const slot_entry *)a)->slot, ((const slot_entry *)b)->slot);
}

static void slot_edges(planner *p)
{
    gw_arena *scratch = gw_arena_new();
    GW_VEC(slot_entry) gone = {0};
    for (size_t i = 0; i < p->match->count; i++) {
        gw_pair *pair = &p->match->pairs[i];
        gw_op *op = moves_sequence(pair) ? pair->main : pair->drop;
        const char *name = pair->x && op ? slot(scratch, pair->x) : NULL;
        if (name)
            *gw_vec_push(scratch, &gone) = (slot_entry){name, op};
    }
    if (gone.len)
        qsort(gone.items, gone.len, sizeof *gone.items, by_slot);
    for (size_t i = 0; i < p->match->count && gone.len; i++) {
        gw_pair *pair = &p->match->pairs[i];
        bool takes = pair->main && (gw_pair_comes(pair) || moves_sequence(pair));
        const char *name = takes ? slot(scratch, pair->y) : NULL;
        if (!name)
            continue;
        slot_entry key = {name, NULL};
        slot_entry *found = bsearch(&key, gone.items, gone.len, sizeof *gone.items, by_slot);
        if (found && found->op->pair->fate != GW_ASIDE)
            edge(p, found->op, pair->main);
    }
    gw_arena_free(scratch);
}

static void make_edges(planner *p)
{
    for (size_t i = 0; i < p->match->count; i++) {
        gw_pair *pair = &p->match->pairs[i];
        if (pair->y && pair->main)
            create_edges(p, pair);
        if (pair->y && p->placeholder_ops[pair->y->index])
            placeholder_edges(p, pair->y);
        if (pair->drop)
            drop_edges(p, pair);
        if (pair->x && pair->x->kind == &gw_kind_partition)
            detach_edges(p, pair);
        if (pair->fate == GW_ALTERED)
            alter_edges(p, pair);
        /* what goes with a type that was renamed away is not in its own way */
        if (pair->fate == GW_REBUILT && pair->drop && pair->drop->pair->fate != GW_ASIDE)
            edge(p, pair->drop, pair->main);
        if (pair->fate == GW_ASIDE)
            aside_edges(p, pair);
        if (pair->y && pair->main && pair->y->kind == &gw_kind_partition)
            partition_edges(p, pair);
        if (pair->hold)
            carry_edges(p, pair);
    }
    slot_edges(p);
}

/* ---- the order --------------------------------------------------------------------------------- */

static size_t kind_order(const gw_kind *kind)
{
    size_t i = 0;
    while (i < gw_kind_count && gw_kinds[i] != kind)
        i++;
    return i;
}

static bool ends(const gw_op *op)
{
    return op->sort == OP_DROP || op->sort == OP_HOLD || op->sort == OP_RELEASE;
}

static const gw_object *subject(const gw_op *op)
{
    return ends(op) ? op->pair->x : op->pair->y;
}

/* Drops before the rest; by kind, table, place in the table, name. */
static int by_rank(const void *a, const void *b)
{
    const gw_op *l = *(gw_op *const *)a, *r = *(gw_op *const *)b;
    if (ends(l) != ends(r))
        return ends(l) ? -1 : 1;
    const gw_object *lo = subject(l), *ro = subject(r);
    size_t lk = kind_order(lo->kind), rk = kind_order(ro->kind);
    if (lk != rk)
        return (lk < rk) == !ends(l) ? -1 : 1;
    int order = lo->parent && ro->parent ? strcmp(lo->parent->key, ro->parent->key) : 0;
    if (order == 0 && lo->subid != ro->subid)
        return lo->subid < ro->subid ? -1 : 1;
    return order ? order : strcmp(lo->key, ro->key);
}

/* A binary heap of operations by rank. */
typedef struct heap {
    gw_op **items;
    size_t len;
} heap;

static void heap_push(heap *h, gw_op *op)
{
    size_t at = h->len++;
    for (; at > 0 && h->items[(at - 1) / 2]->rank > op->rank; at = (at - 1) / 2)
        h->items[at] = h->items[(at - 1) / 2];
    h->items[at] = op;
}

static gw_op *heap_pop(heap *h)
{
    gw_op *top = h->items[0], *last = h->items[--h->len];
    size_t at = 0;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= h->len)
            break;
        if (child + 1 < h->len && h->items[child + 1]->rank < h->items[child]->rank)
            child++;
        if (h->items[child]->rank >= last->rank)
            break;
        h->items[at] = h->items[child];
        at = child;
    }
    if (h->len)
        h->items[at] = last;
    return top;
}

static bool can_go_alone(const gw_object *o, bool only_keys)
{
    if (o->kind == &gw_kind_constraint && *gw_object_value(o, "sort") == 'f')
        return true;
    return !only_keys && (o->kind == &gw_kind_default || o->kind == &gw_kind_constraint ||
                          o->kind == &gw_kind_domain_default ||
                          o->kind == &gw_kind_domain_constraint || o->kind == &gw_kind_trigger ||
                          o->kind == &gw_kind_policy || o->kind == &gw_kind_rule);
}

/* What ties tables together that all go is dropped by name first: foreign keys, and where that is
 * not enough whatever else hangs on a table and needs something. */
static bool unfasten(planner *p, bool only_keys)
{
    bool changed = false;
    for (size_t i = 0; i < p->ops.len; i++) {
        const gw_op *op = p->ops.items[i];
        const gw_object *x = op->pair->x;
        if (op->done || op->sort != OP_DROP)
            continue;
        for (size_t c = 0; c < x->children.len; c++) {
            const gw_object *child = x->children.items[c].object;
            if (can_go_alone(child, only_keys) && !p->unfastened[child->index] &&
                !is_derived(child))
                changed = p->unfastened[child->index] = true;
        }
    }
    return changed;
}

/* New types whose own functions take them are declared first. */
static void declare_shells(planner *p)
{
    for (size_t i = 0; i < p->match->count; i++) {
        const gw_pair *pair = &p->match->pairs[i];
        if (!gw_pair_comes(pair) || !(pair->y->kind->flags & GW_KIND_SHELL))
            continue;
        for (size_t n = 0; n < pair->y->needs.len; n++)
            if (needs(pair->y->needs.items[n].object, pair->y))
                p->placeholders[pair->y->index] = true;
    }
}

/* Something to try where a loop is left: true, and the planning starts again. */
static bool break_loop(planner *p)
{
    bool changed = unfasten(p, true);
    for (size_t i = 0; i < p->ops.len; i++) {
        const gw_op *op = p->ops.items[i];
        if (op->done || op->sort != OP_CREATE || !op->members.len)
            continue;
        const gw_object *y = op->pair->y;
        const gw_object *table = y->kind == &gw_kind_column ? y->parent : y;
        if (!p->apart[table->index])
            changed = p->apart[table->index] = true;
    }
    for (size_t i = 0; i < p->ops.len && !changed; i++) {
        const gw_op *op = p->ops.items[i];
        if (!op->done && op->sort == OP_CREATE && op->pair->y->kind->placeholder &&
            !(op->pair->y->kind->flags & GW_KIND_SHELL) && !p->placeholders[op->pair->y->index])
            changed = p->placeholders[op->pair->y->index] = true;
    }
    for (size_t i = 0; i < p->ops.len && !changed; i++) {
        const gw_op *op = p->ops.items[i];
        const gw_object *x = op->pair->x;
        if (!op->done && op->sort == OP_DROP && x->kind == &gw_kind_view && !p->released[x->index])
            changed = p->released[x->index] = true;
    }
    return changed || unfasten(p, false);
}

static void note_loop(planner *p)
{
    gw_buf names = GW_BUF(p->arena);
    size_t left = 0;
    for (size_t i = 0; i < p->ops.len; i++) {
        const gw_op *op = p->ops.items[i];
        const gw_object *o = subject(op);
        if (!op->done && left++ < 12)
            gw_buf_addf(&names, "%s%s %s", names.len ? ", " : "", o->kind->name, o->key);
    }
    *gw_vec_push(p->arena, &p->plan->notes) =
        gw_printf(p->arena, "in a loop of dependencies that no statement breaks, or behind it: %s%s",
                  gw_buf_str(&names), left > 12 ? ", …" : "");
}

/* false: a loop that nothing breaks was cut where the rank is lowest; the proof will tell. */
static bool sort_ops(planner *p, gw_op **order)
{
    heap ready = {gw_alloc_array(p->arena, p->ops.len + 1, sizeof(gw_op *)), 0};
    if (p->ops.len)
        qsort(p->ops.items, p->ops.len, sizeof *p->ops.items, by_rank);
    for (size_t i = 0; i < p->ops.len; i++) {
        p->ops.items[i]->rank = i;
        if (p->ops.items[i]->waits_for == 0)
            heap_push(&ready, p->ops.items[i]);
    }
    size_t count = 0;
    bool whole = true;
    while (count < p->ops.len) {
        if (ready.len == 0) {
            if (break_loop(p))
                return false;
            if (whole)
                note_loop(p);
            whole = false;
            size_t i = 0;
            while (p->ops.items[i]->done)
                i++;
            heap_push(&ready, p->ops.items[i]);
        }
        gw_op *op = heap_pop(&ready);
        if (op->done)
            continue;
        op->done = true;
        order[count++] = op;
        for (size_t i = 0; i < op->next.len; i++)
            if (--op->next.items[i]->waits_for == 0 && !op->next.items[i]->done)
                heap_push(&ready, op->next.items[i]);
    }
    return true;
}

/* ---- the statements ---------------------------------------------------------------------------- */

static bool is_inline(const gw_ddl *ddl, const gw_object *object)
{
    const planner *p = ddl->self;
    return new_pair(p, object) && host_of(p, object) != NULL;
}

static bool is_new(const gw_ddl *ddl, const gw_object *object)
{
    return new_pair(ddl->self, object) != NULL;
}

static bool stays_below(const gw_ddl *ddl, const gw_object *object)
{
    const planner *p = ddl->self;
    return gw_stays_below(p->match, object);
}

static void render_drop(planner *p, const gw_pair *pair)
{
    const gw_kind *kind = pair->x->kind;
    p->ddl.object = pair->x;
    p->ddl.action = GW_DDL_DROP;
    if (pair->fate == GW_ASIDE)
        kind->drop_aside(&p->ddl, pair->x);
    else if (pair->hold)
        gw_ddl_add(&p->ddl, 0, "DROP %s %s", kind->word(pair->x), pair->x->ref);
    else if (kind->drop)
        kind->drop(&p->ddl, pair->x);
    else
        gw_ddl_add(&p->ddl, kind->flags & GW_KIND_DATA ? GW_DDL_LOSES : 0, "DROP %s %s",
                   kind->word ? kind->word(pair->x) : kind->keyword, pair->x->ref);
}

static void render_create(planner *p, const gw_op *op)
{
    const gw_pair *pair = op->pair;
    p->ddl.object = pair->y;
    p->ddl.action = GW_DDL_CREATE;
    if (pair->fate == GW_ASIDE && !p->placeholder_ops[pair->y->index])
        pair->x->kind->set_aside(&p->ddl, pair->x);
    pair->y->kind->create(&p->ddl, pair->y);
    gw_aspects_render(&p->ddl, NULL, pair->y);
    for (size_t i = 0; i < op->members.len; i++) {
        const gw_object *member = op->members.items[i]->y;
        p->ddl.object = member;
        if (member->kind == &gw_kind_column)
            member->kind->create(&p->ddl, member);
        gw_aspects_render(&p->ddl, NULL, member);
    }
}

static void render(planner *p, const gw_op *op)
{
    gw_pair *pair = op->pair;
    switch (op->sort) {
    case OP_HOLD:
        p->ddl.object = pair->x;
        p->ddl.action = GW_DDL_ALTER;
        gw_carry_out(&p->ddl, p->match, pair);
        break;
    case OP_FILL:
        p->ddl.object = pair->y;
        p->ddl.action = GW_DDL_ALTER;
        gw_carry_in(&p->ddl, p->match, pair);
        break;
    case OP_RELEASE:
        p->ddl.object = pair->x;
        p->ddl.action = GW_DDL_ALTER;
        pair->x->kind->placeholder(&p->ddl, pair->x);
        break;
    case OP_DROP:
        render_drop(p, pair);
        break;
    case OP_STUB:
        p->ddl.object = pair->y;
        p->ddl.action = GW_DDL_CREATE;
        if (pair->fate == GW_ASIDE)
            pair->x->kind->set_aside(&p->ddl, pair->x);
        pair->y->kind->placeholder(&p->ddl, pair->y);
        break;
    case OP_ALTER:
        p->ddl.object = pair->y;
        p->ddl.action = GW_DDL_ALTER;
        if (pair->changed)
            pair->y->kind->alter(&p->ddl, pair->x, pair->y, pair->changed);
        gw_aspects_render(&p->ddl, pair->x, pair->y);
        break;
    case OP_CREATE:
        render_create(p, op);
        break;
    }
}

/* ---- the whole ---------------------------------------------------------------------------------- */

static bool names_not_nulls(const gw_schema *schema)
{
    for (size_t i = 0; i < schema->objects.len; i++)
        if (schema->objects.items[i]->kind == &gw_kind_column &&
            gw_object_value(schema->objects.items[i], "not_null_name"))
            return true;
    return false;
}

bool gw_schema_plan_make(gw_arena *arena, const gw_schema *x, const gw_schema *y,
                  const gw_ddl_options *options, gw_schema_plan **out, gw_err *err)
{
    (void)err;
    planner p = {.arena = arena, .match = gw_match_make(arena, x, y, options)};
    p.plan = gw_alloc(arena, sizeof *p.plan);
    p.plan->x = x;
    p.plan->y = y;
    p.apart = gw_alloc_array(arena, y->objects.len + 1, sizeof *p.apart);
    p.placeholders = gw_alloc_array(arena, y->objects.len + 1, sizeof *p.placeholders);
    p.released = gw_alloc_array(arena, x->objects.len + 1, sizeof *p.released);
    p.release_ops = gw_alloc_array(arena, x->objects.len + 1, sizeof *p.release_ops);
    p.unfastened = gw_alloc_array(arena, x->objects.len + 1, sizeof *p.unfastened);
    p.placeholder_ops = gw_alloc_array(arena, y->objects.len + 1, sizeof *p.placeholder_ops);
    declare_shells(&p);
    gw_op **order;
    do {
        make_ops(&p);
        make_edges(&p);
        order = gw_alloc_array(arena, p.ops.len + 1, sizeof(gw_op *));
    } while (!sort_ops(&p, order));
    p.ddl = (gw_ddl){.arena = arena, .options = *options, .server_version = x->server_version,
                     .from = x, .to = y,
                     .is_inline = is_inline, .is_new = is_new, .stays_below = stays_below,
                     .self = &p};
    p.ddl.names_not_nulls = names_not_nulls(x) || names_not_nulls(y);
    for (size_t i = 0; i < p.ops.len; i++)
        render(&p, order[i]);
    for (size_t i = 0; i < p.ddl.statements.len; i++)
        *gw_vec_push(arena, &p.plan->statements) = p.ddl.statements.items[i];
    for (size_t i = 0; i < p.ddl.late.len; i++)
        *gw_vec_push(arena, &p.plan->statements) = p.ddl.late.items[i];
    gw_plan_describe(arena, p.match, options, p.plan);
    *out = p.plan;
    return true;
}
