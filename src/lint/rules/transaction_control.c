#include "lint/rule.h"

static bool is_control(const gw_statement_seen *s)
{
    return s->kind.kind == GW_STMT_BEGIN || s->kind.kind == GW_STMT_COMMIT ||
           s->kind.kind == GW_STMT_ROLLBACK;
}

static void run(gw_lint *l, const gw_script_seen *script)
{
    if (!script->script.transactional || !script->count)
        return;
    gw_statement_seen *const *list = &l->statements.items[script->first];
    bool around = script->count > 1 && list[0]->kind.kind == GW_STMT_BEGIN &&
                  list[script->count - 1]->kind.kind == GW_STMT_COMMIT;
    for (size_t i = 0; i < script->count; i++)
        if (is_control(list[i]) && !(around && (i == 0 || i == script->count - 1)))
            gw_found(l, list[i], NULL, gw_stmt_kind_name(&list[i]->kind), NULL);
}

const gw_rule gw_rule_transaction_control = {
    {"transaction_control", GW_SEVERITY_ERROR, GW_RULES_TRANSACTIONS,
     "{} inside a file that runs in a transaction of its own",
     "Each file runs in one transaction, together with its row in the history. A COMMIT in the "
     "middle would end that one and leave the rest outside. One BEGIN … COMMIT around the whole "
     "file is understood and taken off.",
     "Take it out; or let the file run statement by statement: -- godwit: no-transaction."},
    .file_end = run,
    .in_downs = true,
};
