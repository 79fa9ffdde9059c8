#include <string.h>

#include "lint/keys.h"
#include "lint/rule.h"

static void run(gw_lint *l, const gw_statement_seen *s)
{
    const gw_relation *r = gw_model_relation_of(l->model, gw_node_get(s->tree, "relation"));
    const gw_index *now = gw_index_of(l->arena, s->tree);
    for (size_t i = 0; r && i < r->indexes.len; i++) {
        const gw_index *old = r->indexes.items[i];
        bool same_name = now->name && strcmp(now->name, old->name) == 0;
        if (!same_name && gw_index_covers(old, now)) {
            gw_found(l, s, NULL, now->name ? now->name : "the new index", old->name, NULL);
            return;
        }
    }
}

const gw_rule gw_rule_duplicate_index = {
    {"duplicate_index", GW_SEVERITY_WARNING, GW_RULES_KEYS,
     "{} repeats the columns of {}",
     "Two indexes on the same columns answer the same queries. Each INSERT and UPDATE keeps both, "
     "and both take disk and memory. A UNIQUE or PRIMARY KEY constraint has an index of its own; "
     "WHERE column IS NOT NULL on top of it adds nothing.",
     "Leave one of them out; keep the unique one."},
    .on = GW_ON("IndexStmt"),
    .statement = run,
};
