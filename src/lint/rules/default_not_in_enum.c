#include <string.h>

#include "lint/rule.h"

static void run(gw_lint *l, const gw_column_made *c)
{
    const gw_type_object *type =
        gw_model_type(l->model, c->column.type.schema, c->column.type.name);
    const gw_node *value = c->column.fallback;
    while (gw_node_is(value, "TypeCast"))
        value = gw_node_get(value, "arg");
    const char *text = gw_node_string(value);
    if (!type || !type->is_enum || !text || c->column.type.array)
        return;
    for (size_t i = 0; i < type->labels.len; i++)
        if (strcmp(type->labels.items[i].text, text) == 0)
            return;
    gw_found(l, l->statement, value, text, c->column.name,
             gw_shown(l, type->object.schema, type->object.name), NULL);
}

const gw_rule gw_rule_default_not_in_enum = {
    {"default_not_in_enum", GW_SEVERITY_ERROR, GW_RULES_TYPES,
     "the default '{}' of {} is none of the values of {}",
     "PostgreSQL checks the word when the default is made: CREATE TABLE or ALTER TABLE fails.",
     "Use one of the enum's values, or add this one in an earlier migration."},
    .column = run,
};
