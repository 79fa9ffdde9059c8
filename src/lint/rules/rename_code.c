#include "lint/rule.h"

static void run(gw_lint *l, const gw_statement_seen *s)
{
    static const char *const kinds[] = {"OBJECT_FUNCTION", "OBJECT_PROCEDURE", "OBJECT_TYPE",
                                        "OBJECT_DOMAIN",   "OBJECT_SEQUENCE",  NULL};
    const gw_node *object = gw_node_get(s->tree, "object"), *range = gw_node_get(s->tree, "relation");
    const char *schema = gw_node_text(range, "schemaname"), *name = gw_node_text(range, "relname");
    if (!gw_one_of(gw_node_text(s->tree, "renameType"), kinds))
        return;
    if (!name)
        gw_node_names(gw_node_get(object, gw_node_get(object, "objname") ? "objname" : "items"),
                      &schema, &name);
    gw_found(l, s, NULL, gw_shown(l, schema, name), NULL);
}

const gw_rule gw_rule_rename_code = {
    {"rename_code", GW_SEVERITY_OFF, GW_RULES_LOSS,
     "{} gets another name: whoever calls it by the old one fails",
     "Functions, types, sequences and domains are named by programs and by the bodies of other "
     "functions, which PostgreSQL does not rename along. The rule is off unless it is given a "
     "severity.",
     "Make the new one beside it, and drop the old one a release later."},
    .on = GW_ON("RenameStmt"),
    .statement = run,
};
