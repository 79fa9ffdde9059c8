#include <string.h>

#include "lint/rule.h"

static void check(gw_lint *l, const gw_statement_seen *s, const gw_relation *parent,
                  const gw_node *at)
{
    if (parent && parent->kind == GW_REL_TABLE && !parent->strategy)
        gw_found(l, s, at, gw_shown(l, parent->object.schema, parent->object.name),
                 gw_place_of(l, parent->object.made), NULL);
}

static void run(gw_lint *l, const gw_statement_seen *s)
{
    const gw_node *parent = gw_node_at(gw_node_get(s->tree, "inhRelations"), 0);
    if (gw_node_is(s->tree, "CreateStmt") && gw_node_get(s->tree, "partbound"))
        check(l, s, gw_model_relation_of(l->model, parent), parent);
    for (size_t i = 0; i < s->commands.len; i++)
        if (strcmp(s->commands.items[i].subtype, "AT_AttachPartition") == 0)
            check(l, s, s->commands.items[i].relation, gw_node_get(s->tree, "relation"));
}

const gw_rule gw_rule_partition_of_plain_table = {
    {"partition_of_plain_table", GW_SEVERITY_ERROR, GW_RULES_ORDER,
     "{} cannot have partitions: {} makes it without PARTITION BY",
     "Only a table that is made with PARTITION BY takes partitions; a plain table cannot become "
     "one afterwards.",
     "Make it with PARTITION BY (its primary key and unique constraints then need the partition "
     "key's columns); one that has rows: make a partitioned table beside it, attach or copy, "
     "change the names."},
    .statement = run,
};
