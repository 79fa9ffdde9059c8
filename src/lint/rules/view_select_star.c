#include "lint/rule.h"

static void run(gw_lint *l, const gw_statement_seen *s)
{
    bool view = gw_node_is(s->tree, "ViewStmt");
    const gw_node *query = gw_node_get(s->tree, "query");
    if (!view && !gw_node_says(s->tree, "objtype", "OBJECT_MATVIEW"))
        return;
    const gw_node *t = gw_node_at(gw_node_get(query, "targetList"), 0);
    for (; t; t = t->next) {
        const gw_node *fields = gw_node_get(gw_node_get(t, "val"), "fields");
        size_t count = gw_node_count(fields);
        if (count && gw_node_is(gw_node_at(fields, count - 1), "A_Star")) {
            gw_found(l, s, t,
                     gw_shown_range(l, view ? gw_node_get(s->tree, "view")
                                            : gw_node_get(gw_node_get(s->tree, "into"), "rel")),
                     NULL);
            return;
        }
    }
}

const gw_rule gw_rule_view_select_star = {
    {"view_select_star", GW_SEVERITY_NOTE, GW_RULES_CODE,
     "view {} selects *: the columns are those of today",
     "The star is written out when the view is made. Columns that come later are not in it; one "
     "that it has cannot be dropped; the same view made on another database may have them in "
     "another order.",
     "Name the columns."},
    .on = GW_ON("ViewStmt", "CreateTableAsStmt"),
    .statement = run,
};
