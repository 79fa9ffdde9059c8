#include "lint/rule.h"

static void run(gw_lint *l, const gw_statement_seen *s)
{
    const gw_node *range = gw_node_get(s->tree, "relation");
    const char *name = gw_node_text(range, "relname");
    if (!range || gw_fresh_range(l, range))
        return;
    const gw_statement_seen *later = gw_model_later(
        l->model, GW_OBJECT_RELATION, gw_node_text(range, "schemaname"), name, s);
    if (!later || later->script != s->script)
        gw_found(l, s, range, gw_shown_range(l, range), NULL);
}

const gw_rule gw_rule_set_schema = {
    {"set_schema", GW_SEVERITY_WARNING, GW_RULES_LOSS,
     "{} moves to another schema: the release that is running no longer finds it",
     "SET SCHEMA is a renaming: whoever names the old schema, or has only that one in the "
     "search_path, fails.",
     "In the same file make a view under the old name, and drop it a release later."},
    .on = GW_ON("AlterObjectSchemaStmt"),
    .statement = run,
};
