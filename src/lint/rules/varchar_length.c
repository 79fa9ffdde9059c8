#include "lint/rule.h"

static void run(gw_lint *l, const gw_column_made *c)
{
    if (gw_data_type_is(&c->column.type, "varchar") && c->column.type.mod_count)
        gw_found(l, l->statement, c->column.node, c->column.name,
                 gw_data_type_text(l->arena, &c->column.type), NULL);
}

const gw_rule gw_rule_varchar_length = {
    {"varchar_length", GW_SEVERITY_OFF, GW_RULES_TYPES,
     "{} is {}: a longer limit will need a migration",
     "text and varchar(n) are kept alike; the limit is a check that is part of the type. Making "
     "it shorter reads or rewrites the table. The rule is off unless it is given a severity: for "
     "many a limit is a wish.",
     "text with a CHECK, which can be replaced by a NOT VALID one."},
    .column = run,
};
