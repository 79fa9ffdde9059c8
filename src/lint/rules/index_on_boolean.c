#include "lint/rule.h"

static void run(gw_lint *l, const gw_statement_seen *s)
{
    const gw_relation *r = gw_model_relation_of(l->model, gw_node_get(s->tree, "relation"));
    const gw_index *index = gw_index_of(l->arena, s->tree);
    const gw_column *column =
        index->key_count == 1 ? gw_relation_column(r, index->columns[0]) : NULL;
    if (column && !index->where && gw_data_type_is(&column->type, "bool"))
        gw_found(l, s, NULL, column->name, NULL);
}

const gw_rule gw_rule_index_on_boolean = {
    {"index_on_boolean", GW_SEVERITY_NOTE, GW_RULES_KEYS,
     "an index on {} alone divides the rows in two",
     "An index pays where a value names few rows. Half of the table is read faster without one.",
     "A partial index on another column WHERE the flag has the rare value."},
    .on = GW_ON("IndexStmt"),
    .statement = run,
};
