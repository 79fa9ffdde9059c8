#include "lint/rule.h"

static void run(gw_lint *l, const gw_statement_seen *s)
{
    if (!gw_node_says(s->tree, "removeType", "OBJECT_EXTENSION"))
        return;
    for (const gw_node *o = gw_node_at(gw_node_get(s->tree, "objects"), 0); o; o = o->next)
        gw_found(l, s, NULL, gw_node_string(o), NULL);
}

const gw_rule gw_rule_drop_extension = {
    {"drop_extension", GW_SEVERITY_WARNING, GW_RULES_LOSS,
     "extension {} is dropped with its types, functions and operators",
     "Columns of its types, defaults and indexes that use it keep it from going; with CASCADE "
     "they go too.",
     "Move what uses it first, and leave CASCADE out."},
    .on = GW_ON("DropStmt"),
    .statement = run,
};
