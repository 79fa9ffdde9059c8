/* Values of every kind, in and out: what goes through a function unchanged is the same to the bit. */
#include "unit.h"

#include "base/buf.h"

/* Each text through `row => row.v`, in one script. `same`: NULL where it comes back as it was. */
static void assert_unchanged(void **state, gw_script_type type, const char *const *texts,
                             const char *const *same, size_t count)
{
    mapping m = {.arena = *state};
    type.nullable = true;
    add_column(&m, "v", type);
    add_function(&m, "keep", type, "(row: Row) => row.v");
    gw_script *script = open_script(&m);
    gw_script_result r = run_rows(&m, script, texts, count);
    for (size_t i = 0; i < r.rejection_count; i++)
        print_message("rejected: %s: %s\n", texts[r.rejections[i].row], r.rejections[i].message);
    assert_int_equal(r.rejection_count, 0);
    for (size_t i = 0; i < count; i++)
        assert_field(r, i, same && same[i] ? same[i] : texts[i]);
    gw_script_close(script);
}

#define unchanged(state, type, ...)                                                                \
    do {                                                                                           \
        const char *texts[] = {__VA_ARGS__};                                                       \
        assert_unchanged(state, type, texts, NULL, sizeof texts / sizeof *texts);                  \
    } while (0)

static void test_numbers(void **state)
{
    unchanged(state, a_type(GW_SCRIPT_INT8), "9223372036854775807", "-9223372036854775808", "0",
              "9007199254740993", NULL);
    unchanged(state, a_type(GW_SCRIPT_INT4), "2147483647", "-2147483648", "0", NULL);
    unchanged(state, a_type(GW_SCRIPT_INT2), "32767", "-32768", NULL);
    unchanged(state, a_type(GW_SCRIPT_OID), "4294967295", "0", NULL);
    unchanged(state, a_type(GW_SCRIPT_FLOAT8), "0.1", "-0", "0", "NaN", "Infinity", "-Infinity",
              "1e+300", "5e-324", "1.7976931348623157e+308", "123456789.12345679", NULL);
    unchanged(state, a_type(GW_SCRIPT_FLOAT4), "0.1", "-0", "NaN", "Infinity", "3.4028235e+38");
    unchanged(state, a_type(GW_SCRIPT_NUMERIC), "123456789012345678901234567890.123456789",
              "0.10", "NaN", "-Infinity", "1000000000000000000000000000000", NULL);
    unchanged(state, a_type(GW_SCRIPT_BOOL), "t", "f", NULL);
}

static void test_texts(void **state)
{
    gw_buf large = GW_BUF(*state);
    for (int i = 0; i < 1 << 18; i++)
        gw_buf_add(&large, i % 2 ? "é😀" : "ab");
    unchanged(state, a_type(GW_SCRIPT_TEXT), "", NULL, "'", "\\", "a\nb\r\t", "😀👩‍👩‍👧",
              "\xef\xbf\xbf", "\xf4\x8f\xbf\xbf", "NULL", "null", "undefined", gw_buf_str(&large),
              "2024-02-29 23:59:59.123456+00", "infinity", "0044-03-15 BC", "\x01\x7f\xc2\x80");
    unchanged(state, a_type(GW_SCRIPT_BYTES), "\\x", "\\x00ff10", "\\xdeadbeef", NULL);
}

static void test_json(void **state)
{
    unchanged(state, a_type(GW_SCRIPT_JSON), "null", NULL, "true", "\"a\"", "\"\"", "[]", "{}",
              "9007199254740993", "123456789012345678901234567890.123456789",
              "{\"a\":[1,9223372036854775807,{\"b\":0.1234567890123456789}],\"__proto__\":1}",
              "[null,1e400]", "{\"constructor\":\"x\",\"toString\":null}", "\"\\\\u0000\"",
              "[0.1,1.5,-2]");
    const char *texts[] = {"{\"b\": 1, \"a\": 1.0}", "\"\\u00e9\"", "1e2"};
    const char *same[] = {"{\"b\":1,\"a\":1}", "\"é\"", "100"};
    assert_unchanged(state, a_type(GW_SCRIPT_JSON), texts, same, 3);
}

