#include <string.h>

#include "lint/names.h"
#include "lint/rule.h"

static void run(gw_lint *l, const gw_statement_seen *s)
{
    static const char *const offs[] = {"AT_DisableTrig", "AT_DisableTrigAll", "AT_DisableTrigUser",
                                       NULL};
    for (size_t i = 0; i < s->commands.len; i++) {
        const gw_command_seen *c = &s->commands.items[i];
        bool one = strcmp(c->subtype, "AT_DisableTrigAll") != 0;
        if (gw_one_of(c->subtype, offs) && !(one && gw_command_later(l, s, "AT_Enable", c->name)))
            gw_found(l, s, c->node, gw_printf(l->arena, " on %s", gw_shown(l, c->schema, c->table)),
                     NULL);
    }
    const gw_node *value = gw_node_at(gw_node_get(s->tree, "args"), 0);
    const char *role = gw_node_string(value);
    if (gw_node_is(s->tree, "VariableSetStmt") &&
        gw_node_says(s->tree, "name", "session_replication_role") && role &&
        strcmp(role, "replica") == 0)
        gw_found(l, s, NULL, " for this session", NULL);
}

const gw_rule gw_rule_triggers_disabled = {
    {"triggers_disabled", GW_SEVERITY_WARNING, GW_RULES_CODE,
     "triggers are switched off{}: what they see to is not done, foreign keys included",
     "DISABLE TRIGGER ALL and session_replication_role = replica switch off foreign keys too. "
     "Rows that break them stay for good: nothing looks at them again.",
     "Leave them on; where a load has to go without, name the one trigger, ENABLE it in the same "
     "file, and check what it would have checked."},
    .statement = run,
    .in_downs = true,
};
