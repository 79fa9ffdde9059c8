#include "lint/rule.h"

static void run(gw_lint *l, const gw_column_made *c)
{
    if (gw_data_type_is(&c->column.type, "int4") || gw_data_type_is(&c->column.type, "int2"))
        gw_found(l, l->statement, c->column.node, c->column.name,
                 gw_data_type_text(l->arena, &c->column.type), NULL);
}

const gw_rule gw_rule_small_number = {
    {"small_number", GW_SEVERITY_OFF, GW_RULES_TYPES,
     "{} is {}: bigint cannot run out",
     "Counters and identifiers outgrow 32 bits sooner than their authors think; a wider type "
     "later rewrites the table. The rule is off unless it is given a severity: keys are covered "
     "by integer_primary_key.",
     "bigint from the start."},
    .column = run,
};
