#include "lint/keys.h"
#include "lint/rule.h"

static void run(gw_lint *l, const gw_key *key)
{
    const gw_node *call = key->kind == GW_KEY_CHECK
                              ? gw_find_clock_call(l, gw_node_get(key->node, "raw_expr"))
                              : NULL;
    if (call)
        gw_found(l, l->statement, call, gw_call_text(l, call), NULL);
}

const gw_rule gw_rule_check_not_immutable = {
    {"check_not_immutable", GW_SEVERITY_WARNING, GW_RULES_KEYS,
     "the CHECK depends on {}: a row that was right becomes wrong by itself",
     "A CHECK is tried when a row is written, and again when a dump is loaded. Where it looks at "
     "the clock or at other tables, rows that were let in are refused by the restore.",
     "A trigger that looks once, at INSERT; or compare two columns (expires_at > created_at)."},
    .key = run,
};
