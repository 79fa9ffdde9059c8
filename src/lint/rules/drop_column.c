#include "lint/rule.h"

static void run(gw_lint *l, const gw_command_seen *c)
{
    if (!c->fresh)
        gw_found(l, l->statement, c->node, c->name, gw_shown(l, c->schema, c->table), NULL);
}

const gw_rule gw_rule_drop_column = {
    {"drop_column", GW_SEVERITY_WARNING, GW_RULES_LOSS,
     "column {} of {} is dropped with its values",
     "No down brings values back. Code that is still running names the column in its INSERT or "
     "SELECT, and many ORMs name all columns that they saw at start.",
     "Stop reading and writing it in one release (drop its NOT NULL first), drop it in the next, "
     "and ignore this rule with that reason."},
    .on = GW_ON("AT_DropColumn"),
    .command = run,
};
