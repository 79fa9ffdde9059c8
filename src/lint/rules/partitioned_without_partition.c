#include "lint/rule.h"

static void run(gw_lint *l)
{
    const gw_made_object_list *all = gw_model_objects(l->model);
    for (size_t i = 0; i < all->len; i++) {
        const gw_relation *r = (const gw_relation *)all->items[i];
        if (r->object.kind == GW_OBJECT_RELATION && !r->object.gone && r->strategy &&
            !r->partitions && !gw_model_hidden(l->model, r->object.name))
            gw_found(l, r->object.made, gw_node_get(r->node, "relation"),
                     gw_shown(l, r->object.schema, r->object.name), NULL);
    }
}

const gw_rule gw_rule_partitioned_without_partition = {
    {"partitioned_without_partition", GW_SEVERITY_WARNING, GW_RULES_ORDER,
     "{} is partitioned and has no partition: the first INSERT fails",
     "A partitioned table holds no rows itself. A row for which there is no partition is refused.",
     "Create the first partitions, or a DEFAULT one, with the table. Where a program makes them, "
     "ignore this rule and name it."},
    .end = run,
};
