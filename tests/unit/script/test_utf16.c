/* UTF-8 to UTF-16 and back. */
#include "unit.h"

#include "script/internal.h"

static void test_every_character(void **state)
{
    (void)state;
    for (uint32_t code = 0; code <= 0x10ffff; code++) {
        if (code >= 0xd800 && code <= 0xdfff)
            continue;
        uint16_t units[2];
        size_t count = 1;
        units[0] = (uint16_t)code;
        if (code >= 0x10000) {
            units[0] = (uint16_t)(0xd800 + ((code - 0x10000) >> 10));
            units[1] = (uint16_t)(0xdc00 + ((code - 0x10000) & 0x3ff));
            count = 2;
        }
        char text[8];
        gw_utf16_fault fault;
        size_t len = gw_utf8_of(units, count, text, &fault);
        assert_true(len <= gw_utf8_room(units, count));
        assert_int_equal(fault, code ? GW_UTF16_FINE : GW_UTF16_NUL);
        uint16_t again[8];
        assert_int_equal(gw_utf16_of(text, len, again), count);
        assert_memory_equal(again, units, count * 2);
    }
}

static void test_broken(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
        "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xc3", "\xe2\x82", "\xf0\x9f\x98",
        "\xe2\x28\xa1", "12345678\xc3", "1234567\xff" "8",
    };
    uint16_t units[16];
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_int_equal(gw_utf16_of(texts[i], strlen(texts[i]), units), -1);
    assert_int_equal(gw_utf16_of("", 0, units), 0);
}

static void test_halves(void **state)
{
    (void)state;
    const uint16_t cases[][3] = {
        {'a', 0xd83d, 'b'}, {0xdc00, 'a', 'b'}, {'a', 'b', 0xd83d}, {0xd83d, 0xd83d, 0xde00}};
    for (size_t i = 0; i < 4; i++) {
        char text[16];
        gw_utf16_fault fault;
        size_t len = gw_utf8_of(cases[i], 3, text, &fault);
        assert_int_equal(fault, GW_UTF16_HALF);
        assert_true(len <= gw_utf8_room(cases[i], 3));
        uint16_t again[16];
        assert_true(gw_utf16_of(text, len, again) > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_character),
        cmocka_unit_test(test_broken),
        cmocka_unit_test(test_halves),
    };
    return cmocka_run_group_tests_name("script/utf16", tests, NULL, NULL);
}
