#include "lint/rule.h"

static void run(gw_lint *l, const gw_statement_seen *s)
{
    if (!gw_node_says(s->tree, "removeType", "OBJECT_TABLE"))
        return;
    for (const gw_node *o = gw_node_at(gw_node_get(s->tree, "objects"), 0); o; o = o->next) {
        const char *schema, *name;
        gw_node_names(gw_node_get(o, "items"), &schema, &name);
        if (!gw_fresh(l, gw_model_relation(l->model, schema, name)))
            gw_found(l, s, NULL, gw_shown(l, schema, name), NULL);
    }
}

const gw_rule gw_rule_drop_table = {
    {"drop_table", GW_SEVERITY_WARNING, GW_RULES_LOSS,
     "table {} is dropped with its rows",
     "No down brings rows back, and the release that is still running fails on its next query.",
     "Drop it one release after the last code that reads it; rename it first, or take a backup, "
     "where a way back is wanted. Then ignore this rule with that reason."},
    .on = GW_ON("DropStmt"),
    .statement = run,
};