static void test_arrays(void **state)
{
    const char *texts[] = {"{}", NULL, "{a,NULL,\"NULL\",\"\",\"a,b\",\"c\\\"d\\\\\",\"{e}\"}", "{\" x \"}"};
    const char *same[] = {NULL, NULL, "{\"a\",NULL,\"NULL\",\"\",\"a,b\",\"c\\\"d\\\\\",\"{e}\"}", NULL};
    assert_unchanged(state, array_of(GW_SCRIPT_TEXT), texts, same, 4);
    const char *numbers[] = {"{1,-9223372036854775808,NULL}"};
    const char *quoted[] = {"{\"1\",\"-9223372036854775808\",NULL}"};
    assert_unchanged(state, array_of(GW_SCRIPT_INT8), numbers, quoted, 1);
    const char *json[] = {"{\"{\\\"a\\\": 1}\",NULL}"};
    const char *compact[] = {"{\"{\\\"a\\\":1}\",NULL}"};
    assert_unchanged(state, array_of(GW_SCRIPT_JSON), json, compact, 1);
}

static void test_enums(void **state)
{
    const char *labels[] = {"a", "it's \"x\"", "ž"};
    gw_script_type type = {.kind = GW_SCRIPT_ENUM, .labels = labels, .label_count = 3};
    unchanged(state, type, "a", "it's \"x\"", "ž", NULL);
}

/* What `any` lets through is found when it is written. */
static void test_wrong_values(void **state)
{
    const char *label = "a";
    const struct {
        gw_script_type type;
        const char *text, *message;
    } cases[] = {
        {a_type(GW_SCRIPT_INT8), "row => 2n ** 63n as any", "out of the range of int8"},
        {a_type(GW_SCRIPT_INT8), "row => 1 as any", "returned the number 1 where a bigint belongs"},
        {a_type(GW_SCRIPT_INT4), "row => 1.5", "whole number from -2147483648"},
        {a_type(GW_SCRIPT_INT4), "row => 2147483648", "whole number"},
        {a_type(GW_SCRIPT_INT2), "row => NaN", "NaN"},
        {a_type(GW_SCRIPT_OID), "row => -1", "whole number from 0"},
        {a_type(GW_SCRIPT_FLOAT4), "row => 1e300", "out of the range of float4"},
        {a_type(GW_SCRIPT_FLOAT8), "row => '1' as any", "the string \"1\" where a number belongs"},
        {a_type(GW_SCRIPT_BOOL), "row => 1 as any", "where a boolean belongs"},
        {a_type(GW_SCRIPT_NUMERIC), "row => 1.5 as any", "where a string or a bigint belongs"},
        {a_type(GW_SCRIPT_TEXT), "row => null as any", "returned null, and the column is NOT NULL"},
        {nullable(GW_SCRIPT_TEXT), "row => undefined as any", "returned undefined"},
        {a_type(GW_SCRIPT_TEXT), "row => 'a\\ud83d'", "half a surrogate pair"},
        {a_type(GW_SCRIPT_TEXT), "row => 'a\\0b'", "U+0000"},
        {a_type(GW_SCRIPT_BYTES), "row => [1] as any", "where a Uint8Array belongs"},
        {{.kind = GW_SCRIPT_ENUM, .labels = &label, .label_count = 1}, "row => 'b' as any", "labels"},
    };
    enum { CASES = sizeof cases / sizeof *cases };
    mapping m = {.arena = *state};
    add_column(&m, "id", a_type(GW_SCRIPT_INT8));
    for (size_t i = 0; i < CASES; i++)
        add_function(&m, gw_printf(m.arena, "f%zu", i), cases[i].type,
                     gw_printf(m.arena, "row => row.id === %zun ? (%s)(row) : %s", i,
                               gw_printf(m.arena, "((%s) as (row: Row) => any)", cases[i].text),
                               "(null as any)"));
    /* A row a case: the functions before the one that is meant return null, so each stands alone. */
    for (size_t i = 0; i < CASES; i++)
        m.functions[i].returns.nullable = true;
    m.functions[10].returns.nullable = false;
    m.functions[10].text = "row => row.id === 10n ? null as any : ''";
    gw_script *script = open_script(&m);
    const char *ids[CASES];
    for (size_t i = 0; i < CASES; i++)
        ids[i] = gw_printf(m.arena, "%zu", i);
    gw_script_result r = run_rows(&m, script, ids, CASES);
    for (size_t i = 0; i < CASES; i++) {
        if (i >= r.rejection_count || r.rejections[i].row != i)
            fail_msg("not rejected: %s", cases[i].text);
        assert_int_equal(r.rejections[i].reason, GW_SCRIPT_VALUE);
        assert_holds(r.rejections[i].message, cases[i].message);
        assert_string_equal(r.rejections[i].function, m.functions[i].name);
        assert_field(r, i * CASES + i, NULL);
    }
    gw_script_close(script);
}

