#include "lint/rule.h"

static void run(gw_lint *l, const gw_statement_seen *s)
{
    if (!s->tree)
        gw_found_at(l, s, s->problem_at, s->problem, NULL);
}

const gw_rule gw_rule_unread_statement = {
    {"unread_statement", GW_SEVERITY_NOTE, GW_RULES_FILES,
     "could not be read: {}",
     "Godwit's grammar is that of PostgreSQL 15. What a newer server has brought, and what is "
     "misspelt, it cannot tell apart; no rule has looked at the statement. It runs all the same "
     "where the server knows it.",
     "Where it is newer, ignore this rule and say which version it needs."},
    .statement = run,
    .in_downs = true,
};
