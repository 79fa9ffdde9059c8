/* What ALTER and RENAME do to the model. */
#include <stdlib.h>
#include <string.h>

#include "lint/model_impl.h"

/* The old entry goes, a copy of it stands under the new name: lookups are by name. */
void gw_model_rename(gw_model *model, gw_made_object *object, const char *schema, const char *name,
                     const gw_statement_seen *s)
{
    size_t size = object->kind == GW_OBJECT_RELATION   ? sizeof(gw_relation)
                  : object->kind == GW_OBJECT_TYPE     ? sizeof(gw_type_object)
                  : object->kind == GW_OBJECT_FUNCTION ? sizeof(gw_function)
                                                       : sizeof(gw_made_object);
    gw_made_object *renamed = gw_memdup(model->arena, object, size);
    const gw_statement_seen *made = object->made;
    object->gone = s;
    renamed->schema = schema;
    renamed->name = name;
    gw_model_put(model, renamed, made);
    if (object->kind != GW_OBJECT_RELATION)
        return;
    gw_relation *r = (gw_relation *)renamed;
    for (size_t i = 0; i < r->keys.len; i++)
        r->keys.items[i]->relation = r;
    for (size_t i = 0; i < r->indexes.len; i++)
        r->indexes.items[i]->relation = r;
    if (r->index) {
        r->index->name = name;
        r->index->schema = schema;
    }
    /* Whoever refers to it goes on doing so. */
    for (size_t i = 0; i < model->objects.len; i++) {
        gw_relation *other = (gw_relation *)model->objects.items[i];
        if (other->object.kind != GW_OBJECT_RELATION)
            continue;
        if (other->parent == (gw_relation *)object)
            other->parent = r;
        for (size_t k = 0; k < other->keys.len; k++) {
            gw_key *key = other->keys.items[k];
            if (key->ref_table && strcmp(key->ref_table, object->name) == 0 &&
                (!key->ref_schema || strcmp(key->ref_schema, object->schema) == 0))
                key->ref_table = name;
        }
    }
}

static void replace_name(const char **names, size_t count, const char *from, const char *to)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], from) == 0)
            names[i] = to;
}

static void rename_column(gw_relation *r, const char *from, const char *to)
{
    gw_column *column = gw_relation_column(r, from);
    if (column)
        column->name = to;
    for (size_t i = 0; r && i < r->keys.len; i++)
        replace_name(r->keys.items[i]->columns, r->keys.items[i]->column_count, from, to);
    for (size_t i = 0; r && i < r->indexes.len; i++)
        if (!r->indexes.items[i]->of_key)
            replace_name(r->indexes.items[i]->columns, r->indexes.items[i]->column_count, from, to);
    for (size_t i = 0; r && i < r->key_count; i++)
        replace_name(r->key_columns, r->key_count, from, to);
}

static void rename(gw_model *model, const gw_statement_seen *s)
{
    const gw_node *t = s->tree, *range = gw_node_get(t, "relation");
    const char *what = gw_node_text(t, "renameType"), *to = gw_node_text(t, "newname");
    const char *sub = gw_node_text(t, "subname");
    gw_relation *r = gw_model_relation_of(model, range);
    if (!what || !to)
        return;
    if (strcmp(what, "OBJECT_COLUMN") == 0) {
        rename_column(r, sub, to);
    } else if (strcmp(what, "OBJECT_TABCONSTRAINT") == 0) {
        gw_key *key = gw_relation_key(r, sub);
        gw_relation *index = key ? gw_model_relation(model, r->object.schema, sub) : NULL;
        if (key)
            key->name = to;
        if (index && index->index)
            gw_model_rename(model, &index->object, index->object.schema, to, s);
    } else if (strcmp(what, "OBJECT_TRIGGER") == 0) {
        for (size_t i = 0; r && i < r->triggers.len; i++)
            if (strcmp(r->triggers.items[i].name, sub) == 0)
                r->triggers.items[i].name = to;
    } else if (strcmp(what, "OBJECT_TYPE") == 0 || strcmp(what, "OBJECT_DOMAIN") == 0 ||
               strcmp(what, "OBJECT_FUNCTION") == 0) {
        const char *schema, *name;
        const gw_node *object = gw_node_get(t, "object");
        bool function = strcmp(what, "OBJECT_FUNCTION") == 0;
        gw_node_names(gw_node_get(object, function ? "objname" : "items"), &schema, &name);
        gw_made_object *o =
            gw_model_find(model, function ? GW_OBJECT_FUNCTION : GW_OBJECT_TYPE, schema, name);
        if (o)
            gw_model_rename(model, o, o->schema, to, s);
    } else if (r) {
        gw_model_rename(model, &r->object, r->object.schema, to, s);
    }
}

static void set_schema(gw_model *model, const gw_statement_seen *s)
{
    gw_relation *r = gw_model_relation_of(model, gw_node_get(s->tree, "relation"));
    const char *schema = gw_node_text(s->tree, "newschema");
    if (r && schema)
        gw_model_rename(model, &r->object, schema, r->object.name, s);
}

/* ---- ALTER TABLE ----------------------------------------------------------------------- */

static bool names_column(const gw_key *key, const char *column)
{
    for (size_t i = 0; i < key->column_count; i++)
        if (strcmp(key->columns[i], column) == 0)
            return true;
    return false;
}

