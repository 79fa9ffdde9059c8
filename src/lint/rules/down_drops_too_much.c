#include "lint/rule.h"

static void run(gw_lint *l, const gw_statement_seen *s)
{
    bool table = gw_one_of(gw_node_text(s->tree, "removeType"),
                           GW_ON("OBJECT_TABLE", "OBJECT_VIEW", "OBJECT_INDEX"));
    if (!s->script->script.down || !table)
        return;
    for (const gw_node *o = gw_node_at(gw_node_get(s->tree, "objects"), 0); o; o = o->next) {
        const char *schema, *name;
        gw_node_names(gw_node_get(o, "items"), &schema, &name);
        const gw_relation *r = gw_model_relation(l->model, schema, name);
        const gw_statement_seen *made = r ? r->object.made : NULL;
        bool view = r && r->kind == GW_REL_VIEW; /* replaced ones are made anew */
        bool by_up = made && !made->script->script.down;
        if (by_up && !view && made->script->script.migration != s->script->script.migration)
            gw_found(l, s, NULL, gw_shown(l, schema, name), gw_place_of(l, made), NULL);
    }
}

const gw_rule gw_rule_down_drops_too_much = {
    {"down_drops_too_much", GW_SEVERITY_WARNING, GW_RULES_FILES,
     "the down drops {}, which its up has not made: {} has",
     "Going back one step takes away what an earlier step made. Going forward again does not "
     "bring it back.",
     "Drop in a down what its up has made, and nothing else."},
    .on = GW_ON("DropStmt"),
    .statement = run,
    .in_downs = true,
};
