#include "lint/names.h"
#include "lint/rule.h"

static void see(gw_lint *l, const gw_statement_seen *s, const gw_node *node, const char *schema,
                const char *name)
{
    if (gw_model_function(l->model, schema, name) || (!schema && gw_builtin_function(name)))
        return;
    const gw_statement_seen *later = gw_model_later(l->model, GW_OBJECT_FUNCTION, schema, name, s);
    if (later && !gw_model_dropped(l->model, GW_OBJECT_FUNCTION, schema, name))
        gw_found(l, s, node, gw_shown(l, schema, name), gw_place_of(l, later), NULL);
}

static void run(gw_lint *l, const gw_statement_seen *s)
{
    gw_functions_used(l, s, see);
}

const gw_rule gw_rule_function_used_before_created = {
    {"function_used_before_created", GW_SEVERITY_ERROR, GW_RULES_ORDER,
     "function {} does not exist yet here: {} creates it",
     "A trigger, a default, a check or a query names a function that a later statement of the "
     "same run creates. PostgreSQL looks it up at once: on an empty database the run stops here.",
     "Create the function first: functions before the tables and triggers that use them."},
    .statement = run,
};
