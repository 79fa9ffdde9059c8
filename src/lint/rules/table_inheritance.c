#include "lint/rule.h"

static void run(gw_lint *l, const gw_statement_seen *s)
{
    const gw_node *parent = gw_node_at(gw_node_get(s->tree, "inhRelations"), 0);
    if (parent && !gw_node_get(s->tree, "partbound"))
        gw_found(l, s, parent, gw_shown_range(l, gw_node_get(s->tree, "relation")),
                 gw_shown_range(l, parent), NULL);
}

const gw_rule gw_rule_table_inheritance = {
    {"table_inheritance", GW_SEVERITY_NOTE, GW_RULES_CODE,
     "{} inherits from {}: keys and unique constraints do not",
     "INHERITS gives the columns and checks to the child, and neither its indexes nor its keys; a "
     "foreign key to the parent does not see the child's rows.",
     "Partitions (PARTITION BY) for rows that belong together; a table of its own otherwise."},
    .on = GW_ON("CreateStmt"),
    .statement = run,
};
