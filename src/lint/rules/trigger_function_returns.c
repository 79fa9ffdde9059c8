#include <string.h>

#include "lint/rule.h"

static void run(gw_lint *l, const gw_statement_seen *s)
{
    const char *schema, *name;
    gw_node_names(gw_node_get(s->tree, "funcname"), &schema, &name);
    const gw_function *f = gw_model_function(l->model, schema, name);
    for (const gw_function *o = f; o; o = gw_model_next_function(o))
        if (strcmp(o->returns, "trigger") == 0)
            return;
    if (f)
        gw_found(l, s, NULL, gw_node_text(s->tree, "trigname"), gw_shown(l, schema, name),
                 *f->returns ? f->returns : "nothing", NULL);
}

const gw_rule gw_rule_trigger_function_returns = {
    {"trigger_function_returns", GW_SEVERITY_ERROR, GW_RULES_CODE,
     "trigger {} calls {}, which returns {} and not trigger",
     "CREATE TRIGGER takes only functions without arguments that return trigger.",
     "RETURNS trigger."},
    .on = GW_ON("CreateTrigStmt"),
    .statement = run,
};
