#include <string.h>

#include "lint/rule.h"

static bool is_system(const char *name)
{
    return gw_one_of(name, GW_ON("ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"));
}

static void check(gw_lint *l, const gw_relation *r, const char *name, const gw_node *at)
{
    if (!name || !*name || !r || !r->complete || r->kind != GW_REL_TABLE || is_system(name) ||
        gw_relation_column(r, name))
        return;
    for (size_t i = 0; i < l->statement->columns.len; i++)
        if (strcmp(l->statement->columns.items[i].column.name, name) == 0)
            return;
    GW_VEC(const char *) names = {0};
    for (size_t i = 0; i < r->columns.len; i++)
        if (!r->columns.items[i].gone)
            *gw_vec_push(l->arena, &names) = r->columns.items[i].name;
    *gw_vec_push(l->arena, &names) = NULL;
    const char *near = gw_nearest_word(name, names.items);
    const char *hint = near ? gw_printf(l->arena, "Did you mean %s?", near) : l->rule->text.fix;
    gw_found_hint(l, l->statement, at, hint, gw_shown(l, r->object.schema, r->object.name), name,
                  NULL);
}

static void key(gw_lint *l, const gw_key *k)
{
    for (size_t i = 0; k->relation && !k->using_index && i < k->column_count; i++)
        check(l, k->relation, k->columns[i], k->node);
    const gw_relation *target = gw_model_relation(l->model, k->ref_schema, k->ref_table);
    for (size_t i = 0; i < k->ref_count; i++)
        if (!(k->new_table && strcmp(k->table, k->ref_table) == 0))
            check(l, target, k->ref_columns[i], k->node);
}

static void command(gw_lint *l, const gw_command_seen *c)
{
    if (!gw_node_true(c->node, "missing_ok"))
        check(l, c->relation, c->name, c->node);
}

static void run(gw_lint *l, const gw_statement_seen *s)
{
    const gw_relation *r = gw_model_relation_of(l->model, gw_node_get(s->tree, "relation"));
    const gw_node *list = gw_node_get(s->tree, gw_node_is(s->tree, "InsertStmt") ? "cols"
                                               : gw_node_is(s->tree, "IndexStmt") ? "indexParams"
                                               : gw_node_is(s->tree, "CreateTrigStmt")
                                                   ? "columns"
                                                   : "targetList");
    for (const gw_node *c = gw_node_at(list, 0); c; c = c->next) {
        const char *name = gw_node_text(c, "name");
        check(l, r, name ? name : gw_node_string(c), c);
    }
    if (gw_node_is(s->tree, "RenameStmt") && gw_node_says(s->tree, "renameType", "OBJECT_COLUMN"))
        check(l, r, gw_node_text(s->tree, "subname"), NULL);
}

const gw_rule gw_rule_unknown_column = {
    {"unknown_column", GW_SEVERITY_ERROR, GW_RULES_ORDER,
     "{} has no column {}",
     "The files that were read make the table, and no column of that name is among those that it "
     "has at this point.",
     "Correct the name, or add the column before it is used."},
    .statement = run,
    .key = key,
    .command = command,
    .on = GW_ON("AT_DropColumn", "AT_SetNotNull", "AT_DropNotNull", "AT_AlterColumnType", "AT_ColumnDefault", "InsertStmt", "UpdateStmt", "IndexStmt", "CreateTrigStmt", "RenameStmt"),
};
