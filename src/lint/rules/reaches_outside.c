#include "lint/rule.h"

static void run(gw_lint *l, const gw_statement_seen *s)
{
    if (s->kind.reaches_outside)
        gw_found(l, s, NULL, s->kind.reaches_outside, NULL);
}

const gw_rule gw_rule_reaches_outside = {
    {"reaches_outside", GW_SEVERITY_WARNING, GW_RULES_SECURITY,
     "this reaches outside the database: {}",
     "What a migration does elsewhere (roles, other databases, the server's settings, files, "
     "programs) is not undone with it, is there for all databases of the server, and cannot be "
     "tried in a shadow database on that server.",
     "Leave it to whoever runs the server; or ignore this rule and say why it belongs here."},
    .statement = run,
    .in_downs = true,
};
