#include "unit.h"

#include "base/file.h"

#define TEXT(s) s, sizeof s - 1

static void what_is_utf8(void **state)
{
    (void)state;
    const struct {
        const char *data;
        size_t len;
    } good[] = {
        {TEXT("")},
        {TEXT("plain ASCII that is longer than one word of eight bytes\r\n\t\x01\x7f")},
        {TEXT("\xc2\x80\xdf\xbf")}, /* U+0080, U+07FF */
        {TEXT("\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf")},
        {TEXT("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf")}, /* U+10000, U+10FFFF */
        {TEXT("\xef\xbb\xbf"
              "BOM")},
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (gw_utf8_check(good[i].data, good[i].len) != 0)
            fail_msg("row %zu was refused", i);
}

static void what_is_not(void **state)
{
    (void)state;
    const struct {
        const char *data;
        size_t len, at;
    } bad[] = {
        {TEXT("\0"), 1},
        {TEXT("abc\0def"), 4},
        {TEXT("0123456\0"
              "89abcdef"),
         8},
        {TEXT("\x80"), 1},
        {TEXT("a\xbf"), 2},
        {TEXT("\xc0\x80"), 1},         /* overlong NUL */
        {TEXT("\xc1\xbf"), 1},         /* overlong */
        {TEXT("ab\xe0\x80\x80"), 3},   /* overlong */
        {TEXT("\xe0\x9f\xbf"), 1},     /* overlong */
        {TEXT("\xf0\x8f\xbf\xbf"), 1}, /* overlong */
        {TEXT("\xed\xa0\x80"), 1},     /* first surrogate */
        {TEXT("\xed\xbf\xbf"), 1},     /* last surrogate */
        {TEXT("\xf4\x90\x80\x80"), 1}, /* U+110000 */
        {TEXT("\xf5\x80\x80\x80"), 1},
        {TEXT("\xfe"), 1},
        {TEXT("\xff"), 1},
        {TEXT("\xc3"), 1}, /* cut short */
        {TEXT("\xe2\x82"), 1},
        {TEXT("\xf0\x9f\x90"), 1},
        {TEXT("\xc3("), 1},
        {TEXT("\xe2\x82("), 1},
        {TEXT("\xf0\x9f\x90("), 1},
        {TEXT("Gr\xfc\xdf"
              "e from Latin-1"),
         3},
        {TEXT("0123456789abcde\xff"), 16},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        size_t at = gw_utf8_check(bad[i].data, bad[i].len);
        if (at != bad[i].at)
            fail_msg("row %zu gave %zu", i, at);
    }
}

static void a_bad_byte_is_found_wherever_it_is(void **state)
{
    for (size_t len = 1; len < 40; len++)
        for (size_t at = 0; at < len; at++)
            for (int byte = 0; byte < 256; byte += 255) {
                char *text = gw_alloc(*state, len);
                memset(text, 'x', len);
                text[at] = (char)byte;
                assert_int_equal(gw_utf8_check(text, len), at + 1);
            }
}

static void a_clipped_text_ends_with_a_whole_character(void **state)
{
    (void)state;
    assert_int_equal(gw_utf8_clip("abc", 5), 3);
    assert_int_equal(gw_utf8_clip("abc", 2), 2);
    assert_int_equal(gw_utf8_clip("a\xc3\xbc", 3), 3);
    assert_int_equal(gw_utf8_clip("a\xc3\xbc", 2), 1);
    assert_int_equal(gw_utf8_clip("\xf0\x9f\x98\x80", 3), 0);
    assert_int_equal(gw_utf8_clip("", 0), 0);
}

static void places_count_characters(void **state)
{
    (void)state;
    const struct {
        const char *text;
        size_t offset;
        unsigned line, col;
    } rows[] = {
        {"", 0, 1, 1},
        {"abc", 0, 1, 1},
        {"abc", 2, 1, 3},
        {"abc", 3, 1, 4},
        {"a\nb", 1, 1, 2}, /* the line feed belongs to its line */
        {"a\nb", 2, 2, 1},
        {"a\r\nb", 3, 2, 1},
        {"\n\n\nx", 3, 4, 1},
        {"Grüße x", 8, 1, 7}, /* two characters of two bytes before it */
        {"a\n\xf0\x9f\x90\xa6x", 6, 2, 2},
        {"\xef\xbb\xbf"
         "SELECT",
         3, 1, 1},
        {"\xef\xbb\xbf"
         "SELECT",
         5, 1, 3},
        {"\xef\xbb\xbf"
         "a\nb",
         5, 2, 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        unsigned line = 0, col = 0;
        gw_text_place(rows[i].text, rows[i].offset, &line, &col);
        if (line != rows[i].line || col != rows[i].col)
            fail_msg("row %zu gave %u:%u", i, line, col);
    }
}

static void distances_count_edits(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        size_t edits;
    } rows[] = {
        {"", "", 0},        {"", "abc", 3},     {"up", "up", 0},    {"pu", "up", 1},
        {"statu", "status", 1}, {"stats", "status", 1}, {"down", "dawn", 1}, {"redo", "undo", 2},
        {"abcd", "badc", 2}, {"kitten", "sitting", 3},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *a = rows[i].a, *b = rows[i].b;
        assert_int_equal(gw_text_distance(a, strlen(a), b, strlen(b)), rows[i].edits);
        assert_int_equal(gw_text_distance(b, strlen(b), a, strlen(a)), rows[i].edits);
    }
    char longest[65];
    memset(longest, 'x', sizeof longest);
    assert_int_equal(gw_text_distance(longest, 64, longest, 63), 1);
    assert_true(gw_text_distance(longest, 65, "x", 1) == SIZE_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(what_is_utf8),
        with_arena(what_is_not),
        with_arena(a_bad_byte_is_found_wherever_it_is),
        with_arena(a_clipped_text_ends_with_a_whole_character),
        with_arena(places_count_characters),
        with_arena(distances_count_edits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
