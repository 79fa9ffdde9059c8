/* The store of the model: objects by name, lookups by search_path. */
#include "lint/model.h"

#include <string.h>

#include "lint/model_impl.h"

size_t gw_model_bucket(const char *name)
{
    size_t hash = 5381;
    for (; *name; name++)
        hash = hash * 33 + (unsigned char)*name;
    return hash % GW_MODEL_BUCKETS;
}

gw_model *gw_model_new(gw_arena *arena)
{
    gw_model *model = gw_alloc(arena, sizeof *model);
    model->arena = arena;
    gw_model_begin_file(model);
    return model;
}

void gw_model_begin_file(gw_model *model)
{
    model->path[0] = "public";
    model->path_count = 1;
}

const char *gw_model_creation_schema(const gw_model *model)
{
    return model->path_count ? model->path[0] : "public";
}

static bool in_schema(const gw_model *model, const char *wanted, const char *schema)
{
    if (wanted)
        return strcmp(wanted, schema) == 0;
    for (size_t i = 0; i < model->path_count; i++)
        if (strcmp(model->path[i], schema) == 0)
            return true;
    return false;
}

static bool matches(const gw_model *model, const gw_made_object *o, gw_made_kind kind,
                    const char *schema, const char *name)
{
    bool global = kind == GW_OBJECT_SCHEMA || kind == GW_OBJECT_EXTENSION;
    return o->kind == kind && strcmp(o->name, name) == 0 &&
           (global || in_schema(model, schema, o->schema));
}

gw_made_object *gw_model_find(const gw_model *model, gw_made_kind kind, const char *schema,
                              const char *name)
{
    if (!name)
        return NULL;
    for (gw_made_object *o = model->buckets[gw_model_bucket(name)]; o; o = o->same_name)
        if (!o->gone && matches(model, o, kind, schema, name))
            return o;
    return NULL;
}

void gw_model_put(gw_model *model, gw_made_object *object, const gw_statement_seen *made)
{
    if (!object->schema)
        object->schema = gw_model_creation_schema(model);
    object->made = made;
    size_t bucket = gw_model_bucket(object->name);
    object->same_name = model->buckets[bucket];
    model->buckets[bucket] = object;
    *gw_vec_push(model->arena, &model->objects) = object;
}

const gw_made_object_list *gw_model_objects(const gw_model *model)
{
    return &model->objects;
}

gw_relation *gw_model_relation(const gw_model *model, const char *schema, const char *name)
{
    return (gw_relation *)gw_model_find(model, GW_OBJECT_RELATION, schema, name);
}

gw_relation *gw_model_relation_of(const gw_model *model, const gw_node *range_var)
{
    return gw_model_relation(model, gw_node_text(range_var, "schemaname"),
                             gw_node_text(range_var, "relname"));
}

gw_type_object *gw_model_type(const gw_model *model, const char *schema, const char *name)
{
    return (gw_type_object *)gw_model_find(model, GW_OBJECT_TYPE, schema, name);
}

gw_function *gw_model_function(const gw_model *model, const char *schema, const char *name)
{
    return (gw_function *)gw_model_find(model, GW_OBJECT_FUNCTION, schema, name);
}

gw_function *gw_model_next_function(const gw_function *function)
{
    const gw_made_object *was = &function->object;
    for (gw_made_object *o = was->same_name; o; o = o->same_name)
        if (!o->gone && o->kind == GW_OBJECT_FUNCTION && strcmp(o->name, was->name) == 0 &&
            strcmp(o->schema, was->schema) == 0)
            return (gw_function *)o;
    return NULL;
}

bool gw_model_extension(const gw_model *model, const char *name)
{
    return gw_model_find(model, GW_OBJECT_EXTENSION, NULL, name) != NULL;
}

gw_column *gw_relation_column(const gw_relation *relation, const char *name)
{
    for (size_t i = 0; relation && name && i < relation->columns.len; i++) {
        gw_column *column = &relation->columns.items[i];
        if (!column->gone && strcmp(column->name, name) == 0)
            return column;
    }
    return NULL;
}

gw_key *gw_relation_key(const gw_relation *relation, const char *name)
{
    for (size_t i = 0; relation && name && i < relation->keys.len; i++)
        if (strcmp(relation->keys.items[i]->name, name) == 0)
            return relation->keys.items[i];
    return NULL;
}

bool gw_relation_checks_not_null(const gw_relation *relation, const char *column)
{
    for (size_t i = 0; relation && i < relation->keys.len; i++) {
        const gw_key *key = relation->keys.items[i];
        if (key->kind == GW_KEY_CHECK && !key->not_valid &&
            gw_expression_is_not_null(gw_node_get(key->node, "raw_expr"), column))
            return true;
    }
    return false;
}

/* ---- before and after ------------------------------------------------------------------ */

