#include "migrate/batch_end.h"

#include <string.h>

#include "pg/query.h"
#include "sql/quote.h"
#include "sql/tree.h"
#include "sql_migrate.h"

typedef struct search {
    gw_arena *arena;
    const gw_batch_directive *batch;
    gw_session *session;
    const gw_node *sets, *inserts;
} search;

static bool says_server(const search *s, const char *schema)
{
    const char *table = s->batch->table;
    struct {
        bool same;
    } row = {false};
    static const gw_col cols[] = {{"same", GW_COL_BOOL, true, 0}};
    gw_param names[] = {gw_p_text(gw_quote_name(s->arena, s->batch->schema, table)),
                        gw_p_text(gw_quote_name(s->arena, schema, table))};
    gw_result result;
    gw_err ignored = {0};
    bool ok = gw_query(s->session, s->arena, &gw_sql_same_table, names, 2, &result, &ignored) &&
              gw_row(s->arena, &result, cols, 1, &row, &ignored);
    gw_err_clear(&ignored);
    return ok && row.same;
}

static bool is_its_table(const search *s, const gw_node *relation)
{
    const char *schema = gw_node_text(relation, "schemaname");
    const char *name = gw_node_text(relation, "relname"), *ours = s->batch->schema;
    if (!name || strcmp(name, s->batch->table) != 0)
        return false;
    if (schema && !*schema)
        schema = NULL;
    if (!schema == !ours)
        return !schema || strcmp(schema, ours) == 0;
    return s->session && says_server(s, schema);
}

static bool look(void *self, const gw_node *node)
{
    search *s = self;
    bool updates = gw_node_is(node, "UpdateStmt");
    if ((!updates && !gw_node_is(node, "InsertStmt")) ||
        !is_its_table(s, gw_node_get(node, "relation")))
        return true;
    if (!updates)
        s->inserts = node;
    const gw_node *targets = gw_node_get(node, "targetList");
    for (size_t i = 0; updates && i < gw_node_count(targets); i++)
        if (gw_node_says(gw_node_at(targets, i), "name", s->batch->key))
            s->sets = node;
    return true;
}

bool gw_batch_ends(gw_arena *arena, const gw_batch_directive *batch, const char *text, size_t len,
                   gw_session *session, gw_err *err)
{
    gw_err unread = {0};
    search s = {.arena = arena, .batch = batch, .session = session};
    const gw_node *tree = gw_tree_parse(arena, text, len, &unread);
    gw_err_clear(&unread);
    if (tree)
        gw_node_walk(tree, look, &s);
    if (!s.sets && !s.inserts)
        return true;
    if (s.sets) {
        gw_err_set(err, GW_ERR_INPUT, "this batch sets %s, the key that its ranges are taken from",
                   batch->key);
        gw_err_detail(err, "a row whose key moves behind the place that was reached is met again: "
                           "the batch might never end");
        return gw_err_hint(err, "take the ranges from a column that it leaves as it is "
                                "(-- godwit: batch %s.COLUMN SIZE), or run it without batch",
                           batch->table);
    }
    gw_err_set(err, GW_ERR_INPUT, "this batch inserts into %s, the table that its ranges are taken from",
               batch->table);
    gw_err_detail(err, "rows that come in behind the place that was reached are met, too: the "
                       "batch might never end");
    return gw_err_hint(err, "insert into another table, or run it without batch");
}
