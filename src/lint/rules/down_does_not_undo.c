#include "lint/rule.h"

static const gw_script_seen *up_of(const gw_lint *l, const gw_script_seen *down)
{
    for (size_t i = 0; i < l->scripts.len; i++)
        if (!l->scripts.items[i]->script.down &&
            l->scripts.items[i]->script.migration == down->script.migration)
            return l->scripts.items[i];
    return NULL;
}

static const char *kind_of(const gw_made_object *o)
{
    static const char *const relations[] = {"table", "view", "materialized view", "sequence",
                                            "index"};
    static const char *const others[] = {"", "type", "function", "schema", "extension"};
    return o->kind == GW_OBJECT_RELATION ? relations[((const gw_relation *)o)->kind]
                                         : others[o->kind];
}

static void check_columns(gw_lint *l, const gw_script_seen *down, const gw_script_seen *up,
                          const gw_relation *r)
{
    for (size_t i = 0; i < r->columns.len; i++) {
        const gw_column *c = &r->columns.items[i];
        if (!c->gone && c->made->script == up && r->object.made->script != up)
            gw_found_in(l, down, 0,
                        gw_printf(l->arena, "column %s of %s", c->name,
                                  gw_shown(l, r->object.schema, r->object.name)),
                        gw_place_of(l, c->made), NULL);
    }
    for (size_t i = 0; i < r->triggers.len; i++) {
        const gw_trigger *t = &r->triggers.items[i];
        const gw_function *f = gw_model_function(l->model, t->function_schema, t->function);
        if (!t->gone && t->made->script == up && r->object.made->script != up && f)
            gw_found_in(l, down, 0,
                        gw_printf(l->arena, "trigger %s of %s", t->name,
                                  gw_shown(l, r->object.schema, r->object.name)),
                        gw_place_of(l, t->made), NULL);
    }
    for (size_t i = 0; i < r->keys.len; i++) {
        const gw_key *k = r->keys.items[i];
        if (k->made->script == up && r->object.made->script != up && !k->column)
            gw_found_in(l, down, 0,
                        gw_printf(l->arena, "constraint %s of %s", k->name,
                                  gw_shown(l, r->object.schema, r->object.name)),
                        gw_place_of(l, k->made), NULL);
    }
}

/* Extensions are often left on purpose; what stands in code is not seen here. */
static bool counts(gw_lint *l, const gw_made_object *o, const gw_script_seen *up)
{
    const gw_relation *r = (const gw_relation *)o;
    bool of_key = o->kind == GW_OBJECT_RELATION && r->index && r->index->of_key;
    bool replaced = o->kind == GW_OBJECT_FUNCTION &&
                    gw_node_true(((const gw_function *)o)->node, "replace");
    return o->made->script == up && !o->gone && o->kind != GW_OBJECT_EXTENSION && !of_key &&
           !replaced && !(o->kind == GW_OBJECT_RELATION && r->temporary) &&
           !gw_node_true(o->made->tree, "if_not_exists") && !gw_model_hidden(l->model, o->name);
}

static void run(gw_lint *l, const gw_script_seen *script)
{
    const gw_script_seen *up = script->script.down ? up_of(l, script) : NULL;
    const gw_made_object_list *all = gw_model_objects(l->model);
    for (size_t i = 0; up && i < all->len; i++) {
        const gw_made_object *o = all->items[i];
        if (counts(l, o, up))
            gw_found_in(l, script, 0,
                        gw_printf(l->arena, "%s %s", kind_of(o), gw_shown(l, o->schema, o->name)),
                        gw_place_of(l, o->made), NULL);
        if (o->kind == GW_OBJECT_RELATION && !o->gone)
            check_columns(l, script, up, (const gw_relation *)o);
    }
}

const gw_rule gw_rule_down_does_not_undo = {
    {"down_does_not_undo", GW_SEVERITY_WARNING, GW_RULES_FILES,
     "the down leaves {} behind, which {} makes",
     "After down and up again the up fails (already exists), or works on what the first try has "
     "left.",
     "Drop it in the down, in the opposite order of the up."},
    .file_end = run,
    .in_downs = true,
};
