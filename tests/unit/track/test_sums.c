#include "track_test.h"

#include "track/sums.h"

static const char *text_of(const gw_amount *amount)
{
    gw_buf buf = GW_BUF(arena);
    gw_amount_text(&buf, amount);
    return gw_buf_str(&buf);
}

static void amounts_are_exact_past_128_bits(void **state)
{
    (void)state;
    static const char most[] = "340282366920938463463374607431768211455";
    gw_u128 value;
    gw_amount sum = {0};
    assert_string_equal(text_of(&sum), "0");
    assert_true(gw_u128_parse(most, strlen(most), &value));
    for (int i = 0; i < 3; i++)
        gw_amount_add(&sum, value);
    assert_string_equal(text_of(&sum), "1020847100762815390390123822295304634365");
    gw_amount twice = sum;
    gw_amount_add_sum(&twice, &sum);
    assert_string_equal(text_of(&twice), "2041694201525630780780247644590609268730");
}

static void digits_are_read_or_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"", " 1", "1 ", "-1", "+1", "1.0", "1e3", "0x1",
                                      "340282366920938463463374607431768211456",
                                      "999999999999999999999999999999999999999999"};
    gw_u128 value;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(gw_u128_parse(bad[i], strlen(bad[i]), &value));
    assert_true(gw_u128_parse("0007", 4, &value));
    assert_true(value == 7);
}

static void counters_are_found_again_among_many(void **state)
{
    (void)state;
    gw_sums sums = gw_sums_start(arena), other = gw_sums_start(arena);
    for (int round = 0; round < 3; round++)
        for (int i = 0; i < 500; i++) {
            char *name = gw_printf(arena, "p%d", i);
            gw_sums_get(&sums, GW_SUM_PALLET, name, strlen(name), "s", 1)->n[0] += i;
        }
    assert_int_equal(sums.len, 500);
    assert_int_equal(gw_sums_get(&sums, GW_SUM_PALLET, "p7", 2, "s", 1)->n[0], 21);
    /* "ab" + "c" is not "a" + "bc", nor another kind */
    gw_sums_get(&other, GW_SUM_XCM, "ab", 2, "c", 1)->n[0] = 1;
    gw_sums_get(&other, GW_SUM_XCM, "a", 1, "bc", 2)->n[0] = 2;
    gw_sums_get(&other, GW_SUM_PALLET, "ab", 2, "c", 1)->declared = 9;
    assert_int_equal(other.len, 3);
    gw_sums_merge(&sums, &other);
    gw_sums_merge(&sums, &other);
    assert_int_equal(gw_sums_get(&sums, GW_SUM_XCM, "a", 1, "bc", 2)->n[0], 4);
    assert_int_equal(gw_sums_get(&sums, GW_SUM_PALLET, "ab", 2, "c", 1)->declared, 9);
}

static void sums_are_json(void **state)
{
    (void)state;
    gw_sums sums = gw_sums_start(arena);
    gw_buf buf = GW_BUF(arena);
    assert_true(gw_sums_empty(&sums));
    gw_sums_json(&buf, &sums);
    assert_string_equal(gw_buf_str(&buf), "{}");
    gw_buf_clear(&buf);
    gw_sums_get(&sums, GW_SUM_STAGE, "a\"\\\n", 4, NULL, 0)->n[0] = 1;
    gw_sums_get(&sums, GW_SUM_PALLET, "p", 1, "s", 1)->declared = 5;
    sums.teleport.any = true;
    gw_sums_json(&buf, &sums);
    assert_string_equal(gw_buf_str(&buf), "{\"s\":[[\"a\\\"\\\\\\u000a\",1]],\"p\":[[\"p\",\"s\",0,0,0,5]],"
                                          "\"t\":[0,0,\"0\",\"0\",0]}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(amounts_are_exact_past_128_bits),
        TEST(digits_are_read_or_refused),
        TEST(counters_are_found_again_among_many),
        TEST(sums_are_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
