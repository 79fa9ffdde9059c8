#include "lint/rule.h"

static void run(gw_lint *l, const gw_command_seen *c)
{
    const char *kind = gw_node_text(c->def, "identity_type");
    bool whole = kind && (*kind == 'f' || *kind == 'n');
    if (!c->fresh && whole)
        gw_found(l, l->statement, c->node, gw_shown(l, c->schema, c->table), NULL);
}

const gw_rule gw_rule_replica_identity = {
    {"replica_identity", GW_SEVERITY_NOTE, GW_RULES_LOCKS,
     "what UPDATE and DELETE on {} write to the log for replication changes",
     "With REPLICA IDENTITY FULL the whole old row is written for each change, and a subscriber "
     "without a key searches the whole table for each; with NOTHING logical replication refuses "
     "UPDATE and DELETE.",
     "A primary key, or USING INDEX on a unique index of NOT NULL columns."},
    .on = GW_ON("AT_ReplicaIdentity"),
    .command = run,
};
