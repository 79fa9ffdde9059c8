#include <string.h>

#include "lint/keys.h"
#include "lint/rule.h"

static const gw_column *column_of(const gw_lint *l, const gw_key *key, const char *name)
{
    for (size_t i = 0; i < l->statement->columns.len; i++)
        if (strcmp(l->statement->columns.items[i].column.name, name) == 0)
            return &l->statement->columns.items[i].column;
    return gw_relation_column(key->relation, name);
}

static bool in_primary_key(const gw_lint *l, const char *name)
{
    for (size_t i = 0; i < l->statement->keys.len; i++)
        for (size_t k = 0; k < l->statement->keys.items[i].column_count; k++)
            if (l->statement->keys.items[i].kind == GW_KEY_PRIMARY &&
                strcmp(l->statement->keys.items[i].columns[k], name) == 0)
                return true;
    return false;
}

static void run(gw_lint *l, const gw_key *key)
{
    if (key->kind != GW_KEY_UNIQUE || key->column_count < 2 ||
        gw_node_true(key->node, "nulls_not_distinct"))
        return;
    for (size_t i = 0; i < key->column_count; i++) {
        const gw_column *column = column_of(l, key, key->columns[i]);
        if (column && !column->not_null && !in_primary_key(l, column->name)) {
            gw_found(l, l->statement, key->node, gw_joined(l, key->columns, key->column_count),
                     column->name, NULL);
            return;
        }
    }
}

const gw_rule gw_rule_unique_with_nullable = {
    {"unique_with_nullable", GW_SEVERITY_NOTE, GW_RULES_KEYS,
     "the unique key ({}) lets equal rows in where {} is NULL",
     "NULLs are never equal: (1, NULL) may stand there as often as one likes. PostgreSQL 15 and "
     "later have NULLS NOT DISTINCT.",
     "Make the column NOT NULL, add NULLS NOT DISTINCT, or a second unique index WHERE column IS "
     "NULL."},
    .key = run,
};
