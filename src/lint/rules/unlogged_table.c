#include "lint/rule.h"

static void run(gw_lint *l, const gw_statement_seen *s)
{
    const gw_node *range = gw_node_is(s->tree, "CreateStmt")
                               ? gw_node_get(s->tree, "relation")
                               : gw_node_get(gw_node_get(s->tree, "into"), "rel");
    if (gw_node_says(range, "relpersistence", "u"))
        gw_found(l, s, range, gw_shown_range(l, range), NULL);
}

const gw_rule gw_rule_unlogged_table = {
    {"unlogged_table", GW_SEVERITY_WARNING, GW_RULES_TYPES,
     "{} is unlogged: a crash empties it, and no replica has it",
     "An unlogged table is not in the write-ahead log. After a crash PostgreSQL truncates it; "
     "standbys and base backups do not have its rows.",
     "A plain table. For a cache or a staging area that may be empty any time: ignore this rule "
     "with that reason."},
    .on = GW_ON("CreateStmt", "CreateTableAsStmt"),
    .statement = run,
};
