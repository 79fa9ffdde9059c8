#include "lint/rule.h"

static void run(gw_lint *l, const gw_statement_seen *s)
{
    static const char *const makers[] = {"CreateStmt",    "CreateFunctionStmt", "ViewStmt",
                                         "CreateSeqStmt", "CreateSchemaStmt",   NULL};
    const gw_node *t = s->tree;
    if (s->in_transaction || s->script->count < 2)
        return;
    if (gw_one_of(s->type, makers) && !gw_node_true(t, "if_not_exists") &&
        !gw_node_true(t, "replace"))
        gw_found(l, s, NULL, "NOT ", NULL);
    if (gw_node_is(t, "DropStmt") && !gw_node_true(t, "missing_ok"))
        gw_found(l, s, NULL, "", NULL);
}

const gw_rule gw_rule_unguarded_statement = {
    {"unguarded_statement", GW_SEVERITY_OFF, GW_RULES_TRANSACTIONS,
     "outside a transaction, without IF {}EXISTS: after a failure behind it the file cannot "
     "simply run again",
     "A file that runs statement by statement keeps what was done before it failed. Godwit goes "
     "on behind the last statement that was done. The rule is off unless it is given a severity: "
     "turn it on where other tools run the files too.",
     "IF NOT EXISTS, IF EXISTS, OR REPLACE; not for a concurrent index."},
    .statement = run,
    .in_downs = true,
};
