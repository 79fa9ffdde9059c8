#include "schema/match.h"

#include <string.h>

#include "schema/internal.h"
#include "schema/kinds/kinds.h"

static gw_changed compare(const gw_object *x, const gw_object *y)
{
    gw_changed changed = 0;
    for (size_t i = 0; x->kind->attrs[i].name; i++) {
        unsigned flags = x->kind->attrs[i].flags;
        if (!(flags & GW_ATTR_INFO) && !gw_same_text(x->values[i], y->values[i]) &&
            !((flags & GW_ATTR_ONLY_TRUE) && !gw_yes(y, i)))
            changed |= GW_BIT(i);
        else if ((flags & GW_ATTR_DEPARSED) && strcmp(x->name, y->name) != 0)
            changed |= GW_BIT(i); /* the definition, in which an index has its name */
    }
    return changed;
}

static bool can_alter(const gw_pair *pair)
{
    const gw_kind *kind = pair->x->kind;
    return !pair->changed ||
           (kind->can_alter && kind->can_alter(pair->x, pair->y, pair->changed));
}

static bool is_derived(const gw_object *object)
{
    return object->kind->derived && object->kind->derived(object);
}

/* The other, or a part of it: of a table only the columns are noted where they are named. */
static bool needs(const gw_object *object, const gw_object *other)
{
    for (size_t i = 0; other && i < object->needs.len; i++)
        if (object->needs.items[i].object == other || object->needs.items[i].object->parent == other)
            return true;
    return false;
}

static void rebuild(gw_pair *pair, bool because)
{
    pair->fate = pair->x->kind->set_aside && gw_is_stored(pair->x, false) ? GW_ASIDE : GW_REBUILT;
    pair->because = because;
}

/* The column is given its type again: the type that it has is set aside. */
static void retype(gw_pair *column)
{
    column->changed |= 1; /* "type" is a column's first attribute */
    if (column->fate == GW_STAYS)
        column->fate = GW_ALTERED;
}

static bool is_settled(const gw_pair *pair)
{
    return pair->fate != GW_STAYS && pair->fate != GW_ALTERED;
}

/* Does a table that leaves all that it has this CHECK from keep it, as its own? */
static bool is_left(const gw_match *match, const gw_object *x)
{
    return x->kind == &gw_kind_constraint && is_derived(x) && !gw_is_exclusion_part(x) &&
           !gw_goes_by_itself(match, x);
}

/* Does what becomes of `pair` make it necessary to rebuild `dependent`? */
static bool must_follow(const gw_match *match, const gw_pair *pair, gw_pair *dependent,
                        char need_type)
{
    const gw_object *d = dependent->x;
    if (is_settled(dependent))
        return false;
    bool is_child = d->parent == pair->x;
    bool goes_along = is_child || need_type != 'n';
    if (pair->fate == GW_ALTERED) {
        if ((d->kind->flags & GW_KIND_FOLLOWS_TYPE) || is_derived(d) || d->kind == &gw_kind_table)
            return false;
        if (d->kind == &gw_kind_column && d->parent == pair->x->parent &&
            !gw_object_value(d, "generated"))
            return false;
    } else if (pair->fate == GW_ASIDE && d->kind == &gw_kind_column &&
               !gw_object_value(d, "generated")) {
        return false; /* given its type again: retype */
    } else if (dependent->fate == GW_ALTERED && !is_child) {
        /* altered before it goes, where it will need it no more */
        if (!needs(dependent->y, pair->y))
            return false;
    } else if (pair->fate == GW_DROPPED && goes_along && !is_child &&
               (d->kind->flags & GW_KIND_NO_DERIVED_DROP)) {
        return false;
    }
    return !is_derived(d) || is_child || is_left(match, d);
}

/* The values of a column that cannot stay are carried over with the rows of its table, which is
 * made anew: the table then, and the column as a part of it. */
