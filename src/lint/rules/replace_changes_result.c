#include <string.h>

#include "lint/rule.h"

static void run(gw_lint *l, const gw_statement_seen *s)
{
    const gw_function *now = gw_function_of(l->arena, s->tree);
    if (!gw_node_true(s->tree, "replace"))
        return;
    const gw_function *old = gw_model_function(l->model, now->object.schema, now->object.name);
    for (; old; old = gw_model_next_function(old))
        if (strcmp(old->arguments, now->arguments) == 0 && strcmp(old->returns, now->returns) != 0 &&
            *old->returns && *now->returns)
            gw_found(l, s, NULL, gw_shown(l, now->object.schema, now->object.name), old->returns,
                     now->returns, NULL);
}

const gw_rule gw_rule_replace_changes_result = {
    {"replace_changes_result", GW_SEVERITY_ERROR, GW_RULES_ORDER,
     "CREATE OR REPLACE cannot change what {} returns from {} to {}",
     "PostgreSQL refuses to replace a function by one that returns another type.",
     "DROP FUNCTION first (and make anew what depends on it), or give the new one another name."},
    .on = GW_ON("CreateFunctionStmt"),
    .statement = run,
};
