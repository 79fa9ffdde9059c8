#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/grid.h"

static void printed(const gw_grid *grid, bool color, const char *expected)
{
    char *text = NULL;
    size_t len = 0;
    FILE *file = open_memstream(&text, &len);
    gw_grid_print(grid, file, color);
    fclose(file);
    assert_string_equal(text, expected);
    free(text);
}

static const char *const titles[] = {"STATE", "NAME", "SERVICE", "TOOK", NULL};
static const bool right[] = {false, false, false, true};

static void test_columns_are_aligned_by_what_is_seen(void **state)
{
    (void)state;
    gw_arena *arena = gw_arena_new();
    gw_grid grid = gw_grid_start(arena, titles, right);
    const char *cells[] = {"applied", "été",    "x", "12 ms", /* two bytes, one column */
                           "pending", "表作成", "y", NULL,    /* three bytes, two columns */
                           "failed",  "plain",  "z", "2 min 10 s"};
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        gw_grid_add(&grid, cells[i]);
    printed(&grid, false,
            "STATE    NAME    SERVICE        TOOK\n"
            "applied  été     x             12 ms\n"
            "pending  表作成  y\n"
            "failed   plain   z        2 min 10 s\n");
    gw_arena_free(arena);
}

static void test_an_empty_column_is_left_out(void **state)
{
    (void)state;
    gw_arena *arena = gw_arena_new();
    gw_grid grid = gw_grid_start(arena, titles, right);
    gw_grid_add(&grid, "applied");
    gw_grid_add(&grid, "a");
    gw_grid_add(&grid, "");
    gw_grid_add(&grid, "1 ms");
    printed(&grid, false,
            "STATE    NAME  TOOK\n"
            "applied  a     1 ms\n");
    gw_arena_free(arena);
}

static void test_a_cell_is_one_line_without_controls(void **state)
{
    (void)state;
    gw_arena *arena = gw_arena_new();
    static const char *const one[] = {"NAME", NULL};
    gw_grid grid = gw_grid_start(arena, one, NULL);
    gw_grid_add(&grid, "a\nb\tc");
    gw_grid_add(&grid, "\033[31mred\302\233m");
    printed(&grid, false, "NAME\na b c\n?[31mred??m\n");
    gw_arena_free(arena);
}

static void test_colour_takes_no_room(void **state)
{
    (void)state;
    gw_arena *arena = gw_arena_new();
    static const char *const two[] = {"A", "B", NULL};
    gw_grid grid = gw_grid_start(arena, two, NULL);
    gw_grid_add_styled(&grid, GW_STYLE_RED, "x");
    gw_grid_add(&grid, "y");
    printed(&grid, true, "\033[1mA\033[0m  \033[1mB\033[0m\n\033[31mx\033[0m  y\n");
    gw_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_columns_are_aligned_by_what_is_seen),
        cmocka_unit_test(test_an_empty_column_is_left_out),
        cmocka_unit_test(test_a_cell_is_one_line_without_controls),
        cmocka_unit_test(test_colour_takes_no_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