static void drop_key_at(gw_model *model, gw_relation *r, size_t at, const gw_statement_seen *s)
{
    gw_key *key = r->keys.items[at];
    gw_relation *index = gw_model_relation(model, r->object.schema, key->name);
    if (index && index->index && index->index->relation == r)
        gw_model_drop_index(model, index->index, s);
    memmove(&r->keys.items[at], &r->keys.items[at + 1],
            (r->keys.len - at - 1) * sizeof *r->keys.items);
    r->keys.len--;
}

static void drop_column(gw_model *model, gw_relation *r, const char *name,
                        const gw_statement_seen *s)
{
    gw_column *column = gw_relation_column(r, name);
    if (column)
        column->gone = true;
    gw_relation *sequence = gw_model_relation(
        model, r->object.schema, gw_printf(model->arena, "%s_%s_seq", r->object.name, name));
    if (sequence && sequence->kind == GW_REL_SEQUENCE && sequence->parent == r)
        sequence->object.gone = s;
    for (size_t i = r->keys.len; i-- > 0;)
        if (names_column(r->keys.items[i], name))
            drop_key_at(model, r, i, s);
    for (size_t i = r->indexes.len; i-- > 0;)
        for (size_t k = 0; k < r->indexes.items[i]->column_count; k++)
            if (strcmp(r->indexes.items[i]->columns[k], name) == 0) {
                gw_model_drop_index(model, r->indexes.items[i], s);
                break;
            }
}

static void drop_key(gw_model *model, gw_relation *r, const char *name, const gw_statement_seen *s)
{
    for (size_t i = r->keys.len; i-- > 0;)
        if (name && strcmp(r->keys.items[i]->name, name) == 0)
            drop_key_at(model, r, i, s);
}

static void alter_column(gw_relation *r, const gw_command_seen *c, gw_arena *arena)
{
    gw_column *column = gw_relation_column(r, c->name);
    if (!column)
        return;
    if (strcmp(c->subtype, "AT_SetNotNull") == 0)
        column->not_null = true;
    else if (strcmp(c->subtype, "AT_DropNotNull") == 0)
        column->not_null = false;
    else if (strcmp(c->subtype, "AT_ColumnDefault") == 0)
        column->fallback = c->def;
    else if (strcmp(c->subtype, "AT_AlterColumnType") == 0)
        column->type = gw_data_type_of(arena, gw_node_get(c->def, "typeName"));
    else if (strcmp(c->subtype, "AT_AddIdentity") == 0)
        column->identity = true;
    else if (strcmp(c->subtype, "AT_DropIdentity") == 0)
        column->identity = false;
    else if (strcmp(c->subtype, "AT_DropExpression") == 0)
        column->generated = false;
}

static void attach(gw_model *model, gw_relation *parent, const gw_command_seen *c, bool attached)
{
    gw_relation *child = gw_model_relation_of(model, gw_node_get(c->def, "name"));
    if (child) {
        child->parent = attached ? parent : NULL;
        child->bound = attached ? gw_node_get(c->def, "bound") : NULL;
    }
    if (parent && attached)
        parent->partitions++;
    else if (parent && parent->partitions)
        parent->partitions--;
}

static void alter_relation(gw_model *model, gw_relation *r, const gw_command_seen *c,
                           const gw_statement_seen *s)
{
    const char *what = c->subtype;
    if (strcmp(what, "AT_DropColumn") == 0)
        drop_column(model, r, c->name, s);
    else if (strcmp(what, "AT_DropConstraint") == 0)
        drop_key(model, r, c->name, s);
    else if (strcmp(what, "AT_ValidateConstraint") == 0) {
        gw_key *key = gw_relation_key(r, c->name);
        if (key)
            key->not_valid = false;
    } else if (strcmp(what, "AT_AttachPartition") == 0)
        attach(model, r, c, true);
    else if (strcmp(what, "AT_DetachPartition") == 0)
        attach(model, r, c, false);
    else if (strcmp(what, "AT_EnableRowSecurity") == 0)
        r->row_security = true;
    else if (strcmp(what, "AT_DisableRowSecurity") == 0)
        r->row_security = false;
    else if (strcmp(what, "AT_SetLogged") == 0)
        r->unlogged = false;
    else if (strcmp(what, "AT_SetUnLogged") == 0)
        r->unlogged = true;
    else if (strcmp(what, "AT_AddInherit") == 0)
        r->complete = false;
    else
        alter_column(r, c, model->arena);
}

static void alter_table(gw_model *model, const gw_statement_seen *s)
{
    gw_relation *r = gw_model_relation_of(model, gw_node_get(s->tree, "relation"));
    if (!r) {
        for (size_t i = 0; i < s->commands.len; i++)
            if (strcmp(s->commands.items[i].subtype, "AT_AttachPartition") == 0)
                attach(model, NULL, &s->commands.items[i], true);
        return;
    }
    for (size_t i = 0; i < s->commands.len; i++)
        alter_relation(model, r, &s->commands.items[i], s);
    for (size_t i = 0; i < s->columns.len; i++)
        if (!gw_relation_column(r, s->columns.items[i].column.name)) {
            *gw_vec_push(model->arena, &r->columns) = s->columns.items[i].column;
            gw_model_add_sequence(model, r, &s->columns.items[i].column, s);
        }
    for (size_t i = 0; i < s->keys.len; i++)
        gw_model_add_key(model, r, &s->keys.items[i], s);
}

void gw_model_apply_alter(gw_model *model, const gw_statement_seen *s)
{
    if (gw_node_is(s->tree, "AlterTableStmt"))
        alter_table(model, s);
    else if (gw_node_is(s->tree, "RenameStmt"))
        rename(model, s);
    else if (gw_node_is(s->tree, "AlterObjectSchemaStmt"))
        set_schema(model, s);
}
