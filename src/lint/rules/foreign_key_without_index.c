#include "lint/keys.h"
#include "lint/rule.h"

static void run(gw_lint *l)
{
    const gw_made_object_list *all = gw_model_objects(l->model);
    for (size_t i = 0; i < all->len; i++) {
        const gw_relation *r = (const gw_relation *)all->items[i];
        if (r->object.kind != GW_OBJECT_RELATION || r->object.gone)
            continue;
        for (size_t k = 0; k < r->keys.len; k++) {
            const gw_key *key = r->keys.items[k];
            if (key->kind == GW_KEY_FOREIGN &&
                !gw_relation_has_index(r, key->columns, key->column_count))
                gw_found(l, key->made, key->node, gw_joined(l, key->columns, key->column_count),
                         gw_shown(l, r->object.schema, r->object.name), NULL);
        }
    }
}

const gw_rule gw_rule_foreign_key_without_index = {
    {"foreign_key_without_index", GW_SEVERITY_WARNING, GW_RULES_KEYS,
     "no index begins with the foreign key ({}) of {}",
     "PostgreSQL makes no index for the referring side. Each DELETE or key change of the table "
     "that is referred to reads the whole referring table, and so does the join that the key is "
     "there for.",
     "CREATE INDEX on the key's columns; CONCURRENTLY where the table is in use. A partial index "
     "WHERE column IS NOT NULL serves too."},
    .end = run,
};
