#include "lint/rule.h"

static void run(gw_lint *l, const gw_key *key)
{
    if (key->kind == GW_KEY_PRIMARY && !key->fresh && !key->using_index)
        gw_found(l, l->statement, key->node, gw_shown(l, key->schema, key->table), NULL);
}

const gw_rule gw_rule_add_primary_key = {
    {"add_primary_key", GW_SEVERITY_ERROR, GW_RULES_LOCKS,
     "the primary key builds its index on {} and looks for NULLs while nobody can read it",
     "ADD PRIMARY KEY holds ACCESS EXCLUSIVE until the index is built and every row is known to "
     "have a value.",
     "Make the columns NOT NULL first (through a validated CHECK), CREATE UNIQUE INDEX "
     "CONCURRENTLY, then ADD PRIMARY KEY USING INDEX."},
    .key = run,
};
