#include "lint/rule.h"

static void run(gw_lint *l, const gw_statement_seen *s)
{
    if (s->kind.never_in_transaction && s->in_transaction)
        gw_found(l, s, NULL, gw_stmt_kind_name(&s->kind), NULL);
}

const gw_rule gw_rule_cannot_run_in_transaction = {
    {"cannot_run_in_transaction", GW_SEVERITY_ERROR, GW_RULES_TRANSACTIONS,
     "{} cannot run in the transaction of this file",
     "PostgreSQL refuses it inside a transaction block. A file that holds nothing else runs "
     "without one by itself; this one holds more.",
     "Put it into a file of its own, or let the file run statement by statement: -- godwit: "
     "no-transaction."},
    .statement = run,
    .in_downs = true,
};
