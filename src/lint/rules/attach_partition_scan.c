#include "lint/rule.h"

static bool has_check(const gw_relation *r)
{
    for (size_t i = 0; r && i < r->keys.len; i++)
        if (r->keys.items[i]->kind == GW_KEY_CHECK && !r->keys.items[i]->not_valid)
            return true;
    return false;
}

static void run(gw_lint *l, const gw_command_seen *c)
{
    const gw_node *range = gw_node_get(c->def, "name");
    const gw_relation *child = gw_model_relation_of(l->model, range);
    bool table = gw_node_says(l->statement->tree, "objtype", "OBJECT_TABLE");
    if (table && !gw_fresh(l, child) && !has_check(child))
        gw_found(l, l->statement, range, gw_shown_range(l, range), NULL);
}

const gw_rule gw_rule_attach_partition_scan = {
    {"attach_partition_scan", GW_SEVERITY_WARNING, GW_RULES_LOCKS,
     "attaching {} reads all its rows under a lock that stops its users",
     "ATTACH PARTITION holds ACCESS EXCLUSIVE on the table that is attached until it has seen "
     "that every row belongs there. A validated CHECK that says as much spares the scan.",
     "Before it: ADD CONSTRAINT … CHECK (the partition's bounds, and key IS NOT NULL) NOT VALID, "
     "then VALIDATE CONSTRAINT; drop the check afterwards."},
    .on = GW_ON("AT_AttachPartition"),
    .command = run,
};
