#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sync/packed.h"

static gw_arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = gw_arena_new();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    gw_arena_free(arena);
    return 0;
}

static const gw_fingerprint examples[] = {
    {.key = "1", .key_len = 1, .block = 0, .source = 1, .destination = 1},
    {.key = "", .key_len = 0, .block = UINT32_MAX, .source = UINT64_MAX, .destination = UINT64_MAX},
    {.key = "[\"a\\u0000\", \"ü\"]",
     .key_len = 17,
     .block = 7,
     .own_destination = true,
     .source = 1u << 31,
     .destination = 0},
    {.key = "a\0b",
     .key_len = 3,
     .block = 7,
     .source = 0x8000000000000000u,
     .destination = 0x8000000000000000u},
    {.key = "9223372036854775807",
     .key_len = 19,
     .block = 300,
     .own_destination = true,
     .source = 5,
     .destination = 5},
};
enum { EXAMPLES = sizeof examples / sizeof examples[0] };

static void what_goes_in_comes_out(void **state)
{
    (void)state;
    gw_packer packer;
    gw_pack_begin(&packer, arena);
    for (int round = 0; round < 2; round++) {
        gw_int128 sum = 0;
        for (size_t i = 0; i < EXAMPLES; i++) {
            gw_pack_add(&packer, &examples[i]);
            sum += (int64_t)examples[i].source;
        }
        assert_int_equal(packer.count, EXAMPLES);
        assert_true(packer.sum == sum);
        gw_err err = {0};
        gw_unpacker reader;
        gw_fingerprint one;
        bool more;
        assert_true(gw_unpack_begin(&reader, packer.buf.data, packer.buf.len, &err));
        for (size_t i = 0; i < EXAMPLES; i++) {
            assert_true(gw_unpack_next(&reader, &one, &more, &err) && more);
            assert_int_equal(one.key_len, examples[i].key_len);
            assert_memory_equal(one.key, examples[i].key, one.key_len);
            assert_int_equal(one.block, examples[i].block);
            assert_true(one.source == examples[i].source &&
                        one.destination == examples[i].destination);
            assert_int_equal(one.own_destination, examples[i].own_destination);
        }
        assert_true(gw_unpack_next(&reader, &one, &more, &err) && !more);
        gw_pack_clear(&packer);
    }
}

/* Every cut and every changed byte is read without reading past the end; a cut never yields more.
 */
static void damage_is_told_or_harmless(void **state)
{
    (void)state;
    gw_packer packer;
    gw_pack_begin(&packer, arena);
    for (size_t i = 0; i < EXAMPLES; i++)
        gw_pack_add(&packer, &examples[i]);
    for (size_t cut = 0; cut < packer.buf.len; cut++) {
        for (int change = 0; change < 3; change++) {
            size_t len = change ? packer.buf.len : cut;
            char *bytes = malloc(len + 1);
            memcpy(bytes, packer.buf.data, len);
            if (change)
                bytes[cut] = (char)(change == 1 ? bytes[cut] ^ 0x80 : 0xff);
            gw_err err = {0};
            gw_unpacker reader;
            gw_fingerprint one;
            bool more = true, ok = gw_unpack_begin(&reader, bytes, len, &err);
            size_t found = 0;
            while (ok && more && (ok = gw_unpack_next(&reader, &one, &more, &err)))
                found += more;
            assert_true(ok || err.kind == GW_ERR_STATE);
            assert_true(change || found < EXAMPLES);
            gw_err_clear(&err);
            free(bytes);
        }
    }
}

static void sums_are_exact(void **state)
{
    (void)state;
    gw_packer packer;
    gw_pack_begin(&packer, arena);
    for (int i = 0; i < 5; i++)
        gw_pack_add(&packer,
                    &(gw_fingerprint){.key = "k", .key_len = 1, .source = 0x8000000000000000u});
    assert_string_equal(gw_int128_text(arena, packer.sum), "-46116860184273879040");
    assert_string_equal(gw_int128_text(arena, -packer.sum), "46116860184273879040");
    assert_string_equal(gw_int128_text(arena, 0), "0");
    assert_string_equal(gw_int128_text(arena, -7), "-7");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_goes_in_comes_out, set_up, tear_down),
        cmocka_unit_test_setup_teardown(damage_is_told_or_harmless, set_up, tear_down),
        cmocka_unit_test_setup_teardown(sums_are_exact, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
