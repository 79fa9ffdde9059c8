#include "lint/rule.h"

static void run(gw_lint *l, const gw_key *key)
{
    if (key->kind == GW_KEY_CHECK && !key->fresh && !key->not_valid)
        gw_found(l, l->statement, key->node, gw_shown(l, key->schema, key->table), NULL);
}

const gw_rule gw_rule_add_check = {
    {"add_check", GW_SEVERITY_ERROR, GW_RULES_LOCKS,
     "the check is tried on every row of {} while nobody can read it",
     "ADD CONSTRAINT … CHECK, and ADD COLUMN with a CHECK, hold ACCESS EXCLUSIVE until all rows "
     "are read, in every version.",
     "Add the constraint NOT VALID (a moment's lock), and VALIDATE CONSTRAINT in a later "
     "migration: that reads the rows while others read and write."},
    .key = run,
};
