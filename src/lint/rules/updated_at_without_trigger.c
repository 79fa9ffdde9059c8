#include "lint/rule.h"

static bool keeps_time(const gw_lint *l, const gw_relation *r)
{
    for (size_t i = 0; i < r->triggers.len; i++) {
        const gw_trigger *t = &r->triggers.items[i];
        const gw_function *f = gw_model_function(l->model, t->function_schema, t->function);
        if (!t->gone && f && f->body && gw_text_has_word(f->body, "updated_at"))
            return true;
    }
    return false;
}

static void run(gw_lint *l)
{
    const gw_made_object_list *all = gw_model_objects(l->model);
    bool habit = false;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < all->len; i++) {
            const gw_relation *r = (const gw_relation *)all->items[i];
            if (r->object.kind != GW_OBJECT_RELATION || r->object.gone || r->kind != GW_REL_TABLE)
                continue;
            const gw_column *column = gw_relation_column(r, "updated_at");
            if (pass == 0)
                habit |= keeps_time(l, r);
            else if (habit && column && !r->parent && !keeps_time(l, r) &&
                     !gw_model_hidden(l->model, r->object.name))
                gw_found(l, column->made, column->node,
                         gw_shown(l, r->object.schema, r->object.name), NULL);
        }
}

const gw_rule gw_rule_updated_at_without_trigger = {
    {"updated_at_without_trigger", GW_SEVERITY_NOTE, GW_RULES_TYPES,
     "{}.updated_at is kept by a trigger on other tables of this run, not on this one",
     "An UPDATE that does not name the column leaves the old time, where programs have learnt "
     "that the database sees to it.",
     "Add the trigger that the other tables have."},
    .end = run,
};
