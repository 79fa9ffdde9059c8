#include "control_test.h"

#include "control/event.h"

static gw_event failure_of(const char *version)
{
    return (gw_event){.action = "apply",
                      .outcome = "failed",
                      .version = version,
                      .name = "n",
                      .duration_ms = 12,
                      .sqlstate = "42601",
                      .message = "syntax \"error\" — ö",
                      .detail = "d",
                      .place = "a.sql:1:2",
                      .data = "{\"k\": [1, null]}"};
}

static void is_read_back_as_it_was_written(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *session = open_control();
    gw_event bare = {.action = "up", .outcome = "ok", .duration_ms = GW_NULL_INT},
             full = failure_of("7");
    gw_event_list list;
    assert_ok(gw_event_write(session, &bare, &actor, &err));
    assert_ok(gw_event_write(session, &full, &actor, &err));
    assert_ok(gw_events_read(session, arena, NULL, NULL, NULL, 10, &list, &err));
    assert_int_equal(list.len, 2);
    const gw_event *newest = &list.items[0], *oldest = &list.items[1];
    assert_string_equal(newest->message, full.message);
    assert_string_equal(newest->place, "a.sql:1:2");
    assert_string_equal(newest->data, full.data);
    assert_string_equal(newest->sqlstate, "42601");
    assert_int_equal(newest->duration_ms, 12);
    assert_string_equal(newest->run_id, actor.run_id);
    assert_string_equal(newest->actor, "ann");
    assert_string_equal(newest->host, "desk");
    assert_string_equal(newest->db_user, "postgres");
    assert_true(newest->id > oldest->id && newest->at >= oldest->at);
    assert_null(oldest->version);
    assert_null(oldest->message);
    assert_null(oldest->data);
    assert_true(oldest->duration_ms == GW_NULL_INT);
    assert_string_equal(oldest->service, "");
    assert_ok(gw_events_read(session, arena, "7", NULL, NULL, 10, &list, &err));
    assert_int_equal(list.len, 1);
    assert_ok(gw_events_read(session, arena, NULL, NULL, NULL, 1, &list, &err));
    assert_int_equal(list.len, 1);
    assert_ok(gw_events_read(session, arena, NULL, "up", NULL, 10, &list, &err));
    assert_int_equal(list.len, 1);
    assert_null(list.items[0].version);
    assert_ok(gw_events_read(session, arena, "7", "up", NULL, 10, &list, &err));
    assert_int_equal(list.len, 0);
    assert_ok(gw_events_read(session, arena, NULL, NULL, "nobody", 10, &list, &err));
    assert_int_equal(list.len, 0);
    /* One that goes with a transaction may leave it to the server how long that took. */
    bare.action = "apply";
    bare.duration_ms = GW_SINCE_BEGIN;
    assert_ok(gw_event_write(session, &bare, &actor, &err));
    assert_ok(gw_events_read(session, arena, NULL, "apply", NULL, 1, &list, &err));
    assert_true(list.items[0].duration_ms >= 0);
}

static void nobody_changes_or_removes_one(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *session = open_control();
    gw_event event = failure_of("1");
    assert_ok(gw_event_write(session, &event, &actor, &err));
    const char *attempts[] = {"UPDATE godwit.events SET message = ''", "DELETE FROM godwit.events",
                              "TRUNCATE godwit.events", "DELETE FROM godwit.events WHERE false"};
    for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++) {
        assert_false(gw_exec(session, attempts[i], &err));
        assert_string_equal(err.sqlstate, "42501");
        assert_kind(GW_ERR_PRIVILEGE);
    }
    assert_ok(gw_exec(session,
                      "BEGIN; SET LOCAL godwit.retention = on; DELETE FROM godwit.events; COMMIT",
                      &err));
    assert_string_equal(ask(session, arena, "SELECT count(*) FROM godwit.events"), "0");
}

static void the_last_failure_counts_until_something_else_happens(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *session = open_control();
    gw_event failed = failure_of("1"), other = failure_of("2"), tenant = failure_of("3");
    gw_event ok = {.action = "apply", .outcome = "ok", .version = "1", .duration_ms = 1};
    gw_event stopped = {
        .action = "revert", .outcome = "interrupted", .version = "1", .duration_ms = 1};
    gw_event_list list;
    tenant.tenant = "t1";
    assert_ok(gw_event_write(session, &failed, &actor, &err));
    assert_ok(gw_event_write(session, &other, &actor, &err));
    assert_ok(gw_event_write(session, &tenant, &actor, &err));
    assert_ok(gw_events_last_failures(session, arena, "", &list, &err));
    assert_int_equal(list.len, 2);
    assert_ok(gw_event_write(session, &ok, &actor, &err));
    assert_ok(gw_events_last_failures(session, arena, "", &list, &err));
    assert_int_equal(list.len, 1);
    assert_string_equal(list.items[0].version, "2");
    assert_ok(gw_event_write(session, &stopped, &actor, &err));
    assert_ok(gw_events_last_failures(session, arena, "", &list, &err));
    assert_int_equal(list.len, 2);
    assert_ok(gw_events_last_failures(session, arena, "t1", &list, &err));
    assert_int_equal(list.len, 1);
}

static void an_error_becomes_an_event(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_event event = {0};
    gw_err_set(&err, GW_ERR_SQL, "bad");
    gw_err_at(&err, "m/1.sql", 3, 4);
    gw_event_of_err(arena, &event, &err);
    assert_string_equal(event.outcome, "failed");
    assert_string_equal(event.place, "m/1.sql:3:4");
    assert_null(event.sqlstate);
    gw_err_set(&err, GW_ERR_INTERRUPTED, "stopped");
    gw_event_of_err(arena, &event, &err);
    assert_string_equal(event.outcome, "interrupted");
    gw_err_clear(&err);
}

int main(void)
{
#define WITH_TABLES(test) cmocka_unit_test_setup_teardown(test, new_tables, free_arena)
    const struct CMUnitTest tests[] = {
        WITH_TABLES(is_read_back_as_it_was_written),
        WITH_TABLES(nobody_changes_or_removes_one),
        WITH_TABLES(the_last_failure_counts_until_something_else_happens),
        WITH_TABLES(an_error_becomes_an_event),
    };
    return cmocka_run_group_tests(tests, server_fixture_setup, server_fixture_teardown);
}
