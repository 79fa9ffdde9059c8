#include "lint/rule.h"

static void run(gw_lint *l, const gw_statement_seen *s)
{
    const gw_node *range = gw_node_get(s->tree, "relation");
    bool quick = gw_node_true(s->tree, "concurrent") || gw_node_true(s->tree, "skipData");
    if (!quick && !gw_fresh_range(l, range))
        gw_found(l, s, range, gw_shown_range(l, range), NULL);
}

const gw_rule gw_rule_refresh_not_concurrent = {
    {"refresh_not_concurrent", GW_SEVERITY_WARNING, GW_RULES_LOCKS,
     "{} cannot be read while it is refreshed",
     "REFRESH MATERIALIZED VIEW holds ACCESS EXCLUSIVE until its query has run.",
     "REFRESH MATERIALIZED VIEW CONCURRENTLY, which needs a unique index on plain columns."},
    .on = GW_ON("RefreshMatViewStmt"),
    .statement = run,
    .in_downs = true,
};
