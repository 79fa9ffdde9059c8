#include "models/model.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "schema/kind.h"

/* ---- types ---------------------------------------------------------------------------------- */

typedef struct type_name {
    const char *sql;
    gw_type type;
} type_name;

static const type_name type_names[] = {
    {"boolean", GW_TYPE_BOOL},
    {"smallint", GW_TYPE_INT2},
    {"integer", GW_TYPE_INT4},
    {"oid", GW_TYPE_INT8},
    {"bigint", GW_TYPE_INT8},
    {"real", GW_TYPE_FLOAT4},
    {"double precision", GW_TYPE_FLOAT8},
    {"numeric", GW_TYPE_NUMERIC},
    {"uuid", GW_TYPE_UUID},
    {"date", GW_TYPE_DATE},
    {"time without time zone", GW_TYPE_TIME},
    {"timestamp without time zone", GW_TYPE_TIMESTAMP},
    {"timestamp with time zone", GW_TYPE_TIMESTAMPTZ},
    {"json", GW_TYPE_JSON},
    {"jsonb", GW_TYPE_JSON},
    {"bytea", GW_TYPE_BYTES},
};

/* "numeric(10,2)[]" → "numeric"; dimensions and the first number in parentheses aside. */
static char *bare_type(gw_arena *arena, const char *sql, int *dimensions, long *number)
{
    char *bare = gw_strdup(arena, sql);
    size_t len = strlen(bare);
    for (*dimensions = 0; len > 2 && strcmp(bare + len - 2, "[]") == 0; len -= 2) {
        bare[len - 2] = '\0';
        ++*dimensions;
    }
    char *open = strchr(bare, '('), *close = open ? strchr(open, ')') : NULL;
    *number = open ? strtol(open + 1, NULL, 10) : 0;
    if (close)
        memmove(open, close + 1, strlen(close + 1) + 1);
    return bare;
}

static const gw_object *type_object(const gw_object *of)
{
    for (size_t i = 0; i < of->needs.len; i++) {
        const gw_object *needed = of->needs.items[i].object;
        if (strcmp(needed->kind->name, "enum") == 0 || strcmp(needed->kind->name, "domain") == 0)
            return needed;
    }
    return NULL;
}

static const gw_model_enum *enum_of(const gw_model *model, const gw_object *object)
{
    for (size_t i = 0; i < model->enum_count; i++)
        if (strcmp(model->enums[i].name, object->name) == 0 &&
            strcmp(model->enums[i].schema, object->schema) == 0)
            return &model->enums[i];
    return NULL;
}

/* The type behind a column: through its domains, down to what PostgreSQL has itself. */
static void set_type(gw_arena *arena, const gw_model *model, gw_model_column *column,
                     const gw_object *object, int depth)
{
    const char *sql = gw_object_value(object, "type");
    long number = 0;
    int dimensions = 0;
    const char *bare = bare_type(arena, sql ? sql : "text", &dimensions, &number);
    column->dimensions += dimensions;
    column->type = GW_TYPE_TEXT;
    const gw_object *own = type_object(object);
    if (own && strchr(bare, '.') && strcmp(own->kind->name, "enum") == 0) {
        column->labels = enum_of(model, own);
        column->type = column->labels ? GW_TYPE_ENUM : GW_TYPE_TEXT;
        return;
    }
    if (own && strchr(bare, '.') && depth < 8) {
        if (gw_object_is(own, "not_null"))
            column->nullable = false;
        for (size_t i = 0; i < own->children.len; i++)
            if (strcmp(own->children.items[i].object->kind->name, "domain default") == 0)
                column->has_default = true;
        set_type(arena, model, column, own, depth + 1);
        return;
    }
    for (size_t i = 0; i < sizeof type_names / sizeof *type_names; i++)
        if (strcmp(type_names[i].sql, bare) == 0)
            column->type = type_names[i].type;
    if (strcmp(bare, "character varying") == 0 || strcmp(bare, "character") == 0)
        column->length = number;
}

