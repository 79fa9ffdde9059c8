#include <string.h>

#include "lint/rule.h"

static void run(gw_lint *l, const gw_command_seen *c)
{
    const gw_key *key = gw_relation_key(c->relation, c->name);
    bool here = false;
    for (size_t i = 0; i < l->script->count && !key; i++) {
        const gw_statement_seen *s = l->statements.items[l->script->first + i];
        for (size_t k = 0; k < s->keys.len && s != l->statement; k++)
            here |= s->keys.items[k].name && strcmp(s->keys.items[k].name, c->name) == 0;
    }
    here |= key && key->made->script == l->script;
    if (here && !c->fresh && l->statement->in_transaction)
        gw_found(l, l->statement, c->node, c->name, gw_shown(l, c->schema, c->table), NULL);
}

const gw_rule gw_rule_validate_at_once = {
    {"validate_at_once", GW_SEVERITY_WARNING, GW_RULES_LOCKS,
     "{} is validated in the transaction that adds it: its strong lock is kept while all rows of "
     "{} are read",
     "NOT VALID and VALIDATE are apart so that the scan runs under a weak lock. In one "
     "transaction the lock of ADD CONSTRAINT (ACCESS EXCLUSIVE for a check, SHARE ROW EXCLUSIVE "
     "for a foreign key) is kept to the end, and nothing is won.",
     "Move VALIDATE CONSTRAINT to the next migration."},
    .on = GW_ON("AT_ValidateConstraint"),
    .command = run,
    .in_downs = true,
};
