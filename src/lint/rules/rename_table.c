#include "lint/rule.h"

static bool taken_again(const gw_lint *l, const gw_statement_seen *s, const gw_node *range)
{
    const char *schema = gw_node_text(range, "schemaname"), *name = gw_node_text(range, "relname");
    const gw_statement_seen *later = gw_model_later(l->model, GW_OBJECT_RELATION, schema, name, s);
    return later && later->script == s->script;
}

static void run(gw_lint *l, const gw_statement_seen *s)
{
    const gw_node *range = gw_node_get(s->tree, "relation");
    bool relation = gw_one_of(gw_node_text(s->tree, "renameType"),
                              GW_ON("OBJECT_TABLE", "OBJECT_VIEW", "OBJECT_MATVIEW"));
    if (relation && !gw_fresh_range(l, range) && !taken_again(l, s, range))
        gw_found(l, s, range, gw_shown_range(l, range), NULL);
}

const gw_rule gw_rule_rename_table = {
    {"rename_table", GW_SEVERITY_WARNING, GW_RULES_LOSS,
     "{} gets another name: the release that is running fails on it",
     "Between the migration and the end of the roll-out, old code asks for the old name. Nothing "
     "is said where the same file makes something under the old name (a view on the new one, most "
     "often).",
     "In the same file CREATE VIEW under the old name (a view on one table can be written to), "
     "and drop it a release later."},
    .on = GW_ON("RenameStmt"),
    .statement = run,
};