/* ---- names ---------------------------------------------------------------------------------- */

typedef GW_VEC(const char *) names;

/* What the texts of the languages use themselves. */
static const char *const used_types[] = {
    "Int8",   "Numeric", "Uuid",   "DateText", "TimeText", "Timestamp", "JsonValue", "Rule",
    "Check",  "Date",    "String", "Number",   "Object",   "Array",     "Record",    "Partial",
    "Option", "Vec",     "Result", "Self",     "Ok",       "Err",       "Some",      "None",
    "BigInt", "Boolean", "Uint8Array", "Set",  "Map",      "Function",  "Symbol",    "Box",
};

static bool is_taken(const names *taken, const char *name, const char *suffix)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < taken->len; i++)
        if (strncmp(taken->items[i], name, len) == 0 && strcmp(taken->items[i] + len, suffix) == 0)
            return true;
    return false;
}

/* The name, with a number behind it where it, or it with a suffix, is taken. Takes all of them. */
static const char *unique(gw_arena *arena, names *taken, const char *wanted, const char *insert,
                          const char *update)
{
    const char *name = wanted;
    for (int n = 2; is_taken(taken, name, "") || is_taken(taken, name, insert) ||
                    is_taken(taken, name, update);
         n++)
        name = gw_printf(arena, "%s%d", wanted, n);
    *gw_vec_push(arena, taken) = name;
    *gw_vec_push(arena, taken) = gw_printf(arena, "%s%s", name, insert);
    *gw_vec_push(arena, taken) = gw_printf(arena, "%s%s", name, update);
    return name;
}

/* Public's names stand alone, others have their schema's in front. */
static const char *full_name(gw_arena *arena, const gw_object *object)
{
    if (strcmp(object->schema, "public") == 0)
        return object->name;
    return gw_printf(arena, "%s_%s", object->schema, object->name);
}

/* ---- the model ------------------------------------------------------------------------------ */

static void read_labels(gw_arena *arena, gw_model_enum *e, const char *text)
{
    GW_VEC(const char *) list = {0};
    for (const char *p = text ? text : ""; *p;) {
        bool escapes = *p == ' ' || *p == 'E';
        while (*p && *p != '\'')
            p++;
        gw_buf label = GW_BUF(arena);
        for (p += *p == '\''; *p; p++) {
            if (*p == '\'' && p[1] != '\'')
                break;
            if (*p == '\'' || (escapes && *p == '\\'))
                p++;
            gw_buf_addc(&label, *p);
        }
        *gw_vec_push(arena, &list) = gw_strdup(arena, gw_buf_str(&label));
        p += *p == '\'';
        p += strncmp(p, ", ", 2) == 0 ? 2 : 0;
    }
    e->labels = list.items;
    e->count = list.len;
}

static void add_column(gw_arena *arena, const gw_model *model, gw_model_column *column,
                       const gw_object *object)
{
    const char *identity = gw_object_value(object, "identity");
    column->name = object->name;
    column->comment = object->comment;
    column->sql_type = gw_object_value(object, "type");
    column->nullable = !gw_object_is(object, "not_null") || gw_object_is(object, "not_null_not_valid");
    column->generated =
        gw_object_value(object, "generated") || (identity && strcmp(identity, "a") == 0);
    column->has_default = identity || gw_column_default(object);
    set_type(arena, model, column, object, 0);
    column->optional = column->nullable || column->has_default || column->generated;
}

static void add_table(gw_arena *arena, const gw_model *model, gw_model_table *table,
                      const gw_object *object)
{
    table->schema = object->schema;
    table->name = object->name;
    table->comment = object->comment;
    table->view = strcmp(object->kind->name, "table") != 0;
    table->columns = gw_alloc_array(arena, object->children.len + 1, sizeof *table->columns);
    for (size_t i = 0; i < object->children.len; i++)
        if (strcmp(object->children.items[i].object->kind->name, "column") == 0)
            add_column(arena, model, &table->columns[table->count++],
                       object->children.items[i].object);
}

