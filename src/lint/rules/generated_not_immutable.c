#include "lint/keys.h"
#include "lint/rule.h"

static void run(gw_lint *l, const gw_column_made *c)
{
    const gw_node *list = gw_node_get(c->column.node, "constraints");
    for (const gw_node *k = gw_node_at(list, 0); k; k = k->next) {
        const gw_node *call = gw_node_says(k, "contype", "CONSTR_GENERATED")
                                  ? gw_find_mutable_call(l, gw_node_get(k, "raw_expr"))
                                  : NULL;
        if (call)
            gw_found(l, l->statement, call, gw_call_text(l, call), NULL);
    }
}

const gw_rule gw_rule_generated_not_immutable = {
    {"generated_not_immutable", GW_SEVERITY_ERROR, GW_RULES_KEYS,
     "a generated column cannot be computed with {}: it is not immutable",
     "A stored generated column is computed when the row is written, and has to stay right by "
     "itself. PostgreSQL refuses functions that look at the clock, the settings or the tables.",
     "A trigger, or a DEFAULT where the value is to be that of the INSERT."},
    .column = run,
};
