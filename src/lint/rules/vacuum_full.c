#include "lint/rule.h"

static void run(gw_lint *l, const gw_statement_seen *s)
{
    const gw_node *rel = gw_node_get(gw_node_at(gw_node_get(s->tree, "rels"), 0), "relation");
    for (const gw_node *o = gw_node_at(gw_node_get(s->tree, "options"), 0); o; o = o->next)
        if (gw_node_says(o, "defname", "full"))
            gw_found(l, s, NULL, rel ? gw_shown_range(l, rel) : "every table", NULL);
}

const gw_rule gw_rule_vacuum_full = {
    {"vacuum_full", GW_SEVERITY_ERROR, GW_RULES_LOCKS,
     "VACUUM FULL rewrites {} while nobody can read it",
     "It holds ACCESS EXCLUSIVE from the first to the last row, and needs as much disk again as "
     "the table has.",
     "Plain VACUUM gives space back to the table's own use; pg_repack or pg_squeeze give it back "
     "to the disk while everybody works."},
    .on = GW_ON("VacuumStmt"),
    .statement = run,
    .in_downs = true,
};
