#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cmd/jsonout.h"
#include "pg/query.h"

static void test_nesting_and_commas(void **state)
{
    (void)state;
    gw_arena *arena = gw_arena_new();
    gw_json json = gw_json_start(arena, NULL);
    gw_json_open(&json, NULL, '{');
    gw_json_open(&json, "empty", '[');
    gw_json_close(&json, ']');
    gw_json_open(&json, "list", '[');
    gw_json_int(&json, NULL, INT64_MIN);
    gw_json_open(&json, NULL, '{');
    gw_json_bool(&json, "yes", true);
    gw_json_null(&json, "none");
    gw_json_close(&json, '}');
    gw_json_string(&json, NULL, "x");
    gw_json_close(&json, ']');
    gw_json_int_or_null(&json, "unknown", GW_NULL_INT);
    gw_json_time(&json, "at", 1763690000123456);
    gw_json_time(&json, "never", GW_NULL_INT);
    gw_json_raw(&json, "raw", "{\"a\":1}");
    gw_json_close(&json, '}');
    assert_string_equal(json.buf.data,
                        "{\"empty\":[],\"list\":[-9223372036854775808,{\"yes\":true,"
                        "\"none\":null},\"x\"],\"unknown\":null,"
                        "\"at\":\"2025-11-21T01:53:20.123456Z\",\"never\":null,\"raw\":{\"a\":1}}");
    assert_int_equal(json.depth, 0);
    gw_arena_free(arena);
}

/* What Jansson reads back is what was written. */
static void test_every_text_survives(void **state)
{
    (void)state;
    gw_arena *arena = gw_arena_new();
    char all[256];
    for (int i = 1; i < 128; i++)
        all[i - 1] = (char)i;
    all[127] = '\0';
    const char *texts[] = {"", "plain", all, "é 表 🐦", "\"\\/"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        gw_json json = gw_json_start(arena, NULL);
        gw_json_string(&json, NULL, texts[i]);
        gw_err err = {0};
        json_t *value = gw_json_parse(arena, "text", json.buf.data, json.buf.len, &err);
        assert_non_null(value);
        assert_string_equal(json_string_value(value), texts[i]);
    }
    gw_arena_free(arena);
}

static void test_bytes_that_are_no_text(void **state)
{
    (void)state;
    gw_arena *arena = gw_arena_new();
    gw_json json = gw_json_start(arena, NULL);
    gw_json_string(&json, NULL,
                   "a\xff\xfe"
                   "b\xc3");
    assert_string_equal(json.buf.data, "\"a\xef\xbf\xbd\xef\xbf\xbd"
                                       "b\xef\xbf\xbd\"");
    gw_arena_free(arena);
}

static void test_a_full_buffer_goes_to_the_file(void **state)
{
    (void)state;
    gw_arena *arena = gw_arena_new();
    char *text = NULL;
    size_t len = 0;
    FILE *file = open_memstream(&text, &len);
    gw_json json = gw_json_start(arena, file);
    gw_json_open(&json, NULL, '[');
    for (int i = 0; i < 20000; i++) {
        gw_json_string(&json, NULL, "0123456789");
        assert_true(json.buf.len < 70000);
    }
    gw_json_close(&json, ']');
    gw_json_flush(&json);
    fclose(file);
    gw_err err = {0};
    json_t *value = gw_json_parse(arena, "text", text, len, &err);
    assert_int_equal(json_array_size(value), 20000);
    free(text);
    gw_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nesting_and_commas),
        cmocka_unit_test(test_every_text_survives),
        cmocka_unit_test(test_bytes_that_are_no_text),
        cmocka_unit_test(test_a_full_buffer_goes_to_the_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
