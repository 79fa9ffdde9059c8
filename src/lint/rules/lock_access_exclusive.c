#include "lint/rule.h"

static void run(gw_lint *l, const gw_statement_seen *s)
{
    enum { ACCESS_EXCLUSIVE = 8 };
    const gw_node *r = gw_node_at(gw_node_get(s->tree, "relations"), 0);
    for (; r && gw_node_number(s->tree, "mode", 0) == ACCESS_EXCLUSIVE; r = r->next)
        if (!gw_fresh_range(l, r))
            gw_found(l, s, r, gw_shown_range(l, r), NULL);
}

const gw_rule gw_rule_lock_access_exclusive = {
    {"lock_access_exclusive", GW_SEVERITY_WARNING, GW_RULES_LOCKS,
     "LOCK TABLE {} stops its readers too until the transaction ends",
     "Without a mode LOCK TABLE means ACCESS EXCLUSIVE: nobody can even read.",
     "Name the weakest mode that serves: IN SHARE ROW EXCLUSIVE MODE keeps writers away and lets "
     "readers go on."},
    .on = GW_ON("LockStmt"),
    .statement = run,
    .in_downs = true,
};
