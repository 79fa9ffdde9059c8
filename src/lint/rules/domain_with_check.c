#include "lint/rule.h"

static void run(gw_lint *l, const gw_statement_seen *s)
{
    const char *schema, *name;
    gw_node_names(gw_node_get(s->tree, "domainname"), &schema, &name);
    const gw_node *list = gw_node_get(s->tree, "constraints");
    for (const gw_node *c = gw_node_at(list, 0); c; c = c->next)
        if (gw_node_says(c, "contype", "CONSTR_CHECK"))
            gw_found(l, s, c, gw_shown(l, schema, name), NULL);
}

const gw_rule gw_rule_domain_with_check = {
    {"domain_with_check", GW_SEVERITY_NOTE, GW_RULES_TYPES,
     "domain {} has a CHECK: changing it later reads every table that uses it",
     "A domain's constraint is added or changed for all columns of that type at once, each of "
     "them locked and read. NULL passes NOT NULL of a domain in outer joins.",
     "The base type, with a CHECK on each column."},
    .on = GW_ON("CreateDomainStmt"),
    .statement = run,
};
