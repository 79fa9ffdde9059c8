#include "lint/rule.h"

static void run(gw_lint *l, const gw_command_seen *c)
{
    if (!c->fresh && !(c->relation && c->relation->strategy))
        gw_found(l, l->statement, c->node, gw_shown(l, c->schema, c->table), NULL);
}

const gw_rule gw_rule_set_tablespace = {
    {"set_tablespace", GW_SEVERITY_ERROR, GW_RULES_LOCKS,
     "moving {} to another tablespace copies it while nobody can read it",
     "SET TABLESPACE copies every block of the table under ACCESS EXCLUSIVE, in every version; a "
     "partitioned table only notes it for partitions to come.",
     "pg_repack --tablespace moves a table while everybody works; an index is made anew there "
     "with CREATE INDEX CONCURRENTLY."},
    .on = GW_ON("AT_SetTableSpace"),
    .command = run,
    .in_downs = true,
};
