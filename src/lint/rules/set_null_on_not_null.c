#include "lint/rule.h"

static void run(gw_lint *l, const gw_key *key)
{
    const gw_relation *r = gw_model_relation(l->model, key->schema, key->table);
    if (key->kind != GW_KEY_FOREIGN || key->on_delete != 'n' ||
        gw_node_get(key->node, "fk_del_set_cols"))
        return;
    for (size_t i = 0; i < key->column_count; i++) {
        const gw_column *column = gw_relation_column(r, key->columns[i]);
        if (column && column->not_null)
            gw_found(l, l->statement, key->node, column->name, NULL);
    }
}

const gw_rule gw_rule_set_null_on_not_null = {
    {"set_null_on_not_null", GW_SEVERITY_ERROR, GW_RULES_KEYS,
     "ON DELETE SET NULL on {}, which is NOT NULL: every such DELETE fails",
     "The foreign key promises to put NULL into a column that refuses it. Nobody notices until a "
     "row that is referred to is deleted.",
     "ON DELETE RESTRICT or CASCADE; or let the column be NULL."},
    .after = true,
    .key = run,
};
