/* The thread that says that a coordinator lives: what it hears, what it says, and how it ends. */
#include "arena_test.h"

#include <stdlib.h>

#include "base/clock.h"
#include "control/control.h"
#include "sync/pulse.h"

/* A busy machine may need a second for a beat. */
enum { KEPT_MS = 3000, HOUR = 3600000 };

static gw_session *session, *beating;
static gw_sync_work *work;
static gw_pulse *pulse;
static const char *id;
static const gw_throttle unthrottled;

static gw_sync_owner owner(const char *uuid, int64_t lease_ms)
{
    return (gw_sync_owner){.id = uuid, .host = "here", .pid = 1, .lease_ms = lease_ms};
}
#define MINE "00000000-0000-7000-8000-000000000001"
#define ANOTHER "00000000-0000-7000-8000-000000000002"

static void begin(const gw_sync_owner *who)
{
    gw_err err = {0};
    static const char *names[] = {"a"};
    const gw_source_names entities = {(const char **)names, 1, 1};
    int64_t attempt;
    assert_ok(gw_sync_session_begin(session, arena, id, who, &entities, &attempt, &err));
}

static int set_up(void **state)
{
    gw_err err = {0};
    static const char *names[] = {"a"};
    const gw_source_names entities = {(const char **)names, 1, 1};
    new_arena(state);
    session = open_pinned(arena);
    beating = open_pinned(arena);
    assert_ok(gw_exec(session, "DROP SCHEMA IF EXISTS godwit CASCADE", &err));
    assert_ok(gw_control_ensure_part(session, "differential", "test", &err));
    assert_ok(gw_sync_session_new(session, arena, &entities, "{}", &id, &err));
    work = gw_alloc(arena, sizeof *work);
    work->session_id = id;
    pulse = NULL;
    return 0;
}

static void start(int64_t lease_ms, const gw_throttle *throttle)
{
    gw_err err = {0};
    const gw_sync_owner me = owner(MINE, lease_ms);
    static const char *const workers[] = {"00000000-0000-7000-8000-00000000000a"};
    begin(&me);
    assert_ok(gw_pulse_start(arena, beating, &me, work, throttle, workers, 1, &pulse, &err));
}

static void say(const char *text)
{
    gw_err err = {0};
    assert_ok(gw_exec(session, text, &err));
}

static const char *lease(void)
{
    return ask(session, arena, "SELECT lease_until::text FROM godwit.migration_status_tracking");
}

/* Its lease moves on, and with it the time that the others' pieces are theirs. */
static void until_it_beats(void)
{
    for (int i = 0; i < 2; i++) { /* the one under way may have begun before */
        const char *was = lease();
        while (strcmp(lease(), was) == 0)
            gw_sleep_ms(5, NULL);
    }
}

static void it_keeps_the_lease_and_says_how_far_it_is(void **state)
{
    (void)state;
    atomic_store(&work->rows, 1000000);
    start(KEPT_MS, &unthrottled);
    until_it_beats();
    assert_int_equal(gw_pulse_wants(pulse), GW_PULSE_GO);
    assert_false(gw_pulse_lost(pulse) || atomic_load(&work->stop) || atomic_load(&work->hold));
    /* What is done falls behind where a process counts anew: no rate is below nothing. */
    atomic_store(&work->rows, 0);
    until_it_beats();
    assert_false(gw_pulse_lost(pulse));
    assert_string_equal(ask(session, arena,
                            "SELECT performance_metrics ->> 'workers' FROM "
                            "godwit.migration_status_tracking"),
                        "1");
    gw_pulse_stop(pulse);
    const char *was = lease();
    gw_sleep_ms(250, NULL);
    assert_string_equal(lease(), was);
}

static void what_is_wanted(const char *word, gw_pulse_wanted wanted)
{
    start(KEPT_MS, &unthrottled);
    until_it_beats();
    say(gw_printf(arena, "UPDATE godwit.migration_status_tracking SET wanted = '%s'", word));
    while (!atomic_load(&work->stop))
        gw_sleep_ms(5, NULL);
    assert_int_equal(gw_pulse_wants(pulse), wanted);
    assert_false(gw_pulse_lost(pulse));
    until_it_beats(); /* it lives until it is stopped: the batch under way is not over */
    gw_pulse_stop(pulse);
}

