#include "lint/rule.h"

static void run(gw_lint *l, const gw_statement_seen *s)
{
    const char *schema, *name, *what = gw_node_text(s->tree, "subtype");
    const gw_node *def = gw_node_get(s->tree, "def");
    gw_node_names(gw_node_get(s->tree, "typeName"), &schema, &name);
    const gw_type_object *type = gw_model_type(l->model, schema, name);
    bool adds = what && (*what == 'C' || *what == 'O') && !gw_node_true(def, "skip_validation");
    if (adds && !(type && type->object.made->script == s->script))
        gw_found(l, s, def, gw_shown(l, schema, name), NULL);
}

const gw_rule gw_rule_alter_domain_check = {
    {"alter_domain_check", GW_SEVERITY_ERROR, GW_RULES_LOCKS,
     "every table with a column of domain {} is locked and read",
     "ALTER DOMAIN … ADD CONSTRAINT, and SET NOT NULL, try the constraint on all values of all "
     "columns of that type, with a SHARE lock on each table until it is done.",
     "ADD CONSTRAINT … NOT VALID, then VALIDATE CONSTRAINT in a later migration."},
    .on = GW_ON("AlterDomainStmt"),
    .statement = run,
};
