#include <string.h>

#include "lint/rule.h"

static void run(gw_lint *l, const gw_key *key)
{
    const char *name = NULL;
    size_t count = 0;
    if (key->kind != GW_KEY_CHECK)
        return;
    const char **list =
        gw_expression_in_list(l->arena, gw_node_get(key->node, "raw_expr"), &name, &count);
    const gw_made_object_list *all = gw_model_objects(l->model);
    for (size_t i = 0; list && count > 1 && i < all->len; i++) {
        const gw_type_object *type = (const gw_type_object *)all->items[i];
        if (type->object.kind != GW_OBJECT_TYPE || type->object.gone || !type->is_enum ||
            type->labels.len != count)
            continue;
        size_t same = 0;
        for (size_t k = 0; k < count; k++)
            for (size_t m = 0; m < count; m++)
                same += strcmp(list[k], type->labels.items[m].text) == 0;
        if (same == count)
            gw_found(l, l->statement, key->node, name,
                     gw_shown(l, type->object.schema, type->object.name), NULL);
    }
}

const gw_rule gw_rule_enum_repeated_as_check = {
    {"enum_repeated_as_check", GW_SEVERITY_NOTE, GW_RULES_TYPES,
     "{} lists the values of enum {}",
     "The same list stands twice, as a type and as a CHECK. A value that is added will be added "
     "to one of the two.",
     "Give the column the enum's type."},
    .key = run,
};
