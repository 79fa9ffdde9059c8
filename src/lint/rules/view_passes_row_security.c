#include "lint/names.h"
#include "lint/rule.h"

static void see(gw_lint *l, const gw_statement_seen *s, const gw_node *range)
{
    const gw_relation *r = gw_model_relation_of(l->model, range);
    if (r && r->row_security)
        gw_found(l, s, range, gw_shown_range(l, gw_node_get(s->tree, "view")),
                 gw_shown_range(l, range), NULL);
}

static void run(gw_lint *l, const gw_statement_seen *s)
{
    const gw_node *o = gw_node_at(gw_node_get(s->tree, "options"), 0);
    for (; o; o = o->next) {
        const char *value = gw_node_string(gw_node_get(o, "arg"));
        if (gw_node_says(o, "defname", "security_invoker") &&
            (!value || !gw_one_of(value, GW_ON("false", "off", "no", "0"))))
            return;
    }
    gw_relations_used(l, s, see);
}

const gw_rule gw_rule_view_passes_row_security = {
    {"view_passes_row_security", GW_SEVERITY_WARNING, GW_RULES_SECURITY,
     "view {} shows all rows of {}, whatever its policies say",
     "A view reads with its owner's rights. Row security of the tables below it is that of the "
     "owner, who sees everything.",
     "WITH (security_invoker = true) on PostgreSQL 15 and later; before, a view owned by a role "
     "that is held by the policies."},
    .on = GW_ON("ViewStmt"),
    .statement = run,
};
