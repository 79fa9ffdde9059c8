/* The TypeScript functions of a mapping, checked by the compiler against the source's columns. */
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "script/script.h"
#include "sync/checker.h"

/* Built-in types have the same oid everywhere. */
static const char *name_of(int64_t oid)
{
    static const struct {
        int64_t oid;
        const char *name;
    } known[] = {{16, "bool"},   {17, "bytea"},  {20, "int8"},   {21, "int2"},
                 {23, "int4"},   {26, "oid"},    {114, "json"},  {700, "float4"},
                 {701, "float8"}, {1700, "numeric"}, {3802, "jsonb"}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (known[i].oid == oid)
            return known[i].name;
    return "text";
}

static gw_script_type type_of(gw_arena *arena, const gw_source_type *type, bool nullable)
{
    gw_script_type out = {.array = type->element_oid != 0, .nullable = nullable, .name = type->type};
    out.kind = gw_script_kind_of(name_of(out.array ? type->element_oid : type->base_oid));
    if (!type->labels)
        return out;
    gw_err ignored = {0};
    json_t *labels = gw_json_parse(arena, "labels", type->labels, strlen(type->labels), &ignored);
    const char **names = gw_alloc_array(arena, json_array_size(labels) + 1, sizeof *names);
    size_t i;
    json_t *label;
    gw_err_clear(&ignored);
    json_array_foreach(labels, i, label)
        names[i] = gw_strdup(arena, json_string_value(label));
    out.kind = GW_SCRIPT_ENUM;
    out.labels = names;
    out.label_count = json_array_size(labels);
    return out;
}

static const gw_mapping_function *inline_function(const gw_mapping *m, const char *name)
{
    for (size_t i = 0; i < m->functions.len; i++)
        if (strcmp(m->functions.items[i].name, name) == 0)
            return &m->functions.items[i];
    return NULL;
}

static gw_script_function function_of(gw_checker *c, const gw_map_field *field)
{
    const gw_mapping *m = c->mapping;
    const gw_source_column *to =
        gw_source_column_of(&c->entity->destination, field->to.text);
    const gw_mapping_function *inlined = inline_function(m, field->transform.text);
    gw_script_function out = {
        .name = field->transform.text,
        .named = {.file = m->file, .line = field->transform.line, .col = field->transform.col}};
    if (field->type.text) /* what it returns is converted by the destination */
        out.returns = (gw_script_type){
            .kind = GW_SCRIPT_TEXT, .nullable = true, .name = field->type.text};
    else
        out.returns = type_of(c->arena, &to->type, !to->not_null || field->default_value.text);
    if (inlined) {
        out.text = inlined->body;
        out.text_at = (gw_script_place){.file = m->file,
                                        .line = inlined->body_line,
                                        .col = inlined->body_col + 1,
                                        .indent = inlined->body_indent};
    }
    return out;
}

static bool show_problems(gw_checker *c, const gw_script_problems *problems, gw_err *problem,
                          gw_err *err)
{
    const gw_mapping_functions *functions = &c->mapping->functions;
    unsigned line = functions->file.line, col = functions->file.col;
    if (!problems->len && problem->kind != GW_ERR_UNSUPPORTED) {
        gw_err_move(err, problem);
        return false;
    }
    if (!line && functions->len) {
        line = functions->items[0].line;
        col = functions->items[0].col;
    }
    if (!problems->len) {
        gw_find(c, true, line, col, "%s", problem->message);
        if (problem->hint)
            gw_finding_hint(c, "%s", problem->hint);
    }
    for (size_t i = 0; i < problems->len; i++) {
        const gw_script_problem *p = &problems->items[i];
        gw_find(c, true, p->line, p->col, p->code ? "%s (TS%u)" : "%s", p->message, p->code);
        if (p->file)
            c->out->findings.items[c->out->findings.len - 1].file = gw_strdup(c->arena, p->file);
    }
    gw_err_clear(problem);
    return true;
}

bool gw_check_functions(gw_checker *c, gw_err *err)
{
    const gw_mapping *m = c->mapping;
    const gw_source_relation *from = &c->entity->source;
    GW_VEC(gw_script_function) functions = {0};
    for (size_t i = 0; i < m->fields.len; i++)
        if (m->fields.items[i].kind == GW_FIELD_TRANSFORM &&
            gw_source_column_of(&c->entity->destination, m->fields.items[i].to.text))
            *gw_vec_push(c->arena, &functions) = function_of(c, &m->fields.items[i]);
    if (!functions.len || !c->source_there)
        return true;
    if (m->functions.compiled) {
        c->entity->compiled = m->functions.compiled;
        return true;
    }
    gw_script_column *columns = gw_alloc_array(c->arena, from->column_count, sizeof *columns);
    size_t count = 0;
    for (size_t i = 0; i < from->column_count; i++)
        if (from->columns[i].may_select)
            columns[count++] = (gw_script_column){
                .name = from->columns[i].name,
                .type = type_of(c->arena, &from->columns[i].type, !from->columns[i].not_null)};
    gw_script_source source = {.columns = columns,
                               .column_count = count,
                               .functions = functions.items,
                               .function_count = functions.len,
                               .file = m->functions.path ? gw_path_from_here(m->functions.path)
                                                         : m->functions.file.text,
                               .file_text = m->functions.text};
    gw_script_compiled compiled;
    gw_script_problems problems = {0};
    gw_err problem = {0};
    if (!gw_script_compile(c->arena, c->compiler, &source, &compiled, &problems, &problem))
        return show_problems(c, &problems, &problem, err);
    c->entity->compiled = compiled.text;
    return true;
}
