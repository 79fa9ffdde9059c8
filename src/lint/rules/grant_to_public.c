#include "lint/rule.h"

static const char *what(gw_lint *l, const gw_statement_seen *s)
{
    const gw_node *privileges = gw_node_get(s->tree, "privileges");
    const char *name = gw_node_text(gw_node_at(privileges, 0), "priv_name");
    const gw_node *object = gw_node_at(gw_node_get(s->tree, "objects"), 0);
    const char *on = gw_node_is(object, "RangeVar") ? gw_shown_range(l, object)
                                                    : gw_node_string(object);
    return gw_printf(l->arena, "%s%s%s", name ? name : "everything", on ? " on " : "", on ? on : "");
}

static void run(gw_lint *l, const gw_statement_seen *s)
{
    bool code = gw_one_of(gw_node_text(s->tree, "objtype"),
                          GW_ON("OBJECT_FUNCTION", "OBJECT_PROCEDURE", "OBJECT_ROUTINE",
                                "OBJECT_TYPE", "OBJECT_DOMAIN", "OBJECT_LANGUAGE"));
    const gw_node *g = gw_node_at(gw_node_get(s->tree, "grantees"), 0);
    /* Functions and types are everybody's by default. */
    for (; g && gw_node_true(s->tree, "is_grant") && !code; g = g->next)
        if (gw_node_says(g, "roletype", "ROLESPEC_PUBLIC"))
            gw_found(l, s, NULL, what(l, s), NULL);
}

const gw_rule gw_rule_grant_to_public = {
    {"grant_to_public", GW_SEVERITY_WARNING, GW_RULES_SECURITY,
     "{} is granted to everybody who can connect",
     "PUBLIC is every role of the server, those that are made later too: a right given to it "
     "cannot be kept from anybody.",
     "Grant to a role that stands for what is to be done (app_reader, app_writer)."},
    .on = GW_ON("GrantStmt"),
    .statement = run,
};
