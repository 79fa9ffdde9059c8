#include "lint/rule.h"

static void run(gw_lint *l, const gw_statement_seen *s)
{
    const gw_node *definer = gw_function_option(s->tree, "security");
    if (!gw_node_true(definer, "boolval"))
        return;
    const gw_node *o = gw_node_at(gw_node_get(s->tree, "options"), 0);
    for (; o; o = o->next)
        if (gw_node_says(o, "defname", "set") &&
            gw_node_says(gw_node_get(o, "arg"), "name", "search_path"))
            return;
    const gw_function *f = gw_function_of(l->arena, s->tree);
    gw_found(l, s, NULL, gw_shown(l, f->object.schema, f->object.name), NULL);
}

const gw_rule gw_rule_security_definer_search_path = {
    {"security_definer_search_path", GW_SEVERITY_WARNING, GW_RULES_SECURITY,
     "{} runs with its owner's rights and the caller's search_path",
     "A SECURITY DEFINER function looks up unqualified names where its caller says. Who can make "
     "a table or operator in a schema that comes first makes the owner run it.",
     "SET search_path = pg_catalog, public (or the schemas that it needs, pg_temp last) on the "
     "function."},
    .on = GW_ON("CreateFunctionStmt"),
    .statement = run,
};
