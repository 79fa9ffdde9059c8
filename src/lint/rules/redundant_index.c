#include "lint/keys.h"
#include "lint/rule.h"

static const gw_index *longer(const gw_relation *r, const gw_index *index)
{
    for (size_t i = 0; i < r->indexes.len; i++)
        if (gw_index_extends(r->indexes.items[i], index))
            return r->indexes.items[i];
    return NULL;
}

static void run(gw_lint *l)
{
    const gw_made_object_list *all = gw_model_objects(l->model);
    for (size_t i = 0; i < all->len; i++) {
        const gw_relation *r = (const gw_relation *)all->items[i];
        if (r->object.kind != GW_OBJECT_RELATION || r->object.gone)
            continue;
        for (size_t k = 0; k < r->indexes.len; k++) {
            const gw_index *index = r->indexes.items[k];
            const gw_index *other = index->of_key || index->unique ? NULL : longer(r, index);
            if (other)
                gw_found(l, index->made, NULL, index->name,
                         gw_shown(l, r->object.schema, r->object.name), other->name, NULL);
        }
    }
}

const gw_rule gw_rule_redundant_index = {
    {"redundant_index", GW_SEVERITY_NOTE, GW_RULES_KEYS,
     "index {} on {} begins like {}, which serves the same queries",
     "A B-tree on (a, b) answers queries on a alone. The shorter index is smaller and a little "
     "quicker, at the price of one more to keep with each write.",
     "Leave the shorter one out, unless it is much smaller and often read."},
    .end = run,
};
