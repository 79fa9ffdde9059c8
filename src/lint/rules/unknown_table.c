#include <string.h>

#include "lint/names.h"
#include "lint/rule.h"

static void see(gw_lint *l, const gw_statement_seen *s, const gw_node *range)
{
    const char *schema = gw_node_text(range, "schemaname"), *name = gw_node_text(range, "relname");
    bool theirs = (schema && (strncmp(schema, "pg_", 3) == 0 ||
                              gw_one_of(schema, GW_ON("information_schema", "godwit")))) ||
                  (name && strncmp(name, "pg_", 3) == 0);
    if (theirs || gw_model_relation(l->model, schema, name) ||
        gw_model_ever(l->model, GW_OBJECT_RELATION, schema, name) ||
        gw_model_dropped(l->model, GW_OBJECT_RELATION, schema, name) ||
        gw_model_hidden(l->model, name))
        return;
    GW_VEC(const char *) names = {0};
    const gw_made_object_list *all = gw_model_objects(l->model);
    for (size_t i = 0; i < all->len; i++)
        if (all->items[i]->kind == GW_OBJECT_RELATION && !all->items[i]->gone)
            *gw_vec_push(l->arena, &names) = all->items[i]->name;
    *gw_vec_push(l->arena, &names) = NULL;
    const char *near = gw_nearest_word(name, names.items);
    const char *hint = near ? gw_printf(l->arena, "Did you mean %s?", near) : l->rule->text.fix;
    gw_found_hint(l, s, range, hint, gw_shown(l, schema, name), NULL);
}

static void run(gw_lint *l, const gw_statement_seen *s)
{
    if (l->options->whole)
        gw_relations_used(l, s, see);
}

const gw_rule gw_rule_unknown_table = {
    {"unknown_table", GW_SEVERITY_WARNING, GW_RULES_ORDER,
     "no file creates {}",
     "The files that were read are all that the project has, and none of them makes this table or "
     "view. On an empty database (a test's, a new colleague's, a restored one) the run stops "
     "here.",
     "Correct the name; where the table is made by something else, ignore this rule and say by "
     "what."},
    .statement = run,
};
