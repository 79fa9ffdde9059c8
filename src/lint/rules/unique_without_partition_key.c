#include <string.h>

#include "lint/rule.h"

static const char *left_out(const gw_relation *r, const char *const *columns, size_t count)
{
    for (size_t i = 0; i < r->key_count; i++) {
        bool there = false;
        for (size_t k = 0; k < count; k++)
            there |= strcmp(columns[k], r->key_columns[i]) == 0;
        if (!there)
            return r->key_columns[i];
    }
    return r->key_expression ? "(an expression)" : NULL;
}

static void key(gw_lint *l, const gw_key *k)
{
    const gw_relation *r = gw_model_relation(l->model, k->schema, k->table);
    bool unique = k->kind == GW_KEY_PRIMARY || k->kind == GW_KEY_UNIQUE;
    if (!unique || !r || !r->strategy || k->using_index)
        return;
    const char *column = left_out(r, k->columns, k->column_count);
    if (column)
        gw_found(l, l->statement, k->node, gw_shown(l, k->schema, k->table), column, NULL);
}

static void run(gw_lint *l, const gw_statement_seen *s)
{
    const gw_node *range = gw_node_get(s->tree, "relation");
    const gw_relation *r = gw_model_relation_of(l->model, range);
    if (!r || !r->strategy || !gw_node_true(s->tree, "unique"))
        return;
    const gw_index *index = gw_index_of(l->arena, s->tree);
    const char *column = left_out(r, index->columns, index->key_count);
    if (column)
        gw_found(l, s, NULL, gw_shown_range(l, range), column, NULL);
}

const gw_rule gw_rule_unique_without_partition_key = {
    {"unique_without_partition_key", GW_SEVERITY_ERROR, GW_RULES_ORDER,
     "the unique key of the partitioned table {} leaves out its partition key {}",
     "Each partition has an index of its own, so PostgreSQL can keep values apart over all of "
     "them only where the partition key is part of the key. It refuses anything else, and any key "
     "where the partition key is an expression.",
     "Add the partition key's columns to the key: PRIMARY KEY (id, created_at)."},
    .after = true,
    .key = key,
    .on = GW_ON("IndexStmt"),
    .statement = run,
};
