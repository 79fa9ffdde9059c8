#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "script/internal.h"

/* A row a kind: its name in a compiled script, in a row, as a result. */
static const struct {
    const char *name, *in, *out;
} kinds[] = {
    [GW_SCRIPT_TEXT] = {"text", "string", "string"},
    [GW_SCRIPT_BOOL] = {"bool", "boolean", "boolean"},
    [GW_SCRIPT_INT2] = {"int2", "number", "number"},
    [GW_SCRIPT_INT4] = {"int4", "number", "number"},
    [GW_SCRIPT_OID] = {"oid", "number", "number"},
    [GW_SCRIPT_INT8] = {"int8", "bigint", "bigint"},
    [GW_SCRIPT_FLOAT4] = {"float4", "number", "number"},
    [GW_SCRIPT_FLOAT8] = {"float8", "number", "number"},
    [GW_SCRIPT_NUMERIC] = {"numeric", "string", "string | bigint"},
    [GW_SCRIPT_JSON] = {"json", "any", "JsonValue"},
    [GW_SCRIPT_BYTES] = {"bytes", "Uint8Array", "Uint8Array"},
    [GW_SCRIPT_ENUM] = {"enum", NULL, NULL},
};

gw_script_kind gw_script_kind_of(const char *typname)
{
    static const struct {
        const char *typname;
        gw_script_kind kind;
    } known[] = {
        {"bool", GW_SCRIPT_BOOL},     {"int2", GW_SCRIPT_INT2},     {"int4", GW_SCRIPT_INT4},
        {"int8", GW_SCRIPT_INT8},     {"oid", GW_SCRIPT_OID},       {"float4", GW_SCRIPT_FLOAT4},
        {"float8", GW_SCRIPT_FLOAT8}, {"numeric", GW_SCRIPT_NUMERIC}, {"json", GW_SCRIPT_JSON},
        {"jsonb", GW_SCRIPT_JSON},    {"bytea", GW_SCRIPT_BYTES},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].typname, typname) == 0)
            return known[i].kind;
    return GW_SCRIPT_TEXT;
}

static char *quoted(gw_arena *arena, const char *text)
{
    return gw_json_dump(arena, gw_json_own(arena, gw_json_text(text)));
}

static char *type_text(gw_arena *arena, const gw_script_type *type, const char *one)
{
    gw_buf buf = GW_BUF(arena);
    if (type->kind == GW_SCRIPT_ENUM) {
        for (size_t i = 0; i < type->label_count; i++)
            gw_buf_addf(&buf, "%s%s", i ? " | " : "", quoted(arena, type->labels[i]));
        if (type->label_count == 0)
            gw_buf_add(&buf, "never");
        one = gw_buf_str(&buf);
    }
    gw_buf all = GW_BUF(arena);
    if (type->array)
        gw_buf_addf(&all, "readonly (%s | null)[]", one);
    else
        gw_buf_add(&all, one);
    if (type->nullable)
        gw_buf_add(&all, " | null");
    return all.data;
}

char *gw_script_type_in(gw_arena *arena, const gw_script_type *type)
{
    return type_text(arena, type, kinds[type->kind].in);
}

char *gw_script_type_out(gw_arena *arena, const gw_script_type *type)
{
    return type_text(arena, type, kinds[type->kind].out);
}

json_t *gw_script_type_json(const gw_script_type *type)
{
    json_t *value = json_object();
    json_object_set_new(value, "kind", json_string(kinds[type->kind].name));
    json_object_set_new(value, "array", json_boolean(type->array));
    json_object_set_new(value, "nullable", json_boolean(type->nullable));
    if (type->kind != GW_SCRIPT_ENUM)
        return value;
    json_t *labels = json_array();
    for (size_t i = 0; i < type->label_count; i++)
        json_array_append_new(labels, gw_json_text(type->labels[i]));
    json_object_set_new(value, "labels", labels);
    return value;
}

/* A name within a comment must not end it. */
static void add_comment(gw_buf *buf, const char *text)
{
    gw_buf_add(buf, "  /** ");
    for (; *text; text++) {
        bool control = (unsigned char)*text < ' ' || (*text == '*' && text[1] == '/');
        gw_buf_addc(buf, control ? ' ' : *text);
    }
    gw_buf_add(buf, " */\n");
}

char *gw_script_types(gw_arena *arena, const gw_script_column *columns, size_t count)
{
    gw_buf buf = GW_BUF(arena);
    gw_buf_add(&buf,
               "/** A JSON number that no `number` holds exactly, or JSON's null itself (null is NULL). */\n"
               "interface JsonRaw { readonly rawJSON: string }\n"
               "/** What a json or jsonb column takes. */\n"
               "type JsonValue = null | boolean | number | bigint | string | JsonRaw\n"
               "  | readonly JsonValue[] | { readonly [name: string]: JsonValue };\n"
               "interface JSON {\n"
               "  /** A JSON text as it is: JSON.rawJSON(\"null\"), JSON.rawJSON(\"1.10\"). */\n"
               "  rawJSON(text: string): JsonRaw;\n"
               "  isRawJSON(value: unknown): value is JsonRaw;\n"
               "}\n"
               "interface Row {\n");
    for (size_t i = 0; i < count; i++) {
        if (columns[i].type.name)
            add_comment(&buf, columns[i].type.name);
        gw_buf_addf(&buf, "  readonly %s: %s;\n", quoted(arena, columns[i].name),
                    gw_script_type_in(arena, &columns[i].type));
    }
    gw_buf_add(&buf, "}\n");
    return buf.data;
}
