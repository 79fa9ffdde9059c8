#include "lint/rule.h"

static void run(gw_lint *l, const gw_statement_seen *s)
{
    const char *schema, *name;
    gw_node_names(gw_node_get(s->tree, "typeName"), &schema, &name);
    if (!gw_node_text(s->tree, "oldVal") && !gw_node_text(s->tree, "newValNeighbor"))
        gw_found(l, s, NULL, gw_node_text(s->tree, "newVal"), gw_shown(l, schema, name), NULL);
}

const gw_rule gw_rule_enum_value_without_order = {
    {"enum_value_without_order", GW_SEVERITY_OFF, GW_RULES_TYPES,
     "'{}' goes to the end of {}: < and ORDER BY follow the order of the values",
     "Without BEFORE or AFTER a new value is the greatest. Where the order of the values means "
     "something that may be wrong, and it cannot be changed afterwards. The rule is off unless it "
     "is given a severity.",
     "ADD VALUE … BEFORE or AFTER another one."},
    .on = GW_ON("AlterEnumStmt"),
    .statement = run,
};
