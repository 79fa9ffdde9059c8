#include <string.h>

#include "lint/rule.h"

static const gw_column *column_of(const gw_lint *l, const gw_key *key, const char *name)
{
    for (size_t i = 0; i < l->statement->columns.len; i++)
        if (strcmp(l->statement->columns.items[i].column.name, name) == 0)
            return &l->statement->columns.items[i].column;
    return gw_relation_column(key->relation, name);
}

static void run(gw_lint *l, const gw_key *key)
{
    const char *name = NULL;
    size_t count = 0;
    if (key->kind != GW_KEY_CHECK)
        return;
    const char **list =
        gw_expression_in_list(l->arena, gw_node_get(key->node, "raw_expr"), &name, &count);
    const gw_column *column = list ? column_of(l, key, name) : NULL;
    const gw_node *value = column ? column->fallback : NULL;
    while (gw_node_is(value, "TypeCast"))
        value = gw_node_get(value, "arg");
    const char *text = gw_node_string(value);
    for (size_t i = 0; text && i < count; i++)
        if (strcmp(list[i], text) == 0)
            return;
    if (text && column->made == l->statement)
        gw_found(l, l->statement, value, text, name, NULL);
    else if (text)
        gw_found(l, l->statement, key->node, text, name, NULL);
}

const gw_rule gw_rule_default_violates_check = {
    {"default_violates_check", GW_SEVERITY_ERROR, GW_RULES_TYPES,
     "the default '{}' of {} is not among the values that its CHECK allows",
     "Nobody notices until a row is inserted without the column: every such INSERT fails.",
     "Add the value to the list, or take one of it as the default."},
    .key = run,
};
