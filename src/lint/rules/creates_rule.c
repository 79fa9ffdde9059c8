#include "lint/rule.h"

static void run(gw_lint *l, const gw_statement_seen *s)
{
    gw_found(l, s, NULL, gw_node_text(s->tree, "rulename"),
             gw_shown_range(l, gw_node_get(s->tree, "relation")), NULL);
}

const gw_rule gw_rule_creates_rule = {
    {"creates_rule", GW_SEVERITY_WARNING, GW_RULES_CODE,
     "rule {} rewrites statements on {} before they run",
     "A rule works on the text of a statement, once a statement and not once a row: volatile "
     "values are computed twice, COPY passes it by, RETURNING and row counts change.",
     "A trigger, or a view with INSTEAD OF triggers."},
    .on = GW_ON("RuleStmt"),
    .statement = run,
};
