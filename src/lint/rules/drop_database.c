#include "lint/rule.h"

static void run(gw_lint *l, const gw_statement_seen *s)
{
    gw_found(l, s, NULL, gw_node_text(s->tree, "dbname"), NULL);
}

const gw_rule gw_rule_drop_database = {
    {"drop_database", GW_SEVERITY_ERROR, GW_RULES_LOSS,
     "database {} is dropped",
     "A migration belongs to one database. Dropping another (or, from elsewhere, this one) cannot "
     "be undone, and cannot run in a transaction.",
     "Take it out; databases are made and dropped by whoever runs the server."},
    .on = GW_ON("DropdbStmt"),
    .statement = run,
    .in_downs = true,
};
