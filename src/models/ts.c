#include <string.h>

#include "models/model.h"

/* bigint and numeric exceed what a number holds; node-postgres gives them as text, too. */
static const char *const base_types[GW_TYPE_COUNT] = {
    [GW_TYPE_BOOL] = "boolean",          [GW_TYPE_INT2] = "number",
    [GW_TYPE_INT4] = "number",           [GW_TYPE_INT8] = "Int8",
    [GW_TYPE_FLOAT4] = "number",         [GW_TYPE_FLOAT8] = "number",
    [GW_TYPE_NUMERIC] = "Numeric",       [GW_TYPE_TEXT] = "string",
    [GW_TYPE_UUID] = "Uuid",             [GW_TYPE_DATE] = "DateText",
    [GW_TYPE_TIME] = "TimeText",         [GW_TYPE_TIMESTAMP] = "Timestamp",
    [GW_TYPE_TIMESTAMPTZ] = "Timestamp", [GW_TYPE_JSON] = "JsonValue",
    [GW_TYPE_BYTES] = "Uint8Array",      [GW_TYPE_ENUM] = "",
};

static const char head[] =
    "// Made by `godwit models --lang ts`. Do not edit.\n"
    "/* eslint-disable */\n\n"
    "/** A 64-bit integer as digits: a number cannot hold it. */\n"
    "export type Int8 = string;\n"
    "/** An exact decimal as digits. */\n"
    "export type Numeric = string;\n"
    "export type Uuid = string;\n"
    "/** YYYY-MM-DD */\n"
    "export type DateText = string;\n"
    "/** HH:MM:SS.ssssss */\n"
    "export type TimeText = string;\n"
    "/** What the driver gives for a timestamp. */\n"
    "export type Timestamp = Date | string;\n"
    "export type JsonValue = string | number | boolean | null | JsonValue[]"
    " | { [key: string]: JsonValue };\n\n"
    "type Check = (value: unknown) => boolean;\n"
    "const isText: Check = (v) => typeof v === \"string\";\n"
    "const isBoolean: Check = (v) => typeof v === \"boolean\";\n"
    "const isFloat: Check = (v) => typeof v === \"number\";\n"
    "const isInteger = (least: number, most: number): Check => (v) =>\n"
    "    typeof v === \"number\" && Number.isInteger(v) && v >= least && v <= most;\n"
    "const isInt8: Check = (v) => typeof v === \"string\" && /^-?\\d{1,19}$/.test(v) &&\n"
    "    BigInt(v) >= -(2n ** 63n) && BigInt(v) < 2n ** 63n;\n"
    "const isNumeric: Check = (v) => typeof v === \"string\" &&\n"
    "    /^(-?(\\d+(\\.\\d*)?|\\.\\d+)([eE][-+]?\\d+)?|NaN|-?Infinity)$/.test(v);\n"
    "const isUuid: Check = (v) => typeof v === \"string\" &&\n"
    "    /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(v);\n"
    "const isDate: Check = (v) => typeof v === \"string\" && /^\\d{4,}-\\d\\d-\\d\\d/.test(v);\n"
    "const isTime: Check = (v) => typeof v === \"string\" && /^\\d\\d:\\d\\d/.test(v);\n"
    "const isTimestamp: Check = (v) => (v instanceof Date && !Number.isNaN(v.getTime())) ||"
    " isDate(v);\n"
    "const isJson: Check = (v) => v !== undefined;\n"
    "const isBytes: Check = (v) => v instanceof Uint8Array;\n"
    "const isLength = (most: number): Check => (v) => typeof v === \"string\" && [...v].length <="
    " most;\n"
    "const isArray = (item: Check): Check => (v) =>\n"
    "    Array.isArray(v) && v.every((i) => i === null || item(i));\n\n"
    "type Rule = { type: string; nullable: boolean; optional: boolean; check: Check };\n"
    "function problems(value: unknown, rules: Record<string, Rule>): string[] {\n"
    "    if (typeof value !== \"object\" || value === null) return [\"not an object\"];\n"
    "    const row = value as Record<string, unknown>;\n"
    "    const found: string[] = [];\n"
    "    for (const [name, rule] of Object.entries(rules)) {\n"
    "        const v = Object.prototype.hasOwnProperty.call(row, name) ? row[name] : undefined;\n"
    "        if (v === undefined) {\n"
    "            if (!rule.optional) found.push(`${name}: missing`);\n"
    "        } else if (v === null) {\n"
    "            if (!rule.nullable) found.push(`${name}: must not be null`);\n"
    "        } else if (!rule.check(v)) {\n"
    "            found.push(`${name}: not a ${rule.type}`);\n"
    "        }\n"
    "    }\n"
    "    for (const name of Object.keys(row))\n"
    "        if (!Object.prototype.hasOwnProperty.call(rules, name)) found.push(`${name}: no such"
    " column`);\n"
    "    return found;\n"
    "}\n";

static void add_property(gw_buf *buf, const char *name)
{
    if (gw_plain_name(name, NULL))
        gw_buf_add(buf, name);
    else
        gw_buf_add_quoted(buf, name);
}

