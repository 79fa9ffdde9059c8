#include "lint/rule.h"

static void run(gw_lint *l, const gw_statement_seen *s)
{
    if (gw_node_says(s->tree, "renameType", "OBJECT_SCHEMA"))
        gw_found(l, s, NULL, gw_node_text(s->tree, "subname"), NULL);
}

const gw_rule gw_rule_rename_schema = {
    {"rename_schema", GW_SEVERITY_WARNING, GW_RULES_LOSS,
     "schema {} gets another name: everything that names it fails",
     "Running code, search_path settings and the bodies of functions ask for the old name.",
     "Make a schema with the new name and views in it, move the code, then move the tables."},
    .on = GW_ON("RenameStmt"),
    .statement = run,
};
