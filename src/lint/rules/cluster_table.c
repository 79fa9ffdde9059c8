#include "lint/rule.h"

static void run(gw_lint *l, const gw_statement_seen *s)
{
    const gw_node *range = gw_node_get(s->tree, "relation");
    if (!range || !gw_fresh_range(l, range))
        gw_found(l, s, NULL, range ? gw_shown_range(l, range) : "every clustered table", NULL);
}

const gw_rule gw_rule_cluster_table = {
    {"cluster_table", GW_SEVERITY_ERROR, GW_RULES_LOCKS,
     "CLUSTER rewrites {} while nobody can read it",
     "It holds ACCESS EXCLUSIVE from the first to the last row; rows that are written later are "
     "in no order again.",
     "pg_repack orders a table while everybody works; often an index with INCLUDE, or partitions, "
     "serve the same queries."},
    .on = GW_ON("ClusterStmt"),
    .statement = run,
    .in_downs = true,
};
