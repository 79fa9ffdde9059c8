#include <string.h>

#include "lint/rule.h"

static bool reads_all(const gw_command_seen *c)
{
    if (strcmp(c->subtype, "AT_AddConstraint") == 0)
        return !gw_node_true(c->def, "skip_validation") && !gw_node_text(c->def, "indexname");
    return gw_one_of(c->subtype, GW_ON("AT_AlterColumnType", "AT_SetNotNull", "AT_SetLogged",
                                       "AT_SetUnLogged"));
}

static bool heavy(const gw_statement_seen *s)
{
    for (size_t i = 0; i < s->commands.len; i++)
        if (!s->commands.items[i].fresh && reads_all(&s->commands.items[i]))
            return true;
    return false;
}

static void run(gw_lint *l, const gw_statement_seen *s)
{
    if (s->number == s->script->first)
        return;
    const gw_statement_seen *before = l->statements.items[s->number - 1];
    if (heavy(s) && heavy(before) &&
        strcmp(s->commands.items[0].table, before->commands.items[0].table) == 0)
        gw_found(l, s, NULL, gw_shown(l, s->commands.items[0].schema, s->commands.items[0].table),
                 NULL);
}

const gw_rule gw_rule_repeated_scan = {
    {"repeated_scan", GW_SEVERITY_NOTE, GW_RULES_LOCKS,
     "{} is read or written whole again, as by the ALTER TABLE before: one statement with both "
     "actions does it once",
     "ALTER TABLE gathers the actions of one statement and goes through the table once for all of "
     "them. Two statements go through it twice, under the same lock.",
     "Write the actions into one ALTER TABLE, separated by commas."},
    .on = GW_ON("AlterTableStmt"),
    .statement = run,
};
