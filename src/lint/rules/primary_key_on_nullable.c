#include <string.h>

#include "lint/rule.h"

static const char *nullable(const gw_lint *l, const gw_key *key)
{
    const gw_relation *index = gw_model_relation(l->model, key->schema, key->using_index);
    if (!key->relation || !index || !index->index)
        return "?";
    for (size_t i = 0; i < index->index->key_count; i++) {
        const char *name = index->index->columns[i];
        const gw_column *column = gw_relation_column(key->relation, name);
        if (column && !column->not_null && !gw_relation_checks_not_null(key->relation, name))
            return name;
    }
    return NULL;
}

static void run(gw_lint *l, const gw_key *key)
{
    if (key->kind != GW_KEY_PRIMARY || !key->using_index || key->fresh)
        return;
    const char *column = nullable(l, key);
    if (column && strcmp(column, "?") != 0)
        gw_found(l, l->statement, key->node, column, gw_shown(l, key->schema, key->table), NULL);
}

const gw_rule gw_rule_primary_key_on_nullable = {
    {"primary_key_on_nullable", GW_SEVERITY_ERROR, GW_RULES_LOCKS,
     "column {} of {} may be NULL: making the index its primary key reads every row while nobody "
     "can",
     "ADD PRIMARY KEY USING INDEX is quick only where the columns are NOT NULL already. Otherwise "
     "PostgreSQL makes them so, which reads the whole table under ACCESS EXCLUSIVE.",
     "Before it: a CHECK (column IS NOT NULL) NOT VALID, VALIDATE CONSTRAINT, SET NOT NULL."},
    .key = run,
};
