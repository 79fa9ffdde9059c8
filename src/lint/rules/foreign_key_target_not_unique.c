#include <string.h>

#include "lint/keys.h"
#include "lint/rule.h"

static bool same_set(const char *const *a, size_t n, const char *const *b, size_t m)
{
    for (size_t i = 0; i < n; i++) {
        bool there = false;
        for (size_t k = 0; k < m; k++)
            there |= strcmp(a[i], b[k]) == 0;
        if (!there)
            return false;
    }
    return n == m;
}

static void run(gw_lint *l, const gw_key *key)
{
    if (key->kind != GW_KEY_FOREIGN || (key->new_table && strcmp(key->table, key->ref_table) == 0))
        return;
    const gw_relation *target = gw_model_relation(l->model, key->ref_schema, key->ref_table);
    if (!target || !target->complete || target->kind != GW_REL_TABLE)
        return;
    for (size_t i = 0; i < target->indexes.len; i++) {
        const gw_index *index = target->indexes.items[i];
        bool primary = false;
        for (size_t k = 0; k < target->keys.len; k++)
            primary |= target->keys.items[k]->kind == GW_KEY_PRIMARY &&
                       strcmp(target->keys.items[k]->name, index->name) == 0;
        if (index->unique && !index->where &&
            (key->ref_count ? same_set(key->ref_columns, key->ref_count, index->columns,
                                       index->key_count)
                            : primary))
            return;
    }
    if (!gw_model_hidden(l->model, target->object.name))
        gw_found(l, l->statement, key->node, gw_shown(l, key->ref_schema, key->ref_table),
                 key->ref_count ? gw_joined(l, key->ref_columns, key->ref_count)
                                : "its primary key",
                 NULL);
}

const gw_rule gw_rule_foreign_key_target_not_unique = {
    {"foreign_key_target_not_unique", GW_SEVERITY_ERROR, GW_RULES_KEYS,
     "{} has no unique key on ({}) that the foreign key could refer to",
     "PostgreSQL refuses a foreign key to columns that no primary key, unique constraint or plain "
     "unique index (not partial, not on an expression) covers exactly.",
     "Refer to the primary key, or add the unique constraint first."},
    .key = run,
};
