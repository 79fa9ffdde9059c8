#include "lint/rule.h"

static void run(gw_lint *l, const gw_command_seen *c)
{
    const gw_column *column = gw_relation_column(c->relation, c->name);
    bool known = (column && column->not_null) || gw_relation_checks_not_null(c->relation, c->name);
    if (!c->fresh && !known)
        gw_found(l, l->statement, c->node, gw_shown(l, c->schema, c->table), c->name, NULL);
}

const gw_rule gw_rule_set_not_null = {
    {"set_not_null", GW_SEVERITY_ERROR, GW_RULES_LOCKS,
     "SET NOT NULL on {}.{} reads every row while nobody can",
     "PostgreSQL looks for a NULL in the whole table under ACCESS EXCLUSIVE. From 12 on it does "
     "not have to where a validated CHECK (column IS NOT NULL) says that there is none.",
     "ADD CONSTRAINT … CHECK (column IS NOT NULL) NOT VALID; in a later migration VALIDATE "
     "CONSTRAINT; then SET NOT NULL and drop the check. On 18: ADD CONSTRAINT … NOT NULL … NOT "
     "VALID."},
    .on = GW_ON("AT_SetNotNull"),
    .command = run,
};
