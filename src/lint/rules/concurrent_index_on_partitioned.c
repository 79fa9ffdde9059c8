#include "lint/rule.h"

static void run(gw_lint *l, const gw_statement_seen *s)
{
    const gw_node *range = gw_node_get(s->tree, "relation");
    const gw_relation *r = gw_model_relation_of(l->model, range);
    if (r && r->strategy && gw_node_true(s->tree, "concurrent"))
        gw_found(l, s, NULL, gw_shown_range(l, range), NULL);
}

const gw_rule gw_rule_concurrent_index_on_partitioned = {
    {"concurrent_index_on_partitioned", GW_SEVERITY_ERROR, GW_RULES_ORDER,
     "an index of the partitioned table {} cannot be built CONCURRENTLY",
     "The index of a partitioned table is one for each partition, made together; PostgreSQL "
     "refuses to do that CONCURRENTLY in every version up to 18.",
     "CREATE INDEX ON ONLY the partitioned table, CREATE INDEX CONCURRENTLY on each partition, "
     "then ALTER INDEX … ATTACH PARTITION for each."},
    .on = GW_ON("IndexStmt"),
    .statement = run,
    .in_downs = true,
};
