#include "lint/rule.h"

static void run(gw_lint *l, const gw_column_made *c)
{
    if (gw_data_type_is(&c->column.type, "bpchar"))
        gw_found(l, l->statement, c->column.node, c->column.name,
                 gw_data_type_text(l->arena, &c->column.type), NULL);
}

const gw_rule gw_rule_char_type = {
    {"char_type", GW_SEVERITY_WARNING, GW_RULES_TYPES,
     "{} is {}: it is filled up with blanks",
     "char(n) stores blanks up to n, leaves them out of comparisons and keeps them in LIKE and "
     "concatenation. It is no faster than text, and takes a shorter value without a word.",
     "text, with CHECK (length(…) = n) where the length matters."},
    .column = run,
};
