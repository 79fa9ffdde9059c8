#include "lint/rule.h"

static void run(gw_lint *l, const gw_key *key)
{
    if (key->kind == GW_KEY_EXCLUSION && !key->fresh)
        gw_found(l, l->statement, key->node, gw_shown(l, key->schema, key->table), NULL);
}

const gw_rule gw_rule_add_exclusion = {
    {"add_exclusion", GW_SEVERITY_ERROR, GW_RULES_LOCKS,
     "the exclusion constraint builds its index on {} while nobody can read it",
     "ADD CONSTRAINT … EXCLUDE holds ACCESS EXCLUSIVE until the index is built and all rows are "
     "compared. No version can take an index that was built before, or leave the old rows for "
     "later.",
     "Make a new table with the constraint, keep both in step with a trigger, copy the rows in "
     "batches and change the names; or do it at a time when nobody works, and ignore this rule "
     "with that reason."},
    .key = run,
};
