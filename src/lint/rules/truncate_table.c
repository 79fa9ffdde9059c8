#include "lint/rule.h"

static void run(gw_lint *l, const gw_statement_seen *s)
{
    for (const gw_node *r = gw_node_at(gw_node_get(s->tree, "relations"), 0); r; r = r->next)
        if (!gw_fresh_range(l, r) && !gw_node_says(s->tree, "behavior", "DROP_CASCADE"))
            gw_found(l, s, r, gw_shown_range(l, r), NULL);
}

const gw_rule gw_rule_truncate_table = {
    {"truncate_table", GW_SEVERITY_WARNING, GW_RULES_LOSS,
     "all rows of {} are thrown away",
     "TRUNCATE takes ACCESS EXCLUSIVE and leaves nothing to roll back to once it has committed.",
     "Where it is meant, ignore this rule and say why."},
    .on = GW_ON("TruncateStmt"),
    .statement = run,
};
