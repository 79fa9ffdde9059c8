/* What CREATE and DROP statements do to the model. ALTER: model_alter.c. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "lint/model_impl.h"

static const char *schema_of(const gw_model *model, const gw_node *range)
{
    const char *schema = gw_node_text(range, "schemaname");
    return schema ? schema : gw_model_creation_schema(model);
}

static gw_relation *new_relation(gw_model *model, const gw_node *range, gw_relation_kind kind,
                                 const gw_statement_seen *s)
{
    gw_relation *r = gw_alloc(model->arena, sizeof *r);
    r->object = (gw_made_object){.kind = GW_OBJECT_RELATION,
                                 .schema = schema_of(model, range),
                                 .name = gw_node_text(range, "relname")};
    r->kind = kind;
    r->node = s->tree;
    r->complete = true;
    r->temporary = gw_node_says(range, "relpersistence", "t");
    r->unlogged = gw_node_says(range, "relpersistence", "u");
    gw_model_put(model, &r->object, s);
    return r;
}

/* As PostgreSQL names a constraint that was given no name; long ones are cut. */
static const char *choose_name(gw_model *model, const gw_relation *relation, const gw_key *key)
{
    static const char *const endings[] = {[GW_KEY_PRIMARY] = "pkey",
                                          [GW_KEY_UNIQUE] = "key",
                                          [GW_KEY_CHECK] = "check",
                                          [GW_KEY_FOREIGN] = "fkey",
                                          [GW_KEY_EXCLUSION] = "excl"};
    gw_buf stem = GW_BUF(model->arena);
    gw_buf_add(&stem, relation->object.name);
    bool one = key->kind != GW_KEY_CHECK || key->column_count == 1;
    for (size_t i = 0; one && key->kind != GW_KEY_PRIMARY && i < key->column_count; i++)
        gw_buf_addf(&stem, "_%s", key->columns[i]);
    const char *name = gw_printf(model->arena, "%s_%s", gw_buf_str(&stem), endings[key->kind]);
    for (unsigned n = 1; gw_relation_key(relation, name); n++)
        name = gw_printf(model->arena, "%s_%s%u", gw_buf_str(&stem), endings[key->kind], n);
    return name;
}

static void add_key_index(gw_model *model, gw_relation *relation, const gw_key *key,
                          const gw_statement_seen *s)
{
    gw_relation *r = gw_alloc(model->arena, sizeof *r);
    gw_index *index = gw_alloc(model->arena, sizeof *index);
    *index = (gw_index){.schema = relation->object.schema,
                        .name = key->name,
                        .table = relation->object.name,
                        .columns = key->columns,
                        .column_count = key->column_count,
                        .key_count = key->column_count,
                        .unique = key->kind != GW_KEY_EXCLUSION,
                        .of_key = true,
                        .method = key->kind == GW_KEY_EXCLUSION ? "gist" : "btree",
                        .node = key->node,
                        .where = gw_node_get(key->node, "where_clause"),
                        .relation = relation,
                        .made = s};
    r->object = (gw_made_object){
        .kind = GW_OBJECT_RELATION, .schema = relation->object.schema, .name = key->name};
    r->kind = GW_REL_INDEX;
    r->index = index;
    *gw_vec_push(model->arena, &relation->indexes) = index;
    gw_model_put(model, &r->object, s);
}

static void take_index(gw_model *model, gw_relation *relation, gw_key *key,
                       const gw_statement_seen *s)
{
    gw_relation *r = gw_model_relation(model, relation->object.schema, key->using_index);
    if (!r || !r->index)
        return;
    r->index->of_key = true;
    key->columns = r->index->columns;
    key->column_count = r->index->key_count;
    if (gw_node_text(key->node, "conname"))
        gw_model_rename(model, &r->object, relation->object.schema, key->name, s);
}

void gw_model_add_key(gw_model *model, gw_relation *relation, const gw_key *from,
                      const gw_statement_seen *s)
{
    gw_key *key = gw_memdup(model->arena, from, sizeof *from);
    key->made = s;
    key->relation = relation;
    if (!key->name)
        key->name = key->using_index ? key->using_index : choose_name(model, relation, key);
    bool indexed = key->kind == GW_KEY_PRIMARY || key->kind == GW_KEY_UNIQUE ||
                   key->kind == GW_KEY_EXCLUSION;
    if (key->using_index)
        take_index(model, relation, key, s);
    else if (indexed)
        add_key_index(model, relation, key, s);
    for (size_t i = 0; key->kind == GW_KEY_PRIMARY && i < key->column_count; i++) {
        gw_column *column = gw_relation_column(relation, key->columns[i]);
        if (column)
            column->not_null = true;
    }
    *gw_vec_push(model->arena, &relation->keys) = key;
}

