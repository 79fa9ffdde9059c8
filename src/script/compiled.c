#include <string.h>

#include "base/digest.h"
#include "base/json.h"
#include "script/internal.h"

enum { FORMAT = 1 };

static json_t *place_json(const gw_script_place *place)
{
    return json_pack("{s:o, s:i, s:i, s:i}", "file", gw_json_text(place->file), "line",
                     (int)place->line, "col", (int)place->col, "indent", (int)place->indent);
}

static json_t *columns_json(const gw_script_source *source)
{
    json_t *list = json_array();
    for (size_t i = 0; i < source->column_count; i++) {
        json_t *item = gw_script_type_json(&source->columns[i].type);
        json_object_set_new(item, "name", gw_json_text(source->columns[i].name));
        json_array_append_new(list, item);
    }
    return list;
}

static json_t *functions_json(const gw_script_source *source, const json_t *modules)
{
    json_t *list = json_array();
    for (size_t i = 0; i < source->function_count; i++) {
        const gw_script_function *function = &source->functions[i];
        const gw_script_place whole = {.file = source->file, .line = 1, .col = 1};
        json_t *item = gw_script_type_json(&function->returns);
        json_object_set_new(item, "name", gw_json_text(function->name));
        /* compile.js calls each inline function f. */
        json_object_set_new(item, "export", gw_json_text(function->text ? "f" : function->name));
        json_object_set_new(item, "inline", json_boolean(function->text != NULL));
        json_object_set(item, "module", json_array_get(modules, i));
        json_object_set_new(item, "named", place_json(&function->named));
        json_object_set_new(item, "text", place_json(function->text ? &function->text_at : &whole));
        json_array_append_new(list, item);
    }
    return list;
}

void gw_script_compiled_write(gw_arena *arena, const gw_script_source *source, const json_t *made,
                              gw_script_compiled *out)
{
    json_t *whole = gw_json_own(arena, json_object());
    json_object_set_new(whole, "format", json_integer(FORMAT));
    json_object_set(whole, "typescript", json_object_get(made, "typescript"));
    json_object_set_new(whole, "columns", columns_json(source));
    json_object_set_new(whole, "functions",
                        functions_json(source, json_object_get(made, "module")));
    json_object_set(whole, "modules", json_object_get(made, "modules"));
    out->text = gw_json_dump(arena, whole);
    out->len = strlen(out->text);
    char *hex = gw_digest_hex(arena, GW_SHA256, out->text, out->len);
    memcpy(out->hash, hex, sizeof out->hash);
}

static bool malformed(gw_err *err)
{
    gw_err_set(err, GW_ERR_INPUT, "the compiled script is damaged");
    return gw_err_hint(err, "register its mapping again");
}

static bool read_place(gw_arena *arena, const json_t *value, gw_script_place *out)
{
    json_int_t line = json_integer_value(json_object_get(value, "line"));
    json_int_t col = json_integer_value(json_object_get(value, "col"));
    json_int_t indent = json_integer_value(json_object_get(value, "indent"));
    if (line < 0 || col < 0 || indent < 0 || line > INT32_MAX || col > INT32_MAX ||
        indent > INT32_MAX)
        return false;
    out->file = gw_strdup(arena, json_string_value(json_object_get(value, "file")));
    out->line = (unsigned)line;
    out->col = (unsigned)col;
    out->indent = (unsigned)indent;
    return true;
}

static bool read_unit(gw_arena *arena, const json_t *value, size_t modules, gw_script_unit *out)
{
    const char *name = json_string_value(json_object_get(value, "name"));
    const json_t *module = json_object_get(value, "module");
    if (!name || !json_is_integer(module) || json_integer_value(module) < 0 ||
        (size_t)json_integer_value(module) >= modules)
        return false;
    out->name = gw_strdup(arena, name);
    out->inlined = json_is_true(json_object_get(value, "inline"));
    return read_place(arena, json_object_get(value, "named"), &out->named) &&
           read_place(arena, json_object_get(value, "text"), &out->text_at);
}

bool gw_script_compiled_read(gw_arena *arena, const char *text, size_t len, gw_script_plan *out,
                             gw_err *err)
{
    json_error_t where;
    json_t *whole = gw_json_own(arena, json_loadb(text, len, JSON_REJECT_DUPLICATES, &where));
    if (!whole)
        return malformed(err);
    const json_t *format = json_object_get(whole, "format");
    if (json_is_integer(format) && json_integer_value(format) > FORMAT) {
        gw_err_set(err, GW_ERR_UNSUPPORTED, "the compiled script was made by a newer godwit");
        return gw_err_hint(err, "upgrade godwit, or register the mapping again with this one");
    }
    const json_t *columns = json_object_get(whole, "columns");
    const json_t *functions = json_object_get(whole, "functions");
    const json_t *modules = json_object_get(whole, "modules");
    if (json_integer_value(format) != FORMAT || !json_is_array(columns) ||
        !json_is_array(functions) || !json_is_array(modules))
        return malformed(err);
    out->columns = json_array_size(columns);
    out->functions = json_array_size(functions);
    out->units = gw_alloc_array(arena, out->functions, sizeof *out->units);
    for (size_t i = 0; i < out->functions; i++)
        if (!read_unit(arena, json_array_get(functions, i), json_array_size(modules),
                       &out->units[i]))
            return malformed(err);
    return true;
}

void gw_script_translate(const gw_script_unit *unit, unsigned line, unsigned col,
                         const char **file, unsigned *out_line, unsigned *out_col)
{
    const gw_script_place *at = line > 0 || unit->inlined ? &unit->text_at : &unit->named;
    *file = at->file;
    *out_line = at->line;
    *out_col = at->col;
    if (line == 0)
        return;
    *out_line = at->line + line - 1;
    *out_col = line == 1 ? at->col + col - 1 : at->indent + col;
}
