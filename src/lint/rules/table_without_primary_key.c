#include "lint/rule.h"

static void run(gw_lint *l)
{
    const gw_made_object_list *all = gw_model_objects(l->model);
    for (size_t i = 0; i < all->len; i++) {
        const gw_relation *r = (const gw_relation *)all->items[i];
        if (r->object.kind != GW_OBJECT_RELATION || r->object.gone || r->kind != GW_REL_TABLE ||
            r->temporary || r->parent || !r->complete || !gw_node_is(r->node, "CreateStmt") ||
            gw_node_get(r->node, "partbound") || gw_node_get(r->node, "inhRelations"))
            continue;
        bool found = false;
        for (size_t k = 0; k < r->keys.len; k++)
            found |= r->keys.items[k]->kind == GW_KEY_PRIMARY;
        if (!found && !gw_model_hidden(l->model, r->object.name))
            gw_found(l, r->object.made, gw_node_get(r->node, "relation"),
                     gw_shown(l, r->object.schema, r->object.name), NULL);
    }
}

const gw_rule gw_rule_table_without_primary_key = {
    {"table_without_primary_key", GW_SEVERITY_WARNING, GW_RULES_KEYS,
     "{} has no primary key",
     "Two equal rows cannot be told apart: logical replication refuses UPDATE and DELETE, tools "
     "that compare or copy rows need a key, batches have nothing to go along.",
     "PRIMARY KEY on what names a row, or a bigint GENERATED ALWAYS AS IDENTITY."},
    .end = run,
};
