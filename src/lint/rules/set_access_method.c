#include "lint/rule.h"

static void run(gw_lint *l, const gw_command_seen *c)
{
    if (!c->fresh && !(c->relation && c->relation->strategy))
        gw_found(l, l->statement, c->node, gw_shown(l, c->schema, c->table), NULL);
}

const gw_rule gw_rule_set_access_method = {
    {"set_access_method", GW_SEVERITY_ERROR, GW_RULES_LOCKS,
     "changing the access method rewrites {} while nobody can read it",
     "SET ACCESS METHOD (PostgreSQL 15 and later) writes the whole table anew under ACCESS "
     "EXCLUSIVE.",
     "Make a new table USING the method, copy the rows in batches and change the names."},
    .on = GW_ON("AT_SetAccessMethod"),
    .command = run,
    .in_downs = true,
};
