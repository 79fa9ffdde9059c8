#include "base/lines.h"

#include <string.h>

#include "unit.h"

static gw_lines_sum sum_of(const char *const *lines)
{
    gw_arena *arena = gw_arena_new();
    gw_lines all;
    gw_lines_start(&all, arena);
    for (; *lines; lines++) {
        size_t half = strlen(*lines) / 2;
        gw_lines_add(&all, *lines, half);
        gw_lines_add(&all, *lines + half, strlen(*lines) - half);
        if (strcmp(*lines, "none") == 0)
            gw_lines_forget(&all);
        else
            gw_lines_end(&all);
    }
    gw_arena_free(arena);
    return all.sum;
}

static bool same(const char *const *a, const char *const *b)
{
    gw_lines_sum x = sum_of(a), y = sum_of(b);
    return gw_lines_same(&x, &y);
}

static void test_order_does_not_matter_and_all_else_does(void **state)
{
    const char *const lines[] = {"a", "b", "b", "", NULL};
    (void)state;
    assert_true(same(lines, (const char *const[]){"", "b", "none", "a", "b", NULL}));
    assert_false(same(lines, (const char *const[]){"a", "b", "b", NULL}));
    assert_false(same(lines, (const char *const[]){"a", "a", "b", "", NULL}));
    assert_false(same(lines, (const char *const[]){"a", "bb", "", "", NULL}));
    assert_true(same((const char *const[]){NULL}, (const char *const[]){"none", NULL}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_order_does_not_matter_and_all_else_does)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
