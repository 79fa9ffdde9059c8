/* Rows through functions: values, rejections and their places. */
#include "unit.h"

#include "base/file.h"

static void test_a_row(void **state)
{
    mapping m = {.arena = *state};
    add_column(&m, "first_name", nullable(GW_SCRIPT_TEXT));
    add_column(&m, "last_name", nullable(GW_SCRIPT_TEXT));
    add_column(&m, "id", a_type(GW_SCRIPT_INT8));
    add_function(&m, "fullName", a_type(GW_SCRIPT_TEXT),
                 "(row: Row): string => [row.first_name, row.last_name].filter(Boolean).join(' ')");
    add_function(&m, "next", nullable(GW_SCRIPT_INT8), "row => row.id === 3n ? null : row.id + 1n");
    gw_script *script = open_script(&m);
    assert_int_equal(gw_script_columns(script), 3);
    assert_int_equal(gw_script_functions(script), 2);
    assert_string_equal(gw_script_function_name(script, 1), "next");
    assert_null(gw_script_function_name(script, 2));
    gw_script_result r = run_rows(&m, script,
                                  (const char *const[]){"Ada", "Lovelace", "1", "Žofie", NULL, "2",
                                                        "", "😀", "3"}, 3);
    assert_int_equal(r.rejection_count, 0);
    assert_field(r, 0, "Ada Lovelace");
    assert_field(r, 1, "2");
    assert_field(r, 2, "Žofie");
    assert_field(r, 3, "3");
    assert_field(r, 4, "😀");
    assert_field(r, 5, NULL);
    r = run_rows(&m, script, NULL, 0);
    assert_int_equal(r.rejection_count, 0);
    gw_script_close(script);
}

/* Line and column of what threw, in the user's own file: inline, in a helper, in a file. */
static void test_places(void **state)
{
    mapping m = {.arena = *state};
    add_column(&m, "v", a_type(GW_SCRIPT_TEXT));
    m.file_text = "type Pair = [string, string];\n"
                  "\n"
                  "const parse = (text: string): Pair => {\n"
                  "  const at = text.indexOf('=');\n"
                  "  if (at < 0) throw new SyntaxError(`no '=' in ${text}`);\n"
                  "  return [text.slice(0, at), text.slice(at + 1)];\n"
                  "};\n"
                  "export function key(row: Row): string { return parse(row.v)[0]; }\n";
    add_function(&m, "key", a_type(GW_SCRIPT_TEXT), NULL);
    add_function(&m, "inline", a_type(GW_SCRIPT_TEXT),
                 "(row: Row): string => {\n"
                 "  const é = '😀'; if (row.v === 'a=null') { (null as any).x; }\n"
                 "  if (row.v === 'a=throw') throw 'text';\n"
                 "  return row.v;\n"
                 "}");
    gw_script *script = open_script(&m);
    gw_script_result r = run_rows(&m, script, (const char *const[]){"a=b", "nothing", "a=null",
                                                                    "a=throw", "c=d"}, 5);
    assert_int_equal(r.rejection_count, 3);
    assert_field(r, 0, "a");
    assert_field(r, 9, "c=d");
    const gw_script_rejection *x = &r.rejections[0];
    assert_int_equal(x->row, 1);
    assert_string_equal(x->function, "key");
    assert_string_equal(x->message, "SyntaxError: no '=' in nothing");
    assert_string_equal(x->file, "functions.ts");
    assert_int_equal(x->line, 5);
    /* JavaScriptCore points behind the name of what is made. */
    assert_in_range(x->col, 21, 36);
    x = &r.rejections[1];
    assert_int_equal(x->row, 2);
    assert_string_equal(x->function, "inline");
    assert_string_equal(x->file, "map.yaml");
    assert_int_equal(x->line, 21);
    assert_in_range(x->col, 45, 66);
    x = &r.rejections[2];
    assert_holds(x->message, "threw the string \"text\"");
    /* What is no Error has no place of its own: the function's. */
    assert_int_equal(x->line, 20);
    assert_int_equal(x->col, 5);
    gw_script_close(script);
}

