#include "lint/rule.h"

static void run(gw_lint *l, const gw_statement_seen *s)
{
    const char *schema, *name;
    gw_node_names(gw_node_get(s->tree, "typeName"), &schema, &name);
    gw_found(l, s, NULL, gw_shown(l, schema, name), NULL);
}

const gw_rule gw_rule_creates_enum = {
    {"creates_enum", GW_SEVERITY_OFF, GW_RULES_TYPES,
     "enum {} is made: a value can never be taken out of it",
     "Values can be added and renamed, not removed; the order is that of the list; nothing else "
     "can be said of a value. The rule is off unless it is given a severity: for a short list "
     "that rarely changes an enum serves well.",
     "A table of the values with a foreign key, or a text column with a CHECK."},
    .on = GW_ON("CreateEnumStmt"),
    .statement = run,
};
