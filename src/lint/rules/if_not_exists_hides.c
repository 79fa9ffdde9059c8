#include <string.h>

#include "lint/names.h"
#include "lint/rule.h"

static void table(gw_lint *l, const gw_statement_seen *s)
{
    const gw_node *range = gw_node_get(s->tree, "relation");
    const char *schema = gw_node_text(range, "schemaname");
    const gw_relation *r =
        gw_model_relation(l->model, schema ? schema : gw_model_creation_schema(l->model),
                          gw_node_text(range, "relname"));
    const char *difference = r ? gw_table_difference(l, r, s) : NULL;
    if (difference)
        gw_found(l, s, range, gw_shown_range(l, range), gw_place_of(l, r->object.made), difference,
                 NULL);
}

static void see_index(gw_lint *l, const gw_statement_seen *s)
{
    const gw_index *now = gw_index_of(l->arena, s->tree);
    const gw_relation *table = gw_model_relation_of(l->model, gw_node_get(s->tree, "relation"));
    const gw_relation *r =
        gw_model_relation(l->model, table ? table->object.schema : now->schema, now->name);
    if (!r || !now->name)
        return;
    const char *difference = !r->index ? "it is no index"
                             : strcmp(r->index->table, now->table) != 0
                                 ? gw_printf(l->arena, "on %s", r->index->table)
                             : !gw_same_tree(gw_node_get(r->index->node, "indexParams"),
                                             gw_node_get(s->tree, "indexParams"))
                                 ? "on other columns"
                             : !gw_same_tree(r->index->where, now->where) ? "with another WHERE"
                             : r->index->unique != now->unique
                                 ? (r->index->unique ? "UNIQUE" : "not UNIQUE")
                                 : NULL;
    if (difference)
        gw_found(l, s, NULL, gw_shown(l, r->object.schema, r->object.name),
                 gw_place_of(l, r->object.made), difference, NULL);
}

static void column(gw_lint *l, const gw_column_made *c)
{
    const gw_column *old = c->new_table ? NULL : gw_relation_column(c->relation, c->column.name);
    const char *difference = old ? gw_column_difference(l, old, &c->column) : NULL;
    for (size_t i = 0; difference && i < l->statement->commands.len; i++)
        if (l->statement->commands.items[i].def == c->column.node &&
            gw_node_true(l->statement->commands.items[i].node, "missing_ok"))
            gw_found(l, l->statement, c->column.node,
                     gw_printf(l->arena, "%s.%s", gw_shown(l, c->schema, c->table), old->name),
                     gw_place_of(l, old->made), difference, NULL);
}

static void run(gw_lint *l, const gw_statement_seen *s)
{
    if (!gw_node_true(s->tree, "if_not_exists"))
        return;
    if (gw_node_is(s->tree, "CreateStmt"))
        table(l, s);
    else if (gw_node_is(s->tree, "IndexStmt"))
        see_index(l, s);
}

const gw_rule gw_rule_if_not_exists_hides = {
    {"if_not_exists_hides", GW_SEVERITY_ERROR, GW_RULES_ORDER,
     "IF NOT EXISTS keeps {} as {} made it: {}",
     "The object is there already, with another definition. PostgreSQL says a notice and goes on, "
     "so the definition that stands here never takes effect, and everything behind it works on "
     "another table than the author saw.",
     "Where two services share the table, let one of them own it. Otherwise write the difference "
     "as ALTER."},
    .statement = run,
    .column = column,
};
