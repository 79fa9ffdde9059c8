#include "lint/rule.h"

static void run(gw_lint *l, const gw_key *key)
{
    if (key->kind == GW_KEY_UNIQUE && !key->fresh && !key->using_index)
        gw_found(l, l->statement, key->node, gw_shown(l, key->schema, key->table), NULL);
}

const gw_rule gw_rule_add_unique = {
    {"add_unique", GW_SEVERITY_ERROR, GW_RULES_LOCKS,
     "the unique constraint builds its index on {} while nobody can read it",
     "ADD UNIQUE, and ADD COLUMN … UNIQUE, hold ACCESS EXCLUSIVE until the index is built.",
     "CREATE UNIQUE INDEX CONCURRENTLY in a file of its own, then ADD CONSTRAINT … UNIQUE USING "
     "INDEX in the next one."},
    .key = run,
};
