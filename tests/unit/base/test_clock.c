#include "unit.h"

#include <pthread.h>

#include "base/clock.h"

static const int64_t DAY_MS = 24 * 3600 * 1000;

static void times_are_rfc3339(void **state)
{
    const struct {
        int64_t us;
        const char *text, *version;
    } rows[] = {
        {0, "1970-01-01T00:00:00Z", "19700101000000"},
        {120, "1970-01-01T00:00:00.000120Z", "19700101000000"},
        {-1, "1969-12-31T23:59:59.999999Z", "19691231235959"},
        {-1000000, "1969-12-31T23:59:59Z", "19691231235959"},
        {951782400000000, "2000-02-29T00:00:00Z", "20000229000000"},
        {1000000000500000, "2001-09-09T01:46:40.500000Z", "20010909014640"},
        {253402300799999999, "9999-12-31T23:59:59.999999Z", "99991231235959"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_string_equal(gw_time_rfc3339(*state, rows[i].us), rows[i].text);
        assert_string_equal(gw_time_version(*state, rows[i].us), rows[i].version);
    }
}

static void durations_are_read(void **state)
{
    (void)state;
    const struct {
        const char *text;
        int64_t ms;
    } good[] = {
        {"0", 0},
        {"850ms", 850},
        {"30s", 30000},
        {"15min", 900000},
        {"2h", 7200000},
        {"1d", DAY_MS},
        {"5000", 5000},
        {"0s", 0},
        {"007ms", 7},
        {"24d", 24 * DAY_MS},
        {"576h", 24 * DAY_MS},
        {"2073600s", 24 * DAY_MS},
        {"2073600000", 24 * DAY_MS},
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        int64_t ms = -1;
        if (!gw_duration_parse(good[i].text, &ms) || ms != good[i].ms)
            fail_msg("%s gave %lld", good[i].text, (long long)ms);
    }
}

static void what_is_no_duration_is_refused(void **state)
{
    (void)state;
    const char *const bad[] = {
        "",
        "s",
        "-1",
        "-5s",
        "+5s",
        "5 s",
        " 5s",
        "5s ",
        "1.5s",
        "5us",
        "5S",
        "5m",
        "5sec",
        "1h30min",
        "0x10",
        "5ms5",
        "25d",
        "577h",
        "2073600001",
        "34561min",
        "99999999999999999999",
        "18446744073709551617",
        "1e3",
        "5\xc2\xb5s",
        "\xd9\xa3s",
        "ms",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t ms = -7;
        if (gw_duration_parse(bad[i], &ms) || ms != -7)
            fail_msg("\"%s\" gave %lld", bad[i], (long long)ms);
    }
    int64_t ms = -7;
    assert_false(gw_duration_parse(NULL, &ms));
}

static void durations_are_shown(void **state)
{
    const struct {
        int64_t ms;
        const char *text;
    } rows[] = {
        {-5, "0 ms"},
        {0, "0 ms"},
        {12, "12 ms"},
        {999, "999 ms"},
        {1000, "1.0 s"},
        {3449, "3.4 s"},
        {59999, "59.9 s"},
        {60000, "1 min"},
        {130000, "2 min 10 s"},
        {3599999, "59 min 59 s"},
        {3600000, "1 h"},
        {5400000, "1 h 30 min"},
        {DAY_MS - 1, "23 h 59 min"},
        {DAY_MS, "1 d"},
        {3 * DAY_MS + 7200000, "3 d 2 h"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(gw_duration_human(*state, rows[i].ms), rows[i].text);
}

static void clocks_move_forward(void **state)
{
    (void)state;
    assert_true(gw_now_us() > 1700000000000000);
    int64_t start = gw_monotonic_us();
    assert_true(gw_sleep_ms(3, NULL));
    assert_true(gw_monotonic_us() - start >= 3000);
    assert_true(gw_sleep_ms(0, NULL));
    assert_true(gw_sleep_ms(-5, NULL));
}

static void *ask_to_stop(void *cancel)
{
    gw_cancel_request(cancel);
    return NULL;
}

static void check_sleep_ends(bool with_wake_fd)
{
    gw_cancel cancel;
    gw_cancel_init(&cancel);
    if (!with_wake_fd)
        gw_cancel_close(&cancel);
    assert_true(gw_sleep_ms(1, &cancel));
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, ask_to_stop, &cancel), 0);
    /* Longer than the test may take: it must be woken. */
    assert_false(gw_sleep_ms(3600 * 1000, &cancel));
    pthread_join(thread, NULL);
    assert_false(gw_sleep_ms(3600 * 1000, &cancel));
    assert_false(gw_sleep_ms(0, &cancel));
    gw_cancel_close(&cancel);
}

static void a_stop_ends_a_sleep(void **state)
{
    (void)state;
    check_sleep_ends(true);
    check_sleep_ends(false);
}

static void random_numbers_fill_their_range(void **state)
{
    (void)state;
    assert_int_equal(gw_random(0), 0);
    assert_int_equal(gw_random(1), 0);
    unsigned seen[5] = {0};
    for (int i = 0; i < 2000; i++) {
        uint32_t number = gw_random(5);
        assert_in_range(number, 0, 4);
        seen[number]++;
    }
    for (int i = 0; i < 5; i++)
        assert_in_range(seen[i], 1, 1999);
    unsigned char a[40], b[40];
    gw_random_bytes(a, sizeof a);
    gw_random_bytes(b, sizeof b);
    assert_memory_not_equal(a, b, sizeof a);
}

static void backing_off_stays_in_its_bounds(void **state)
{
    (void)state;
    const struct {
        int64_t base;
        unsigned attempt;
        int64_t cap, least, most;
    } rows[] = {
        {100, 0, 10000, 50, 100},
        {100, 3, 10000, 400, 800},
        {100, 7, 10000, 5000, 10000},
        {100, 4000000000u, 10000, 5000, 10000},
        {1, 62, INT64_MAX, INT64_MAX / 4, INT64_MAX},
        {500, 0, 20, 10, 20},
        {0, 5, 1000, 0, 0},
        {-3, 5, 1000, 0, 0},
        {1, 0, 1, 0, 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int k = 0; k < 200; k++) {
            int64_t ms = gw_backoff_ms(rows[i].base, rows[i].attempt, rows[i].cap);
            if (ms < rows[i].least || ms > rows[i].most)
                fail_msg("row %zu gave %lld", i, (long long)ms);
        }
}

/* All who were turned away at once would come back at once. */
static void backing_off_is_spread(void **state)
{
    (void)state;
    int64_t least = INT64_MAX, most = 0;
    for (int k = 0; k < 200; k++) {
        int64_t ms = gw_backoff_ms(100, 3, 10000);
        least = ms < least ? ms : least;
        most = ms > most ? ms : most;
    }
    /* Of 401 values: that 200 draws stay within a half is chance once in 10^50. */
    assert_true(most - least > 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(times_are_rfc3339),
        with_arena(durations_are_read),
        with_arena(what_is_no_duration_is_refused),
        with_arena(durations_are_shown),
        with_arena(clocks_move_forward),
        with_arena(a_stop_ends_a_sleep),
        with_arena(random_numbers_fill_their_range),
        with_arena(backing_off_stays_in_its_bounds),
        with_arena(backing_off_is_spread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