static void test_wrong_json(void **state)
{
    const char *texts[] = {
        "NaN", "{ a: undefined }", "[undefined]", "new Date(0)", "new Map()", "() => 1", "Symbol()",
        "'\\ud800'", "{ '\\0': 1 }", "new Uint8Array(3)", "{ toJSON() { return 1; } }",
        "((a: any) => { a.push(a); return a; })([])",
    };
    enum { CASES = sizeof texts / sizeof *texts };
    mapping m = {.arena = *state};
    add_column(&m, "i", a_type(GW_SCRIPT_INT4));
    gw_buf all = GW_BUF(m.arena);
    gw_buf_add(&all, "row => ([");
    for (size_t i = 0; i < CASES; i++)
        gw_buf_addf(&all, "() => (%s),", texts[i]);
    gw_buf_add(&all, "() => ({ big: 2n ** 70n, raw: JSON.rawJSON('1.10'), none: null })] as any[])[row.i]()");
    add_function(&m, "json", a_type(GW_SCRIPT_JSON), gw_buf_str(&all));
    gw_script *script = open_script(&m);
    const char *numbers[CASES + 1];
    for (size_t i = 0; i <= CASES; i++)
        numbers[i] = gw_printf(m.arena, "%zu", i);
    gw_script_result r = run_rows(&m, script, numbers, CASES + 1);
    assert_int_equal(r.rejection_count, CASES);
    for (size_t i = 0; i < CASES; i++)
        assert_int_equal(r.rejections[i].reason, GW_SCRIPT_VALUE);
    assert_field(r, CASES, "{\"big\":1180591620717411303424,\"raw\":1.10,\"none\":null}");
    gw_script_close(script);
}

/* A number that was kept as it is does not turn into another one by being reckoned with. */
static void test_raw_numbers(void **state)
{
    mapping m = {.arena = *state};
    add_column(&m, "v", a_type(GW_SCRIPT_JSON));
    add_function(&m, "more", a_type(GW_SCRIPT_JSON), "row => row.v.x + 1");
    gw_script *script = open_script(&m);
    gw_script_result r = run_rows(&m, script, (const char *const[]){
        "{\"x\": 1.000000000000000000001}", "{\"x\": 9007199254740993}", "{\"x\": 1}"}, 3);
    assert_int_equal(r.rejection_count, 2);
    assert_holds(r.rejections[0].message, "TypeError");
    assert_holds(r.rejections[1].message, "TypeError");
    assert_field(r, 2, "2");
    gw_script_close(script);
}

/* Arrays of two dimensions and the like reject only the rows of functions that look at them. */
static void test_unreadable(void **state)
{
    mapping m = {.arena = *state};
    add_column(&m, "a", array_of(GW_SCRIPT_INT4));
    add_column(&m, "look", a_type(GW_SCRIPT_BOOL));
    add_function(&m, "f", a_type(GW_SCRIPT_TEXT), "row => row.look ? String(row.a?.length) : 'no'");
    gw_script *script = open_script(&m);
    gw_script_result r = run_rows(&m, script, (const char *const[]){
        "{{1,2},{3,4}}", "t", "{{1,2},{3,4}}", "f", "[0:1]={1,2}", "t", "{1,2}", "t", "{", "t"}, 5);
    assert_int_equal(r.rejection_count, 3);
    assert_holds(r.rejections[0].message, "column \"a\" is an array of several dimensions");
    assert_field(r, 1, "no");
    assert_holds(r.rejections[1].message, "first index is not 1");
    assert_field(r, 3, "2");
    assert_int_equal(r.rejections[2].row, 4);
    gw_script_close(script);
}

/* A row that is no UTF-8 is rejected, and those beside it are not. */
static void test_bad_bytes(void **state)
{
    mapping m = {.arena = *state};
    add_column(&m, "v", a_type(GW_SCRIPT_TEXT));
    add_function(&m, "keep", a_type(GW_SCRIPT_TEXT), "row => row.v");
    gw_script *script = open_script(&m);
    gw_script_result r = run_rows(&m, script, (const char *const[]){
        "a", "\xff", "\xed\xa0\x80", "b", "\xc0\x80", "\xf0\x9f\x98"}, 6);
    assert_int_equal(r.rejection_count, 4);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(r.rejections[i].reason, GW_SCRIPT_INPUT);
    assert_field(r, 0, "a");
    assert_field(r, 3, "b");
    gw_script_close(script);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(test_numbers),      with_arena(test_texts),       with_arena(test_json),
        with_arena(test_arrays),       with_arena(test_enums),       with_arena(test_wrong_values),
        with_arena(test_wrong_json),   with_arena(test_raw_numbers), with_arena(test_unreadable),
        with_arena(test_bad_bytes),
    };
    return cmocka_run_group_tests_name("script/exact", tests, NULL, NULL);
}
