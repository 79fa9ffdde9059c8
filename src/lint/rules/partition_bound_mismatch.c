#include "lint/rule.h"

static const char *word(char strategy)
{
    return strategy == 'l' ? "LIST" : strategy == 'h' ? "HASH" : "RANGE";
}

static void check(gw_lint *l, const gw_statement_seen *s, const gw_relation *parent,
                  const gw_node *bound)
{
    const char *strategy = gw_node_text(bound, "strategy");
    if (parent && parent->strategy && strategy && *strategy && *strategy != parent->strategy)
        gw_found(l, s, bound, word(*strategy),
                 gw_shown(l, parent->object.schema, parent->object.name), word(parent->strategy),
                 NULL);
}

static void run(gw_lint *l, const gw_statement_seen *s)
{
    if (gw_node_is(s->tree, "CreateStmt"))
        check(l, s,
              gw_model_relation_of(l->model, gw_node_at(gw_node_get(s->tree, "inhRelations"), 0)),
              gw_node_get(s->tree, "partbound"));
    for (size_t i = 0; i < s->commands.len; i++)
        check(l, s, s->commands.items[i].relation, gw_node_get(s->commands.items[i].def, "bound"));
}

const gw_rule gw_rule_partition_bound_mismatch = {
    {"partition_bound_mismatch", GW_SEVERITY_ERROR, GW_RULES_ORDER,
     "the bounds are those of a {} partition, and {} is partitioned by {}",
     "FOR VALUES FROM … TO belongs to RANGE, IN to LIST, WITH (MODULUS …) to HASH.",
     "Write the bounds in the parent's way."},
    .statement = run,
};
