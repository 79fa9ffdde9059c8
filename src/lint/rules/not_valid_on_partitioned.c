#include "lint/rule.h"

static void run(gw_lint *l, const gw_key *key)
{
    enum { ALLOWED = 18 };
    if (key->kind == GW_KEY_FOREIGN && key->not_valid && key->relation && key->relation->strategy &&
        gw_target_may_be_below(l, ALLOWED))
        gw_found(l, l->statement, key->node, gw_shown(l, key->schema, key->table), NULL);
}

const gw_rule gw_rule_not_valid_on_partitioned = {
    {"not_valid_on_partitioned", GW_SEVERITY_ERROR, GW_RULES_ORDER,
     "a foreign key of the partitioned table {} cannot be NOT VALID before PostgreSQL 18",
     "Up to 17 PostgreSQL refuses ADD FOREIGN KEY … NOT VALID on a partitioned table.",
     "Add the key NOT VALID to each partition and validate it there; then add it to the "
     "partitioned table, which takes over those that are valid."},
    .key = run,
};
