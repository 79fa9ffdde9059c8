/* What a plan says of itself: the changes, and what it cannot speak for. */
#include <string.h>

#include "base/buf.h"
#include "schema/internal.h"
#include "schema/kinds/kinds.h"
#include "schema/match.h"

static bool is_derived(const gw_object *object)
{
    return object->kind->derived && object->kind->derived(object);
}

static void changes(gw_arena *arena, const gw_match *match, const gw_ddl_options *options,
                    gw_schema_plan *plan)
{
    for (size_t i = 0; i < match->count; i++) {
        const gw_pair *pair = &match->pairs[i];
        if (pair->fate == GW_STAYS)
            continue;
        gw_change *change = gw_vec_push(arena, &plan->changes);
        change->x = pair->x;
        change->y = pair->y;
        change->rebuilt = pair->because;
        change->action = !pair->x ? GW_DDL_CREATE : !pair->y ? GW_DDL_DROP : GW_DDL_ALTER;
        const gw_object *any = pair->y ? pair->y : pair->x;
        for (size_t a = 0; pair->x && pair->y && any->kind->attrs[a].name; a++)
            if (pair->changed & GW_BIT(a))
                *gw_vec_push(arena, &change->details) = any->kind->attrs[a].name;
        if (pair->x && pair->y)
            gw_aspects_differ(arena, pair->x, pair->y, options, change);
        /* a column that is there again when its table's rows are held */
        bool held = pair->hold || (pair->x && pair->y && pair->x->parent &&
                                   match->of_x[pair->x->parent->index]->hold);
        change->loses = pair->x && (pair->x->kind->flags & GW_KIND_DATA) && gw_pair_goes(pair) &&
                        !is_derived(pair->x) && !held;
    }
}

static bool has_the_same(const gw_schema *schema, const gw_unrendered *wanted)
{
    for (size_t i = 0; wanted->digest && i < schema->unrendered.len; i++) {
        const gw_unrendered *other = &schema->unrendered.items[i];
        if (strcmp(other->what, wanted->what) == 0 && gw_same_text(other->digest, wanted->digest))
            return true;
    }
    return false;
}

/* On an extension's object: compared where both schemas were read with that extension. */
static bool is_read_with(const gw_schema *schema, const char *extension)
{
    for (size_t i = 0; i < schema->objects.len; i++)
        if (schema->objects.items[i]->kind == &gw_kind_extension &&
            strcmp(schema->objects.items[i]->name, extension) == 0)
            return schema->objects.items[i]->oid != 0;
    return false;
}

/* What is on one side and not, or not the same, on the other: the two are not equal then. */
static void unrendered(gw_arena *arena, gw_schema_plan *plan, const gw_schema *schema,
                       const gw_schema *other, const char *side)
{
    for (size_t i = 0; i < schema->unrendered.len; i++) {
        const gw_unrendered *u = &schema->unrendered.items[i];
        if (has_the_same(other, u) ||
            (u->extension && u->quiet && !is_read_with(other, u->extension)))
            continue;
        plan->equal = false;
        *gw_vec_push(arena, &plan->notes) =
            gw_printf(arena, "%s holds what Godwit cannot render: %s", side, u->what);
    }
}

void gw_plan_describe(gw_arena *arena, const gw_match *match, const gw_ddl_options *options,
                      gw_schema_plan *plan)
{
    changes(arena, match, options, plan);
    plan->equal = plan->changes.len == 0;
    unrendered(arena, plan, plan->x, plan->y, "the first schema");
    unrendered(arena, plan, plan->y, plan->x, "the second schema");
}
