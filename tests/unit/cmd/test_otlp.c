#include "unit.h"

#include <string.h>

#include "base/json.h"
#include "cmd/otlp_encode.h"
#include "cmd/otlp_send.h"

static void test_a_request_of_spans(void **state)
{
    (void)state;
    gw_arena *arena = gw_arena_new();
    gw_span span = {.trace_id = "00112233445566778899aabbccddeeff",
                    .span_id = "0123456789abcdef",
                    .parent_id = "fedcba9876543210",
                    .name = "apply",
                    .start_us = 1763690000123456,
                    .end_us = 1763690000223456,
                    .failed = true};
    gw_json items = gw_json_start(arena, NULL);
    gw_otlp_span(&items, &span, GW_FIELDS(GW_TEXT("version", "1"), GW_TEXT("none", NULL)));
    gw_otlp_span(&items, &span, GW_NO_FIELDS);
    gw_json request = gw_json_start(arena, NULL);
    gw_otlp_resource resource = {.service = "shop", .attributes = "a=b,broken,c=d=e"};
    gw_otlp_request(&request, true, &resource, items.buf.data);
    gw_err err = {0};
    json_t *value = gw_json_parse(arena, "request", request.buf.data, request.buf.len, &err);
    assert_non_null(value);
    json_t *of = json_array_get(json_object_get(value, "resourceSpans"), 0);
    json_t *about = json_object_get(json_object_get(of, "resource"), "attributes");
    assert_int_equal(json_array_size(about), 4);
    json_t *spans = json_object_get(json_array_get(json_object_get(of, "scopeSpans"), 0), "spans");
    assert_int_equal(json_array_size(spans), 2);
    json_t *first = json_array_get(spans, 0);
    assert_string_equal(json_string_value(json_object_get(first, "startTimeUnixNano")),
                        "1763690000123456000");
    assert_string_equal(json_string_value(json_object_get(first, "parentSpanId")), span.parent_id);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(first, "status"), "code")),
                     2);
    assert_int_equal(json_array_size(json_object_get(first, "attributes")), 1);
    gw_arena_free(arena);
}

static void test_a_record(void **state)
{
    (void)state;
    gw_arena *arena = gw_arena_new();
    gw_json json = gw_json_start(arena, NULL);
    gw_log_record record = {.time_us = 1,
                            .level = GW_LOG_WARNING,
                            .message = "slow",
                            .fields = GW_FIELDS(GW_INT("n", 5), GW_BOOL("b", true))};
    gw_otlp_record(&json, &record);
    assert_string_equal(json.buf.data,
                        "{\"timeUnixNano\":\"1000\",\"severityNumber\":13,"
                        "\"severityText\":\"WARN\",\"body\":{\"stringValue\":\"slow\"},"
                        "\"attributes\":[{\"key\":\"n\",\"value\":{\"intValue\":\"5\"}},"
                        "{\"key\":\"b\",\"value\":{\"boolValue\":true}}]}");
    gw_arena_free(arena);
}

static void test_a_url_is_shown_without_its_password(void **state)
{
    (void)state;
    gw_arena *arena = gw_arena_new();
    assert_string_equal(gw_otlp_shown_url(arena, "http://me:p@ss@host:4318/v1/logs"),
                        "http://host:4318/v1/logs");
    assert_string_equal(gw_otlp_shown_url(arena, "http://host/a@b"), "http://host/a@b");
    gw_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_request_of_spans),
        cmocka_unit_test(test_a_record),
        cmocka_unit_test(test_a_url_is_shown_without_its_password),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
