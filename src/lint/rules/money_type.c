#include "lint/rule.h"

static void run(gw_lint *l, const gw_column_made *c)
{
    if (gw_data_type_is(&c->column.type, "money"))
        gw_found(l, l->statement, c->column.node, c->column.name, NULL);
}

const gw_rule gw_rule_money_type = {
    {"money_type", GW_SEVERITY_WARNING, GW_RULES_TYPES,
     "{} is money: its currency and its digits are those of the server's lc_monetary",
     "The same stored value reads as dollars or yen, with two digits or none, wherever "
     "lc_monetary differs; a dump restored elsewhere changes the amounts.",
     "numeric with a column for the currency, or bigint in the smallest unit."},
    .column = run,
};
