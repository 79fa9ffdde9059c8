#include "lint/rule.h"

static void run(gw_lint *l, const gw_key *key)
{
    if (key->kind != GW_KEY_FOREIGN || key->fresh || key->not_valid)
        return;
    bool empty_column = key->column && l->statement->columns.len;
    for (size_t i = 0; empty_column && i < l->statement->columns.len; i++)
        if (l->statement->columns.items[i].column.node == key->column)
            empty_column = !l->statement->columns.items[i].column.fallback;
    if (!empty_column)
        gw_found(l, l->statement, key->node, gw_shown(l, key->schema, key->table),
                 gw_shown(l, key->ref_schema, key->ref_table), NULL);
}

const gw_rule gw_rule_add_foreign_key = {
    {"add_foreign_key", GW_SEVERITY_ERROR, GW_RULES_LOCKS,
     "the foreign key from {} to {} is checked against every row while writers of both tables "
     "wait",
     "ADD FOREIGN KEY holds SHARE ROW EXCLUSIVE on both tables until it has read all rows of the "
     "referring one. (ADD COLUMN … REFERENCES without a default reads nothing, and a new table is "
     "empty.)",
     "Add it NOT VALID (a moment's lock), and VALIDATE CONSTRAINT in a later migration: that "
     "reads the rows while others write."},
    .key = run,
};
