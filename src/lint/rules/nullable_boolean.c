#include "lint/rule.h"

static void run(gw_lint *l, const gw_column_made *c)
{
    if (gw_data_type_is(&c->column.type, "bool") && !c->column.not_null && !c->column.generated)
        gw_found(l, l->statement, c->column.node, c->column.name, NULL);
}

const gw_rule gw_rule_nullable_boolean = {
    {"nullable_boolean", GW_SEVERITY_NOTE, GW_RULES_TYPES,
     "{} has three values: true, false and NULL",
     "WHERE flag and WHERE NOT flag both leave the NULL rows out, and most programs take NULL for "
     "one of the two without saying which.",
     "NOT NULL with a default; where \"not known\" is meant, an enum says it."},
    .column = run,
};
