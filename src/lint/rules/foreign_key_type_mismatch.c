#include <string.h>

#include "lint/rule.h"

static bool alike(const gw_data_type *a, const gw_data_type *b)
{
    static const char *const texts[] = {"text", "varchar", "bpchar", "citext", NULL};
    if (strcmp(a->name, b->name) == 0)
        return a->array == b->array;
    return gw_one_of(a->name, texts) && gw_one_of(b->name, texts);
}

static const char *target_column(const gw_relation *target, const gw_key *key, size_t i)
{
    if (key->ref_count)
        return i < key->ref_count ? key->ref_columns[i] : NULL;
    for (size_t k = 0; k < target->keys.len; k++)
        if (target->keys.items[k]->kind == GW_KEY_PRIMARY && i < target->keys.items[k]->column_count)
            return target->keys.items[k]->columns[i];
    return NULL;
}

static void run(gw_lint *l, const gw_key *key)
{
    const gw_relation *r = gw_model_relation(l->model, key->schema, key->table);
    const gw_relation *target = gw_model_relation(l->model, key->ref_schema, key->ref_table);
    for (size_t i = 0; key->kind == GW_KEY_FOREIGN && r && target && i < key->column_count; i++) {
        const gw_column *from = gw_relation_column(r, key->columns[i]);
        const gw_column *to = gw_relation_column(target, target_column(target, key, i));
        if (from && to && !alike(&from->type, &to->type))
            gw_found(l, l->statement, key->node, from->name,
                     gw_data_type_text(l->arena, &from->type),
                     gw_shown(l, target->object.schema, target->object.name), to->name,
                     gw_data_type_text(l->arena, &to->type), NULL);
    }
}

const gw_rule gw_rule_foreign_key_type_mismatch = {
    {"foreign_key_type_mismatch", GW_SEVERITY_WARNING, GW_RULES_KEYS,
     "{} is {}, and {}.{}, which it refers to, is {}",
     "Where the types cannot be compared (uuid and text) PostgreSQL refuses the key. Where they "
     "can (integer and bigint) each check converts, and the narrower one cannot hold what the "
     "other can.",
     "Give both columns the same type."},
    .after = true,
    .key = run,
};