static void copy_columns(gw_model *model, gw_relation *to, const gw_relation *from)
{
    if (!from) {
        to->complete = false;
        return;
    }
    to->complete &= from->complete;
    for (size_t i = 0; i < from->columns.len; i++)
        if (!from->columns.items[i].gone && !gw_relation_column(to, from->columns.items[i].name))
            *gw_vec_push(model->arena, &to->columns) = from->columns.items[i];
}

static void take_partitioning(gw_model *model, gw_relation *r, const gw_node *spec)
{
    const gw_node *params = gw_node_get(spec, "partParams");
    const char *strategy = gw_node_text(spec, "strategy");
    if (!spec)
        return;
    r->strategy = strategy ? *strategy : 'r';
    r->key_columns = gw_alloc_array(model->arena, gw_node_count(params) + 1, sizeof *r->key_columns);
    for (const gw_node *p = gw_node_at(params, 0); p; p = p->next) {
        const char *name = gw_node_text(p, "name");
        r->key_expression |= !name;
        if (name)
            r->key_columns[r->key_count++] = name;
    }
}

/* The sequence of a serial or identity column: it belongs to the table and goes with it. */
void gw_model_add_sequence(gw_model *model, gw_relation *table, const gw_column *column,
                           const gw_statement_seen *s)
{
    if (!column->type.serial && !column->identity)
        return;
    const char *name = gw_printf(model->arena, "%s_%s_seq", table->object.name, column->name);
    if (gw_model_relation(model, table->object.schema, name))
        return;
    gw_relation *sequence = gw_alloc(model->arena, sizeof *sequence);
    sequence->object = (gw_made_object){
        .kind = GW_OBJECT_RELATION, .schema = table->object.schema, .name = name};
    sequence->kind = GW_REL_SEQUENCE;
    sequence->node = s->tree;
    sequence->parent = table;
    gw_model_put(model, &sequence->object, s);
}

static void create_table(gw_model *model, const gw_statement_seen *s, const gw_node *create)
{
    const gw_node *range = gw_node_get(create, "relation");
    if (gw_model_relation(model, schema_of(model, range), gw_node_text(range, "relname")))
        return; /* IF NOT EXISTS, or an error that a rule names */
    const gw_node *parents = gw_node_get(create, "inhRelations");
    gw_relation *r = new_relation(model, range, GW_REL_TABLE, s);
    take_partitioning(model, r, gw_node_get(create, "partspec"));
    for (const gw_node *p = gw_node_at(parents, 0); p; p = p->next) {
        gw_relation *parent = gw_model_relation_of(model, p);
        copy_columns(model, r, parent);
        if (gw_node_get(create, "partbound")) {
            r->parent = parent;
            r->bound = gw_node_get(create, "partbound");
            if (parent)
                parent->partitions++;
        }
    }
    for (const gw_node *e = gw_node_at(gw_node_get(create, "tableElts"), 0); e; e = e->next)
        if (gw_node_is(e, "TableLikeClause"))
            copy_columns(model, r, gw_model_relation_of(model, gw_node_get(e, "relation")));
    r->complete &= !gw_node_get(create, "ofTypename");
    for (size_t i = 0; i < s->columns.len; i++) {
        *gw_vec_push(model->arena, &r->columns) = s->columns.items[i].column;
        gw_model_add_sequence(model, r, &s->columns.items[i].column, s);
    }
    for (size_t i = 0; i < s->keys.len; i++)
        gw_model_add_key(model, r, &s->keys.items[i], s);
}

static void create_as(gw_model *model, const gw_statement_seen *s)
{
    const gw_node *range = gw_node_get(gw_node_get(s->tree, "into"), "rel");
    bool view = gw_node_says(s->tree, "objtype", "OBJECT_MATVIEW");
    if (gw_model_relation(model, schema_of(model, range), gw_node_text(range, "relname")))
        return;
    gw_relation *r = new_relation(model, range, view ? GW_REL_MATVIEW : GW_REL_TABLE, s);
    r->complete = false;
}

