#include <string.h>

#include "lint/rule.h"

static const char *column_name(const gw_node *target)
{
    const char *name = gw_node_text(target, "name");
    const gw_node *value = gw_node_get(target, "val");
    const char *schema, *function;
    if (name)
        return name;
    if (gw_node_is(value, "ColumnRef"))
        return gw_expression_column(value);
    if (!gw_node_is(value, "FuncCall"))
        return NULL;
    gw_call_name(value, &schema, &function);
    return function;
}

static const gw_node *targets(const gw_node *view)
{
    return gw_node_at(gw_node_get(gw_node_get(view, "query"), "targetList"), 0);
}

static void run(gw_lint *l, const gw_statement_seen *s)
{
    const gw_node *range = gw_node_get(s->tree, "view");
    const gw_relation *old = gw_model_relation_of(l->model, range);
    if (!old || old->kind != GW_REL_VIEW || !gw_node_is(old->node, "ViewStmt") ||
        !gw_node_true(s->tree, "replace") || gw_node_get(s->tree, "aliases") ||
        gw_node_get(old->node, "aliases"))
        return;
    const gw_node *a = targets(old->node), *b = targets(s->tree);
    for (; a; a = a->next, b = b ? b->next : NULL) {
        const char *was = column_name(a), *is = b ? column_name(b) : "";
        if (!was || !is)
            return; /* a star, or an expression that PostgreSQL names */
        if (strcmp(was, is) != 0) {
            gw_found(l, s, range, gw_shown_range(l, range), was, NULL);
            return;
        }
    }
}

const gw_rule gw_rule_replace_view_columns = {
    {"replace_view_columns", GW_SEVERITY_ERROR, GW_RULES_ORDER,
     "CREATE OR REPLACE VIEW {} cannot take away or move column {}",
     "PostgreSQL replaces a view only where its old columns keep their names, types and places; "
     "new ones come last.",
     "Keep the old columns in front; or DROP VIEW and CREATE VIEW in one file, with what depends "
     "on it."},
    .on = GW_ON("ViewStmt"),
    .statement = run,
};
