#include "lint/rule.h"

static void run(gw_lint *l, const gw_command_seen *c)
{
    const gw_column *column = gw_relation_column(c->relation, c->name);
    bool none = column && !column->fallback && !column->type.serial;
    bool new_column = column && column->made->script == l->script;
    if (!c->def && !c->fresh && !none && !new_column)
        gw_found(l, l->statement, c->node, gw_shown(l, c->schema, c->table), c->name, NULL);
}

const gw_rule gw_rule_drop_default = {
    {"drop_default", GW_SEVERITY_WARNING, GW_RULES_LOSS,
     "the default of {}.{} is taken away: an INSERT that relied on it puts NULL, or fails",
     "The release that is running does not name the column, because it has never had to.",
     "Let the code name the column first; take the default away a release later and ignore this "
     "rule with that reason."},
    .on = GW_ON("AT_ColumnDefault"),
    .command = run,
};
