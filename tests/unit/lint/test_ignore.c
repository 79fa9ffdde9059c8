/* -- godwit: ignore RULE REASON */
#include "lint_test.h"

static void on_the_statement(void **state)
{
    (void)state;
    gw_arena *arena = gw_arena_new();
    gw_finding_list list = lint_text(arena, "SELECT 1;\n"
                                            "-- godwit: ignore drop_table nobody reads it\n"
                                            "DROP TABLE a;\n"
                                            "DROP TABLE b;\n"
                                            "DROP TABLE c; -- godwit: ignore drop_table nor this\n"
                                            "DROP TABLE\n"
                                            "    -- godwit: ignore drop_table inside\n"
                                            "    d;\n");
    assert_int_equal(list.ignored, 3);
    assert_false(has_finding(&list, "drop_table", 3));
    assert_true(has_finding(&list, "drop_table", 4));
    assert_false(has_finding(&list, "drop_table", 5));
    assert_int_equal(list.len, 1);
    gw_arena_free(arena);
}

static void at_the_top_for_the_file(void **state)
{
    (void)state;
    gw_arena *arena = gw_arena_new();
    gw_finding_list list =
        lint_text(arena, "-- About this file.\n"
                         "-- godwit: no-transaction, ignore drop_table,drop_column they are empty\n"
                         "\n"
                         "DROP TABLE a;\n"
                         "ALTER TABLE b DROP COLUMN c;\n"
                         "DROP TABLE d;\n");
    assert_int_equal(list.ignored, 3);
    assert_int_equal(list.len, 0);
    gw_arena_free(arena);
}

static void one_that_is_not_right_is_a_finding(void **state)
{
    (void)state;
    gw_arena *arena = gw_arena_new();
    gw_finding_list list = lint_text(arena, "SELECT 1;\n"
                                            "DROP TABLE a; -- godwit: ignore drop_table\n"
                                            "DROP TABLE b; -- godwit: ignore drop_tabel so\n"
                                            "-- godwit: ignore drop_column so\n"
                                            "SELECT 2;\n");
    assert_true(has_finding(&list, "ignore_without_reason", 2));
    assert_true(has_finding(&list, "ignore_unknown_rule", 3));
    assert_true(has_finding(&list, "ignore_unused", 4));
    assert_false(has_finding(&list, "drop_table", 2));
    assert_true(has_finding(&list, "drop_table", 3));
    bool near = false;
    for (size_t i = 0; i < list.len; i++)
        near |= strstr(list.items[i].message, "did you mean drop_table?") != NULL;
    assert_true(near);
    gw_arena_free(arena);
}

static void text_that_only_looks_like_one(void **state)
{
    (void)state;
    gw_arena *arena = gw_arena_new();
    gw_finding_list list =
        lint_text(arena, "SELECT '-- godwit: ignore drop_table so';\n"
                         "/* -- godwit: ignore drop_table so */\n"
                         "DROP TABLE a;\n"
                         "COPY t (a) FROM stdin;\n"
                         "'a quote, -- godwit: ignore drop_table so\n"
                         "\\.\n"
                         "DROP TABLE b; -- godwit: ignore drop_table as it is\n");
    assert_int_equal(list.ignored, 1);
    assert_true(has_finding(&list, "drop_table", 3));
    assert_false(has_finding(&list, "drop_table", 7));
    gw_arena_free(arena);
}

static void by_configuration(void **state)
{
    (void)state;
    gw_arena *arena = gw_arena_new();
    const char *ignored[] = {"drop_table"};
    gw_lint_level level = {"drop_column", GW_SEVERITY_ERROR};
    gw_lint_options options = {
        .ignored = ignored, .ignored_count = 1, .levels = &level, .level_count = 1};
    gw_linter *linter = gw_linter_new(arena, &options);
    gw_lint_script script = script_of("a.sql", "SELECT 1;\nDROP TABLE a;\n"
                                               "-- godwit: ignore drop_table it is off anyway\n"
                                               "ALTER TABLE b DROP COLUMN c;\n");
    gw_finding_list list;
    gw_linter_add(linter, &script);
    gw_linter_run(linter, &list);
    assert_int_equal(list.len, 1);
    assert_int_equal(list.errors, 1);
    assert_string_equal(list.items[0].rule, "drop_column");
    gw_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(on_the_statement),
        cmocka_unit_test(at_the_top_for_the_file),
        cmocka_unit_test(one_that_is_not_right_is_a_finding),
        cmocka_unit_test(text_that_only_looks_like_one),
        cmocka_unit_test(by_configuration),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
