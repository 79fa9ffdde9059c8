#include <string.h>

#include "models/model.h"

/* Strict and reserved keywords of the 2024 edition, and the four that r# cannot help. */
static const char *const reserved[] = {
    "abstract", "as",    "async", "await", "become", "box",   "break",  "const",   "continue",
    "crate",    "do",    "dyn",   "else",  "enum",   "extern", "false", "final",   "fn",
    "for",      "gen",   "if",    "impl",  "in",     "let",   "loop",   "macro",   "match",
    "mod",      "move",  "mut",   "override", "priv", "pub",  "ref",    "return",  "self",
    "static",   "struct", "super", "trait", "true",  "try",   "type",   "typeof",  "unsafe",
    "unsized",  "use",   "virtual", "where", "while", "yield", "_",     NULL};

static const char *const base_types[GW_TYPE_COUNT] = {
    [GW_TYPE_BOOL] = "bool",
    [GW_TYPE_INT2] = "i16",
    [GW_TYPE_INT4] = "i32",
    [GW_TYPE_INT8] = "i64",
    [GW_TYPE_FLOAT4] = "f32",
    [GW_TYPE_FLOAT8] = "f64",
    [GW_TYPE_NUMERIC] = "sqlx::types::BigDecimal",
    [GW_TYPE_TEXT] = "String",
    [GW_TYPE_UUID] = "sqlx::types::Uuid",
    [GW_TYPE_DATE] = "sqlx::types::chrono::NaiveDate",
    [GW_TYPE_TIME] = "sqlx::types::chrono::NaiveTime",
    [GW_TYPE_TIMESTAMP] = "sqlx::types::chrono::NaiveDateTime",
    [GW_TYPE_TIMESTAMPTZ] = "sqlx::types::chrono::DateTime<sqlx::types::chrono::Utc>",
    [GW_TYPE_JSON] = "sqlx::types::JsonValue",
    [GW_TYPE_BYTES] = "Vec<u8>",
    [GW_TYPE_ENUM] = "",
};

/* Pascal case of a label; with its place behind where two would be the same. */
static char *variant(gw_arena *arena, const gw_model_enum *e, size_t at)
{
    char *name = gw_pascal_case(arena, e->labels[at]);
    bool taken = strcmp(name, "Self") == 0;
    for (size_t i = 0; i < at && !taken; i++)
        taken = strcmp(gw_pascal_case(arena, e->labels[i]), name) == 0;
    return taken ? gw_printf(arena, "%s%zu", name, at + 1) : name;
}

static void add_enum(gw_buf *buf, const gw_model_enum *e)
{
    gw_buf_addc(buf, '\n');
    gw_buf_add_comment(buf, "/// ", e->comment);
    gw_buf_add(buf, "#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, sqlx::Type)]\n"
                    "#[sqlx(type_name = ");
    gw_buf_add_quoted(buf, strcmp(e->schema, "public") == 0
                               ? e->name
                               : gw_printf(buf->arena, "%s.%s", e->schema, e->name));
    gw_buf_addf(buf, ")]\npub enum %s {\n", e->type_name);
    for (size_t i = 0; i < e->count; i++) {
        gw_buf_add(buf, "    #[sqlx(rename = ");
        gw_buf_add_quoted(buf, e->labels[i]);
        gw_buf_addf(buf, ")]\n    %s,\n", variant(buf->arena, e, i));
    }
    gw_buf_addf(buf, "}\n\nimpl %s {\n    pub const ALL: &'static [Self] = &[", e->type_name);
    for (size_t i = 0; i < e->count; i++)
        gw_buf_addf(buf, "%sSelf::%s", i ? ", " : "", variant(buf->arena, e, i));
    gw_buf_add(buf, "];\n\n    pub fn as_str(self) -> &'static str {\n        match self {\n");
    for (size_t i = 0; i < e->count; i++) {
        gw_buf_addf(buf, "            Self::%s => ", variant(buf->arena, e, i));
        gw_buf_add_quoted(buf, e->labels[i]);
        gw_buf_add(buf, ",\n");
    }
    gw_buf_addf(buf,
                "        }\n    }\n}\n\nimpl std::str::FromStr for %s {\n    type Err = String;\n\n"
                "    fn from_str(text: &str) -> Result<Self, String> {\n"
                "        Self::ALL.iter().copied().find(|v| v.as_str() == text)\n"
                "            .ok_or_else(|| format!(\"no label of %s: {text}\"))\n    }\n}\n",
                e->type_name, e->type_name);
}

