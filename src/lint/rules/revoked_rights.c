#include "lint/rule.h"

static void run(gw_lint *l, const gw_statement_seen *s)
{
    const gw_node *object = gw_node_at(gw_node_get(s->tree, "objects"), 0);
    const char *name = gw_node_is(object, "RangeVar") ? gw_shown_range(l, object)
                                                      : gw_node_string(object);
    if (!gw_node_true(s->tree, "is_grant"))
        gw_found(l, s, NULL, name ? name : "an object", NULL);
}

const gw_rule gw_rule_revoked_rights = {
    {"revoked_rights", GW_SEVERITY_OFF, GW_RULES_SECURITY,
     "rights on {} are taken away: the release that is running may need them",
     "A right that is missing shows at the first query that needs it. The rule is off unless it "
     "is given a severity: taking rights away is more often a mending than a risk.",
     "Look who uses them (pg_stat_statements, the log) before they go."},
    .on = GW_ON("GrantStmt"),
    .statement = run,
};
