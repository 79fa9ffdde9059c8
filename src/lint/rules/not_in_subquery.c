#include "lint/rule.h"

typedef struct walk {
    bool filtered;
} walk;

static bool see(void *self, const gw_node *node)
{
    walk *w = self;
    w->filtered |= gw_node_is(node, "NullTest") &&
                   gw_node_says(node, "nulltesttype", "IS_NOT_NULL");
    return !w->filtered;
}

static void run(gw_lint *l, const gw_node *node)
{
    const gw_node *not = node->parent && node->parent->kind == GW_NODE_LIST ? node->parent->parent
                                                                            : NULL;
    walk w = {false};
    gw_node_walk(gw_node_get(node, "subselect"), see, &w);
    if (gw_node_says(node, "subLinkType", "ANY_SUBLINK") && gw_node_is(not, "BoolExpr") &&
        gw_node_says(not, "boolop", "NOT_EXPR") && !w.filtered)
        gw_found(l, l->statement, node, NULL);
}

const gw_rule gw_rule_not_in_subquery = {
    {"not_in_subquery", GW_SEVERITY_WARNING, GW_RULES_CODE,
     "NOT IN (SELECT …) finds nothing at all as soon as the inner query gives one NULL",
     "x NOT IN (1, NULL) is never true. And PostgreSQL (up to 18) cannot make an anti-join of it: "
     "the inner rows are hashed or read again for each outer row.",
     "NOT EXISTS (SELECT 1 FROM … WHERE inner.x = outer.x)."},
    .on = GW_ON("SubLink"),
    .node = run,
    .in_downs = true,
};
