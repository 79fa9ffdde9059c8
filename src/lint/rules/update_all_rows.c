#include "lint/rule.h"

static void run(gw_lint *l, const gw_statement_seen *s)
{
    const gw_node *range = gw_node_get(s->tree, "relation");
    if (!gw_node_get(s->tree, "whereClause") && !gw_node_get(s->tree, "fromClause") &&
        !gw_fresh_range(l, range))
        gw_found(l, s, range, gw_shown_range(l, range), NULL);
}

const gw_rule gw_rule_update_all_rows = {
    {"update_all_rows", GW_SEVERITY_WARNING, GW_RULES_LOCKS,
     "every row of {} is changed in one transaction",
     "All rows are locked until the end, the table grows to twice its size, replicas fall behind, "
     "and what was done is lost where it fails.",
     "Change the rows in batches: -- godwit: batch TABLE.KEY 10000, with WHERE KEY BETWEEN $1 AND "
     "$2."},
    .on = GW_ON("UpdateStmt"),
    .statement = run,
    .in_downs = true,
};
