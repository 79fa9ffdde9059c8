#include "lint/rule.h"

static const char *const given[] = {
    "suppress_redundant_updates_trigger", "tsvector_update_trigger",
    "tsvector_update_trigger_column", "moddatetime", "autoinc", "insert_username", "lo_manage",
    "timetravel", "check_primary_key", "check_foreign_key", "triggered_change_notification",
    "versioning", "ts_insert_blocker", "unique_key_recheck", NULL};

static const char *likely(const gw_lint *l, const char *name)
{
    GW_VEC(const char *) names = {0};
    const gw_made_object_list *all = gw_model_objects(l->model);
    for (size_t i = 0; i < all->len; i++)
        if (all->items[i]->kind == GW_OBJECT_FUNCTION && !all->items[i]->gone)
            *gw_vec_push(l->arena, &names) = all->items[i]->name;
    *gw_vec_push(l->arena, &names) = NULL;
    return gw_nearest_word(name, names.items);
}

static void run(gw_lint *l, const gw_statement_seen *s)
{
    const char *schema, *name;
    gw_node_names(gw_node_get(s->tree, "funcname"), &schema, &name);
    if (!l->options->whole || !name || gw_one_of(name, given) ||
        gw_model_ever(l->model, GW_OBJECT_FUNCTION, schema, name) || gw_model_hidden(l->model, name))
        return;
    const char *near = likely(l, name), *trigger = gw_node_text(s->tree, "trigname");
    if (near)
        gw_found_hint(l, s, NULL, gw_printf(l->arena, "Did you mean %s?", near), trigger,
                      gw_shown(l, schema, name), NULL);
    else
        gw_found(l, s, NULL, trigger, gw_shown(l, schema, name), NULL);
}

const gw_rule gw_rule_trigger_function_missing = {
    {"trigger_function_missing", GW_SEVERITY_ERROR, GW_RULES_ORDER,
     "trigger {} calls function {}, which no file creates",
     "CREATE TRIGGER fails where the function is not there. The files that were read make no "
     "function of that name, and it is none of PostgreSQL's own or of a known extension.",
     "Create the function in a file before this one, or correct its name."},
    .on = GW_ON("CreateTrigStmt"),
    .statement = run,
};
