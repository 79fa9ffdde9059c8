#include "lint/rule.h"

static void run(gw_lint *l, const gw_statement_seen *s)
{
    const gw_node *list =
        gw_node_get(s->tree, gw_node_is(s->tree, "UpdateStmt") ? "targetList" : "cols");
    for (const gw_node *a = gw_node_at(list, 0); a; a = a->next)
        for (const gw_node *b = a->next; b; b = b->next) {
            const char *name = gw_node_text(a, "name");
            bool part = gw_node_get(a, "indirection") || gw_node_get(b, "indirection");
            if (name && !part && gw_node_says(b, "name", name))
                gw_found(l, s, b, name, NULL);
        }
}

const gw_rule gw_rule_duplicate_assignment = {
    {"duplicate_assignment", GW_SEVERITY_ERROR, GW_RULES_CODE,
     "{} is set twice in one statement",
     "PostgreSQL refuses it (multiple assignments to same column).",
     "Take one of the two out."},
    .on = GW_ON("UpdateStmt", "InsertStmt"),
    .statement = run,
    .in_downs = true,
};
