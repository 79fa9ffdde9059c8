/* What the tests of functions share: a mapping in a few lines, its rows in, its values out. */
#ifndef GW_TESTS_UNIT_SCRIPT_UNIT_H
#define GW_TESTS_UNIT_SCRIPT_UNIT_H

#include "../base/unit.h"

#include "base/buf.h"
#include "base/vec.h"
#include "script/script.h"

typedef struct mapping {
    gw_arena *arena;
    gw_script_column columns[16];
    size_t column_count;
    gw_script_function functions[16];
    size_t function_count;
    const char *file_text;
    gw_script_limits limits;
} mapping;

static inline gw_script_type a_type(gw_script_kind kind)
{
    return (gw_script_type){.kind = kind};
}

static inline gw_script_type nullable(gw_script_kind kind)
{
    return (gw_script_type){.kind = kind, .nullable = true};
}

static inline gw_script_type array_of(gw_script_kind kind)
{
    return (gw_script_type){.kind = kind, .array = true, .nullable = true};
}

static inline void add_column(mapping *m, const char *name, gw_script_type type)
{
    assert_true(m->column_count < 16);
    m->columns[m->column_count++] = (gw_script_column){.name = name, .type = type};
}

/* An inline function, as if it stood in a block of map.yaml from line 20 on, indented by 4. */
static inline void add_function(mapping *m, const char *name, gw_script_type returns,
                                const char *text)
{
    assert_true(m->function_count < 16);
    unsigned line = 10 + (unsigned)m->function_count;
    m->functions[m->function_count++] = (gw_script_function){
        .name = name,
        .returns = returns,
        .text = text,
        .named = {.file = "map.yaml", .line = line, .col = 3},
        .text_at = {.file = "map.yaml", .line = 20, .col = 5, .indent = 4},
    };
}

static inline bool compile(mapping *m, gw_script_compiled *out, gw_script_problems *problems,
                           gw_err *err)
{
    gw_script_source source = {
        .columns = m->columns,
        .column_count = m->column_count,
        .functions = m->functions,
        .function_count = m->function_count,
        .file = m->file_text ? "functions.ts" : NULL,
        .file_text = m->file_text,
    };
    static gw_script_compiler *shared; /* of all whose checks have no limit of their own */
    bool own = m->limits.check_ms != 0;
    if (!own && !shared)
        shared = gw_script_compiler_new(gw_arena_new(), NULL, NULL);
    gw_script_compiler *compiler =
        own ? gw_script_compiler_new(m->arena, &m->limits, NULL) : shared;
    bool ok = gw_script_compile(m->arena, compiler, &source, out, problems, err);
    if (own)
        gw_script_compiler_end(compiler);
    return ok;
}

static inline void fail_with(gw_err *err, const char *what)
{
    fail_msg("%s: %s: %s (%s:%u:%u)", what, err->message ? err->message : "",
             err->detail ? err->detail : "", err->file ? err->file : "", err->line, err->col);
}

static inline gw_script *open_script(mapping *m)
{
    gw_err err = {0};
    gw_script_compiled compiled;
    gw_script_problems problems;
    gw_script *script = NULL;
    if (!compile(m, &compiled, &problems, &err))
        fail_with(&err, "compile");
    if (!gw_script_open(compiled.text, compiled.len, &m->limits, NULL, &script, &err))
        fail_with(&err, "open");
    return script;
}

static inline gw_script_field field(const char *text)
{
    return (gw_script_field){.data = text, .len = text ? (int32_t)strlen(text) : -1};
}

/* `texts`: a field each, NULL for NULL. */
static inline gw_script_result run_rows(mapping *m, gw_script *script, const char *const *texts,
                                        size_t rows)
{
    gw_err err = {0};
    size_t columns = gw_script_columns(script);
    gw_script_field *in = gw_alloc_array(m->arena, rows * columns, sizeof *in);
    for (size_t i = 0; i < rows * columns; i++)
        in[i] = field(texts[i]);
    gw_script_result result;
    if (!gw_script_run(script, m->arena, in, rows, &result, &err))
        fail_with(&err, "run");
    return result;
}

#define assert_field(result, index, wanted)                                                        \
    do {                                                                                           \
        const gw_script_field *found = &(result).fields[index];                                    \
        const char *text = (wanted);                                                               \
        if (!text) {                                                                               \
            assert_int_equal(found->len, -1);                                                      \
        } else {                                                                                   \
            if (found->len < 0)                                                                    \
                fail_msg("field %zu is NULL: %s", (size_t)(index),                                 \
                         (result).rejection_count ? (result).rejections[0].message : "");          \
            assert_int_equal(found->len, strlen(text));                                            \
            assert_string_equal(found->data, text);                                                \
        }                                                                                          \
    } while (0)

#endif
