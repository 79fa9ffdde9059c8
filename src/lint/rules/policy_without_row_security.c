#include "lint/rule.h"

static void run(gw_lint *l)
{
    const gw_made_object_list *all = gw_model_objects(l->model);
    for (size_t i = 0; i < all->len; i++) {
        const gw_relation *r = (const gw_relation *)all->items[i];
        if (r->object.kind == GW_OBJECT_RELATION && !r->object.gone && r->policy &&
            !r->row_security && !gw_model_hidden(l->model, r->object.name))
            gw_found(l, r->policy, NULL, gw_shown(l, r->object.schema, r->object.name), NULL);
    }
}

const gw_rule gw_rule_policy_without_row_security = {
    {"policy_without_row_security", GW_SEVERITY_WARNING, GW_RULES_SECURITY,
     "{} has policies, and row security is not switched on",
     "CREATE POLICY alone does nothing: every role with a right on the table sees all rows until "
     "ENABLE ROW LEVEL SECURITY.",
     "ALTER TABLE … ENABLE ROW LEVEL SECURITY (and FORCE, where the owner is to be held too)."},
    .end = run,
};
