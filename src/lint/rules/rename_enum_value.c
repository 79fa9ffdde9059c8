#include "lint/rule.h"

static void run(gw_lint *l, const gw_statement_seen *s)
{
    const char *schema, *name, *old = gw_node_text(s->tree, "oldVal");
    gw_node_names(gw_node_get(s->tree, "typeName"), &schema, &name);
    const gw_type_object *type = gw_model_type(l->model, schema, name);
    if (old && !(type && type->object.made->script == s->script))
        gw_found(l, s, NULL, old, gw_shown(l, schema, name), NULL);
}

const gw_rule gw_rule_rename_enum_value = {
    {"rename_enum_value", GW_SEVERITY_WARNING, GW_RULES_LOSS,
     "enum value '{}' of {} gets another name: code that writes the old one fails",
     "The rows follow at once, the programs do not: until the last of them is replaced, each one "
     "that writes or compares the old word fails.",
     "Add the new value, write it from the next release on, change the old rows in batches. The "
     "old value has to stay."},
    .on = GW_ON("AlterEnumStmt"),
    .statement = run,
};
