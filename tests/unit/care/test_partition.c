/* Ranges that a table should have and lacks, which are over, and names of 63 bytes: without a server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "care/partition.h"

static gw_arena *arena;

static int start(void **state)
{
    (void)state;
    arena = gw_arena_new();
    return 0;
}

static int stop(void **state)
{
    (void)state;
    gw_arena_free(arena);
    return 0;
}

static const int64_t DAY = 86400LL * 1000000;
static const int64_t JANUARY = 1767225600LL * 1000000; /* 2026-01-01 */

static gw_partitioned table_of(bool is_time, int64_t now, gw_partition *there, size_t count)
{
    gw_partitioned table = {.schema = "a \"b", .name = "t's", .is_time = is_time, .now = now,
                            .default_oid = GW_NULL_INT};
    table.list.items = there;
    table.list.len = table.list.cap = count;
    return table;
}

/* "from to, from to": of times the dates. */
static const char *shown(const gw_ranges *ranges, bool is_time)
{
    const char *text = "";
    for (size_t i = 0; i < ranges->len; i++) {
        gw_range r = ranges->items[i];
        text = is_time ? gw_printf(arena, "%s%s%.10s %.10s", text, i ? ", " : "",
                                   gw_time_rfc3339(arena, r.from), gw_time_rfc3339(arena, r.to))
                       : gw_printf(arena, "%s%s%lld %lld", text, i ? ", " : "", (long long)r.from,
                                   (long long)r.to);
    }
    return text;
}

static const char *missing(const gw_partitioned *table, gw_period every, gw_period ahead)
{
    gw_config_partition rule = {.every = every, .ahead = ahead};
    gw_ranges out = {0};
    gw_partitioned_missing(table, arena, &rule, &out);
    return shown(&out, table->is_time);
}

static void test_months_around_what_is_there(void **state)
{
    (void)state;
    const gw_period month = {1, GW_UNIT_MONTH}, days = {20, GW_UNIT_DAY};
    gw_partitioned none = table_of(true, JANUARY + 30 * DAY, NULL, 0);
    assert_string_equal(missing(&none, month, (gw_period){1, GW_UNIT_MONTH}),
                        "2026-01-01 2026-02-01, 2026-02-01 2026-03-01");
    assert_string_equal(missing(&none, month, days), "2026-01-01 2026-02-01, 2026-02-01 2026-03-01");
    none.now = JANUARY;
    assert_string_equal(missing(&none, month, days), "2026-01-01 2026-02-01");
    gw_partition there[] = {{.range = {GW_RANGE_FIRST, JANUARY + 5 * DAY}},
                            {.range = {JANUARY + 9 * DAY, JANUARY + 40 * DAY}},
                            {.range = {JANUARY + 40 * DAY, JANUARY + 41 * DAY}}};
    gw_partitioned table = table_of(true, JANUARY + 8 * DAY, there, 3);
    assert_string_equal(missing(&table, month, (gw_period){1, GW_UNIT_MONTH}),
                        "2026-01-06 2026-01-10, 2026-02-11 2026-03-01");
    there[2].range.to = GW_RANGE_LAST;
    assert_string_equal(missing(&table, month, (gw_period){9, GW_UNIT_YEAR}), "2026-01-06 2026-01-10");
}

static void test_numbers_below_nothing(void **state)
{
    (void)state;
    const gw_period ten = {10, GW_UNIT_NONE}, one = {1, GW_UNIT_NONE};
    gw_partitioned table = table_of(false, -1, NULL, 0);
    assert_string_equal(missing(&table, ten, one), "-10 0, 0 10");
    table.now = -10;
    assert_string_equal(missing(&table, ten, one), "-10 0, 0 10");
    table.now = -11;
    assert_string_equal(missing(&table, ten, one), "-20 -10, -10 0");
    gw_partition there[] = {{.range = {-15, -12}}, {.range = {-3, 4}}};
    table = table_of(false, -11, there, 2);
    assert_string_equal(missing(&table, ten, one), "-20 -15, -12 -10, -10 -3");
    /* However far: so many at once and no more. */
    gw_config_partition rule = {.every = one, .ahead = {1000000, GW_UNIT_NONE}};
    gw_ranges out = {0};
    gw_partitioned_missing(&table, arena, &rule, &out);
    assert_true(out.len <= 1000 && out.len > 900);
}

static void test_what_is_over(void **state)
{
    (void)state;
    gw_partitioned table = table_of(true, JANUARY + 59 * DAY, NULL, 0); /* 2026-03-01 */
    gw_config_partition rule = {.every = {1, GW_UNIT_MONTH}, .keep = {2, GW_UNIT_MONTH}};
    gw_partition last = {.range = {JANUARY - 31 * DAY, JANUARY}};
    assert_true(gw_partition_is_over(&table, &last, &rule));
    table.now -= 1;
    assert_false(gw_partition_is_over(&table, &last, &rule));
    last.range.to = GW_RANGE_LAST;
    table.now = INT64_MAX / 2;
    assert_false(gw_partition_is_over(&table, &last, &rule));
    last.range.to = JANUARY;
    rule.keep.number = 0; /* for ever */
    assert_false(gw_partition_is_over(&table, &last, &rule));

    table = table_of(false, 57, NULL, 0);
    rule = (gw_config_partition){.every = {10, GW_UNIT_NONE}, .keep = {2, GW_UNIT_NONE}};
    gw_partition old = {.range = {20, 30}}, kept = {.range = {21, 31}};
    assert_true(gw_partition_is_over(&table, &old, &rule));
    assert_false(gw_partition_is_over(&table, &kept, &rule));
}

static void test_names_of_whole_characters(void **state)
{
    (void)state;
    assert_string_equal(gw_partition_cut(arena, "short", 63), "short");
    assert_string_equal(gw_partition_cut(arena, "short", 5), "short");
    assert_string_equal(gw_partition_cut(arena, "short", 4), "shor");
    assert_string_equal(gw_partition_cut(arena, "a\u00fc\u00fc", 4), "a\u00fc");
    assert_string_equal(gw_partition_cut(arena, "a\u00fc\u00fc", 5), "a\u00fc\u00fc");
    assert_string_equal(gw_partition_cut(arena, "\U0001F426\U0001F426", 7), "\U0001F426");
    assert_string_equal(gw_partition_cut(arena, "\U0001F426", 3), "");
    assert_string_equal(gw_partition_cut(arena, "", 0), "");
}

static void test_how_one_is_let_go(void **state)
{
    (void)state;
    gw_partitioned table = table_of(true, 0, NULL, 0);
    gw_partition part = {.schema = "p", .name = "x\"; DROP TABLE y"};
    const char *plain = "ALTER TABLE \"a \"\"b\".\"t's\" DETACH PARTITION \"p\".\"x\"\"; DROP TABLE y\"";
    assert_string_equal(gw_partition_detach_sql(&table, arena, &part, false), plain);
    assert_string_equal(gw_partition_detach_sql(&table, arena, &part, true),
                        gw_printf(arena, "%s CONCURRENTLY", plain));
    part.pending = true; /* finished before anything else, whichever way it began */
    assert_string_equal(gw_partition_detach_sql(&table, arena, &part, true),
                        gw_printf(arena, "%s FINALIZE", plain));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_months_around_what_is_there, start, stop),
        cmocka_unit_test_setup_teardown(test_numbers_below_nothing, start, stop),
        cmocka_unit_test_setup_teardown(test_what_is_over, start, stop),
        cmocka_unit_test_setup_teardown(test_names_of_whole_characters, start, stop),
        cmocka_unit_test_setup_teardown(test_how_one_is_let_go, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
