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
#include "schema/planner.h"

static gw_op *new_op(planner *p, op_sort sort, gw_pair *pair)
{
    gw_op *op = gw_alloc(p->arena, sizeof *op);
    op->sort = sort;
    op->pair = pair;
    *gw_vec_push(p->arena, &p->ops) = op;
    return op;
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

/* What a new object is written inside of; NULL: it stands alone. */
static gw_pair *host_of(const planner *p, const gw_object *y)
{
    if (!y->parent || !y->kind->inlined || !y->kind->inlined(y))
        return NULL;
    gw_pair *parent = new_pair(p, y->parent);
    const gw_object *column = y->kind == &gw_kind_default ? gw_plan_column_of(y) : NULL;
    if (column && is_derived(column) && gw_object_value(y->parent, "inherits"))
        return NULL; /* the column is not written, its parent hands it down */
    if (column && gw_made_like(p->match, y->parent))
        return NULL; /* nor is it here */
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

/* Does what comes with another object's statement want one of its own besides? */
static bool is_otherwise(const planner *p, const gw_pair *pair)
{
    gw_change scratch = {0};
    return gw_aspects_differ(p->arena, NULL, pair->y, &p->ddl.options, &scratch) ||
           (pair->y->kind == &gw_kind_column && pair->y->parent->kind == &gw_kind_table &&
            gw_column_differs(pair->y)) ||
           (pair->y->kind == &gw_kind_constraint && gw_constraint_differs(pair->y));
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
    } else if (is_otherwise(p, pair)) {
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
            if (gw_plan_needs(pair->y->needs.items[n].object, pair->y))
                p->placeholders[pair->y->index] = true;
    }
}

/* Something to try where a loop is left: true, and the planning starts again. */
static bool break_loop(planner *p)
{
    if (gw_plan_unname(p))
        return true;
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

static bool inherits_later(const gw_ddl *ddl, const gw_object *table)
{
    const planner *p = ddl->self;
    return gw_inherits_later(p->match, table);
}

static const gw_object *made_like(const gw_ddl *ddl, const gw_object *table)
{
    const planner *p = ddl->self;
    return gw_made_like(p->match, table);
}

static bool unnamed(const gw_ddl *ddl, const gw_object *object)
{
    const planner *p = ddl->self;
    return p->released[object->index];
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

/* What is there, or comes with another object's statement and is made what it has to be. */
static void render_alter(planner *p, const gw_pair *pair)
{
    bool comes = gw_pair_comes(pair);
    p->ddl.object = pair->y;
    p->ddl.action = GW_DDL_ALTER;
    if (comes && pair->y->kind == &gw_kind_column)
        gw_column_come_down(&p->ddl, pair->y);
    else if (comes && pair->y->kind == &gw_kind_constraint)
        gw_constraint_come_down(&p->ddl, pair->y);
    else if (pair->changed && !comes)
        pair->y->kind->alter(&p->ddl, pair->x, pair->y, pair->changed);
    gw_aspects_render(&p->ddl, comes || pair->uncommented ? NULL : pair->x, pair->y);
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
        if (pair->x->kind == &gw_kind_column)
            gw_column_unname(&p->ddl, pair->x);
        else if (pair->x->kind == &gw_kind_index)
            gw_index_unname(&p->ddl, pair->x);
        else if (pair->x->kind == &gw_kind_constraint)
            gw_constraint_unname(&p->ddl, pair->x);
        else
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
        render_alter(p, pair);
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
    p.ddl.options = *options;
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
        gw_plan_edges(&p);
        order = gw_alloc_array(arena, p.ops.len + 1, sizeof(gw_op *));
    } while (!sort_ops(&p, order));
    p.ddl = (gw_ddl){.arena = arena, .options = *options, .server_version = x->server_version,
                     .from = x, .to = y,
                     .is_inline = is_inline, .is_new = is_new, .stays_below = stays_below,
                     .inherits_later = inherits_later, .made_like = made_like,
                     .unnamed = unnamed, .self = &p};
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
