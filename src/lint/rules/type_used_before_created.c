#include <string.h>

#include "lint/rule.h"

static void run(gw_lint *l, const gw_node *node)
{
    const char *schema, *name;
    const gw_statement_seen *s = l->statement;
    gw_node_names(gw_node_get(node, "names"), &schema, &name);
    if (!name || (schema && strcmp(schema, "pg_catalog") == 0) ||
        gw_model_type(l->model, schema, name) || gw_model_relation(l->model, schema, name))
        return;
    const gw_statement_seen *later = gw_model_later(l->model, GW_OBJECT_TYPE, schema, name, s);
    bool dropping = gw_node_is(s->tree, "DropStmt");
    if (later && !dropping && !gw_model_dropped(l->model, GW_OBJECT_TYPE, schema, name))
        gw_found(l, s, node, gw_shown(l, schema, name), gw_place_of(l, later), NULL);
}

const gw_rule gw_rule_type_used_before_created = {
    {"type_used_before_created", GW_SEVERITY_ERROR, GW_RULES_ORDER,
     "type {} does not exist yet here: {} creates it",
     "The statement names a type that a later statement of the same run creates. On an empty "
     "database the run stops here.",
     "Create types before the tables and functions that use them."},
    .on = GW_ON("TypeName"),
    .node = run,
};