static void create_view(gw_model *model, const gw_statement_seen *s)
{
    const gw_node *range = gw_node_get(s->tree, "view");
    gw_relation *old =
        gw_model_relation(model, schema_of(model, range), gw_node_text(range, "relname"));
    if (old && !gw_node_true(s->tree, "replace"))
        return;
    if (old)
        old->object.gone = s;
    new_relation(model, range, GW_REL_VIEW, s)->complete = false;
}

/* "t_a_b_idx" */
static const char *index_name(gw_model *model, const gw_index *index, const char *schema)
{
    if (index->name)
        return index->name;
    gw_buf stem = GW_BUF(model->arena);
    gw_buf_add(&stem, index->table);
    for (size_t i = 0; i < index->column_count; i++)
        gw_buf_addf(&stem, "_%s", *index->columns[i] ? index->columns[i] : "expr");
    const char *name = gw_printf(model->arena, "%s_idx", gw_buf_str(&stem));
    for (unsigned n = 1; gw_model_relation(model, schema, name); n++)
        name = gw_printf(model->arena, "%s_idx%u", gw_buf_str(&stem), n);
    return name;
}

static void create_index(gw_model *model, const gw_statement_seen *s)
{
    gw_relation *table = gw_model_relation_of(model, gw_node_get(s->tree, "relation"));
    gw_index *index = gw_index_of(model->arena, s->tree);
    index->schema = table           ? table->object.schema
                    : index->schema ? index->schema
                                    : gw_model_creation_schema(model);
    index->name = index_name(model, index, index->schema);
    if (gw_model_relation(model, index->schema, index->name))
        return;
    gw_relation *r = gw_alloc(model->arena, sizeof *r);
    r->object = (gw_made_object){
        .kind = GW_OBJECT_RELATION, .schema = index->schema, .name = index->name};
    r->kind = GW_REL_INDEX;
    r->index = index;
    index->relation = table;
    index->made = s;
    gw_model_put(model, &r->object, s);
    if (table)
        *gw_vec_push(model->arena, &table->indexes) = index;
}

static void create_type(gw_model *model, const gw_statement_seen *s)
{
    gw_type_object *type = gw_alloc(model->arena, sizeof *type);
    type->is_enum = gw_node_is(s->tree, "CreateEnumStmt");
    type->is_domain = gw_node_is(s->tree, "CreateDomainStmt");
    type->node = s->tree;
    type->object.kind = GW_OBJECT_TYPE;
    const gw_node *names = gw_node_get(s->tree, type->is_domain ? "domainname" : "typeName");
    gw_node_names(names, &type->object.schema, &type->object.name);
    const gw_node *composite = gw_node_get(s->tree, "typevar");
    if (composite) {
        type->object.schema = gw_node_text(composite, "schemaname");
        type->object.name = gw_node_text(composite, "relname");
    }
    if (!type->object.name ||
        gw_model_type(model,
                      type->object.schema ? type->object.schema : gw_model_creation_schema(model),
                      type->object.name))
        return;
    for (const gw_node *v = gw_node_at(gw_node_get(s->tree, "vals"), 0); v; v = v->next)
        *gw_vec_push(model->arena, &type->labels) = (gw_label){gw_node_string(v), s};
    gw_model_put(model, &type->object, s);
}

static void alter_enum(gw_model *model, const gw_statement_seen *s)
{
    const char *schema, *name, *old = gw_node_text(s->tree, "oldVal");
    gw_node_names(gw_node_get(s->tree, "typeName"), &schema, &name);
    gw_type_object *type = gw_model_type(model, schema, name);
    const char *label = gw_node_text(s->tree, "newVal");
    for (size_t i = 0; type && i < type->labels.len; i++) {
        if (old && strcmp(type->labels.items[i].text, old) == 0)
            type->labels.items[i].text = label;
        if (strcmp(type->labels.items[i].text, label) == 0)
            return;
    }
    if (type && !old)
        *gw_vec_push(model->arena, &type->labels) = (gw_label){label, s};
}

static void create_function(gw_model *model, const gw_statement_seen *s)
{
    gw_function *f = gw_function_of(model->arena, s->tree);
    const char *schema = f->object.schema ? f->object.schema : gw_model_creation_schema(model);
    gw_function *old = gw_model_function(model, schema, f->object.name);
    for (; old; old = gw_model_next_function(old))
        if (strcmp(old->arguments, f->arguments) == 0)
            old->object.gone = s;
    gw_model_put(model, &f->object, s);
}

