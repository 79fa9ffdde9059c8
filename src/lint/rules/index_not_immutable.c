#include "lint/keys.h"
#include "lint/rule.h"

static void run(gw_lint *l, const gw_statement_seen *s)
{
    const gw_node *call = gw_find_mutable_call(l, gw_node_get(s->tree, "indexParams"));
    if (!call)
        call = gw_find_mutable_call(l, gw_node_get(s->tree, "whereClause"));
    if (call)
        gw_found(l, s, call, gw_call_text(l, call), NULL);
}

const gw_rule gw_rule_index_not_immutable = {
    {"index_not_immutable", GW_SEVERITY_ERROR, GW_RULES_KEYS,
     "an index cannot be built on {}: it is not immutable",
     "What an index holds, and its WHERE, must never change by itself. PostgreSQL refuses "
     "functions that look at the clock, the settings or the tables (now(), CURRENT_DATE, to_char, "
     "a function of your own without IMMUTABLE).",
     "Compare with a constant; for a day of a timestamptz: (column AT TIME ZONE 'UTC')::date. Own "
     "functions that are: mark them IMMUTABLE."},
    .on = GW_ON("IndexStmt"),
    .statement = run,
};
