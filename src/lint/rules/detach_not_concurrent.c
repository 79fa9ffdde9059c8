#include "lint/rule.h"

static void run(gw_lint *l, const gw_command_seen *c)
{
    enum { CONCURRENT_DETACH = 14 };
    int target = l->options->target_version;
    if (gw_node_true(c->def, "concurrent") || c->fresh || (target && target < CONCURRENT_DETACH))
        return;
    gw_found(l, l->statement, c->node, gw_shown_range(l, gw_node_get(c->def, "name")),
             gw_shown(l, c->schema, c->table), NULL);
}

const gw_rule gw_rule_detach_not_concurrent = {
    {"detach_not_concurrent", GW_SEVERITY_WARNING, GW_RULES_LOCKS,
     "detaching {} takes ACCESS EXCLUSIVE on the whole partitioned table {}",
     "DETACH PARTITION has its lock for a moment, but every query on the partitioned table queues "
     "up behind it while it waits. PostgreSQL 14 and later can do without.",
     "DETACH PARTITION … CONCURRENTLY in a file of its own (14 and later; not where there is a "
     "default partition)."},
    .on = GW_ON("AT_DetachPartition"),
    .command = run,
    .in_downs = true,
};