/* Errors whose text, name or stack are traps. */
static void test_odd_exceptions(void **state)
{
    static const char *const thrown[] = {
        "undefined", "null", "Symbol('s')", "{ toString() { throw 1; } }", "Object.create(null)",
        "Object.assign(new Error('x'), { stack: 'godwit:99999:99999:99999' })",
        "Object.assign(new Error('x'), { stack: { toString: 1 } })",
        "Object.defineProperty(new Error('x'), 'message', { get() { throw 2; } })",
        "Object.assign(new Error('\\ud800 \\0'), { name: Symbol('n') })",
        "new Error('m'.repeat(1e6))", "new Proxy(new Error('p'), { get() { throw 3; } })",
        "new Proxy({}, { getPrototypeOf() { throw 4; } })",
    };
    enum { CASES = sizeof thrown / sizeof *thrown };
    mapping m = {.arena = *state};
    add_column(&m, "i", a_type(GW_SCRIPT_INT4));
    gw_buf text = GW_BUF(m.arena);
    gw_buf_add(&text, "row => { throw ([");
    for (size_t i = 0; i < CASES; i++)
        gw_buf_addf(&text, "() => (%s),\n", thrown[i]);
    gw_buf_add(&text, "] as (() => unknown)[])[row.i]!(); }");
    add_function(&m, "f", a_type(GW_SCRIPT_TEXT), gw_buf_str(&text));
    gw_script *script = open_script(&m);
    const char *numbers[CASES];
    for (size_t i = 0; i < CASES; i++)
        numbers[i] = gw_printf(m.arena, "%zu", i);
    gw_script_result r = run_rows(&m, script, numbers, CASES);
    assert_int_equal(r.rejection_count, CASES);
    for (size_t i = 0; i < CASES; i++) {
        const gw_script_rejection *x = &r.rejections[i];
        assert_int_equal(x->row, i);
        assert_int_equal(x->reason, GW_SCRIPT_THREW);
        assert_true(*x->message && strlen(x->message) <= 8000);
        assert_int_equal(gw_utf8_check(x->message, strlen(x->message)), 0);
        assert_string_equal(x->file, "map.yaml");
        assert_in_range(x->line, 20, 40);
    }
    gw_script_close(script);
}

/* Any number of rows, in batches of any size, gives the same. */
static void test_batches(void **state)
{
    mapping m = {.arena = *state};
    enum { ROWS = 2500 };
    add_column(&m, "v", nullable(GW_SCRIPT_INT4));
    add_function(&m, "f", nullable(GW_SCRIPT_TEXT),
                 "row => { if (row.v !== null && row.v % 100 === 7) throw new Error('seven ' + row.v);\n"
                 "return row.v === null ? null : 'n'.repeat(row.v % 50) + row.v; }");
    gw_err err = {0};
    gw_script_compiled compiled;
    gw_script_problems problems;
    if (!compile(&m, &compiled, &problems, &err))
        fail_with(&err, "compile");
    const char **texts = gw_alloc_array(m.arena, ROWS, sizeof *texts);
    for (size_t i = 0; i < ROWS; i++)
        texts[i] = i % 11 ? gw_printf(m.arena, "%zu", i) : NULL;
    static const uint32_t sizes[] = {500, 1, 7, 10000};
    gw_script_result first = {0};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        m.limits.batch_rows = sizes[s];
        gw_script *script;
        if (!gw_script_open(compiled.text, compiled.len, &m.limits, NULL, &script, &err))
            fail_with(&err, "open");
        gw_script_result r = run_rows(&m, script, texts, ROWS);
        gw_script_close(script);
        if (s == 0)
            first = r;
        assert_int_equal(r.rejection_count, first.rejection_count);
        assert_in_range(r.rejection_count, 20, 25);
        for (size_t i = 0; i < r.rejection_count; i++) {
            assert_int_equal(r.rejections[i].row, first.rejections[i].row);
            assert_string_equal(r.rejections[i].message, first.rejections[i].message);
        }
        for (size_t i = 0; i < ROWS; i++)
            assert_field(r, i, first.fields[i].data);
    }
}

static gw_log_record heard;
static char heard_text[200];

static void hear(void *self, const gw_log_record *record)
{
    (void)self;
    heard = *record;
    snprintf(heard_text, sizeof heard_text, "%s", record->fields[0].text);
}

/* What a worker says on stderr is in the log: here, another program in its place. */
static void test_stderr_is_logged(void **state)
{
    gw_arena *arena = *state;
    char *folder = gw_strdup(arena, "/tmp/gw-script-XXXXXX");
    assert_non_null(mkdtemp(folder));
    char *path = gw_path_join(arena, folder, "godwit-script");
    const char *text = "#!/bin/sh\necho 'trouble at sea' >&2\nexit 4\n";
    gw_err err = {0};
    assert_true(gw_file_write(path, text, strlen(text), 0755, &err));
    char *before = gw_strdup(arena, getenv("GODWIT_SCRIPT_WORKER"));
    setenv("GODWIT_SCRIPT_WORKER", path, 1);
    gw_log *log = gw_log_new(arena);
    gw_log_add_sink(log, (gw_log_sink){.record = hear, .least = GW_LOG_DEBUG});
    gw_script *script;
    const char *compiled = "{\"format\":1,\"columns\":[],\"functions\":[],\"modules\":[]}";
    assert_false(gw_script_open(compiled, strlen(compiled), NULL, log, &script, &err));
    setenv("GODWIT_SCRIPT_WORKER", before, 1);
    assert_holds(err.detail, "exit code 4: trouble at sea");
    assert_string_equal(heard_text, "trouble at sea");
    assert_int_equal(heard.level, GW_LOG_WARNING);
    gw_err_clear(&err);
    assert_true(gw_file_remove_tree(folder, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(test_a_row),   with_arena(test_places),           with_arena(test_odd_exceptions),
        with_arena(test_batches), with_arena(test_stderr_is_logged),
    };
    return cmocka_run_group_tests_name("script/run", tests, NULL, NULL);
}
