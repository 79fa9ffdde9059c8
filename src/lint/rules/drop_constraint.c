#include "lint/rule.h"

static void run(gw_lint *l, const gw_command_seen *c)
{
    if (!c->fresh)
        gw_found(l, l->statement, c->node, c->name, gw_shown(l, c->schema, c->table), NULL);
}

const gw_rule gw_rule_drop_constraint = {
    {"drop_constraint", GW_SEVERITY_OFF, GW_RULES_LOSS,
     "constraint {} of {} is dropped: from now on rows may come that it kept out",
     "A check or key that is gone lets in what programs do not expect, and adding it again means "
     "reading every row. The rule is off unless it is given a severity: most files that drop a "
     "constraint put a better one in its place.",
     "Add the new constraint first (NOT VALID, then VALIDATE), drop the old one afterwards."},
    .on = GW_ON("AT_DropConstraint"),
    .command = run,
};
