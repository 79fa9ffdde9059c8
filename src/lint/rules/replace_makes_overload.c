#include <string.h>

#include "lint/rule.h"

/* Dropped right behind it? */
static bool dropped_later(const gw_lint *l, const gw_statement_seen *s, const char *name)
{
    for (size_t i = s->number + 1; i < s->script->first + s->script->count; i++) {
        const gw_node *t = l->statements.items[i]->tree;
        const char *schema, *dropped;
        if (!gw_node_says(t, "removeType", "OBJECT_FUNCTION"))
            continue;
        gw_node_names(gw_node_get(gw_node_at(gw_node_get(t, "objects"), 0), "objname"), &schema,
                      &dropped);
        if (dropped && strcmp(dropped, name) == 0)
            return true;
    }
    return false;
}

static void run(gw_lint *l, const gw_statement_seen *s)
{
    const gw_function *now = gw_function_of(l->arena, s->tree);
    const gw_function *old = gw_model_function(l->model, now->object.schema, now->object.name);
    if (!gw_node_true(s->tree, "replace") || !old || old->object.made->script == s->script)
        return;
    for (const gw_function *f = old; f; f = gw_model_next_function(f))
        if (strcmp(f->arguments, now->arguments) == 0)
            return;
    if (!dropped_later(l, s, now->object.name))
        gw_found(l, s, NULL, gw_shown(l, now->object.schema, now->object.name), old->arguments,
                 NULL);
}

const gw_rule gw_rule_replace_makes_overload = {
    {"replace_makes_overload", GW_SEVERITY_WARNING, GW_RULES_ORDER,
     "this does not replace {}({}): with other arguments it is a second function beside it",
     "A function is its name and the types of its arguments. CREATE OR REPLACE with another list "
     "makes an overload: old callers go on calling the old body, and a call that fits both fails "
     "as ambiguous.",
     "DROP FUNCTION the old one in the same file, once nobody calls it; or ignore this rule where "
     "an overload is meant."},
    .on = GW_ON("CreateFunctionStmt"),
    .statement = run,
};
