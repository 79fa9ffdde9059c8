#include "lint/rule.h"

static void run(gw_lint *l, const gw_statement_seen *s)
{
    for (size_t i = 0; i < s->commands.len; i++) {
        const gw_command_seen *c = &s->commands.items[i];
        if (gw_node_says(c->node, "behavior", "DROP_CASCADE"))
            gw_found(l, s, c->node, c->name ? c->name : gw_shown(l, c->schema, c->table), NULL);
    }
    if (!gw_node_is(s->tree, "DropStmt") || !gw_node_says(s->tree, "behavior", "DROP_CASCADE"))
        return;
    const gw_node *o = gw_node_at(gw_node_get(s->tree, "objects"), 0);
    const char *schema = NULL, *name = gw_node_string(o);
    const gw_node *names = gw_node_get(o, "items") ? gw_node_get(o, "items")
                           : gw_node_get(o, "objname") ? gw_node_get(o, "objname")
                                                       : gw_node_get(o, "names");
    if (names)
        gw_node_names(names, &schema, &name);
    if (!gw_fresh(l, gw_model_relation(l->model, schema, name)))
        gw_found(l, s, NULL, gw_shown(l, schema, name), NULL);
}

const gw_rule gw_rule_drop_cascade = {
    {"drop_cascade", GW_SEVERITY_WARNING, GW_RULES_LOSS,
     "CASCADE drops whatever depends on {}, and does not say what",
     "Views, foreign keys, functions and defaults that somebody else has made since go too, in "
     "silence.",
     "Drop what depends on it by name, and leave CASCADE out: PostgreSQL then refuses where there "
     "is more."},
    .statement = run,
    .in_downs = true,
};
