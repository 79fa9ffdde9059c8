#include "lint/rule.h"

static void run(gw_lint *l, const gw_column_made *c)
{
    if (gw_data_type_is(&c->column.type, "json"))
        gw_found(l, l->statement, c->column.node, c->column.name, NULL);
}

const gw_rule gw_rule_json_type = {
    {"json_type", GW_SEVERITY_WARNING, GW_RULES_TYPES,
     "{} is json: it has no equality and no index",
     "json keeps the text as it came. SELECT DISTINCT, GROUP BY and UNION over such a column "
     "fail, keys may stand twice, every access parses it again.",
     "jsonb; text where the very bytes matter (signatures)."},
    .column = run,
};
