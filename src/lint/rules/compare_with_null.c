#include "lint/rule.h"

static bool is_null(const gw_node *node)
{
    return gw_node_is(node, "A_Const") && gw_node_true(node, "isnull");
}

static void run(gw_lint *l, const gw_node *node)
{
    const char *schema, *operator;
    gw_node_names(gw_node_get(node, "name"), &schema, &operator);
    bool compares = gw_node_says(node, "kind", "AEXPR_OP") &&
                    gw_one_of(operator, GW_ON("=", "<>", "<", ">", "<=", ">="));
    if (compares && (is_null(gw_node_get(node, "rexpr")) || is_null(gw_node_get(node, "lexpr"))))
        gw_found(l, l->statement, node, operator, NULL);
}

const gw_rule gw_rule_compare_with_null = {
    {"compare_with_null", GW_SEVERITY_ERROR, GW_RULES_CODE,
     "a comparison with NULL is never true: {} NULL",
     "= NULL and <> NULL are NULL whatever stands on the other side: no row is found, a CHECK "
     "lets everything in.",
     "IS NULL, IS NOT NULL, IS DISTINCT FROM."},
    .on = GW_ON("A_Expr"),
    .node = run,
    .in_downs = true,
};
