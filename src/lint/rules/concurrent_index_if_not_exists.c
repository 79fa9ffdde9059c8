#include <string.h>

#include "lint/rule.h"

/* What stands right before it and takes a leftover away. */
static bool dropped_before(const gw_lint *l, const gw_statement_seen *s, const char *name)
{
    if (s->number == s->script->first)
        return false;
    const gw_node *t = l->statements.items[s->number - 1]->tree;
    const char *schema, *dropped = NULL;
    if (!gw_node_is(t, "DropStmt") || !gw_node_says(t, "removeType", "OBJECT_INDEX"))
        return false;
    gw_node_names(gw_node_get(gw_node_at(gw_node_get(t, "objects"), 0), "items"), &schema, &dropped);
    return name && dropped && strcmp(name, dropped) == 0;
}

static void run(gw_lint *l, const gw_statement_seen *s)
{
    const char *name = gw_node_text(s->tree, "idxname");
    if (gw_node_true(s->tree, "concurrent") && gw_node_true(s->tree, "if_not_exists") &&
        !dropped_before(l, s, name))
        gw_found(l, s, NULL, name, NULL);
}

const gw_rule gw_rule_concurrent_index_if_not_exists = {
    {"concurrent_index_if_not_exists", GW_SEVERITY_WARNING, GW_RULES_ORDER,
     "IF NOT EXISTS may take an invalid index {} for done",
     "A CREATE INDEX CONCURRENTLY that fails (a duplicate key, a timeout, a lost connection) "
     "leaves an INVALID index behind. IF NOT EXISTS finds that name and says success: the index "
     "is written to, and never used.",
     "Leave IF NOT EXISTS out: Godwit drops the invalid leftover of its own try and builds again. "
     "Elsewhere: DROP INDEX CONCURRENTLY IF EXISTS in front of it."},
    .on = GW_ON("IndexStmt"),
    .statement = run,
    .in_downs = true,
};
