#include "lint/names.h"
#include "lint/rule.h"

/* Renamed or dropped by the same file. */
static bool goes_away(const gw_lint *l, const gw_command_seen *c)
{
    for (size_t i = 0; i < l->script->count; i++) {
        const gw_statement_seen *s = l->statements.items[l->script->first + i];
        if (gw_node_is(s->tree, "RenameStmt") && gw_node_says(s->tree, "subname", c->name))
            return true;
    }
    return gw_command_later(l, l->statement, "AT_DropColumn", c->name);
}

static void run(gw_lint *l, const gw_command_seen *c)
{
    if (!c->fresh && !goes_away(l, c))
        gw_found(l, l->statement, c->node, gw_shown(l, c->schema, c->table), c->name, NULL);
}

const gw_rule gw_rule_drop_not_null = {
    {"drop_not_null", GW_SEVERITY_NOTE, GW_RULES_LOSS,
     "{}.{} may be NULL from now on: whoever reads it has to expect that",
     "Code that was written for a column that always has a value (a strict type, a sum, a "
     "comparison) meets NULLs.",
     "Move the readers first; then ignore this rule with that reason."},
    .on = GW_ON("AT_DropNotNull"),
    .command = run,
};
