#include <string.h>

#include "lint/rule.h"

static void relation(gw_lint *l, const gw_statement_seen *s, const gw_node *range)
{
    const char *schema = gw_node_text(range, "schemaname"), *name = gw_node_text(range, "relname");
    if (!schema)
        schema = gw_model_creation_schema(l->model);
    const gw_relation *r = gw_model_relation(l->model, schema, name);
    if (r && !gw_node_says(range, "relpersistence", "t") && !r->temporary)
        gw_found(l, s, range, gw_shown(l, schema, name), gw_place_of(l, r->object.made), NULL);
}

static void type(gw_lint *l, const gw_statement_seen *s, const char *field)
{
    const char *schema, *name;
    gw_node_names(gw_node_get(s->tree, field), &schema, &name);
    if (!schema)
        schema = gw_model_creation_schema(l->model);
    const gw_type_object *t = gw_model_type(l->model, schema, name);
    if (t)
        gw_found(l, s, NULL, gw_shown(l, schema, name), gw_place_of(l, t->object.made), NULL);
}

static void function(gw_lint *l, const gw_statement_seen *s)
{
    const gw_function *f = gw_function_of(l->arena, s->tree);
    const char *schema = f->object.schema ? f->object.schema : gw_model_creation_schema(l->model);
    const gw_function *old = gw_model_function(l->model, schema, f->object.name);
    for (; old; old = gw_model_next_function(old))
        if (strcmp(old->arguments, f->arguments) == 0)
            gw_found(l, s, NULL, gw_shown(l, schema, f->object.name),
                     gw_place_of(l, old->object.made), NULL);
}

static void see_index(gw_lint *l, const gw_statement_seen *s)
{
    const gw_node *range = gw_node_get(s->tree, "relation");
    const gw_relation *table = gw_model_relation_of(l->model, range);
    const char *schema = gw_node_text(range, "schemaname");
    if (table)
        schema = table->object.schema;
    const gw_relation *r = gw_model_relation(l->model, schema, gw_node_text(s->tree, "idxname"));
    if (r)
        gw_found(l, s, NULL, gw_shown(l, schema, r->object.name), gw_place_of(l, r->object.made),
                 NULL);
}

static void trigger(gw_lint *l, const gw_statement_seen *s)
{
    const gw_relation *r = gw_model_relation_of(l->model, gw_node_get(s->tree, "relation"));
    for (size_t i = 0; r && i < r->triggers.len; i++)
        if (!r->triggers.items[i].gone &&
            gw_node_says(s->tree, "trigname", r->triggers.items[i].name))
            gw_found(l, s, NULL, r->triggers.items[i].name,
                     gw_place_of(l, r->triggers.items[i].made), NULL);
}

static void label(gw_lint *l, const gw_statement_seen *s)
{
    const char *schema, *name;
    gw_node_names(gw_node_get(s->tree, "typeName"), &schema, &name);
    const gw_type_object *t = gw_model_type(l->model, schema, name);
    for (size_t i = 0; t && i < t->labels.len; i++)
        if (gw_node_says(s->tree, "newVal", t->labels.items[i].text))
            gw_found(l, s, NULL, gw_printf(l->arena, "value '%s'", t->labels.items[i].text),
                     gw_place_of(l, t->labels.items[i].made), NULL);
}

static void column(gw_lint *l, const gw_column_made *c)
{
    const gw_column *old = c->new_table ? NULL : gw_relation_column(c->relation, c->column.name);
    bool guarded = false;
    for (size_t i = 0; i < l->statement->commands.len; i++)
        if (l->statement->commands.items[i].def == c->column.node)
            guarded = gw_node_true(l->statement->commands.items[i].node, "missing_ok");
    if (old && !guarded)
        gw_found(l, l->statement, c->column.node,
                 gw_printf(l->arena, "column %s of %s", old->name,
                           gw_shown(l, c->schema, c->table)),
                 gw_place_of(l, old->made), NULL);
}

static void run(gw_lint *l, const gw_statement_seen *s)
{
    const gw_node *t = s->tree;
    if (gw_node_true(t, "if_not_exists") || gw_node_true(t, "replace"))
        return;
    if (gw_node_is(t, "CreateStmt") || gw_node_is(t, "CreateTableAsStmt"))
        relation(l, s, gw_node_is(t, "CreateStmt") ? gw_node_get(t, "relation")
                                                   : gw_node_get(gw_node_get(t, "into"), "rel"));
    else if (gw_node_is(t, "ViewStmt"))
        relation(l, s, gw_node_get(t, "view"));
    else if (gw_node_is(t, "CreateSeqStmt"))
        relation(l, s, gw_node_get(t, "sequence"));
    else if (gw_node_is(t, "CreateEnumStmt"))
        type(l, s, "typeName");
    else if (gw_node_is(t, "CreateDomainStmt"))
        type(l, s, "domainname");
    else if (gw_node_is(t, "CreateFunctionStmt"))
        function(l, s);
    else if (gw_node_is(t, "IndexStmt"))
        see_index(l, s);
    else if (gw_node_is(t, "CreateTrigStmt"))
        trigger(l, s);
    else if (gw_node_is(t, "AlterEnumStmt") && !gw_node_true(t, "skipIfNewValExists"))
        label(l, s);
}

const gw_rule gw_rule_created_twice = {
    {"created_twice", GW_SEVERITY_ERROR, GW_RULES_ORDER,
     "{} is there already, made at {}",
     "An earlier statement of the run has made it and nothing has dropped it since: PostgreSQL "
     "refuses to make it again.",
     "Take one of the two out, or give the second another name."},
    .statement = run,
    .column = column,
};