static void it_hears_a_pause(void **state)
{
    (void)state;
    what_is_wanted("pause", GW_PULSE_PAUSE);
}

static void it_hears_a_cancellation(void **state)
{
    (void)state;
    what_is_wanted("cancel", GW_PULSE_CANCEL);
}

static void until_lost(void)
{
    while (!gw_pulse_lost(pulse))
        gw_sleep_ms(5, NULL);
    while (!atomic_load(&work->stop))
        gw_sleep_ms(5, NULL);
    gw_pulse_stop(pulse);
}

static void another_that_took_over_ends_it(void **state)
{
    (void)state;
    start(KEPT_MS, &unthrottled);
    until_it_beats();
    const gw_sync_owner other = owner(ANOTHER, HOUR);
    begin(&other);
    until_lost();
    assert_string_equal(ask(session, arena, "SELECT coordinator::text FROM godwit.migration_status_tracking"),
                        ANOTHER);
}

static void with_its_connection_the_lock_is_gone(void **state)
{
    (void)state;
    const char *pid = ask(beating, arena, "SELECT pg_catalog.pg_backend_pid()::text");
    start(KEPT_MS, &unthrottled);
    until_it_beats();
    say(gw_printf(arena, "SELECT pg_catalog.pg_terminate_backend(%s)", pid));
    until_lost();
}

/* A beat that fails is no lost session: only when the lease has run out meanwhile. */
static void a_beat_that_fails_is_tried_again(void **state)
{
    (void)state;
    start(KEPT_MS, &unthrottled);
    until_it_beats();
    say("ALTER TABLE godwit.migration_status_tracking RENAME TO away");
    until_lost();
    say("ALTER TABLE godwit.away RENAME TO migration_status_tracking");
}

static void a_failure_shorter_than_the_lease(void **state)
{
    (void)state;
    start(9000, &unthrottled); /* a beat every 3 s */
    until_it_beats();
    say("ALTER TABLE godwit.migration_status_tracking RENAME TO away");
    gw_sleep_ms(3300, NULL);
    say("ALTER TABLE godwit.away RENAME TO migration_status_tracking");
    until_it_beats();
    assert_false(gw_pulse_lost(pulse) || atomic_load(&work->stop));
    gw_pulse_stop(pulse);
}

static void it_holds_while_the_throttle_does(void **state)
{
    (void)state;
    static const gw_config_window always = {0, 0};
    gw_throttle throttle = {.windows = &always, .window_count = 1};
    start(KEPT_MS, &throttle);
    while (!atomic_load(&work->hold))
        gw_sleep_ms(5, NULL);
    assert_false(atomic_load(&work->stop));
    gw_pulse_stop(pulse);
}

static void it_stops_while_it_waits(void **state)
{
    (void)state;
    start(HOUR, &unthrottled);
    int64_t began = gw_monotonic_us();
    gw_pulse_stop(pulse); /* in the middle of a second's wait, at most */
    assert_true(gw_monotonic_us() - began < 60000000);
    gw_pulse_stop(pulse);
    gw_pulse_stop(NULL);
}

#define with_session(test) cmocka_unit_test_setup_teardown(test, set_up, free_arena)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_session(it_keeps_the_lease_and_says_how_far_it_is),
        with_session(it_hears_a_pause),
        with_session(it_hears_a_cancellation),
        with_session(another_that_took_over_ends_it),
        with_session(with_its_connection_the_lock_is_gone),
        with_session(a_beat_that_fails_is_tried_again),
        with_session(a_failure_shorter_than_the_lease),
        with_session(it_holds_while_the_throttle_does),
        with_session(it_stops_while_it_waits),
    };
    return cmocka_run_group_tests(tests, server_fixture_setup, server_fixture_teardown);
}
