#include "lint/rule.h"

static void run(gw_lint *l, const gw_statement_seen *s)
{
    const gw_node *range = gw_node_is(s->tree, "ViewStmt")     ? gw_node_get(s->tree, "view")
                           : gw_node_is(s->tree, "CreateStmt") ? gw_node_get(s->tree, "relation")
                                                               : gw_node_get(s->tree, "sequence");
    if (!gw_node_text(range, "schemaname") && !gw_node_says(range, "relpersistence", "t"))
        gw_found(l, s, range, gw_shown_range(l, range), NULL);
}

const gw_rule gw_rule_schema_not_named = {
    {"schema_not_named", GW_SEVERITY_OFF, GW_RULES_NAMES,
     "{} is made wherever the search_path of the session points",
     "Two sessions with different settings make it in two schemas. The rule is off unless it is "
     "given a severity: one schema and no search_path is what most projects have.",
     "schema.name."},
    .on = GW_ON("CreateStmt", "ViewStmt", "CreateSeqStmt"),
    .statement = run,
};
