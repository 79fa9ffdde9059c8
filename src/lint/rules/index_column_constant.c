#include <string.h>

#include "lint/rule.h"

/* col = constant, col, NOT col, col IS TRUE; one of several joined by AND */
static bool fixes(const gw_node *where, const char *column)
{
    const char *name = gw_expression_column(where);
    if (name)
        return strcmp(name, column) == 0;
    if (gw_node_is(where, "BoolExpr") && !gw_node_says(where, "boolop", "OR_EXPR")) {
        const gw_node *c = gw_node_at(gw_node_get(where, "args"), 0);
        for (; c; c = c->next)
            if (fixes(c, column))
                return true;
        return false;
    }
    if (gw_node_is(where, "BooleanTest"))
        return fixes(gw_node_get(where, "arg"), column);
    if (!gw_node_is(where, "A_Expr") || !gw_node_says(where, "kind", "AEXPR_OP"))
        return false;
    const char *schema, *operator;
    gw_node_names(gw_node_get(where, "name"), &schema, &operator);
    const char *left = gw_expression_column(gw_node_get(where, "lexpr"));
    return operator && strcmp(operator, "=") == 0 && left && strcmp(left, column) == 0 &&
           gw_node_is(gw_node_get(where, "rexpr"), "A_Const");
}

static void run(gw_lint *l, const gw_statement_seen *s)
{
    const gw_index *index = gw_index_of(l->arena, s->tree);
    for (size_t i = 0; index->where && i < index->key_count; i++)
        if (*index->columns[i] && fixes(index->where, index->columns[i]))
            gw_found(l, s, gw_node_at(gw_node_get(s->tree, "indexParams"), i), index->columns[i],
                     NULL);
}

const gw_rule gw_rule_index_column_constant = {
    {"index_column_constant", GW_SEVERITY_NOTE, GW_RULES_KEYS,
     "{} has one value in the whole index, for its WHERE says so",
     "A column that the predicate fixes (ON t (active, x) WHERE active) takes room in every entry "
     "and tells none from another.",
     "Leave the column out of the index; the WHERE is enough for the planner."},
    .on = GW_ON("IndexStmt"),
    .statement = run,
};