static gw_pair *with_values(const gw_match *match, gw_pair *pair)
{
    const gw_object *x = pair->x, *y = pair->y;
    if (!y || x->kind != &gw_kind_column || x->parent->kind != &gw_kind_table ||
        *gw_object_value(x->parent, "sort") == 'f')
        return pair;
    if (gw_object_value(y, "generated") && !gw_object_value(x->parent, "of_type"))
        return pair;
    gw_pair *table = match->of_x[x->parent->index];
    return table->y && !is_settled(table) ? table : pair;
}

/* Is a column in the key of its partitioned table? It cannot get another type; those of partitions
 * can, while they are not attached. */
static bool in_own_key(const gw_object *column)
{
    return column->kind == &gw_kind_column && column->parent->kind == &gw_kind_table &&
           gw_text_names(gw_object_value(column->parent, "partition_key"), column->ref);
}

/* A CHECK that was handed down is made anew when its column gets another type, without its comment. */
static void lose_comment(gw_pair *check)
{
    if (check->x->kind != &gw_kind_constraint || !is_derived(check->x) || is_settled(check) ||
        !check->y->comment)
        return;
    check->uncommented = check->because = true;
    check->fate = GW_ALTERED;
}

/* The pair whose fate changes because of `pair`: the dependent, or what it is a part of; NULL:
 * none. */
static gw_pair *spread_to(const gw_match *match, const gw_pair *pair, gw_pair *dependent,
                          char need_type)
{
    const gw_object *d = dependent->x;
    if (pair->fate == GW_ASIDE && d->kind == &gw_kind_column && d->parent->kind == &gw_kind_table &&
        !gw_object_value(d, "generated") && !is_settled(dependent)) {
        bool first = !(dependent->changed & 1) || dependent->fate == GW_STAYS;
        retype(dependent);
        gw_pair *table = match->of_x[d->parent->index];
        if (in_own_key(d) && !is_settled(table)) {
            rebuild(table, true);
            return table;
        }
        return first ? dependent : NULL;
    }
    if (pair->fate == GW_ALTERED)
        lose_comment(dependent);
    if (!must_follow(match, pair, dependent, need_type) || gw_comes_loose(match, d, pair->x))
        return NULL;
    if ((d->kind->flags & GW_KIND_PART) && d->parent != pair->x) {
        dependent = match->of_x[d->parent->index];
        if (is_settled(dependent))
            return NULL;
    }
    dependent = with_values(match, dependent);
    rebuild(dependent, true);
    return dependent;
}

static bool disturbs(const gw_pair *pair)
{
    return pair->fate == GW_ALTERED && pair->changed && pair->x->kind->disturbs &&
           pair->x->kind->disturbs(pair->x, pair->y, pair->changed);
}

/* Is it made anew with what it inherits? One of its own has to be, too, where the server keeps it in
 * words of its own: they would not be taken for the same any more. */
static bool goes_along(const gw_pair *heir, const gw_object *parent)
{
    if (is_settled(heir) || !gw_is_child_of(heir->y->parent, parent))
        return false;
    return (is_derived(heir->x) && is_derived(heir->y)) ||
           (heir->x->words && gw_object_is(heir->y, "inherited"));
}

/* What a column or CHECK that is made anew in a table that stays hands down is made anew with it. */
static gw_pair *spread_down(const gw_match *match, const gw_pair *pair, size_t *at)
{
    if (pair->fate != GW_REBUILT ||
        (pair->x->kind != &gw_kind_column && pair->x->kind != &gw_kind_constraint) ||
        gw_pair_goes(match->of_x[pair->x->parent->index]))
        return NULL;
    const gw_object *below;
    while ((below = gw_handed_down_to(pair->x, at))) {
        gw_pair *heir = match->of_x[below->index];
        if (goes_along(heir, pair->y->parent)) {
            rebuild(heir, true);
            return heir;
        }
    }
    return NULL;
}

