#include "lint/rule.h"

static void run(gw_lint *l, const gw_column_made *c)
{
    if (!c->fresh && c->column.generated)
        gw_found(l, l->statement, c->column.node, c->column.name,
                 gw_shown(l, c->schema, c->table), NULL);
}

const gw_rule gw_rule_add_column_generated = {
    {"add_column_generated", GW_SEVERITY_ERROR, GW_RULES_LOCKS,
     "adding the stored generated column {} rewrites {} while nobody can read it",
     "A GENERATED ALWAYS AS (…) STORED column is computed for every row that is there: PostgreSQL "
     "(12 and later) writes the whole table anew under ACCESS EXCLUSIVE.",
     "Add a plain column, keep it right with a trigger, fill the old rows in batches. On "
     "PostgreSQL 18 a VIRTUAL column is computed when it is read and touches no row."},
    .column = run,
};
