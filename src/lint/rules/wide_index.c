#include <string.h>

#include "lint/rule.h"

static void run(gw_lint *l, const gw_statement_seen *s)
{
    enum { MANY = 3 };
    const gw_index *index = gw_index_of(l->arena, s->tree);
    bool tree = !index->method || strcmp(index->method, "btree") == 0;
    if (tree && !index->unique && index->key_count > MANY)
        gw_found(l, s, NULL, gw_printf(l->arena, "%zu", index->key_count), NULL);
}

const gw_rule gw_rule_wide_index = {
    {"wide_index", GW_SEVERITY_NOTE, GW_RULES_KEYS,
     "the index has {} columns: one that is not unique rarely pays beyond three",
     "Each further column makes every entry larger, and helps only queries that fix all columns "
     "before it.",
     "Keep the columns that tell most rows apart; INCLUDE those that are only read."},
    .on = GW_ON("IndexStmt"),
    .statement = run,
};
