#include "lint/names.h"
#include "lint/rule.h"

static void see(gw_lint *l, const gw_statement_seen *s, const gw_node *range)
{
    const char *schema = gw_node_text(range, "schemaname"), *name = gw_node_text(range, "relname");
    if (gw_model_relation(l->model, schema, name))
        return;
    const gw_statement_seen *later = gw_model_later(l->model, GW_OBJECT_RELATION, schema, name, s);
    if (later && !gw_model_dropped(l->model, GW_OBJECT_RELATION, schema, name))
        gw_found(l, s, range, gw_shown(l, schema, name), gw_place_of(l, later), NULL);
}

static void run(gw_lint *l, const gw_statement_seen *s)
{
    gw_relations_used(l, s, see);
}

const gw_rule gw_rule_table_used_before_created = {
    {"table_used_before_created", GW_SEVERITY_ERROR, GW_RULES_ORDER,
     "{} does not exist yet here: {} creates it",
     "The statement refers to a table, view or sequence that a later statement of the same run "
     "creates. On an empty database the run stops here.",
     "Move the CREATE in front, or add the reference (a foreign key, a partition, a trigger) "
     "behind it."},
    .statement = run,
};
