/* What holds a run up: a time of the day, others who work, replicas that are behind. */
#include "arena_test.h"

#include <stdlib.h>

#include "sync/throttle.h"

enum { MINUTE = 60000000 };

static const int64_t day = INT64_C(1440) * MINUTE;

/* HH:MM of some day, and a microsecond more or less. */
static int64_t at(unsigned hour, unsigned minute, int64_t us)
{
    return 20000 * day + (int64_t)(hour * 60 + minute) * MINUTE + us;
}

static bool in(unsigned from, unsigned to, int64_t now)
{
    const gw_config_window window = {from, to};
    const gw_throttle throttle = {.windows = &window, .window_count = 1};
    return gw_throttle_in_window(&throttle, now);
}

static void a_window_has_its_first_minute_and_not_its_last(void **state)
{
    (void)state;
    assert_true(in(540, 1020, at(9, 0, 0)) && in(540, 1020, at(16, 59, MINUTE - 1)));
    assert_false(in(540, 1020, at(9, 0, -1)) || in(540, 1020, at(17, 0, 0)));
    assert_true(in(0, 1, at(0, 0, 0)) && in(1439, 1440, at(23, 59, MINUTE - 1)));
    assert_false(in(0, 1, at(0, 1, 0)) || in(1439, 1440, at(24, 0, 0)));
}

static void a_window_may_end_on_the_next_day(void **state)
{
    (void)state;
    assert_true(in(1320, 360, at(22, 0, 0)) && in(1320, 360, at(24, 0, 0)) &&
                in(1320, 360, at(5, 59, MINUTE - 1)));
    assert_false(in(1320, 360, at(21, 59, MINUTE - 1)) || in(1320, 360, at(6, 0, 0)));
    /* From an hour to the same one: the whole day. */
    for (unsigned hour = 0; hour < 24; hour++)
        assert_true(in(600, 600, at(hour, 0, 0)) && in(0, 0, at(hour, 59, 0)));
}

/* A clock that was never set says a time of the day, too. */
static void any_time_is_a_time_of_the_day(void **state)
{
    (void)state;
    assert_true(in(0, 1, 0) && in(0, 60, 59 * (int64_t)MINUTE));
    assert_true(in(1439, 1440, -1) && in(1380, 1440, -MINUTE));
    assert_false(in(0, 1380, -1) || in(0, 1380, -day - MINUTE));
}

static void any_of_several_windows_holds(void **state)
{
    (void)state;
    const gw_config_window windows[] = {{60, 120}, {1380, 30}};
    const gw_throttle two = {.windows = windows, .window_count = 2}, none = {.windows = windows};
    assert_true(gw_throttle_in_window(&two, at(1, 30, 0)) && gw_throttle_in_window(&two, at(0, 29, 0)));
    assert_false(gw_throttle_in_window(&two, at(0, 30, 0)) || gw_throttle_in_window(&two, at(2, 0, 0)));
    assert_false(gw_throttle_in_window(&none, at(1, 30, 0)));
}

static const char *holds(const gw_throttle *throttle, gw_session *session, int64_t now)
{
    gw_err err = {0};
    const char *why = "nobody said";
    assert_ok(gw_throttle_holds(throttle, session, now, &why, &err));
    return why;
}

/* A window is known without asking; where nothing is to be asked nobody is. */
static void nobody_is_asked_for_nothing(void **state)
{
    (void)state;
    const gw_config_window window = {0, 0};
    const gw_throttle nothing = {0}, pause = {.max_load = 1, .windows = &window, .window_count = 1};
    assert_null(holds(&nothing, NULL, at(12, 0, 0)));
    assert_string_equal(holds(&pause, NULL, at(12, 0, 0)), "the pause of the day");
}

/* Another session has its query sent and its answer not fetched yet: it is at work until it is let go. */
static void others_at_work_hold(void **state)
{
    (void)state;
    gw_session *session = open_pinned(arena);
    const gw_throttle one = {.max_load = 1}, half = {.max_load = 0.5}, lag = {.max_replica_lag_ms = 1};
    assert_null(holds(&half, session, 0));
    PGconn *busy[2];
    for (int i = 0; i < 2; i++) {
        busy[i] = PQconnectdb(gw_printf(arena, "%s application_name=other", server_fixture_conninfo()));
        assert_int_equal(PQsendQuery(busy[i], "SELECT pg_catalog.pg_sleep(600)"), 1);
        while (atoi(ask(session, arena,
                        "SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE state = 'active' "
                        "AND application_name = 'other'")) <= i)
            continue;
        assert_string_equal(holds(&half, session, 0), "other sessions at work");
        assert_true((holds(&one, session, 0) != NULL) == (i > 0));
    }
    /* Where there is no replica there is none that is behind. */
    assert_null(holds(&lag, session, 0));
    for (int i = 0; i < 2; i++) {
        PGcancel *cancel = PQgetCancel(busy[i]);
        char problem[256];
        assert_int_equal(PQcancel(cancel, problem, sizeof problem), 1);
        PQfreeCancel(cancel);
        PQfinish(busy[i]);
    }
    while (holds(&half, session, 0))
        continue;
    gw_session_close(session);
}

static void who_cannot_be_asked_is_an_error(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *session = open_pinned(arena);
    const gw_throttle one = {.max_load = 1};
    const char *why;
    assert_ok(gw_exec(session, "BEGIN", &err));
    assert_false(gw_exec(session, "SELECT 1/0", &err));
    gw_err_clear(&err);
    assert_false(gw_throttle_holds(&one, session, 0, &why, &err));
    assert_int_not_equal(err.kind, GW_OK);
    gw_err_clear(&err);
    gw_session_rollback(session);
    assert_null(holds(&(gw_throttle){.max_load = 100}, session, 0));
    gw_session_close(session);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        each(a_window_has_its_first_minute_and_not_its_last), each(a_window_may_end_on_the_next_day),
        each(any_time_is_a_time_of_the_day), each(any_of_several_windows_holds),
        each(nobody_is_asked_for_nothing), each(others_at_work_hold), each(who_cannot_be_asked_is_an_error),
    };
    return cmocka_run_group_tests(tests, server_fixture_setup, server_fixture_teardown);
}
