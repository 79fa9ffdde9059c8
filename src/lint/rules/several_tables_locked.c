#include <string.h>

#include "lint/rule.h"

static void run(gw_lint *l, const gw_script_seen *script)
{
    const gw_lock_taken *first = NULL;
    const gw_statement_seen *since = NULL;
    for (size_t i = 0; i < script->count; i++) {
        const gw_statement_seen *s = l->statements.items[script->first + i];
        for (size_t k = 0; s->in_transaction && k < s->locks.len; k++) {
            const gw_lock_taken *lock = &s->locks.items[k];
            if (lock->fresh || lock->strength != GW_LOCK_ACCESS_EXCLUSIVE)
                continue;
            if (!first) {
                first = lock;
                since = s;
            } else if (strcmp(first->table, lock->table) != 0) {
                gw_found(l, s, NULL, gw_shown(l, lock->schema, lock->table),
                         gw_shown(l, first->schema, first->table), gw_place_of(l, since), NULL);
                return;
            }
        }
    }
}

const gw_rule gw_rule_several_tables_locked = {
    {"several_tables_locked", GW_SEVERITY_OFF, GW_RULES_LOCKS,
     "{} is locked strongly in the transaction that keeps {} locked since {}",
     "Two strong locks in one transaction wait for each other's users: a query that holds the "
     "second table and wants the first makes a deadlock, and both tables stand still meanwhile. "
     "The rule is off unless it is given a severity: with a lock_timeout the run lets go and "
     "tries again.",
     "One migration a table, where nothing speaks against it."},
    .file_end = run,
};
