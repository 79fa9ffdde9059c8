#include <ctype.h>
#include <string.h>

#include "models/model.h"

/* Of C17, C23 and C++ (a header may meet it), and macros that compilers define. */
const char *const gw_models_c_words[] = {
    "alignas",  "alignof",  "asm",      "auto",     "bool",     "break",    "case",
    "char",     "const",    "constexpr", "continue", "default",  "do",       "double",
    "else",     "enum",     "errno",    "extern",   "false",    "float",    "for",
    "goto",     "if",       "inline",   "int",      "linux",    "long",     "nullptr",
    "register", "restrict", "return",   "short",    "signed",   "sizeof",   "static",
    "static_assert", "struct", "switch", "thread_local", "true", "typedef", "typeof",
    "and",      "catch",    "class",    "delete",   "explicit", "export",   "friend",
    "mutable",  "namespace", "new",     "not",      "operator", "or",       "private",
    "protected", "public",  "template", "this",     "throw",    "try",      "typeid",
    "typename", "using",    "virtual",  "wchar_t",  "xor",
    "typeof_unqual", "union", "unix",   "unsigned", "void",     "volatile", "while",
    NULL};

/* Texts are NUL-terminated and the caller's; dates, times, numbers of any size are texts, too. */
static const char *const base_types[GW_TYPE_COUNT] = {
    [GW_TYPE_BOOL] = "bool ",           [GW_TYPE_INT2] = "int16_t ",
    [GW_TYPE_INT4] = "int32_t ",        [GW_TYPE_INT8] = "int64_t ",
    [GW_TYPE_FLOAT4] = "float ",        [GW_TYPE_FLOAT8] = "double ",
    [GW_TYPE_NUMERIC] = "const char *", [GW_TYPE_TEXT] = "const char *",
    [GW_TYPE_UUID] = "const char *",    [GW_TYPE_DATE] = "const char *",
    [GW_TYPE_TIME] = "const char *",    [GW_TYPE_TIMESTAMP] = "const char *",
    [GW_TYPE_TIMESTAMPTZ] = "const char *", [GW_TYPE_JSON] = "const char *",
    [GW_TYPE_BYTES] = "struct db_bytes ", [GW_TYPE_ENUM] = "",
};

static const char head[] =
    "/* Made by `godwit models --lang c`. Do not edit. Texts are NUL-terminated and belong to the\n"
    " * caller; so are numeric (digits), uuid, dates, times and json. */\n"
    "#ifndef GODWIT_MODELS_H\n"
    "#define GODWIT_MODELS_H\n\n"
    "#include <stdbool.h>\n"
    "#include <stddef.h>\n"
    "#include <stdint.h>\n"
    "#include <string.h>\n\n"
    "struct db_bytes {\n"
    "    const unsigned char *data; /* NULL is null */\n"
    "    size_t len;\n"
    "};\n\n"
    "/* Characters of a UTF-8 text. */\n"
    "static inline size_t db_characters(const char *text)\n"
    "{\n"
    "    size_t count = 0;\n"
    "    for (; *text; text++)\n"
    "        count += ((unsigned char)*text & 0xc0) != 0x80;\n"
    "    return count;\n"
    "}\n";

static bool is_pointer(const gw_model_column *c)
{
    return c->dimensions == 0 && base_types[c->type][0] &&
           base_types[c->type][strlen(base_types[c->type]) - 1] == '*';
}

static char *upper(gw_arena *arena, const char *text)
{
    char *copy = gw_strdup(arena, text);
    for (char *p = copy; *p; p++)
        *p = (char)toupper((unsigned char)*p);
    return copy;
}

/* ORDER_STATUS_PENDING, with its place behind where two labels would be the same. */
static char *constant(gw_arena *arena, const gw_model_enum *e, size_t at)
{
    char *name = gw_printf(arena, "%s_%s", e->c_name, gw_snake_case(arena, e->labels[at]));
    for (size_t i = 0; i < at; i++)
        if (strcmp(gw_snake_case(arena, e->labels[i]), gw_snake_case(arena, e->labels[at])) == 0)
            return upper(arena, gw_printf(arena, "%s_%zu", name, at + 1));
    return upper(arena, name);
}

