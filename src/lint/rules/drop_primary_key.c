#include "lint/rule.h"

static void run(gw_lint *l, const gw_command_seen *c)
{
    const gw_key *key = gw_relation_key(c->relation, c->name);
    if (!key || key->kind != GW_KEY_PRIMARY || c->fresh)
        return;
    for (size_t i = 0; i < l->statement->keys.len; i++)
        if (l->statement->keys.items[i].kind == GW_KEY_PRIMARY)
            return;
    gw_found(l, l->statement, c->node, gw_shown(l, c->schema, c->table), NULL);
}

const gw_rule gw_rule_drop_primary_key = {
    {"drop_primary_key", GW_SEVERITY_WARNING, GW_RULES_LOSS,
     "the primary key of {} is dropped",
     "Nothing keeps rows apart from now on, ON CONFLICT on its columns fails, and logical "
     "replication refuses UPDATE and DELETE.",
     "Where another key takes its place, do both in one ALTER TABLE: DROP CONSTRAINT …, ADD "
     "PRIMARY KEY USING INDEX …."},
    .on = GW_ON("AT_DropConstraint"),
    .command = run,
};
