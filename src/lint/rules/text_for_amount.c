#include "lint/money.h"
#include "lint/rule.h"

static void run(gw_lint *l, const gw_column_made *c)
{
    const gw_data_type *type = &c->column.type;
    bool text = gw_data_type_is(type, "text") || gw_data_type_is(type, "varchar") ||
                gw_data_type_is(type, "bpchar");
    if (text && gw_name_is_amount(c->column.name))
        gw_found(l, l->statement, c->column.node, c->column.name,
                 gw_data_type_text(l->arena, type), NULL);
}

const gw_rule gw_rule_text_for_amount = {
    {"text_for_amount", GW_SEVERITY_WARNING, GW_RULES_TYPES,
     "{} is {}: amounts as text sort wrongly (\"9\" > \"10\"), and nothing keeps words out",
     "Comparisons, sums, indexes and CHECKs of a number that is kept as text work on letters. A "
     "numeric holds up to 131,072 digits before the point: a uint256 fits numeric(78,0).",
     "numeric, or bigint in the smallest unit; send it to programs as text where they cannot hold "
     "it."},
    .column = run,
};
