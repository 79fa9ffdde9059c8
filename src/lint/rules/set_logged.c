#include "lint/rule.h"

static void run(gw_lint *l, const gw_command_seen *c)
{
    if (!c->fresh)
        gw_found(l, l->statement, c->node, gw_shown(l, c->schema, c->table), NULL);
}

const gw_rule gw_rule_set_logged = {
    {"set_logged", GW_SEVERITY_ERROR, GW_RULES_LOCKS,
     "changing whether {} is logged rewrites it while nobody can read it",
     "SET LOGGED writes the whole table to the log, SET UNLOGGED makes it anew; both under ACCESS "
     "EXCLUSIVE.",
     "Make a new table of the other kind, copy the rows in batches and change the names."},
    .on = GW_ON("AT_SetLogged", "AT_SetUnLogged"),
    .command = run,
    .in_downs = true,
};
