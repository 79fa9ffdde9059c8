#include <string.h>

#include "lint/rule.h"

typedef struct walk {
    const char *value;
    const gw_node *at;
} walk;

static bool see(void *self, const gw_node *node)
{
    walk *w = self;
    const char *text = gw_node_is(node, "A_Const") ? gw_node_string(node) : NULL;
    if (text && strcmp(text, w->value) == 0)
        w->at = node;
    return !w->at;
}

static void run(gw_lint *l, const gw_statement_seen *s)
{
    if (!s->in_transaction || gw_node_is(s->tree, "AlterEnumStmt"))
        return;
    for (size_t i = s->script->first; i < s->number; i++) {
        const gw_node *t = l->statements.items[i]->tree;
        const char *schema, *name, *value = gw_node_text(t, "newVal");
        if (!gw_node_is(t, "AlterEnumStmt") || !value || gw_node_text(t, "oldVal"))
            continue;
        gw_node_names(gw_node_get(t, "typeName"), &schema, &name);
        const gw_type_object *type = gw_model_type(l->model, schema, name);
        walk w = {.value = value};
        if (!type || type->object.made->script != s->script)
            gw_node_walk(s->tree, see, &w);
        if (w.at)
            gw_found(l, s, w.at, value, NULL);
    }
}

const gw_rule gw_rule_enum_value_used_at_once = {
    {"enum_value_used_at_once", GW_SEVERITY_ERROR, GW_RULES_TRANSACTIONS,
     "enum value '{}' is used in the transaction that adds it",
     "PostgreSQL 12 and later let ALTER TYPE … ADD VALUE run in a transaction, and refuse to use "
     "the new value before it is committed (55P04). Nothing is said where the same transaction "
     "makes the type.",
     "Move what uses it to the next migration."},
    .statement = run,
    .in_downs = true,
};
