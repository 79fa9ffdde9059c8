/* Types, functions and indexes as their statements give them. */
#include <string.h>

#include "base/buf.h"
#include "lint/rule.h"

static const char *const serials[][2] = {{"serial", "int4"},      {"serial4", "int4"},
                                         {"bigserial", "int8"},   {"serial8", "int8"},
                                         {"smallserial", "int2"}, {"serial2", "int2"}};
/* Written with quotes or in functions' arguments the grammar leaves these as they are. */
static const char *const synonyms[][2] = {{"int", "int4"},         {"integer", "int4"},
                                          {"bigint", "int8"},      {"smallint", "int2"},
                                          {"boolean", "bool"},     {"decimal", "numeric"},
                                          {"character", "bpchar"}, {"real", "float4"}};

gw_data_type gw_data_type_of(gw_arena *arena, const gw_node *type_name)
{
    gw_data_type type = {0};
    (void)arena;
    gw_node_names(gw_node_get(type_name, "names"), &type.schema, &type.name);
    if (type.schema && strcmp(type.schema, "pg_catalog") == 0)
        type.schema = NULL;
    if (!type.name)
        type.name = "";
    for (size_t i = 0; !type.schema && i < sizeof serials / sizeof *serials; i++)
        if (strcmp(type.name, serials[i][0]) == 0) {
            type.serial = true;
            type.name = serials[i][1];
        }
    for (size_t i = 0; !type.schema && i < sizeof synonyms / sizeof *synonyms; i++)
        if (strcmp(type.name, synonyms[i][0]) == 0)
            type.name = synonyms[i][1];
    const gw_node *mods = gw_node_get(type_name, "typmods");
    for (const gw_node *m = gw_node_at(mods, 0); m && type.mod_count < 2; m = m->next)
        type.mods[type.mod_count++] = gw_node_number(gw_node_get(m, "ival"), "ival", 0);
    type.array = gw_node_get(type_name, "arrayBounds") != NULL;
    return type;
}

const char *gw_data_type_text(gw_arena *arena, const gw_data_type *type)
{
    static const char *const names[][2] = {
        {"int4", "integer"}, {"int8", "bigint"},          {"int2", "smallint"},
        {"bool", "boolean"}, {"float8", "double precision"}, {"float4", "real"},
        {"bpchar", "char"},  {"timetz", "time with time zone"}};
    const char *name = type->name;
    for (size_t i = 0; !type->schema && i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i][0]) == 0)
            name = names[i][1];
    gw_buf text = GW_BUF(arena);
    if (type->schema)
        gw_buf_addf(&text, "%s.", type->schema);
    gw_buf_add(&text, name);
    if (type->mod_count == 1)
        gw_buf_addf(&text, "(%lld)", (long long)type->mods[0]);
    else if (type->mod_count == 2)
        gw_buf_addf(&text, "(%lld,%lld)", (long long)type->mods[0], (long long)type->mods[1]);
    if (type->array)
        gw_buf_add(&text, "[]");
    return gw_buf_str(&text);
}

bool gw_data_type_is(const gw_data_type *type, const char *name)
{
    return !type->schema && !type->array && strcmp(type->name, name) == 0;
}

bool gw_data_type_same(const gw_data_type *a, const gw_data_type *b)
{
    return strcmp(a->name, b->name) == 0 && a->array == b->array && a->mod_count == b->mod_count &&
           (a->mod_count < 1 || a->mods[0] == b->mods[0]) &&
           (a->mod_count < 2 || a->mods[1] == b->mods[1]);
}

const char **gw_names_of(gw_arena *arena, const gw_node *list, size_t *count)
{
    const char **names = gw_alloc_array(arena, gw_node_count(list) + 1, sizeof *names);
    *count = 0;
    for (const gw_node *c = gw_node_at(list, 0); c; c = c->next)
        if (gw_node_string(c))
            names[(*count)++] = gw_node_string(c);
    return names;
}

const gw_node *gw_function_option(const gw_node *create_function, const char *name)
{
    const gw_node *c = gw_node_at(gw_node_get(create_function, "options"), 0);
    for (; c; c = c->next)
        if (gw_node_says(c, "defname", name))
            return gw_node_get(c, "arg");
    return NULL;
}

static bool goes_in(const gw_node *parameter)
{
    return !gw_node_says(parameter, "mode", "FUNC_PARAM_OUT") &&
           !gw_node_says(parameter, "mode", "FUNC_PARAM_TABLE");
}

gw_function *gw_function_of(gw_arena *arena, const gw_node *create_function)
{
    gw_function *f = gw_alloc(arena, sizeof *f);
    f->node = create_function;
    f->object.kind = GW_OBJECT_FUNCTION;
    gw_node_names(gw_node_get(create_function, "funcname"), &f->object.schema, &f->object.name);
    gw_buf arguments = GW_BUF(arena);
    const gw_node *p = gw_node_at(gw_node_get(create_function, "parameters"), 0);
    for (; p; p = p->next) {
        if (!goes_in(p))
            continue;
        gw_data_type type = gw_data_type_of(arena, gw_node_get(p, "argType"));
        gw_buf_addf(&arguments, "%s%s%s", arguments.len ? "," : "", type.name,
                    type.array ? "[]" : "");
        f->most++;
        f->least += !gw_node_get(p, "defexpr");
        if (gw_node_says(p, "mode", "FUNC_PARAM_VARIADIC"))
            f->most = SIZE_MAX / 2;
    }
    f->arguments = gw_buf_str(&arguments);
    const gw_node *returns = gw_node_get(create_function, "returnType");
    gw_data_type type = gw_data_type_of(arena, returns);
    f->returns = returns ? gw_data_type_text(arena, &type) : "";
    const gw_node *as = gw_function_option(create_function, "as");
    f->body = gw_node_string(gw_node_at(gw_node_get(as, "items"), 0));
    f->language = gw_node_string(gw_function_option(create_function, "language"));
    const char *volatility = gw_node_string(gw_function_option(create_function, "volatility"));
    f->volatility = volatility ? *volatility : 'v';
    return f;
}

gw_index *gw_index_of(gw_arena *arena, const gw_node *index_stmt)
{
    gw_index *index = gw_alloc(arena, sizeof *index);
    const gw_node *relation = gw_node_get(index_stmt, "relation");
    const gw_node *keys = gw_node_get(index_stmt, "indexParams");
    const gw_node *more = gw_node_get(index_stmt, "indexIncludingParams");
    *index = (gw_index){.schema = gw_node_text(relation, "schemaname"),
                        .name = gw_node_text(index_stmt, "idxname"),
                        .table = gw_node_text(relation, "relname"),
                        .unique = gw_node_true(index_stmt, "unique"),
                        .concurrent = gw_node_true(index_stmt, "concurrent"),
                        .method = gw_node_text(index_stmt, "accessMethod"),
                        .node = index_stmt,
                        .where = gw_node_get(index_stmt, "whereClause")};
    size_t most = gw_node_count(keys) + gw_node_count(more);
    index->columns = gw_alloc_array(arena, most + 1, sizeof *index->columns);
    for (const gw_node *c = gw_node_at(keys, 0); c; c = c->next)
        index->columns[index->column_count++] =
            gw_node_text(c, "name") ? gw_node_text(c, "name") : "";
    index->key_count = index->column_count;
    for (const gw_node *c = gw_node_at(more, 0); c; c = c->next)
        index->columns[index->column_count++] =
            gw_node_text(c, "name") ? gw_node_text(c, "name") : "";
    return index;
}
