#include "lint/rule.h"

static void run(gw_lint *l, const gw_statement_seen *s)
{
    if (!gw_node_says(s->tree, "removeType", "OBJECT_SCHEMA"))
        return;
    for (const gw_node *o = gw_node_at(gw_node_get(s->tree, "objects"), 0); o; o = o->next)
        gw_found(l, s, NULL, gw_node_string(o), NULL);
}

const gw_rule gw_rule_drop_schema = {
    {"drop_schema", GW_SEVERITY_WARNING, GW_RULES_LOSS,
     "schema {} is dropped",
     "With CASCADE everything in it goes, rows included, whatever it is by then.",
     "Drop its objects by name, then the empty schema without CASCADE."},
    .on = GW_ON("DropStmt"),
    .statement = run,
};