static void create_trigger(gw_model *model, const gw_statement_seen *s)
{
    gw_relation *table = gw_model_relation_of(model, gw_node_get(s->tree, "relation"));
    gw_trigger t = {.name = gw_node_text(s->tree, "trigname"), .node = s->tree, .made = s};
    gw_node_names(gw_node_get(s->tree, "funcname"), &t.function_schema, &t.function);
    if (table)
        *gw_vec_push(model->arena, &table->triggers) = t;
}

static void create_named(gw_model *model, gw_made_kind kind, const char *name,
                         const gw_statement_seen *s)
{
    if (!name || gw_model_find(model, kind, NULL, name))
        return;
    gw_made_object *object = gw_alloc(model->arena, sizeof *object);
    *object = (gw_made_object){.kind = kind, .schema = "", .name = name};
    gw_model_put(model, object, s);
}

void gw_model_drop_index(gw_model *model, gw_index *index, const gw_statement_seen *s)
{
    index->gone = s;
    gw_relation *table = index->relation;
    for (size_t i = 0; table && i < table->indexes.len; i++)
        if (table->indexes.items[i] == index) {
            memmove(&table->indexes.items[i], &table->indexes.items[i + 1],
                    (table->indexes.len - i - 1) * sizeof *table->indexes.items);
            table->indexes.len--;
        }
    gw_relation *r = gw_model_relation(model, index->schema, index->name);
    if (r && r->index == index)
        r->object.gone = s;
}

static void drop_relation(gw_model *model, gw_relation *r, const gw_statement_seen *s)
{
    if (r->index) {
        gw_model_drop_index(model, r->index, s);
        return;
    }
    r->object.gone = s;
    if (r->parent && r->kind == GW_REL_TABLE && r->parent->partitions)
        r->parent->partitions--;
    /* Its partitions and its sequences go with it. */
    for (size_t i = 0; i < model->objects.len; i++) {
        gw_relation *other = (gw_relation *)model->objects.items[i];
        if (other->object.kind == GW_OBJECT_RELATION && !other->object.gone && other->parent == r)
            drop_relation(model, other, s);
    }
    while (r->indexes.len)
        gw_model_drop_index(model, r->indexes.items[r->indexes.len - 1], s);
}

static void drop_trigger(gw_model *model, const gw_node *names, const gw_statement_seen *s)
{
    size_t count = gw_node_count(names);
    const char *table = count > 1 ? gw_node_string(gw_node_at(names, count - 2)) : NULL;
    const char *schema = count > 2 ? gw_node_string(gw_node_at(names, count - 3)) : NULL;
    const char *name = gw_node_string(gw_node_at(names, count ? count - 1 : 0));
    gw_relation *r = gw_model_relation(model, schema, table);
    (void)s;
    for (size_t i = 0; r && i < r->triggers.len; i++)
        if (strcmp(r->triggers.items[i].name, name) == 0)
            r->triggers.items[i].gone = true;
}

/* All of a schema's. */
static void drop_schema(gw_model *model, const char *name, const gw_statement_seen *s)
{
    gw_made_object *object = gw_model_find(model, GW_OBJECT_SCHEMA, NULL, name);
    if (object)
        object->gone = s;
    for (size_t i = 0; name && i < model->objects.len; i++)
        if (strcmp(model->objects.items[i]->schema, name) == 0 && !model->objects.items[i]->gone)
            model->objects.items[i]->gone = s;
}

static void drop_function(gw_model *model, const gw_node *with_args, const gw_statement_seen *s)
{
    const char *schema, *name;
    gw_node_names(gw_node_get(with_args, "objname"), &schema, &name);
    gw_buf arguments = GW_BUF(model->arena);
    const gw_node *list = gw_node_get(with_args, "objargs");
    for (const gw_node *a = gw_node_at(list, 0); a; a = a->next) {
        gw_data_type type = gw_data_type_of(model->arena, a);
        gw_buf_addf(&arguments, "%s%s%s", arguments.len ? "," : "", type.name,
                    type.array ? "[]" : "");
    }
    bool any = gw_node_true(with_args, "args_unspecified");
    for (gw_function *f = gw_model_function(model, schema, name); f; f = gw_model_next_function(f))
        if (any || strcmp(f->arguments, gw_buf_str(&arguments)) == 0)
            f->object.gone = s;
}