/* A CHECK that is inherited, and what is computed, is made anew with its parents'. */
static gw_pair *spread_up(const gw_match *match, const gw_pair *pair, size_t *at)
{
    const gw_object *y = pair->y, *above;
    if (pair->fate != GW_REBUILT || gw_is_exclusion_part(y) || !(y->kind == &gw_kind_constraint ||
                                      (y->kind == &gw_kind_column && gw_object_value(y, "generated"))))
        return NULL;
    if (!gw_object_is(y, "inherited") || gw_pair_goes(match->of_x[pair->x->parent->index]))
        return NULL;
    while ((above = gw_handed_down_from(y, at)) != NULL) {
        gw_pair *over = match->of_y[above->index];
        if (!over->x || is_settled(over) || !gw_is_child_of(pair->x->parent, over->x->parent))
            continue; /* it was its own until now */
        rebuild(over, true);
        return over;
    }
    return NULL;
}

typedef GW_VEC(gw_pair *) gw_pairs;

/* What stands on `x`, which is the pair's or a part of it. */
static void spread_from(const gw_match *match, gw_arena *arena, gw_pairs *queue,
                        const gw_pair *pair, const gw_object *x)
{
    for (size_t i = 0; i < x->needed_by.len; i++) {
        gw_need need = x->needed_by.items[i];
        gw_pair *next = spread_to(match, pair, match->of_x[need.object->index], need.type);
        if (next)
            *gw_vec_push(arena, queue) = next;
    }
}

static void spread(gw_match *match, gw_arena *arena)
{
    gw_pairs queue = {0};
    for (size_t i = 0; i < match->count; i++)
        if (match->pairs[i].x && (gw_pair_goes(&match->pairs[i]) || disturbs(&match->pairs[i])))
            *gw_vec_push(arena, &queue) = &match->pairs[i];
    for (size_t at = 0; at < queue.len; at++) {
        gw_pair *pair = queue.items[at];
        spread_from(match, arena, &queue, pair, pair->x);
        /* what names only a column that goes with a table that comes again */
        for (size_t i = 0; pair->fate == GW_REBUILT && i < pair->x->children.len; i++) {
            const gw_object *child = pair->x->children.items[i].object;
            if (child->kind == &gw_kind_column && match->of_x[child->index]->fate == GW_DROPPED)
                spread_from(match, arena, &queue, pair, child);
        }
        gw_pair *next;
        for (size_t i = 0; (next = spread_down(match, pair, &i));)
            *gw_vec_push(arena, &queue) = next;
        for (size_t i = 0; (next = spread_up(match, pair, &i));)
            *gw_vec_push(arena, &queue) = next;
    }
}

static void decide(gw_match *match, gw_pair *pair, gw_arena *arena, const gw_ddl_options *options)
{
    gw_change scratch = {0};
    if (!pair->y) {
        pair->fate = GW_DROPPED;
    } else if (!pair->x) {
        pair->fate = GW_CREATED;
        pair->aspects = gw_aspects_differ(arena, NULL, pair->y, options, &scratch);
    } else {
        pair->changed = compare(pair->x, pair->y);
        pair->aspects = gw_aspects_differ(arena, pair->x, pair->y, options, &scratch);
        if (!can_alter(pair))
            rebuild(pair, false);
        else if (pair->changed || pair->aspects)
            pair->fate = GW_ALTERED;
    }
    (void)match;
}

/* What the column above takes from one below when it changes, the one below is given again. */
static void give_again(gw_pair *pair)
{
    if (!pair->x || !pair->y || pair->x->kind != &gw_kind_column || is_settled(pair))
        return;
    if (!gw_object_is(pair->x, "inherited") || !gw_object_is(pair->y, "inherited"))
        return;
    gw_changed again = gw_column_given_again(pair->x, pair->y);
    pair->changed |= again;
    if (again)
        pair->fate = GW_ALTERED;
}

/* Such a CHECK, or one of its own besides, that another one comes for is not altered by that. */
static void leave_check(const gw_match *match, gw_pair *pair)
{
    const gw_object *x = pair->x, *y = pair->y;
    if (x && y && x->kind == &gw_kind_constraint && !is_settled(pair) && is_derived(y) &&
        !gw_is_exclusion_part(y) && (!is_derived(x) || is_left(match, x)) &&
        !gw_is_same_constraint(x, y))
        rebuild(pair, false);
}

