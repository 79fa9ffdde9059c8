#include "lint/money.h"
#include "lint/rule.h"

static void run(gw_lint *l, const gw_column_made *c)
{
    const gw_data_type *type = &c->column.type;
    bool real = gw_data_type_is(type, "float8") || gw_data_type_is(type, "float4");
    if (real && gw_name_is_money(c->column.name))
        gw_found(l, l->statement, c->column.node, c->column.name,
                 gw_data_type_text(l->arena, type), NULL);
}

const gw_rule gw_rule_float_for_money = {
    {"float_for_money", GW_SEVERITY_WARNING, GW_RULES_TYPES,
     "{} is {}: sums of money are off by fractions of a cent",
     "Binary floating point cannot hold 0.10. Sums and comparisons of amounts go wrong in the "
     "last digits, and differ with the order of the rows.",
     "numeric, or bigint in the smallest unit (cents, satoshi, wei)."},
    .column = run,
};
