#include "lint/rule.h"

static void run(gw_lint *l)
{
    const gw_made_object_list *all = gw_model_objects(l->model);
    for (size_t i = 0; i < all->len; i++) {
        const gw_relation *r = (const gw_relation *)all->items[i];
        if (r->object.kind == GW_OBJECT_RELATION && !r->object.gone && r->row_security &&
            !r->policy && !gw_model_hidden(l->model, r->object.name))
            gw_found(l, r->object.made, gw_node_get(r->node, "relation"),
                     gw_shown(l, r->object.schema, r->object.name), NULL);
    }
}

const gw_rule gw_rule_row_security_without_policy = {
    {"row_security_without_policy", GW_SEVERITY_NOTE, GW_RULES_SECURITY,
     "{} has row security and no policy: all but its owner see no row",
     "Without a policy everything is denied, in silence: queries find nothing, INSERT fails.",
     "CREATE POLICY for those who are to see rows, in the same migration."},
    .end = run,
};
