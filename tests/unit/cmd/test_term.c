#include "unit.h"

#include <string.h>

#include "cmd/term.h"

static void test_columns(void **state)
{
    (void)state;
    assert_int_equal(gw_text_columns(""), 0);
    assert_int_equal(gw_text_columns("plain"), 5);
    assert_int_equal(gw_text_columns("été"), 3);
    assert_int_equal(gw_text_columns("表作成"), 6);
    assert_int_equal(gw_text_columns("e\xcc\x81"), 1); /* a combining accent */
    assert_int_equal(gw_text_columns("🐦x"), 3);
    assert_int_equal(gw_text_columns("a\xff"
                                     "b"),
                     3); /* not UTF-8: a byte is a column */
}

static void test_clip_never_cuts_a_character(void **state)
{
    (void)state;
    assert_int_equal(gw_text_clip("plain", 3), 3);
    assert_int_equal(gw_text_clip("plain", 30), 5);
    assert_int_equal(gw_text_clip("表作成", 3), 3); /* the second does not fit any more */
    assert_int_equal(gw_text_clip("表作成", 4), 6);
    assert_int_equal(gw_text_clip("été", 0), 0);
}

static void test_safe(void **state)
{
    (void)state;
    gw_arena *arena = gw_arena_new();
    assert_string_equal(gw_text_safe(arena, "a\033]0;title\007b"), "a?]0;title?b");
    assert_string_equal(gw_text_safe(arena, "lines\n\tstay é"), "lines\n\tstay é");
    assert_string_equal(gw_text_safe(arena, "\302\233x\177"), "??x?");
    assert_string_equal(gw_text_safe(arena, NULL), "");
    gw_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_columns),
        cmocka_unit_test(test_clip_never_cuts_a_character),
        cmocka_unit_test(test_safe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
