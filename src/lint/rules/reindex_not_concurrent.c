#include "lint/rule.h"

static void run(gw_lint *l, const gw_statement_seen *s)
{
    const gw_node *params = gw_node_get(s->tree, "params");
    for (const gw_node *p = gw_node_at(params, 0); p; p = p->next)
        if (gw_node_says(p, "defname", "concurrently"))
            return;
    const gw_node *range = gw_node_get(s->tree, "relation");
    const gw_relation *r = gw_model_relation_of(l->model, range);
    if (gw_fresh(l, r) || (r && r->index && gw_fresh(l, r->index->relation)))
        return;
    const char *name = gw_node_text(s->tree, "name");
    gw_found(l, s, NULL, range ? gw_shown_range(l, range) : name ? name : "all tables", NULL);
}

const gw_rule gw_rule_reindex_not_concurrent = {
    {"reindex_not_concurrent", GW_SEVERITY_ERROR, GW_RULES_LOCKS,
     "REINDEX rebuilds while writers of {} wait, and readers who would use the index",
     "REINDEX holds SHARE on the table and ACCESS EXCLUSIVE on each index until it is rebuilt.",
     "REINDEX … CONCURRENTLY (PostgreSQL 12 and later), in a file of its own."},
    .on = GW_ON("ReindexStmt"),
    .statement = run,
    .in_downs = true,
};
