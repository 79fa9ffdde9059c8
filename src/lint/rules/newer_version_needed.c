#include <string.h>

#include "lint/rule.h"

static void say(gw_lint *l, const gw_statement_seen *s, const gw_node *at, const char *what,
                int version)
{
    int target = l->options->target_version;
    if (target && target < version)
        gw_found(l, s, at, what, gw_printf(l->arena, "%d", version),
                 gw_printf(l->arena, "%d", target), NULL);
}

static void see_option(gw_lint *l, const gw_statement_seen *s, const char *name, const char *what,
                       int version)
{
    const gw_node *o = gw_node_at(gw_node_get(s->tree, "options"), 0);
    for (; o; o = o->next)
        if (gw_node_says(o, "defname", name))
            say(l, s, o, what, version);
}

static void run(gw_lint *l, const gw_statement_seen *s)
{
    const gw_node *t = s->tree;
    if (gw_node_is(t, "MergeStmt"))
        say(l, s, NULL, "MERGE", 15);
    if (gw_node_is(t, "CreateFunctionStmt") && gw_node_get(t, "sql_body"))
        say(l, s, NULL, "a function body in SQL (BEGIN ATOMIC, RETURN)", 14);
    if (gw_node_is(t, "CreateTrigStmt") && gw_node_true(t, "replace"))
        say(l, s, NULL, "CREATE OR REPLACE TRIGGER", 14);
    if (gw_node_is(t, "ViewStmt"))
        see_option(l, s, "security_invoker", "security_invoker", 15);
    if (gw_node_is(t, "IndexStmt") && gw_node_true(t, "nulls_not_distinct"))
        say(l, s, NULL, "NULLS NOT DISTINCT", 15);
    for (size_t i = 0; i < s->keys.len; i++) {
        if (gw_node_true(s->keys.items[i].node, "nulls_not_distinct"))
            say(l, s, s->keys.items[i].node, "NULLS NOT DISTINCT", 15);
        if (gw_node_get(s->keys.items[i].node, "fk_del_set_cols"))
            say(l, s, s->keys.items[i].node, "ON DELETE SET NULL (columns)", 15);
    }
    for (size_t i = 0; i < s->columns.len; i++)
        if (gw_node_text(s->columns.items[i].column.node, "compression"))
            say(l, s, s->columns.items[i].column.node, "COMPRESSION", 14);
    for (size_t i = 0; i < s->commands.len; i++) {
        const gw_command_seen *c = &s->commands.items[i];
        if (strcmp(c->subtype, "AT_DetachPartition") == 0 && gw_node_true(c->def, "concurrent"))
            say(l, s, c->node, "DETACH PARTITION CONCURRENTLY", 14);
        if (strcmp(c->subtype, "AT_SetCompression") == 0)
            say(l, s, c->node, "SET COMPRESSION", 14);
        if (strcmp(c->subtype, "AT_SetAccessMethod") == 0)
            say(l, s, c->node, "SET ACCESS METHOD", 15);
        if (strcmp(c->subtype, "AT_DropExpression") == 0)
            say(l, s, c->node, "DROP EXPRESSION", 13);
    }
}

const gw_rule gw_rule_newer_version_needed = {
    {"newer_version_needed", GW_SEVERITY_ERROR, GW_RULES_FILES,
     "{} needs PostgreSQL {}, and the files are for {}",
     "lint.target_version in godwit.yaml names the oldest server that the files have to run on.",
     "Do without it, or raise target_version once all servers are there."},
    .statement = run,
    .in_downs = true,
};