/* The words in which the server will have a CHECK when tables begin to inherit; NULL: as they are read. */
static const char *words_of(const gw_pair *pair)
{
    return gw_pair_comes(pair) ? NULL : pair->x->words;
}

/* A table is attached, or begins to inherit, where the server has its CHECK in its parents' words: what
 * it has otherwise is written anew, and all come out alike. true: it changed something. */
static bool reword(gw_match *match, gw_pair *pair)
{
    const gw_object *y = pair->y, *above;
    if (!y || y->kind != &gw_kind_constraint || !gw_object_is(y, "inherited"))
        return false;
    const gw_pair *table = match->of_y[y->parent->index];
    bool made = gw_pair_comes(table);
    if (made && !gw_object_value(y->parent, "inherits"))
        return false; /* a new partition is made LIKE its parent */
    gw_pair *others[16] = {pair};
    size_t count = made && is_derived(y) && !gw_inherits_later(match, y->parent) ? 0 : 1;
    bool begins = false, alike = true, changed = false;
    for (size_t i = 0; count < 16 && (above = gw_handed_down_from(y, &i)) != NULL;) {
        const gw_object *parent = match->of_y[above->parent->index]->x;
        begins |= made || !parent || !gw_is_child_of(table->x, parent);
        others[count++] = match->of_y[above->index];
    }
    for (size_t i = 1; i < count; i++)
        alike &= gw_same_text(words_of(others[0]), words_of(others[i]));
    for (size_t i = 0; begins && !alike && i < count; i++)
        if (words_of(others[i]) && !is_settled(others[i])) {
            rebuild(others[i], false);
            changed = true;
        }
    return changed;
}

static bool reword_all(gw_match *match)
{
    bool changed = false;
    for (size_t i = 0; i < match->count; i++)
        changed |= reword(match, &match->pairs[i]);
    return changed;
}

/* Before 17 the server has no word for it: what a partition computes otherwise than its parent is as it is
 * from when it is attached until its parent's is made anew. */
static bool cannot_compute(const gw_match *match, const gw_pair *pair)
{
    const gw_object *x = pair->x, *y = pair->y;
    const gw_object *above = is_derived(y) && gw_object_value(y, "generated")
                                 ? gw_handed_down_by(y)
                                 : NULL;
    const gw_pair *over = above ? match->of_y[above->index] : NULL;
    if (!over || match->x->server_version >= 170000 || gw_object_value(y->parent, "inherits") ||
        !gw_is_child_of(match->of_y[y->parent->index]->x, match->of_y[above->parent->index]->x))
        return false;
    const char *was = x ? gw_object_value(x, "expression") : NULL;
    const char *now = gw_object_value(y, "expression");
    if (gw_same_text(now, gw_object_value(above, "expression")))
        return x && is_derived(x) && !gw_same_text(was, now) && !gw_pair_comes(over);
    return gw_pair_comes(over) || !gw_same_text(was, now);
}

/* What of a column cannot be done in its table: the table is made anew. */
static void take_table(gw_match *match, gw_pair *pair)
{
    if (!pair->y || pair->y->kind != &gw_kind_column)
        return;
    gw_pair *table = match->of_y[pair->y->parent->index];
    bool key = pair->x && pair->fate == GW_ALTERED && (pair->changed & 1) && in_own_key(pair->x);
    if (table->x && table->x->kind == &gw_kind_table && !is_settled(table) &&
        (key || (pair->fate == GW_REBUILT && with_values(match, pair) != pair) ||
         cannot_compute(match, pair)))
        rebuild(table, false);
}

/* An index of a partition that hangs on one of its parent's, or a constraint with such an index, cannot be
 * dropped alone: under another name it is the same one. This is its parent's; NULL: it is none. */
static const char *whole_of(const gw_object *o)
{
    return o->kind == &gw_kind_index || o->kind == &gw_kind_constraint
               ? gw_object_value(o, "parent_index")
               : NULL;
}