static void add_field(gw_buf *buf, const gw_model_column *c, const char *name, bool insert)
{
    gw_buf_add_comment(buf, "    /// ", c->comment);
    if (!insert && strcmp(name, c->name) != 0) {
        gw_buf_add(buf, "    #[sqlx(rename = ");
        gw_buf_add_quoted(buf, c->name);
        gw_buf_add(buf, ")]\n");
    }
    gw_buf_addf(buf, "    pub %s: ", name);
    /* An insert leaves out what is None; where null and the default differ, both can be said. */
    int wraps = (c->nullable ? 1 : 0) + (insert && c->has_default ? 1 : 0);
    for (int i = 0; i < wraps; i++)
        gw_buf_add(buf, "Option<");
    if (c->dimensions)
        gw_buf_add(buf, "Vec<Option<");
    gw_buf_add(buf, c->type == GW_TYPE_ENUM ? c->labels->type_name : base_types[c->type]);
    if (c->dimensions)
        gw_buf_add(buf, ">>");
    for (int i = 0; i < wraps; i++)
        gw_buf_add(buf, ">");
    gw_buf_add(buf, ",\n");
}

static void add_struct(gw_buf *buf, const gw_model_table *t, const char **names, bool insert)
{
    gw_buf_addf(buf, "#[derive(Debug, Clone, PartialEq%s)]\npub struct %s%s {\n",
                insert ? "" : ", sqlx::FromRow", t->type_name, insert ? "Insert" : "");
    for (size_t i = 0; i < t->count; i++)
        if (!insert || !t->columns[i].generated)
            add_field(buf, &t->columns[i], names[i], insert);
    gw_buf_add(buf, "}\n");
}

static bool has_limit(const gw_model_column *c)
{
    return c->length && !c->dimensions && !c->generated;
}

/* The types say the rest. */
static void add_validate(gw_buf *buf, const gw_model_table *t, const char **names)
{
    size_t limits = 0;
    for (size_t i = 0; i < t->count; i++)
        limits += has_limit(&t->columns[i]);
    gw_buf_addf(buf,
                "\nimpl %sInsert {\n    /// What is wrong with the row before it is inserted.\n"
                "    pub fn validate(&self) -> Result<(), Vec<String>> {\n"
                "        let %sproblems: Vec<String> = Vec::new();\n",
                t->type_name, limits ? "mut " : "");
    for (size_t i = 0; i < t->count; i++) {
        const gw_model_column *c = &t->columns[i];
        if (!has_limit(c))
            continue;
        int wraps = (c->nullable ? 1 : 0) + (c->has_default ? 1 : 0);
        const char *pattern = wraps == 2   ? "Some(Some(text))"
                              : wraps == 1 ? "Some(text)"
                                           : "text";
        gw_buf message = GW_BUF(buf->arena);
        gw_buf_add_quoted(&message, gw_printf(buf->arena, "%s: over %ld characters", c->name,
                                              c->length));
        if (wraps)
            gw_buf_addf(buf, "        if let %s = &self.%s {\n", pattern, names[i]);
        else
            gw_buf_addf(buf, "        {\n            let text = &self.%s;\n", names[i]);
        gw_buf_addf(buf,
                    "            if text.chars().count() > %ld {\n"
                    "                problems.push(%s.to_string());\n            }\n        }\n",
                    c->length, message.data);
    }
    gw_buf_add(buf, "        if problems.is_empty() { Ok(()) } else { Err(problems) }\n    }\n}\n");
}

void gw_models_rust(gw_buf *buf, const gw_model *model)
{
    gw_buf_add(buf, "// Made by `godwit models --lang rust`. Do not edit.\n"
                    "// Needs sqlx with its features macros, uuid, chrono, bigdecimal and json.\n"
                    "#![allow(dead_code)]\n");
    for (size_t i = 0; i < model->enum_count; i++)
        add_enum(buf, &model->enums[i]);
    for (size_t i = 0; i < model->table_count; i++) {
        const gw_model_table *t = &model->tables[i];
        const char **names = gw_field_names(buf->arena, t, reserved);
        gw_buf_addc(buf, '\n');
        gw_buf_add_comment(buf, "/// ", t->comment);
        add_struct(buf, t, names, false);
        if (t->view)
            continue;
        gw_buf_addc(buf, '\n');
        add_struct(buf, t, names, true);
        add_validate(buf, t, names);
    }
}
