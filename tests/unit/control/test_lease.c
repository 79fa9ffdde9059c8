#include "control_test.h"

#include "control/lease.h"
#include "control/lock.h"

/* A busy machine may need seconds for a session: only a lease that is to be lost is short. */
enum { LEASE_MS = 9000, SHORT_MS = 600 };

static gw_run_lock *take_lease(int64_t wait_ms, gw_err *err)
{
    gw_run_lock *lock = NULL;
    gw_connect connect = {.conninfo = conninfo_for("postgres"), .pooler = GW_POOLER_YES};
    gw_run_lock_options options = {.connect = &connect, .wait_ms = wait_ms, .lease_ms = LEASE_MS};
    gw_session *session = open_as("postgres", true, GW_POOLER_YES);
    return gw_run_lock_take(arena, session, &actor, &options, &lock, err) ? lock : NULL;
}

/* Poll until a query answers 't'. */
static void await(gw_session *session, const char *question)
{
    for (int i = 0; i < 2400; i++) {
        if (strcmp(ask(session, arena, question), "t") == 0)
            return;
        gw_sleep_ms(50, NULL);
    }
    fail_msg("never true: %s", question);
}

static void it_is_extended_while_its_holder_lives(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *session = open_control();
    gw_run_lock *lock = take_lease(0, &err);
    assert_ok(lock);
    const char *first =
        gw_strdup(arena, ask(session, arena, "SELECT expires_at FROM godwit.run_lock"));
    await(session, gw_printf(arena,
                             "SELECT expires_at > timestamptz '%s' + interval '%d milliseconds'"
                             " FROM godwit.run_lock",
                             first, LEASE_MS / 4));
    assert_ok(gw_run_lock_check(lock, &err));
    gw_run_lock_release(lock);
    assert_string_equal(ask(session, arena, "SELECT token IS NULL FROM godwit.run_lock"), "t");
}

/* Its session is ended by somebody: a new one takes its place. */
static void a_lost_session_is_replaced(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *session = open_control();
    gw_connect connect = {
        .conninfo = gw_printf(arena, "%s user=postgres application_name=keeper", database),
        .pooler = GW_POOLER_YES,
        .application_name = "keeper"};
    gw_lease *lease;
    assert_ok(gw_exec(session,
                      "UPDATE godwit.run_lock SET token = 'me', mode = 'lease',"
                      " expires_at = clock_timestamp()",
                      &err));
    assert_ok(gw_lease_start(arena, &connect, "me", LEASE_MS, &lease, &err));
    static const char there[] =
        "SELECT count(*) > 0 FROM pg_stat_activity WHERE application_name = 'keeper'";
    await(session, there);
    ask(session, arena,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name = 'keeper'");
    assert_ok(gw_exec(session, "UPDATE godwit.run_lock SET expires_at = clock_timestamp()", &err));
    await(session, "SELECT expires_at > clock_timestamp() FROM godwit.run_lock");
    assert_true(gw_lease_held(lease));
    gw_lease_stop(lease);
    gw_lease_stop(lease);
    gw_lease_stop(NULL);
}

static void a_lease_that_is_anothers_is_noticed(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *session = open_control();
    gw_run_lock *lock = take_lease(0, &err);
    assert_ok(lock);
    assert_ok(gw_exec(session, "UPDATE godwit.run_lock SET token = 'thief'", &err));
    for (int i = 0; i < 6000 && gw_run_lock_check(lock, &err); i++)
        gw_sleep_ms(20, NULL);
    assert_kind(GW_ERR_LOST);
    gw_run_lock_release(lock);
    assert_string_equal(ask(session, arena, "SELECT token FROM godwit.run_lock"), "thief");
}

static void one_that_ran_out_is_for_the_next(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *session = open_control();
    assert_ok(gw_exec(session,
                      "UPDATE godwit.run_lock SET token = 'dead', mode = 'lease', actor = 'a',"
                      " host = 'h', command = 'up', acquired_at = clock_timestamp(),"
                      " expires_at = clock_timestamp() + interval '300 milliseconds'",
                      &err));
    gw_run_lock *lock = take_lease(30000, &err);
    assert_ok(lock);
    assert_string_not_equal(ask(session, arena, "SELECT token FROM godwit.run_lock"), "dead");
    gw_run_lock_release(lock);
}

static void a_server_that_stays_away_ends_the_lease(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_lease *lease;
    gw_connect connect = {.conninfo = gw_printf(arena, "%s user=postgres port=1", database)};
    assert_ok(gw_lease_start(arena, &connect, "me", SHORT_MS, &lease, &err));
    for (int i = 0; i < 6000 && gw_lease_held(lease); i++)
        gw_sleep_ms(20, NULL);
    assert_false(gw_lease_held(lease));
    gw_lease_stop(lease);
}

int main(void)
{
#define WITH_TABLES(test) cmocka_unit_test_setup_teardown(test, new_tables, free_arena)
    const struct CMUnitTest tests[] = {
        WITH_TABLES(it_is_extended_while_its_holder_lives),
        WITH_TABLES(a_lost_session_is_replaced),
        WITH_TABLES(a_lease_that_is_anothers_is_noticed),
        WITH_TABLES(one_that_ran_out_is_for_the_next),
        WITH_TABLES(a_server_that_stays_away_ends_the_lease),
    };
    return cmocka_run_group_tests(tests, server_fixture_setup, server_fixture_teardown);
}
