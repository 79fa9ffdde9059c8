#include "lint/names.h"
#include "lint/rule.h"

static void see(gw_lint *l, const gw_statement_seen *s, const gw_node *range)
{
    const char *schema = gw_node_text(range, "schemaname"), *name = gw_node_text(range, "relname");
    const gw_statement_seen *gone = gw_model_dropped(l->model, GW_OBJECT_RELATION, schema, name);
    if (gone && !gw_model_hidden(l->model, name))
        gw_found(l, s, range, gw_shown(l, schema, name), gw_place_of(l, gone), NULL);
}

static void run(gw_lint *l, const gw_statement_seen *s)
{
    gw_relations_used(l, s, see);
    bool relation = gw_one_of(gw_node_text(s->tree, "removeType"),
                              GW_ON("OBJECT_TABLE", "OBJECT_VIEW", "OBJECT_INDEX"));
    if (!gw_node_is(s->tree, "DropStmt") || !relation || gw_node_true(s->tree, "missing_ok"))
        return;
    for (const gw_node *o = gw_node_at(gw_node_get(s->tree, "objects"), 0); o; o = o->next) {
        const char *schema, *name;
        gw_node_names(gw_node_get(o, "items"), &schema, &name);
        const gw_statement_seen *gone =
            gw_model_dropped(l->model, GW_OBJECT_RELATION, schema, name);
        if (gone)
            gw_found(l, s, NULL, gw_shown(l, schema, name), gw_place_of(l, gone), NULL);
    }
}

const gw_rule gw_rule_used_after_drop = {
    {"used_after_drop", GW_SEVERITY_ERROR, GW_RULES_ORDER,
     "{} was dropped at {}",
     "The statement refers to a table or view that an earlier statement of the same run has "
     "dropped.",
     "Take the reference out, or drop the table later."},
    .statement = run,
};
