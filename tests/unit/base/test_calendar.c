#include "unit.h"

#include "base/calendar.h"
#include "base/clock.h"

/* 2026-01-01T00:00:00Z, a Thursday. */
static const int64_t NEW_YEAR = 1767225600000000;
static const int64_t HOUR = 3600000000;

static void amounts_are_read(void **state)
{
    const struct {
        const char *text;
        int64_t number;
        gw_unit unit;
        const char *shown;
    } rows[] = {
        {"3 months", 3, GW_UNIT_MONTH, "3 months"}, {"1 month", 1, GW_UNIT_MONTH, "1 month"},
        {"month", 1, GW_UNIT_MONTH, "1 month"},     {"day", 1, GW_UNIT_DAY, "1 day"},
        {"90d", 90, GW_UNIT_DAY, "90 days"},        {"12h", 12, GW_UNIT_HOUR, "12 hours"},
        {"15min", 15, GW_UNIT_MINUTE, "15 minutes"}, {"30s", 30, GW_UNIT_SECOND, "30 seconds"},
        {"2w", 2, GW_UNIT_WEEK, "2 weeks"},         {"6m", 6, GW_UNIT_MONTH, "6 months"},
        {"2 quarters", 2, GW_UNIT_QUARTER, "2 quarters"}, {"1y", 1, GW_UNIT_YEAR, "1 year"},
        {"1000000", 1000000, GW_UNIT_NONE, "1000000"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        gw_period got;
        assert_true(gw_period_parse(rows[i].text, &got));
        assert_int_equal(got.number, rows[i].number);
        assert_int_equal(got.unit, rows[i].unit);
        assert_string_equal(gw_period_text(*state, got), rows[i].shown);
    }
    const char *const bad[] = {"", "0", "0 days", "-1 day", "d", "min", "1.5 days", "3 moons", "3 ", " 3 days",
                               "3 dayss", "9999999999999999", "months 3"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        gw_period got;
        assert_false(gw_period_parse(bad[i], &got));
    }
}

static void ranges_begin_in_utc(void **state)
{
    const struct {
        int64_t at;
        gw_unit unit;
        const char *begins, *next, *name;
    } rows[] = {
        {1774999800LL * 1000000, GW_UNIT_MONTH, "2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z", "y2026m03"},
        {1798759800LL * 1000000, GW_UNIT_MONTH, "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z", "y2026m12"},
        {1709168400LL * 1000000, GW_UNIT_DAY, "2024-02-29T00:00:00Z", "2024-03-01T00:00:00Z", "y2024m02d29"},
        {1767225600LL * 1000000, GW_UNIT_WEEK, "2025-12-29T00:00:00Z", "2026-01-05T00:00:00Z", "y2025m12d29"},
        {1767571200LL * 1000000, GW_UNIT_WEEK, "2026-01-05T00:00:00Z", "2026-01-12T00:00:00Z", "y2026m01d05"},
        {1795327140LL * 1000000, GW_UNIT_HOUR, "2026-11-22T05:00:00Z", "2026-11-22T06:00:00Z", "y2026m11d22h05"},
        {1795327140LL * 1000000, GW_UNIT_QUARTER, "2026-10-01T00:00:00Z", "2027-01-01T00:00:00Z", "y2026q4"},
        {1795327140LL * 1000000, GW_UNIT_YEAR, "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z", "y2026"},
        {-1LL * 1000000, GW_UNIT_MONTH, "1969-12-01T00:00:00Z", "1970-01-01T00:00:00Z", "y1969m12"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t begins = gw_calendar_floor(rows[i].at, rows[i].unit);
        assert_string_equal(gw_time_rfc3339(*state, begins), rows[i].begins);
        assert_string_equal(gw_time_rfc3339(*state, gw_calendar_add(begins, 1, rows[i].unit)), rows[i].next);
        assert_string_equal(gw_calendar_name(*state, begins, rows[i].unit), rows[i].name);
    }
}

static void months_keep_their_end(void **state)
{
    int64_t end = NEW_YEAR + 30 * 24 * HOUR; /* 2026-01-31 */
    assert_string_equal(gw_time_rfc3339(*state, gw_calendar_add(end, 1, GW_UNIT_MONTH)), "2026-02-28T00:00:00Z");
    assert_string_equal(gw_time_rfc3339(*state, gw_calendar_add(end, -2, GW_UNIT_MONTH)), "2025-11-30T00:00:00Z");
    assert_string_equal(gw_time_rfc3339(*state, gw_calendar_add(end, -13, GW_UNIT_MONTH)), "2024-12-31T00:00:00Z");
    assert_string_equal(gw_time_rfc3339(*state, gw_calendar_add(end, 1, GW_UNIT_YEAR)), "2027-01-31T00:00:00Z");
    assert_string_equal(gw_time_rfc3339(*state, gw_calendar_add(end, -1, GW_UNIT_DAY)), "2026-01-30T00:00:00Z");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_arena(amounts_are_read),
        with_arena(ranges_begin_in_utc),
        with_arena(months_keep_their_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