static bool wanted(const gw_object *object, const char *const *schemas)
{
    if (!schemas)
        return true;
    for (; *schemas; schemas++)
        if (strcmp(*schemas, object->schema) == 0)
            return true;
    return false;
}

/* A partition has the rows of its table. */
static bool is_partition(const gw_object *object)
{
    for (size_t i = 0; i < object->children.len; i++)
        if (strcmp(object->children.items[i].object->kind->name, "partition") == 0)
            return true;
    return false;
}

gw_model *gw_model_of(gw_arena *arena, const gw_schema *schema, const char *const *schemas)
{
    gw_model *model = gw_alloc(arena, sizeof *model);
    model->enums = gw_alloc_array(arena, schema->objects.len + 1, sizeof *model->enums);
    model->tables = gw_alloc_array(arena, schema->objects.len + 1, sizeof *model->tables);
    names types = {0}, words = {0};
    for (size_t i = 0; i < sizeof used_types / sizeof *used_types; i++)
        *gw_vec_push(arena, &types) = used_types[i];
    *gw_vec_push(arena, &words) = "db_bytes";
    for (size_t i = 0; gw_models_c_words[i]; i++)
        *gw_vec_push(arena, &words) = gw_models_c_words[i];
    for (size_t i = 0; i < schema->objects.len; i++) {
        const gw_object *o = schema->objects.items[i];
        if (strcmp(o->kind->name, "enum") != 0 || !wanted(o, schemas))
            continue;
        gw_model_enum *e = &model->enums[model->enum_count++];
        e->schema = o->schema;
        e->name = o->name;
        e->comment = o->comment;
        e->type_name = unique(arena, &types, gw_pascal_case(arena, full_name(arena, o)),
                              "Values", "");
        e->c_name = unique(arena, &words, gw_snake_case(arena, full_name(arena, o)), "_texts",
                           "_parse");
        read_labels(arena, e, gw_object_value(o, "labels"));
    }
    for (size_t i = 0; i < schema->objects.len; i++) {
        const gw_object *o = schema->objects.items[i];
        const char *kind = o->kind->name;
        if ((strcmp(kind, "table") != 0 && strcmp(kind, "view") != 0 &&
             strcmp(kind, "materialized view") != 0) ||
            !wanted(o, schemas) || is_partition(o))
            continue;
        gw_model_table *table = &model->tables[model->table_count++];
        add_table(arena, model, table, o);
        table->type_name = unique(arena, &types, gw_pascal_case(arena, full_name(arena, o)),
                              "Insert", "Update");
        table->c_name = unique(arena, &words, gw_snake_case(arena, full_name(arena, o)), "_insert",
                           "_insert_check");
    }
    return model;
}

/* ---- languages ------------------------------------------------------------------------------- */

const char *const gw_models_languages[] = {"ts", "rust", "c", "json-schema", NULL};

bool gw_models_render(gw_arena *arena, const gw_schema *schema, const gw_models_options *options,
                      char **text, gw_err *err)
{
    static void (*const render[])(gw_buf *, const gw_model *) = {
        gw_models_ts, gw_models_rust, gw_models_c, gw_models_json_schema};
    for (size_t i = 0; gw_models_languages[i]; i++)
        if (strcmp(gw_models_languages[i], options->language) == 0) {
            gw_buf buf = GW_BUF(arena);
            render[i](&buf, gw_model_of(arena, schema, options->schemas));
            *text = gw_strdup(arena, gw_buf_str(&buf));
            return true;
        }
    gw_err_set(err, GW_ERR_USAGE, "no models for the language \"%s\"", options->language);
    return gw_err_hint(err, "one of ts, rust, c, json-schema");
}