static void drop(gw_model *model, const gw_statement_seen *s)
{
    const char *what = gw_node_text(s->tree, "removeType");
    for (const gw_node *o = gw_node_at(gw_node_get(s->tree, "objects"), 0); what && o; o = o->next) {
        const char *schema, *name;
        const gw_node *names = gw_node_is(o, "TypeName") ? gw_node_get(o, "names")
                                                         : gw_node_get(o, "items");
        gw_node_names(names, &schema, &name);
        gw_made_object *object = NULL;
        if (strcmp(what, "OBJECT_TRIGGER") == 0)
            drop_trigger(model, names, s);
        else if (strcmp(what, "OBJECT_FUNCTION") == 0 || strcmp(what, "OBJECT_PROCEDURE") == 0 ||
                 strcmp(what, "OBJECT_ROUTINE") == 0)
            drop_function(model, o, s);
        else if (strcmp(what, "OBJECT_SCHEMA") == 0)
            drop_schema(model, gw_node_string(o), s);
        else if (strcmp(what, "OBJECT_EXTENSION") == 0)
            object = gw_model_find(model, GW_OBJECT_EXTENSION, NULL, gw_node_string(o));
        else if (strcmp(what, "OBJECT_TYPE") == 0 || strcmp(what, "OBJECT_DOMAIN") == 0)
            object = gw_model_find(model, GW_OBJECT_TYPE, schema, name);
        else if (gw_model_relation(model, schema, name))
            drop_relation(model, gw_model_relation(model, schema, name), s);
        if (object)
            object->gone = s;
    }
}

static void set_path(gw_model *model, const gw_node *set)
{
    model->path_count = 0;
    const gw_node *a = gw_node_at(gw_node_get(set, "args"), 0);
    for (; a && model->path_count < GW_MODEL_PATH; a = a->next) {
        const char *name = gw_node_string(a);
        if (name && *name && strcmp(name, "$user") != 0)
            model->path[model->path_count++] = name;
    }
    if (!gw_node_get(set, "args"))
        gw_model_begin_file(model);
}

static void fill(gw_model *model, const gw_node *range, const gw_statement_seen *s)
{
    gw_relation *r = gw_model_relation_of(model, range);
    if (r)
        r->filled = s;
}

static void apply_other(gw_model *model, const gw_statement_seen *s)
{
    const gw_node *t = s->tree;
    if (gw_node_is(t, "DropStmt"))
        drop(model, s);
    else if (gw_node_is(t, "CreateExtensionStmt"))
        create_named(model, GW_OBJECT_EXTENSION, gw_node_text(t, "extname"), s);
    else if (gw_node_is(t, "CreateSchemaStmt"))
        create_named(model, GW_OBJECT_SCHEMA, gw_node_text(t, "schemaname"), s);
    else if (gw_node_is(t, "VariableSetStmt") && gw_node_says(t, "name", "search_path"))
        set_path(model, t);
    else if (gw_node_is(t, "InsertStmt") || gw_node_is(t, "CopyStmt"))
        fill(model, gw_node_get(t, "relation"), s);
    else if (gw_node_is(t, "CreatePolicyStmt")) {
        gw_relation *r = gw_model_relation_of(model, gw_node_get(t, "table"));
        if (r)
            r->policy = s;
    } else {
        gw_model_apply_alter(model, s);
    }
}

void gw_model_apply(gw_model *model, const gw_statement_seen *s)
{
    const gw_node *t = s->tree;
    if (gw_node_is(t, "CreateStmt"))
        create_table(model, s, t);
    else if (gw_node_is(t, "CreateForeignTableStmt"))
        create_table(model, s, gw_node_get(t, "base"));
    else if (gw_node_is(t, "CreateTableAsStmt"))
        create_as(model, s);
    else if (gw_node_is(t, "ViewStmt"))
        create_view(model, s);
    else if (gw_node_is(t, "CreateSeqStmt"))
        new_relation(model, gw_node_get(t, "sequence"), GW_REL_SEQUENCE, s);
    else if (gw_node_is(t, "IndexStmt"))
        create_index(model, s);
    else if (gw_node_is(t, "CreateEnumStmt") || gw_node_is(t, "CreateDomainStmt") ||
             gw_node_is(t, "CompositeTypeStmt") || gw_node_is(t, "CreateRangeStmt"))
        create_type(model, s);
    else if (gw_node_is(t, "AlterEnumStmt"))
        alter_enum(model, s);
    else if (gw_node_is(t, "CreateFunctionStmt"))
        create_function(model, s);
    else if (gw_node_is(t, "CreateTrigStmt"))
        create_trigger(model, s);
    else if (t)
        apply_other(model, s);
}