/* What the table in the other state has of the same one. */
static const gw_object *same_part(const gw_object *o, const gw_object *table)
{
    const char *whole = whole_of(o);
    for (size_t i = 0; whole && table && i < table->children.len; i++) {
        const gw_object *other = table->children.items[i].object;
        if (other->kind == o->kind && gw_same_text(whole_of(other), whole))
            return other;
    }
    return NULL;
}

/* Such a part is found by what it is a part of, whatever else has its name before or after. */
static void match_parts(gw_match *match)
{
    for (size_t i = 0; i < match->count; i++) {
        gw_pair *pair = &match->pairs[i];
        const gw_object *x = pair->x, *y = pair->y;
        if (x && !gw_same_text(whole_of(x), whole_of(y)) &&
            (same_part(x, y->parent) || same_part(y, x->parent))) {
            match->of_x[x->index] = NULL;
            pair->x = NULL;
        }
    }
    for (size_t i = 0; i < match->count; i++) {
        gw_pair *pair = &match->pairs[i];
        const gw_object *table = pair->y->parent ? match->of_y[pair->y->parent->index]->x : NULL;
        const gw_object *x = pair->x ? NULL : same_part(pair->y, table);
        if (x && !match->of_x[x->index]) {
            pair->x = x;
            match->of_x[x->index] = pair;
        }
    }
}

/* Shall a table that is attached have no index for this one of its parent's, that is not valid? It would
 * get one: what is made again behind it is of the parent ONLY. */
static bool is_of_parent_only(const gw_match *match, const gw_object *y)
{
    if (y->kind != &gw_kind_index || gw_object_is(y, "valid"))
        return false;
    for (size_t i = 0; i < y->parent->needed_by.len; i++) {
        const gw_object *part = y->parent->needed_by.items[i].object;
        bool comes = part->kind == &gw_kind_partition && part->parent != y->parent &&
                     gw_pair_comes(match->of_y[part->index]);
        for (size_t c = 0; comes && c < part->parent->children.len; c++) {
            const gw_object *own = part->parent->children.items[c].object;
            if (own->kind == y->kind && gw_same_text(gw_object_value(own, "parent_index"), y->ref))
                comes = false;
        }
        if (comes)
            return true;
    }
    return false;
}

/* The EXCLUDE of a partition comes and goes with its parent's, and stays behind when it is detached. */
static void follow_whole(const gw_match *match, gw_pair *pair)
{
    if (!pair->x || !pair->y || is_settled(pair))
        return;
    bool was = gw_is_exclusion_part(pair->x), is = gw_is_exclusion_part(pair->y);
    bool detached = was && gw_is_detached(match, pair->x->parent);
    bool other = is ? !was || detached ||
                          !gw_same_text(gw_object_value(pair->x, "parent_index"),
                                        gw_object_value(pair->y, "parent_index"))
                    : was && !detached;
    if (other)
        rebuild(pair, true);
}

/* What a partition has of an index of its parent's cannot go alone: the parent's is made anew without. */
static void take_whole(const gw_match *match, const gw_pair *pair, gw_arena *arena)
{
    const gw_object *x = pair->fate == GW_DROPPED ? pair->x : NULL;
    while (x && x->parent && !gw_is_detached(match, x->parent) &&
           !gw_pair_goes(match->of_x[x->parent->index])) {
        const gw_object *whole = gw_index_above(arena, x);
        gw_pair *over = whole ? match->of_x[whole->index] : NULL;
        if (!over || is_settled(over))
            return;
        rebuild(over, true);
        x = whole;
    }
}

bool gw_changes_persistence(const gw_pair *table)
{
    return table->fate == GW_ALTERED && table->y->kind == &gw_kind_table &&
           !gw_same_text(gw_object_value(table->x, "persistence"),
                         gw_object_value(table->y, "persistence"));
}

const gw_object *gw_referred_to(const gw_object *key, size_t *at)
{
    if (key->kind != &gw_kind_constraint || *gw_object_value(key, "sort") != 'f')
        return NULL;
    while (*at < key->needs.len) {
        const gw_object *needed = key->needs.items[(*at)++].object;
        const gw_object *table = needed->kind == &gw_kind_table ? needed : needed->parent;
        if (table && table != key->parent && table->kind == &gw_kind_table)
            return table;
    }
    return NULL;
}

