#include "lint/rule.h"

static void run(gw_lint *l, const gw_statement_seen *s)
{
    const gw_node *range = gw_node_get(s->tree, "relation");
    const gw_relation *r = gw_model_relation_of(l->model, range);
    if (gw_node_true(s->tree, "concurrent") || gw_fresh_range(l, range))
        return;
    if (!gw_node_true(range, "inh")) /* ON ONLY a partitioned table builds nothing */
        return;
    if (r && r->strategy) {
        gw_found_hint(l, s, NULL,
                      "CREATE INDEX ON ONLY the partitioned table, CREATE INDEX CONCURRENTLY on "
                      "each partition, then ALTER INDEX … ATTACH PARTITION.",
                      gw_shown_range(l, range), NULL);
        return;
    }
    gw_found(l, s, NULL, gw_shown_range(l, range), NULL);
}

const gw_rule gw_rule_index_not_concurrent = {
    {"index_not_concurrent", GW_SEVERITY_ERROR, GW_RULES_LOCKS,
     "the index is built on {} while its writers wait",
     "CREATE INDEX holds SHARE until the index is built: reads go on, every INSERT, UPDATE and "
     "DELETE waits.",
     "CREATE INDEX CONCURRENTLY in a file of its own (it runs outside a transaction by itself)."},
    .on = GW_ON("IndexStmt"),
    .statement = run,
    .in_downs = true,
};
