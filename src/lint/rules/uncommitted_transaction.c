#include "lint/rule.h"

static void run(gw_lint *l, const gw_script_seen *script)
{
    const gw_statement_seen *open = NULL;
    if (script->script.transactional)
        return;
    for (size_t i = 0; i < script->count; i++) {
        const gw_statement_seen *s = l->statements.items[script->first + i];
        if (s->kind.kind == GW_STMT_BEGIN)
            open = s;
        else if (s->kind.kind == GW_STMT_COMMIT || s->kind.kind == GW_STMT_ROLLBACK)
            open = NULL;
    }
    if (open)
        gw_found(l, open, NULL, NULL);
}

const gw_rule gw_rule_uncommitted_transaction = {
    {"uncommitted_transaction", GW_SEVERITY_ERROR, GW_RULES_TRANSACTIONS,
     "the transaction that begins here is never committed",
     "The file runs statement by statement and ends with its transaction open: all that was done "
     "since BEGIN is rolled back when the session ends.",
     "Add COMMIT, or take BEGIN out."},
    .file_end = run,
    .in_downs = true,
};
