#include "unit.h"

#include "base/json.h"

static char *dumped_text(gw_arena *arena, const char *text)
{
    return gw_json_dump(arena, gw_json_own(arena, gw_json_text(text)));
}

static void text_that_is_not_utf8_is_repaired(void **state)
{
    const char *const pairs[][2] = {
        {"plain", "\"plain\""},
        {"", "\"\""},
        {"Grüße 🐦", "\"Grüße 🐦\""},
        {"a\xff"
         "b",
         "\"a\xef\xbf\xbd"
         "b\""},
        {"\xc3", "\"\xef\xbf\xbd\""},
        {"x\xed\xa0\x80", "\"x\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
        {"line\n\"q\"\\\x01", "\"line\\n\\\"q\\\"\\\\\\u0001\""},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        assert_string_equal(dumped_text(*state, pairs[i][0]), pairs[i][1]);
    assert_string_equal(dumped_text(*state, NULL), "null");
}

static void owned_by_the_arena(void **state)
{
    json_t *value = json_string("x");
    assert_ptr_equal(gw_json_own(*state, value), value);
    json_incref(value);
    assert_int_equal(value->refcount, 2);
    gw_arena_reset(*state);
    assert_int_equal(value->refcount, 1);
    json_decref(value);
    assert_null(gw_json_own(*state, NULL));
}

static void keys_stay_in_order(void **state)
{
    gw_err err = {0};
    const char *const texts[] = {"{\"z\":1,\"a\":[true,null,\"b\"],\"m\":{}}",
                                 "[]",
                                 "17",
                                 "\"text\"",
                                 "-9223372036854775808",
                                 "false"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        json_t *value = gw_json_parse(*state, "x", texts[i], strlen(texts[i]), &err);
        assert_non_null(value);
        assert_string_equal(gw_json_dump(*state, value), texts[i]);
    }
    assert_int_equal(err.kind, GW_OK);
}

static void a_fault_has_a_place(void **state)
{
    const struct {
        const char *text;
        unsigned line;
    } rows[] = {
        {"{\"a\": 1,\n \"b\": }", 2},
        {"{\"a\":1,\"a\":2}", 1},
        {"[1,]", 1},
        {"[1] x", 1},
        {"\"\xff\"", 1},
        {"{\"a\":\"\\u0000\"}", 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        gw_err err = {0};
        assert_null(gw_json_parse(*state, "its answer", rows[i].text, strlen(rows[i].text), &err));
        assert_int_equal(err.kind, GW_ERR_INPUT);
        assert_string_equal(err.message, "its answer is not valid JSON");
        assert_true(strlen(err.detail) > 0);
        assert_string_equal(err.file, "its answer");
        assert_int_equal(err.line, rows[i].line);
        assert_true(err.col > 0);
        gw_err_clear(&err);
    }
}

static void a_length_is_kept_to(void **state)
{
    gw_err err = {0};
    assert_non_null(gw_json_parse(*state, "x", "[1] and more", 3, &err));
    assert_null(gw_json_parse(*state, "x", "", 0, &err));
    assert_int_equal(err.kind, GW_ERR_INPUT);
    gw_err_clear(&err);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(text_that_is_not_utf8_is_repaired),
        with_arena(owned_by_the_arena),
        with_arena(keys_stay_in_order),
        with_arena(a_fault_has_a_place),
        with_arena(a_length_is_kept_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