/* Do keys that stay lead from one table to the other, over tables that change whether they are logged? */
static bool leads_to(const gw_match *match, const gw_object *from, const gw_object *to, bool *seen)
{
    if (from == to)
        return true;
    if (seen[from->index] || !gw_changes_persistence(match->of_y[from->index]))
        return false;
    seen[from->index] = true;
    for (size_t i = 0; i < from->children.len; i++) {
        const gw_object *key = from->children.items[i].object, *next;
        const gw_pair *pair = match->of_y[key->index];
        for (size_t n = 0; !gw_pair_comes(pair) && (next = gw_referred_to(key, &n)) != NULL;)
            if (leads_to(match, next, to, seen))
                return true;
    }
    return false;
}

/* Tables that refer to each other can become neither logged nor unlogged one by one: a key of theirs is
 * made anew. */
static void untie(gw_match *match, gw_pair *pair)
{
    const gw_object *table;
    if (!pair->x || !pair->y || is_settled(pair))
        return;
    for (size_t i = 0; (table = gw_referred_to(pair->y, &i)) != NULL;) {
        if (!gw_changes_persistence(match->of_y[pair->y->parent->index]))
            return;
        gw_arena *scratch = gw_arena_new();
        bool *seen = gw_alloc_array(scratch, match->y->objects.len + 1, sizeof *seen);
        if (leads_to(match, table, pair->y->parent, seen))
            rebuild(pair, true);
        gw_arena_free(scratch);
        if (is_settled(pair))
            return;
    }
}

gw_match *gw_match_make(gw_arena *arena, const gw_schema *x, const gw_schema *y,
                        const gw_ddl_options *options)
{
    gw_match *match = gw_alloc(arena, sizeof *match);
    match->x = x;
    match->y = y;
    match->pairs = gw_alloc_array(arena, x->objects.len + y->objects.len + 1, sizeof *match->pairs);
    match->of_x = gw_alloc_array(arena, x->objects.len + 1, sizeof *match->of_x);
    match->of_y = gw_alloc_array(arena, y->objects.len + 1, sizeof *match->of_y);
    for (size_t i = 0; i < y->objects.len; i++) {
        gw_pair *pair = &match->pairs[match->count++];
        pair->y = y->objects.items[i];
        pair->x = gw_schema_find(x, pair->y->kind->name, pair->y->key);
        match->of_y[i] = pair;
        if (pair->x)
            match->of_x[pair->x->index] = pair;
    }
    match_parts(match);
    for (size_t i = 0; i < x->objects.len; i++)
        if (!match->of_x[i]) {
            gw_pair *pair = &match->pairs[match->count++];
            pair->x = x->objects.items[i];
            match->of_x[i] = pair;
        }
    for (size_t i = 0; i < match->count; i++)
        decide(match, &match->pairs[i], arena, options);
    for (size_t i = 0; i < match->count; i++)
        give_again(&match->pairs[i]);
    for (size_t i = 0; i < match->count; i++)
        leave_check(match, &match->pairs[i]);
    for (size_t i = 0; i < match->count; i++)
        take_table(match, &match->pairs[i]);
    for (size_t i = 0; i < match->count; i++)
        if (match->pairs[i].x && match->pairs[i].y && !is_settled(&match->pairs[i]) &&
            is_of_parent_only(match, match->pairs[i].y))
            rebuild(&match->pairs[i], true);
    for (size_t i = 0; i < match->count; i++)
        untie(match, &match->pairs[i]);
    for (size_t i = 0; i < match->count; i++)
        take_whole(match, &match->pairs[i], arena);
    reword_all(match);
    do {
        spread(match, arena);
        for (size_t i = 0; i < match->count; i++)
            follow_whole(match, &match->pairs[i]);
    } while (reword_all(match));
    return match;
}
