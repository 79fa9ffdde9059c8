#include "lint/rule.h"

static void run(gw_lint *l, const gw_statement_seen *s)
{
    const gw_node *range = gw_node_get(s->tree, "relation");
    if (!gw_node_get(s->tree, "whereClause") && !gw_node_get(s->tree, "usingClause") &&
        !gw_fresh_range(l, range))
        gw_found(l, s, range, gw_shown_range(l, range), NULL);
}

const gw_rule gw_rule_delete_all_rows = {
    {"delete_all_rows", GW_SEVERITY_WARNING, GW_RULES_LOSS,
     "every row of {} is deleted",
     "DELETE without WHERE empties the table, in one transaction that keeps every row locked "
     "until its end.",
     "Say which rows with WHERE; where all are meant, TRUNCATE says so and takes a moment. Old "
     "rows in great number: -- godwit: batch."},
    .on = GW_ON("DeleteStmt"),
    .statement = run,
};
