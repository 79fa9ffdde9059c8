#include "lint/rule.h"

static void run(gw_lint *l, const gw_key *key)
{
    const gw_relation *r = gw_model_relation(l->model, key->schema, key->table);
    if (key->kind != GW_KEY_FOREIGN || key->on_delete != 'd')
        return;
    for (size_t i = 0; i < key->column_count; i++) {
        const gw_column *column = gw_relation_column(r, key->columns[i]);
        if (column && !column->fallback && !column->identity && !column->type.serial)
            gw_found(l, l->statement, key->node, column->name, NULL);
    }
}

const gw_rule gw_rule_set_default_without_default = {
    {"set_default_without_default", GW_SEVERITY_WARNING, GW_RULES_KEYS,
     "ON DELETE SET DEFAULT on {}, which has no default",
     "What is put there is NULL: refused where the column is NOT NULL, and otherwise what SET "
     "NULL says plainly.",
     "Give the column a default that names a row, or write SET NULL."},
    .after = true,
    .key = run,
};
