#include "control_test.h"

#include "control/history.h"

static gw_applied row_of(const char *version)
{
    return (gw_applied){.service = "api",
                        .version = version,
                        .sort_key = version,
                        .name = "first; 'x'",
                        .kind = "versioned",
                        .checksum = "ab",
                        .state = "applied",
                        .statements_done = 2,
                        .statements_total = 2,
                        .transactional = true,
                        .applied_at = 1700000000123456,
                        .duration_ms = 34};
}

static const gw_applied *only_row(gw_session *session, const char *tenant)
{
    gw_err err = {0};
    gw_applied_list rows;
    int version;
    assert_ok(gw_history_read(session, arena, tenant, &rows, &version, &err));
    assert_int_equal(version, gw_control_current());
    assert_int_equal(rows.len, 1);
    return &rows.items[0];
}

static void without_tables_there_is_nothing(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_applied_list rows;
    int version = -1;
    gw_session *session = open_control();
    assert_ok(gw_exec(session, "DROP SCHEMA godwit CASCADE", &err));
    assert_ok(gw_history_read(session, arena, "", &rows, &version, &err));
    assert_int_equal(version, 0);
    assert_int_equal(rows.len, 0);
    assert_string_equal(ask(session, arena, "SELECT 1"), "1");
}

static void a_row_comes_back_as_it_was_put(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *session = open_control();
    gw_applied row = row_of("9223372036854775807");
    row.details = "{\"adopted_from\": \"dbmate\"}";
    assert_ok(gw_history_put(session, &row, &actor, &err));
    const gw_applied *back = only_row(session, "");
    assert_string_equal(back->version, row.version);
    assert_string_equal(back->name, row.name);
    assert_string_equal(back->details, row.details);
    assert_true(back->applied_at == row.applied_at);
    assert_int_equal(back->duration_ms, 34);
    assert_string_equal(back->applied_by, "ann");
    assert_string_equal(back->applied_from, "desk");
    assert_string_equal(back->run_id, actor.run_id);
    assert_null(back->intent);
    assert_null(back->backup_id);

    row.checksum = NULL;
    row.state = "running";
    row.intent = "{\"done\": \"é\"}";
    row.applied_at = row.duration_ms = GW_NULL_INT;
    assert_ok(gw_history_put(session, &row, &actor, &err));
    back = only_row(session, "");
    assert_null(back->checksum);
    assert_string_equal(back->state, "running");
    assert_string_equal(back->intent, row.intent);
    assert_true(back->applied_at > 1700000000123456 && back->duration_ms >= 0);
}

static void tenants_and_services_have_their_own(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *session = open_control();
    gw_applied row = row_of("1");
    assert_ok(gw_history_put(session, &row, &actor, &err));
    row.tenant = "acme";
    assert_ok(gw_history_put(session, &row, &actor, &err));
    assert_string_equal(only_row(session, "acme")->tenant, "acme");
    row.tenant = "";
    row.service = "web";
    assert_ok(gw_history_put(session, &row, &actor, &err));
    assert_ok(gw_history_delete(session, "", "api", "1", &err));
    assert_string_equal(only_row(session, "")->service, "web");
    assert_ok(gw_history_delete(session, "", "api", "1", &err));
    only_row(session, "acme");
}

static void progress_is_of_the_row_that_is_there(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *session = open_control();
    gw_applied row = row_of("1");
    assert_ok(gw_history_put(session, &row, &actor, &err));
    assert_ok(
        gw_history_progress(session, "", "api", "1", "reverting", 3, 5, "{\"a\": 1}", 7, &err));
    assert_ok(gw_history_progress(session, "", "api", "2", "running", 3, 5, NULL, 7, &err));
    const gw_applied *back = only_row(session, "");
    assert_string_equal(back->state, "reverting");
    assert_int_equal(back->statements_done, 3);
    assert_int_equal(back->statements_total, 5);
    assert_string_equal(back->intent, "{\"a\": 1}");
}

/* It runs inside a user's transaction: their path, their formats. */
static void settings_of_the_session_do_not_matter(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *work = open_as("postgres", false, GW_POOLER_AUTO);
    gw_applied row = row_of("1");
    assert_ok(
        gw_exec(work,
                "CREATE SCHEMA evil; CREATE FUNCTION evil.f(text, text) RETURNS boolean"
                " LANGUAGE plpgsql AS $$ BEGIN RAISE 'hijacked'; END $$;"
                "CREATE OPERATOR evil.= (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.f);"
                "CREATE FUNCTION evil.clock_timestamp() RETURNS timestamptz LANGUAGE plpgsql AS"
                " $$ BEGIN RAISE 'hijacked'; END $$;"
                "SET search_path = evil, pg_catalog; SET DateStyle = 'German';"
                "SET TimeZone = 'Asia/Tokyo'; SET IntervalStyle = 'iso_8601';"
                "SET standard_conforming_strings = off",
                &err));
    assert_ok(gw_history_put(work, &row, &actor, &err));
    assert_ok(gw_history_progress(work, "", "api", "1", "running", 1, 2, NULL, 7, &err));
    assert_int_equal(only_row(open_control(), "")->statements_done, 1);
    assert_ok(gw_history_put(work, &row, &actor, &err));
    assert_true(only_row(open_control(), "")->applied_at == row.applied_at);
    assert_ok(gw_history_delete(work, "", "api", "1", &err));
}

static void behind_a_pooler_times_are_read_whatever_the_role_has(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *session = open_control();
    gw_applied row = row_of("1");
    assert_ok(gw_history_put(session, &row, &actor, &err));
    assert_ok(
        gw_exec(session,
                "CREATE ROLE tokyo LOGIN SUPERUSER; ALTER ROLE tokyo SET DateStyle = 'German';"
                "ALTER ROLE tokyo SET TimeZone = 'Asia/Tokyo'",
                &err));
    gw_session *pooled = open_as("tokyo", true, GW_POOLER_YES);
    assert_true(only_row(pooled, "")->applied_at == row.applied_at);
    assert_ok(gw_session_begin(pooled, NULL, &err));
    assert_true(only_row(pooled, "")->applied_at == row.applied_at);
    assert_ok(gw_session_commit(pooled, &err));
    assert_string_equal(ask(pooled, arena, "SHOW DateStyle"), "German, DMY");
}

int main(void)
{
#define WITH_TABLES(test) cmocka_unit_test_setup_teardown(test, new_tables, free_arena)
    const struct CMUnitTest tests[] = {
        WITH_TABLES(without_tables_there_is_nothing),
        WITH_TABLES(a_row_comes_back_as_it_was_put),
        WITH_TABLES(tenants_and_services_have_their_own),
        WITH_TABLES(progress_is_of_the_row_that_is_there),
        WITH_TABLES(settings_of_the_session_do_not_matter),
        WITH_TABLES(behind_a_pooler_times_are_read_whatever_the_role_has),
    };
    return cmocka_run_group_tests(tests, server_fixture_setup, server_fixture_teardown);
}
