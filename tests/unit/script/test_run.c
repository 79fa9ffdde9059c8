/* Rows through functions: values, rejections and their places. */
#include "unit.h"

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
    gw_script_close(script);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(test_a_row),
    };
    return cmocka_run_group_tests_name("script/run", tests, NULL, NULL);
}
