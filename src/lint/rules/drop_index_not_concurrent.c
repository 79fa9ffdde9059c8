#include "lint/rule.h"

static void run(gw_lint *l, const gw_statement_seen *s)
{
    if (!gw_node_says(s->tree, "removeType", "OBJECT_INDEX") || gw_node_true(s->tree, "concurrent"))
        return;
    for (const gw_node *o = gw_node_at(gw_node_get(s->tree, "objects"), 0); o; o = o->next) {
        const char *schema, *name;
        gw_node_names(gw_node_get(o, "items"), &schema, &name);
        const gw_relation *r = gw_model_relation(l->model, schema, name);
        bool partitioned = r && r->index && r->index->relation && r->index->relation->strategy;
        if (!partitioned && !(r && r->index && gw_fresh(l, r->index->relation)))
            gw_found(l, s, NULL, gw_shown(l, schema, name), NULL);
    }
}

const gw_rule gw_rule_drop_index_not_concurrent = {
    {"drop_index_not_concurrent", GW_SEVERITY_WARNING, GW_RULES_LOCKS,
     "dropping index {} waits for everybody at its table, and makes everybody wait behind it",
     "DROP INDEX takes ACCESS EXCLUSIVE on the table. It has it for a moment only, but until it "
     "gets it, all new queries queue up behind it.",
     "DROP INDEX CONCURRENTLY in a file of its own. (Not for the index of a constraint: drop the "
     "constraint.)"},
    .on = GW_ON("DropStmt"),
    .statement = run,
    .in_downs = true,
};
