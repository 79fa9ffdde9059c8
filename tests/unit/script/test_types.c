/* Columns as TypeScript. */
#include "unit.h"

static void test_kinds(void **state)
{
    (void)state;
    assert_int_equal(gw_script_kind_of("int8"), GW_SCRIPT_INT8);
    assert_int_equal(gw_script_kind_of("jsonb"), GW_SCRIPT_JSON);
    assert_int_equal(gw_script_kind_of("timestamptz"), GW_SCRIPT_TEXT);
    assert_int_equal(gw_script_kind_of("money"), GW_SCRIPT_TEXT);
    assert_int_equal(gw_script_kind_of(""), GW_SCRIPT_TEXT);
}

static void test_row(void **state)
{
    const char *labels[] = {"a", "b\"c"};
    gw_script_column columns[] = {
        {"id", {.kind = GW_SCRIPT_INT8, .name = "bigint"}},
        {"n", {.kind = GW_SCRIPT_NUMERIC, .nullable = true, .name = "numeric(10,2)"}},
        {"tags", {.kind = GW_SCRIPT_TEXT, .array = true}},
        {"state", {.kind = GW_SCRIPT_ENUM, .nullable = true, .labels = labels, .label_count = 2}},
        {"states", {.kind = GW_SCRIPT_ENUM, .array = true, .labels = labels, .label_count = 2}},
        {"data", {.kind = GW_SCRIPT_JSON, .nullable = true}},
        {"raw", {.kind = GW_SCRIPT_BYTES}},
        {"x */ y\n", {.kind = GW_SCRIPT_BOOL, .name = "a */ b\nc"}},
    };
    char *text = gw_script_types(*state, columns, sizeof columns / sizeof *columns);
    assert_holds(text, "  /** bigint */\n  readonly \"id\": bigint;\n");
    assert_holds(text, "readonly \"n\": string | null;");
    assert_holds(text, "readonly \"tags\": readonly (string | null)[];");
    assert_holds(text, "readonly \"state\": \"a\" | \"b\\\"c\" | null;");
    assert_holds(text, "readonly \"states\": readonly (\"a\" | \"b\\\"c\" | null)[];");
    assert_holds(text, "readonly \"data\": any | null;");
    assert_holds(text, "readonly \"raw\": Uint8Array;");
    assert_holds(text, "  /** a  / b c */\n  readonly \"x */ y\\n\": boolean;\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds),
        with_arena(test_row),
    };
    return cmocka_run_group_tests_name("script/types", tests, NULL, NULL);
}
