#include "lint/rule.h"

static void run(gw_lint *l, const gw_statement_seen *s)
{
    const gw_node *range = gw_node_get(s->tree, "relation");
    bool defaults = !gw_node_get(s->tree, "selectStmt");
    if (!gw_node_get(s->tree, "cols") && !defaults &&
        !gw_node_says(range, "relpersistence", "t"))
        gw_found(l, s, range, gw_shown_range(l, range), NULL);
}

const gw_rule gw_rule_insert_without_columns = {
    {"insert_without_columns", GW_SEVERITY_WARNING, GW_RULES_CODE,
     "the INSERT into {} does not name its columns",
     "Values are taken in the order in which the table has its columns, which differs where "
     "columns were added in another order, and changes with the next migration.",
     "INSERT INTO t (a, b) VALUES …."},
    .on = GW_ON("InsertStmt"),
    .statement = run,
    .in_downs = true,
};
