#include "models/model.h"

#include <stdlib.h>

#include "base/json.h"

static json_t *text_of(const char *format, const char *pattern)
{
    json_t *type = json_object();
    json_object_set_new(type, "type", json_string("string"));
    if (format)
        json_object_set_new(type, "format", json_string(format));
    if (pattern)
        json_object_set_new(type, "pattern", json_string(pattern));
    return type;
}

static json_t *number_of(const char *name, json_int_t least, json_int_t most)
{
    json_t *type = json_object();
    json_object_set_new(type, "type", json_string(name));
    if (least != most) {
        json_object_set_new(type, "minimum", json_integer(least));
        json_object_set_new(type, "maximum", json_integer(most));
    }
    return type;
}

static json_t *base_of(const gw_model_column *c)
{
    json_t *type;
    switch (c->type) {
    case GW_TYPE_BOOL:
        return number_of("boolean", 0, 0);
    case GW_TYPE_INT2:
        return number_of("integer", INT16_MIN, INT16_MAX);
    case GW_TYPE_INT4:
        return number_of("integer", INT32_MIN, INT32_MAX);
    case GW_TYPE_INT8: /* digits: many readers of JSON keep 53 bits */
        return text_of(NULL, "^-?[0-9]{1,19}$");
    case GW_TYPE_FLOAT4:
    case GW_TYPE_FLOAT8:
        return number_of("number", 0, 0);
    case GW_TYPE_NUMERIC:
        return text_of(NULL, "^(-?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][-+]?[0-9]+)?|NaN|-?Infinity)$");
    case GW_TYPE_UUID:
        return text_of("uuid", NULL);
    case GW_TYPE_DATE:
        return text_of("date", NULL);
    case GW_TYPE_TIME:
        return text_of(NULL, "^[0-9]{2}:[0-9]{2}");
    case GW_TYPE_TIMESTAMP:
        return text_of(NULL, "^[0-9]{4,}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}");
    case GW_TYPE_TIMESTAMPTZ:
        return text_of("date-time", NULL);
    case GW_TYPE_JSON:
        return json_object();
    case GW_TYPE_BYTES:
        type = text_of(NULL, NULL);
        json_object_set_new(type, "contentEncoding", json_string("base64"));
        return type;
    case GW_TYPE_ENUM:
        type = json_object();
        json_object_set_new(type, "$ref", json_sprintf("#/$defs/%s", c->labels->type_name));
        return type;
    case GW_TYPE_TEXT:
    case GW_TYPE_COUNT:
        break;
    }
    type = text_of(NULL, NULL);
    if (c->length)
        json_object_set_new(type, "maxLength", json_integer(c->length));
    return type;
}

static json_t *or_null(json_t *type)
{
    return json_pack("{s:[o,{s:s}]}", "anyOf", type, "type", "null");
}

static json_t *column_of(const gw_model_column *c)
{
    json_t *type = base_of(c);
    for (int i = 0; i < c->dimensions; i++) {
        json_t *array = json_object();
        json_object_set_new(array, "type", json_string("array"));
        json_object_set_new(array, "items", i ? type : or_null(type));
        type = array;
    }
    if (c->nullable && (c->type != GW_TYPE_JSON || c->dimensions))
        type = or_null(type);
    if (c->comment)
        json_object_set_new(type, "description", gw_json_text(c->comment));
    return type;
}

static json_t *object_of(const gw_model_table *t, bool insert)
{
    json_t *properties = json_object(), *required = json_array();
    for (size_t i = 0; i < t->count; i++) {
        const gw_model_column *c = &t->columns[i];
        if (insert && c->generated)
            continue;
        json_object_set_new(properties, c->name, column_of(c));
        if (!insert || !c->optional)
            json_array_append_new(required, gw_json_text(c->name));
    }
    json_t *object = json_object();
    json_object_set_new(object, "type", json_string("object"));
    if (t->comment)
        json_object_set_new(object, "description", gw_json_text(t->comment));
    json_object_set_new(object, "properties", properties);
    json_object_set_new(object, "required", required);
    json_object_set_new(object, "additionalProperties", json_false());
    return object;
}

void gw_models_json_schema(gw_buf *buf, const gw_model *model)
{
    json_t *defs = json_object();
    for (size_t i = 0; i < model->enum_count; i++) {
        const gw_model_enum *e = &model->enums[i];
        json_t *labels = json_array();
        for (size_t l = 0; l < e->count; l++)
            json_array_append_new(labels, gw_json_text(e->labels[l]));
        json_object_set_new(defs, e->type_name, json_pack("{s:s,s:o}", "type", "string", "enum",
                                                          labels));
    }
    for (size_t i = 0; i < model->table_count; i++) {
        const gw_model_table *t = &model->tables[i];
        json_object_set_new(defs, t->type_name, object_of(t, false));
        if (!t->view)
            json_object_set_new(defs, gw_printf(buf->arena, "%sInsert", t->type_name),
                                object_of(t, true));
    }
    json_t *root = json_object();
    json_object_set_new(root, "$schema",
                        json_string("https://json-schema.org/draft/2020-12/schema"));
    json_object_set_new(root, "$comment",
                        json_string("Made by `godwit models --lang json-schema`."));
    json_object_set_new(root, "$defs", defs);
    char *text = json_dumps(root, JSON_INDENT(2));
    if (!text)
        gw_out_of_memory(0);
    gw_buf_addf(buf, "%s\n", text);
    free(text);
    json_decref(root);
}