static void add_enum(gw_buf *buf, const gw_model_enum *e)
{
    gw_buf_addc(buf, '\n');
    gw_buf_add_comment(buf, "// ", e->comment);
    gw_buf_addf(buf, "enum %s {\n", e->c_name);
    for (size_t i = 0; i < e->count; i++)
        gw_buf_addf(buf, "    %s,\n", constant(buf->arena, e, i));
    gw_buf_addf(buf, "    %s_COUNT\n};\n", upper(buf->arena, e->c_name));
    gw_buf_addf(buf,
                "static const char *const %s_texts[%s_COUNT + 1] = {", e->c_name,
                upper(buf->arena, e->c_name));
    for (size_t i = 0; i < e->count; i++) {
        gw_buf_add_quoted(buf, e->labels[i]);
        gw_buf_add(buf, ", ");
    }
    gw_buf_add(buf, "NULL};\n");
    gw_buf_addf(buf,
                "static inline bool %s_parse(const char *text, enum %s *out)\n{\n"
                "    for (int i = 0; i < %s_COUNT; i++)\n"
                "        if (strcmp(text, %s_texts[i]) == 0) {\n"
                "            *out = (enum %s)i;\n            return true;\n        }\n"
                "    return false;\n}\n",
                e->c_name, e->c_name, upper(buf->arena, e->c_name), e->c_name, e->c_name);
}

static void add_field(gw_buf *buf, const gw_model_column *c, const char *name, bool insert)
{
    gw_buf_add_comment(buf, "    // ", c->comment);
    if (insert && c->has_default)
        gw_buf_addf(buf, "    bool has_%s; /* false: the default */\n", name);
    const char *base = c->type == GW_TYPE_ENUM
                           ? gw_printf(buf->arena, "enum %s ", c->labels->c_name)
                           : base_types[c->type];
    if (c->dimensions)
        gw_buf_addf(buf, "    struct { %s%s*items; size_t count; } %s; /* %s%s */\n",
                    base[strlen(base) - 1] == '*' ? "" : "const ", base, name, c->sql_type,
                    c->nullable ? ", items NULL is null" : "");
    else if (is_pointer(c) || c->type == GW_TYPE_BYTES)
        gw_buf_addf(buf, "    %s%s; /* %s%s */\n", base, name, c->sql_type,
                    c->nullable ? ", NULL is null" : "");
    else if (c->nullable)
        gw_buf_addf(buf, "    struct { bool is_null; %svalue; } %s; /* %s */\n", base, name,
                    c->sql_type);
    else
        gw_buf_addf(buf, "    %s%s; /* %s */\n", base, name, c->sql_type);
}

static void add_struct(gw_buf *buf, const gw_model_table *t, const char **names, bool insert)
{
    gw_buf_addf(buf, "struct %s%s {\n", t->c_name, insert ? "_insert" : "");
    size_t count = 0;
    for (size_t i = 0; i < t->count; i++)
        if (!insert || !t->columns[i].generated) {
            add_field(buf, &t->columns[i], names[i], insert);
            count++;
        }
    if (count == 0)
        gw_buf_add(buf, "    char nothing;\n");
    gw_buf_add(buf, "};\n");
}

static void add_check(gw_buf *buf, const gw_model_table *t, const char **names)
{
    gw_buf_addf(buf,
                "/* What is wrong with a row before it is inserted; NULL: nothing. */\n"
                "static inline const char *%s_insert_check(const struct %s_insert *row)\n{\n"
                "    (void)row;\n",
                t->c_name, t->c_name);
    for (size_t i = 0; i < t->count; i++) {
        const gw_model_column *c = &t->columns[i];
        const char *given = c->has_default ? gw_printf(buf->arena, "row->has_%s && ", names[i]) : "";
        if (c->generated || c->dimensions)
            continue;
        gw_buf message = GW_BUF(buf->arena);
        if (is_pointer(c) && !c->nullable) {
            gw_buf_add_quoted(&message, gw_printf(buf->arena, "%s: must not be null", c->name));
            gw_buf_addf(buf, "    if (%s!row->%s)\n        return %s;\n", given, names[i],
                        message.data);
        }
        gw_buf_clear(&message);
        if (c->length && is_pointer(c)) {
            gw_buf_add_quoted(&message, gw_printf(buf->arena, "%s: over %ld characters", c->name,
                                                  c->length));
            gw_buf_addf(buf, "    if (%srow->%s && db_characters(row->%s) > %ld)\n        return %s;\n",
                        given, names[i], names[i], c->length, message.data);
        }
    }
    gw_buf_add(buf, "    return NULL;\n}\n");
}

void gw_models_c(gw_buf *buf, const gw_model *model)
{
    gw_buf_add(buf, head);
    for (size_t i = 0; i < model->enum_count; i++)
        add_enum(buf, &model->enums[i]);
    for (size_t i = 0; i < model->table_count; i++) {
        const gw_model_table *t = &model->tables[i];
        const char **names = gw_field_names(buf->arena, t, gw_models_c_words);
        gw_buf_addc(buf, '\n');
        gw_buf_add_comment(buf, "// ", t->comment);
        add_struct(buf, t, names, false);
        if (t->view)
            continue;
        add_struct(buf, t, names, true);
        add_check(buf, t, names);
    }
    gw_buf_add(buf, "\n#endif\n");
}
