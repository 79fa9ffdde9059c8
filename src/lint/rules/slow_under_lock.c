#include <string.h>

#include "lint/rule.h"

static bool is_slow(const gw_lint *l, const gw_statement_seen *s)
{
    const gw_node *range = gw_node_get(s->tree, "relation");
    if (gw_node_is(s->tree, "UpdateStmt") || gw_node_is(s->tree, "DeleteStmt") ||
        gw_node_is(s->tree, "MergeStmt") || gw_node_is(s->tree, "IndexStmt"))
        return !gw_fresh_range(l, range);
    if (gw_node_is(s->tree, "InsertStmt"))
        return gw_node_get(gw_node_get(s->tree, "selectStmt"), "fromClause") != NULL;
    for (size_t i = 0; i < s->commands.len; i++)
        if (strcmp(s->commands.items[i].subtype, "AT_ValidateConstraint") == 0)
            return !s->commands.items[i].fresh;
    return gw_node_is(s->tree, "RefreshMatViewStmt") || gw_node_is(s->tree, "CopyStmt");
}

/* The strong lock that the transaction has taken before, on what is in use. */
static const gw_lock_taken *kept(const gw_lint *l, const gw_statement_seen *now,
                                 const gw_statement_seen **since)
{
    for (size_t i = 0; i < l->script->count; i++) {
        *since = l->statements.items[l->script->first + i];
        if (*since == now || !(*since)->in_transaction)
            return NULL;
        for (size_t k = 0; k < (*since)->locks.len; k++) {
            const gw_lock_taken *lock = &(*since)->locks.items[k];
            if (!lock->fresh && lock->strength == GW_LOCK_ACCESS_EXCLUSIVE)
                return lock;
        }
    }
    return NULL;
}

static void run(gw_lint *l, const gw_statement_seen *s)
{
    const gw_statement_seen *since;
    if (!s->in_transaction || !is_slow(l, s))
        return;
    const gw_lock_taken *lock = kept(l, s, &since);
    if (lock)
        gw_found(l, s, NULL, gw_shown(l, lock->schema, lock->table), gw_place_of(l, since), NULL);
}

const gw_rule gw_rule_slow_under_lock = {
    {"slow_under_lock", GW_SEVERITY_WARNING, GW_RULES_LOCKS,
     "this runs while the transaction keeps {} locked since {}",
     "A lock is kept until the transaction ends. Rows that are changed, an index that is built or "
     "a table that is read behind an ALTER TABLE make everybody who needs the altered table wait "
     "that long.",
     "Put what takes long into a migration before or behind the one that takes the lock."},
    .statement = run,
};