static void foresee(gw_model *model, gw_made_kind kind, const char *schema, const char *name,
                    const gw_statement_seen *s)
{
    if (!name)
        return;
    gw_foreseen *f = gw_alloc(model->arena, sizeof *f);
    size_t bucket = gw_model_bucket(name);
    *f = (gw_foreseen){kind, schema ? schema : "public", name, s, NULL};
    gw_foreseen **end = &model->foreseen[bucket];
    while (*end)
        end = &(*end)->next;
    *end = f;
}

static void foresee_range(gw_model *model, const gw_node *range, const gw_statement_seen *s)
{
    foresee(model, GW_OBJECT_RELATION, gw_node_text(range, "schemaname"),
            gw_node_text(range, "relname"), s);
}

void gw_model_foresee(gw_model *model, const gw_statement_seen *s)
{
    static const struct {
        const char *type, *field;
        gw_made_kind kind;
    } names[] = {{"CreateFunctionStmt", "funcname", GW_OBJECT_FUNCTION},
                 {"CreateEnumStmt", "typeName", GW_OBJECT_TYPE},
                 {"CreateDomainStmt", "domainname", GW_OBJECT_TYPE},
                 {"CreateRangeStmt", "typeName", GW_OBJECT_TYPE}},
      ranges[] = {{"CreateStmt", "relation", GW_OBJECT_RELATION},
                  {"ViewStmt", "view", GW_OBJECT_RELATION},
                  {"CreateSeqStmt", "sequence", GW_OBJECT_RELATION}};
    const gw_node *t = s->tree;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (gw_node_is(t, names[i].type)) {
            const char *schema, *name;
            gw_node_names(gw_node_get(t, names[i].field), &schema, &name);
            foresee(model, names[i].kind, schema, name, s);
        }
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (gw_node_is(t, ranges[i].type))
            foresee_range(model, gw_node_get(t, ranges[i].field), s);
    if (gw_node_is(t, "CreateTableAsStmt"))
        foresee_range(model, gw_node_get(gw_node_get(t, "into"), "rel"), s);
    if (gw_node_is(t, "CreateForeignTableStmt"))
        foresee_range(model, gw_node_get(gw_node_get(t, "base"), "relation"), s);
    if (gw_node_is(t, "CompositeTypeStmt"))
        foresee(model, GW_OBJECT_TYPE, gw_node_text(gw_node_get(t, "typevar"), "schemaname"),
                gw_node_text(gw_node_get(t, "typevar"), "relname"), s);
    if (gw_node_is(t, "CreateExtensionStmt"))
        foresee(model, GW_OBJECT_EXTENSION, NULL, gw_node_text(t, "extname"), s);
    if (gw_node_is(t, "CreateSchemaStmt"))
        foresee(model, GW_OBJECT_SCHEMA, NULL, gw_node_text(t, "schemaname"), s);
    if (gw_node_is(t, "RenameStmt") && gw_node_says(t, "renameType", "OBJECT_TABLE"))
        foresee(model, GW_OBJECT_RELATION, gw_node_text(gw_node_get(t, "relation"), "schemaname"),
                gw_node_text(t, "newname"), s);
    if (gw_node_is(t, "DoStmt") || gw_node_is(t, "CreateFunctionStmt"))
        *gw_vec_push(model->arena, &model->hidden) = gw_strndup(model->arena, s->text, s->len);
}

static bool foreseen_is(const gw_foreseen *f, gw_made_kind kind, const char *schema,
                        const char *name)
{
    return f->kind == kind && strcmp(f->name, name) == 0 &&
           (!schema || strcmp(schema, f->schema) == 0);
}

const gw_statement_seen *gw_model_later(const gw_model *model, gw_made_kind kind,
                                        const char *schema, const char *name,
                                        const gw_statement_seen *now)
{
    for (gw_foreseen *f = name ? model->foreseen[gw_model_bucket(name)] : NULL; f; f = f->next)
        if (f->made->number > now->number && foreseen_is(f, kind, schema, name))
            return f->made;
    return NULL;
}

bool gw_model_ever(const gw_model *model, gw_made_kind kind, const char *schema, const char *name)
{
    for (gw_foreseen *f = name ? model->foreseen[gw_model_bucket(name)] : NULL; f; f = f->next)
        if (foreseen_is(f, kind, schema, name))
            return true;
    return false;
}

const gw_statement_seen *gw_model_dropped(const gw_model *model, gw_made_kind kind,
                                          const char *schema, const char *name)
{
    if (!name || gw_model_find(model, kind, schema, name))
        return NULL;
    for (gw_made_object *o = model->buckets[gw_model_bucket(name)]; o; o = o->same_name)
        if (o->gone && matches(model, o, kind, schema, name))
            return o->gone;
    return NULL;
}

bool gw_model_hidden(const gw_model *model, const char *name)
{
    for (size_t i = 0; i < model->hidden.len; i++)
        if (gw_text_has_word(model->hidden.items[i], name))
            return true;
    return false;
}