static void add_type(gw_buf *buf, const gw_model_column *c)
{
    const char *base = c->type == GW_TYPE_ENUM ? c->labels->type_name : base_types[c->type];
    if (c->dimensions) {
        gw_buf_addf(buf, "(%s | null)", base);
        for (int i = 0; i < c->dimensions; i++)
            gw_buf_add(buf, "[]");
    } else {
        gw_buf_add(buf, base);
    }
    if (c->nullable)
        gw_buf_add(buf, " | null");
}

static void add_check(gw_buf *buf, const gw_model_column *c)
{
    static const char *const checks[GW_TYPE_COUNT] = {
        [GW_TYPE_BOOL] = "isBoolean",
        [GW_TYPE_INT2] = "isInteger(-32768, 32767)",
        [GW_TYPE_INT4] = "isInteger(-2147483648, 2147483647)",
        [GW_TYPE_INT8] = "isInt8",
        [GW_TYPE_FLOAT4] = "isFloat",
        [GW_TYPE_FLOAT8] = "isFloat",
        [GW_TYPE_NUMERIC] = "isNumeric",
        [GW_TYPE_TEXT] = "isText",
        [GW_TYPE_UUID] = "isUuid",
        [GW_TYPE_DATE] = "isDate",
        [GW_TYPE_TIME] = "isTime",
        [GW_TYPE_TIMESTAMP] = "isTimestamp",
        [GW_TYPE_TIMESTAMPTZ] = "isTimestamp",
        [GW_TYPE_JSON] = "isJson",
        [GW_TYPE_BYTES] = "isBytes",
        [GW_TYPE_ENUM] = "",
    };
    for (int i = 0; i < c->dimensions; i++)
        gw_buf_add(buf, "isArray(");
    if (c->type == GW_TYPE_ENUM)
        gw_buf_addf(buf, "is%s", c->labels->type_name);
    else if (c->length)
        gw_buf_addf(buf, "isLength(%ld)", c->length);
    else
        gw_buf_add(buf, checks[c->type]);
    for (int i = 0; i < c->dimensions; i++)
        gw_buf_addc(buf, ')');
}

static void add_enum(gw_buf *buf, const gw_model_enum *e)
{
    gw_buf_addc(buf, '\n');
    gw_buf_add_comment(buf, "// ", e->comment);
    gw_buf_addf(buf, "export const %sValues = [", e->type_name);
    for (size_t i = 0; i < e->count; i++) {
        gw_buf_add(buf, i ? ", " : "");
        gw_buf_add_quoted(buf, e->labels[i]);
    }
    gw_buf_addf(buf,
                "] as const;\nexport type %s = (typeof %sValues)[number];\n"
                "export function is%s(value: unknown): value is %s {\n"
                "    return (%sValues as readonly unknown[]).includes(value);\n}\n",
                e->type_name, e->type_name, e->type_name, e->type_name, e->type_name);
}

static void add_interface(gw_buf *buf, const gw_model_table *t, bool insert)
{
    gw_buf_addf(buf, "export interface %s%s {\n", t->type_name, insert ? "Insert" : "");
    for (size_t i = 0; i < t->count; i++) {
        const gw_model_column *c = &t->columns[i];
        if (insert && c->generated)
            continue;
        gw_buf_add_comment(buf, "    // ", c->comment);
        gw_buf_add(buf, "    ");
        add_property(buf, c->name);
        gw_buf_add(buf, insert && c->optional ? "?: " : ": ");
        add_type(buf, c);
        gw_buf_add(buf, ";\n");
    }
    gw_buf_add(buf, "}\n");
}

static void add_rules(gw_buf *buf, const gw_model_table *t)
{
    gw_buf_addf(buf, "const rulesOf%s: Record<string, Rule> = {\n", t->type_name);
    for (size_t i = 0; i < t->count; i++) {
        const gw_model_column *c = &t->columns[i];
        if (c->generated)
            continue;
        /* In brackets: "__proto__" as it stands would set the prototype. */
        gw_buf_add(buf, "    [");
        gw_buf_add_quoted(buf, c->name);
        gw_buf_add(buf, "]: { type: ");
        gw_buf_add_quoted(buf, c->sql_type);
        gw_buf_addf(buf, ", nullable: %s, optional: %s, check: ", c->nullable ? "true" : "false",
                    c->optional ? "true" : "false");
        add_check(buf, c);
        gw_buf_add(buf, " },\n");
    }
    gw_buf_addf(buf,
                "};\n/** What is wrong with a row before it is inserted; empty: nothing. */\n"
                "export function check%sInsert(value: unknown): string[] {\n"
                "    return problems(value, rulesOf%s);\n}\n",
                t->type_name, t->type_name);
}

void gw_models_ts(gw_buf *buf, const gw_model *model)
{
    gw_buf_add(buf, head);
    for (size_t i = 0; i < model->enum_count; i++)
        add_enum(buf, &model->enums[i]);
    for (size_t i = 0; i < model->table_count; i++) {
        const gw_model_table *t = &model->tables[i];
        gw_buf_addc(buf, '\n');
        gw_buf_add_comment(buf, "// ", t->comment);
        add_interface(buf, t, false);
        if (t->view)
            continue;
        add_interface(buf, t, true);
        gw_buf_addf(buf, "export type %sUpdate = Partial<%sInsert>;\n", t->type_name, t->type_name);
        add_rules(buf, t);
    }
}
