#include <string.h>

#include "lint/rule.h"

static void run(gw_lint *l, const gw_column_made *c)
{
    if (c->fresh || !c->default_kind || strcmp(c->default_kind, "volatile") != 0)
        return;
    gw_found(l, l->statement, c->column.fallback, c->column.name,
             gw_shown(l, c->schema, c->table), NULL);
}

const gw_rule gw_rule_add_column_volatile_default = {
    {"add_column_volatile_default", GW_SEVERITY_ERROR, GW_RULES_LOCKS,
     "adding column {} with a volatile default rewrites {} while nobody can read it",
     "Since PostgreSQL 11 a default that is the same for all rows (a constant, now()) is stored "
     "once and no row is touched. One that gives each row its own value (random(), "
     "gen_random_uuid(), clock_timestamp(), a function of your own that is not marked STABLE or "
     "IMMUTABLE) makes PostgreSQL write the whole table anew, indexes included, under ACCESS "
     "EXCLUSIVE.",
     "Add the column without a default, then SET DEFAULT for new rows, then fill the old rows in "
     "batches (-- godwit: batch)."},
    .column = run,
};
