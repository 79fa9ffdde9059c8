#include "lint/rule.h"

static bool changes(const gw_statement_seen *s, const char *table)
{
    bool rows = gw_node_is(s->tree, "UpdateStmt") || gw_node_is(s->tree, "DeleteStmt") ||
                gw_node_is(s->tree, "InsertStmt");
    return rows && gw_node_says(gw_node_get(s->tree, "relation"), "relname", table);
}

static void run(gw_lint *l, const gw_statement_seen *s)
{
    const gw_node *range = gw_node_get(s->tree, "relation");
    if (gw_fresh_range(l, range) || !s->in_transaction)
        return;
    for (size_t i = s->script->first; i < s->number; i++)
        if (changes(l->statements.items[i], gw_node_text(range, "relname"))) {
            gw_found(l, s, range, gw_shown_range(l, range),
                     gw_place_of(l, l->statements.items[i]), NULL);
            return;
        }
}

const gw_rule gw_rule_alter_after_update = {
    {"alter_after_update", GW_SEVERITY_WARNING, GW_RULES_LOCKS,
     "{} is altered in the transaction that has changed its rows at {}",
     "The changed rows stay locked until the ALTER TABLE has got its lock from everybody else. "
     "And where a deferred constraint or a foreign key still has to be checked for them, "
     "PostgreSQL refuses it: cannot ALTER TABLE because it has pending trigger events.",
     "Change the rows in a migration of their own."},
    .on = GW_ON("AlterTableStmt"),
    .statement = run,
};
