#include "lint/rule.h"

static void run(gw_lint *l, const gw_statement_seen *s)
{
    if (gw_node_says(s->tree, "behavior", "DROP_CASCADE"))
        gw_found(l, s, NULL,
                 gw_shown_range(l, gw_node_at(gw_node_get(s->tree, "relations"), 0)), NULL);
}

const gw_rule gw_rule_truncate_cascade = {
    {"truncate_cascade", GW_SEVERITY_ERROR, GW_RULES_LOSS,
     "TRUNCATE … CASCADE empties {} and every table that refers to it, and so on",
     "Foreign keys are followed to their end, whatever ON DELETE says: one statement can empty "
     "most of a database.",
     "Name every table that is to be emptied, and leave CASCADE out: PostgreSQL then refuses "
     "where there is more."},
    .on = GW_ON("TruncateStmt"),
    .statement = run,
    .in_downs = true,
};
