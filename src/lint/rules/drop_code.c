#include "lint/rule.h"

static void run(gw_lint *l, const gw_statement_seen *s)
{
    static const char *const kinds[] = {"OBJECT_FUNCTION", "OBJECT_PROCEDURE", "OBJECT_VIEW",
                                        "OBJECT_TYPE",     "OBJECT_DOMAIN",    "OBJECT_SEQUENCE",
                                        "OBJECT_MATVIEW",  "OBJECT_POLICY",    "OBJECT_TRIGGER",
                                        NULL};
    if (!gw_one_of(gw_node_text(s->tree, "removeType"), kinds))
        return;
    for (const gw_node *o = gw_node_at(gw_node_get(s->tree, "objects"), 0); o; o = o->next) {
        const char *schema, *name;
        const gw_node *names = gw_node_get(o, "objname") ? gw_node_get(o, "objname")
                               : gw_node_get(o, "names") ? gw_node_get(o, "names")
                                                         : gw_node_get(o, "items");
        gw_node_names(names, &schema, &name);
        gw_found(l, s, o, gw_shown(l, schema, name), NULL);
    }
}

const gw_rule gw_rule_drop_code = {
    {"drop_code", GW_SEVERITY_OFF, GW_RULES_LOSS,
     "{} is dropped: the release that is running may call it",
     "Functions, views, types, sequences, policies, triggers and domains are part of what "
     "programs rely on. The rule is off unless it is given a severity: most files that drop such "
     "a thing have just stopped using it.",
     "Drop it one release after the last code that names it."},
    .on = GW_ON("DropStmt"),
    .statement = run,
};
