#include "lint/rule.h"

static bool given_back(const gw_lint *l, const gw_statement_seen *s, const char *name)
{
    for (size_t i = 0; i < s->script->count; i++) {
        const gw_statement_seen *other = l->statements.items[s->script->first + i];
        if (other != s && gw_node_is(other->tree, "RenameStmt") &&
            gw_node_says(other->tree, "newname", name))
            return true;
    }
    return false;
}

static void run(gw_lint *l, const gw_statement_seen *s)
{
    const gw_node *range = gw_node_get(s->tree, "relation");
    const char *name = gw_node_text(s->tree, "subname"), *to = gw_node_text(s->tree, "newname");
    if (!gw_node_says(s->tree, "renameType", "OBJECT_COLUMN") || gw_fresh_range(l, range))
        return;
    const gw_column *column = gw_relation_column(gw_model_relation_of(l->model, range), name);
    bool new_column = column && column->made->script == s->script;
    bool takes_over = false; /* the name of one that went aside before */
    for (size_t i = s->script->first; i < s->number; i++)
        takes_over |= gw_node_is(l->statements.items[i]->tree, "RenameStmt") &&
                      gw_node_says(l->statements.items[i]->tree, "subname", to);
    if (!new_column && !takes_over && !given_back(l, s, name))
        gw_found(l, s, range, name, gw_shown_range(l, range), NULL);
}

const gw_rule gw_rule_rename_column = {
    {"rename_column", GW_SEVERITY_WARNING, GW_RULES_LOSS,
     "column {} of {} gets another name: the release that is running fails on it",
     "Between the migration and the end of the roll-out, old code asks for the old name. (Where "
     "the same file gives the old name to another column, as in changing two columns' places, "
     "nothing is said.)",
     "Add a column with the new name, keep both in step with a trigger, move the code, drop the "
     "old one. Or a view under the old table name for the time between."},
    .on = GW_ON("RenameStmt"),
    .statement = run,
};
