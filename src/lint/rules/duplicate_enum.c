#include <string.h>

#include "lint/rule.h"

static bool same_labels(const gw_type_object *type, const char *const *labels, size_t count)
{
    if (type->labels.len != count)
        return false;
    for (size_t i = 0; i < count; i++) {
        bool there = false;
        for (size_t k = 0; k < count; k++)
            there |= strcmp(type->labels.items[k].text, labels[i]) == 0;
        if (!there)
            return false;
    }
    return true;
}

static void run(gw_lint *l, const gw_statement_seen *s)
{
    const char *schema, *name;
    size_t count;
    const char **labels = gw_names_of(l->arena, gw_node_get(s->tree, "vals"), &count);
    const gw_made_object_list *all = gw_model_objects(l->model);
    gw_node_names(gw_node_get(s->tree, "typeName"), &schema, &name);
    for (size_t i = 0; count && i < all->len; i++) {
        const gw_type_object *type = (const gw_type_object *)all->items[i];
        if (type->object.kind == GW_OBJECT_TYPE && !type->object.gone && type->is_enum &&
            strcmp(type->object.name, name) != 0 && same_labels(type, labels, count)) {
            gw_found(l, s, NULL, gw_shown(l, schema, name),
                     gw_shown(l, type->object.schema, type->object.name),
                     gw_place_of(l, type->object.made), NULL);
            return;
        }
    }
}

const gw_rule gw_rule_duplicate_enum = {
    {"duplicate_enum", GW_SEVERITY_WARNING, GW_RULES_TYPES,
     "enum {} has the values of {}, made at {}",
     "Two enums with the same values cannot be compared without a cast, and drift apart when a "
     "value is added to one of them.",
     "Use the one that is there."},
    .on = GW_ON("CreateEnumStmt"),
    .statement = run,
};
