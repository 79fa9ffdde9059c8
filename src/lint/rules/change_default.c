#include "lint/rule.h"

static void run(gw_lint *l, const gw_command_seen *c)
{
    const gw_column *column = gw_relation_column(c->relation, c->name);
    bool none = column && (!column->fallback || column->made->script == l->script);
    if (c->def && !c->fresh && !none)
        gw_found(l, l->statement, c->node, gw_shown(l, c->schema, c->table), c->name, NULL);
}

const gw_rule gw_rule_change_default = {
    {"change_default", GW_SEVERITY_OFF, GW_RULES_LOSS,
     "the default of {}.{} changes: programs that rely on the old one get another value",
     "Rows that are there keep theirs; an INSERT that does not name the column gets the new one "
     "from the moment of the migration, whichever release sends it. The rule is off unless it is "
     "given a severity.",
     "Let the programs name the column before its default changes."},
    .on = GW_ON("AT_ColumnDefault"),
    .command = run,
};
