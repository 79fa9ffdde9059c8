#include "control_test.h"

#include <pthread.h>

static void makes_its_tables_once(void **state)
{
    (void)state;
    gw_err err = {0};
    int version = -1;
    gw_session *session = open_control();
    assert_ok(gw_control_version(session, &version, &err));
    assert_int_equal(version, 0);
    assert_ok(gw_control_ensure(session, "ann", &err));
    assert_ok(gw_control_version(session, &version, &err));
    assert_int_equal(version, gw_control_current());
    assert_ok(gw_control_ensure(session, "bob", &err));
    assert_string_equal(ask(session, arena, "SELECT upgraded_by FROM godwit.control"), "ann");
    assert_false(gw_session_in_transaction(session));
}

static void *first_run(void *self)
{
    gw_err *err = self;
    gw_arena *own = gw_arena_new();
    gw_session *session;
    gw_connect connect = {.conninfo = gw_printf(own, "%s user=postgres", database), .pinned = true};
    bool ok = gw_session_open(own, &connect, &session, err) && gw_control_ensure(session, "x", err);
    gw_arena_free(own);
    return ok ? self : NULL;
}

static void first_runs_at_the_same_time_do_not_collide(void **state)
{
    (void)state;
    enum { RUNS = 8 };
    pthread_t threads[RUNS];
    gw_err errs[RUNS] = {0};
    for (int i = 0; i < RUNS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, first_run, &errs[i]), 0);
    for (int i = 0; i < RUNS; i++) {
        void *ok;
        pthread_join(threads[i], &ok);
        if (!ok)
            fail_with(&errs[i], "first run", __FILE__, __LINE__);
    }
    assert_string_equal(ask(open_control(), arena, "SELECT count(*) FROM godwit.control"), "1");
}

static void *first_part(void *self)
{
    gw_err *err = self;
    gw_arena *own = gw_arena_new();
    gw_session *session;
    gw_connect connect = {.conninfo = gw_printf(own, "%s user=postgres", database), .pinned = true};
    bool ok = gw_session_open(own, &connect, &session, err) &&
              gw_control_ensure_part(session, "differential", "x", err);
    gw_arena_free(own);
    return ok ? self : NULL;
}

static void a_part_is_made_once_when_it_is_first_used(void **state)
{
    (void)state;
    enum { RUNS = 4 };
    pthread_t threads[RUNS];
    gw_err errs[RUNS] = {0}, err = {0};
    int version = -1;
    gw_session *session = open_control();
    assert_ok(gw_control_part_version(session, "differential", &version, &err));
    assert_int_equal(version, 0);
    assert_ok(gw_control_ensure(session, "ann", &err)); /* what `up` makes holds no part */
    assert_string_equal(ask(session, arena, "SELECT to_regclass('godwit.parts') IS NULL"), "t");
    for (int i = 0; i < RUNS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, first_part, &errs[i]), 0);
    for (int i = 0; i < RUNS; i++) {
        void *ok;
        pthread_join(threads[i], &ok);
        if (!ok)
            fail_with(&errs[i], "first use", __FILE__, __LINE__);
    }
    assert_ok(gw_control_part_version(session, "differential", &version, &err));
    assert_true(version >= 4);
    assert_string_equal(ask(session, arena, "SELECT count(*) = max(number) FROM godwit.parts"), "t");
    assert_ok(gw_exec(session, "INSERT INTO godwit.parts (part, number, name, applied_by)"
                               " VALUES ('differential', 999, 'x', 'x')", &err));
    assert_false(gw_control_ensure_part(session, "differential", "ann", &err));
    assert_non_null(strstr(err.message, "newer"));
    assert_kind(GW_ERR_STATE);
}

static void tables_of_a_newer_godwit_are_left_alone(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *session = open_control();
    assert_ok(gw_control_ensure(session, "ann", &err));
    assert_ok(gw_exec(session, "UPDATE godwit.control SET version = version + 1", &err));
    assert_false(gw_control_ensure(session, "ann", &err));
    assert_non_null(strstr(err.message, "newer"));
    assert_non_null(err.hint);
    assert_kind(GW_ERR_STATE);
}

static void a_role_without_rights_is_told_which_it_needs(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *admin = open_plain(arena);
    assert_ok(gw_exec(admin, "CREATE ROLE \"O'dd \"\"x\" LOGIN", &err));
    gw_session *session = open_with(
        arena, &(gw_connect){.conninfo = gw_printf(arena, "%s user='O\\'dd \"x'", database),
                             .pinned = true});
    assert_false(gw_control_ensure(session, "ann", &err));
    assert_non_null(strstr(err.hint, "GRANT CREATE ON DATABASE"));
    assert_non_null(strstr(err.hint, " TO \"O'dd \"\"x\""));
    assert_kind(GW_ERR_PRIVILEGE);
    assert_false(gw_session_in_transaction(session));

    int version;
    assert_ok(gw_control_ensure(open_control(), "ann", &err));
    assert_false(gw_control_version(session, &version, &err));
    assert_non_null(strstr(err.hint, "GRANT USAGE ON SCHEMA godwit TO \"O'dd \"\"x\""));
    assert_kind(GW_ERR_PRIVILEGE);
    assert_ok(gw_exec(
        admin, "REASSIGN OWNED BY \"O'dd \"\"x\" TO postgres; DROP ROLE \"O'dd \"\"x\"", &err));
}

static void a_schema_made_beforehand_is_enough(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *admin = open_as("postgres", false, GW_POOLER_AUTO);
    assert_ok(gw_exec(admin, "CREATE ROLE modest LOGIN; CREATE SCHEMA godwit AUTHORIZATION modest",
                      &err));
    assert_ok(gw_control_ensure(open_as("modest", true, GW_POOLER_AUTO), "ann", &err));
}

static void where_nothing_can_be_written_it_says_so(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *admin = open_as("postgres", false, GW_POOLER_AUTO);
    assert_ok(gw_exec(admin,
                      "CREATE ROLE reader LOGIN SUPERUSER;"
                      "ALTER ROLE reader SET default_transaction_read_only = on",
                      &err));
    for (int there = 0; there < 2; there++) {
        assert_false(gw_control_ensure(open_as("reader", true, GW_POOLER_AUTO), "ann", &err));
        assert_non_null(strstr(err.message, "read-only"));
        assert_non_null(err.hint);
        assert_kind(GW_ERR_PRIVILEGE);
        assert_ok(gw_control_ensure(open_control(), "ann", &err));
    }
}

static void what_the_role_puts_into_its_path_does_not_matter(void **state)
{
    (void)state;
    gw_err err = {0};
    int version;
    gw_session *admin = open_as("postgres", false, GW_POOLER_AUTO);
    assert_ok(gw_exec(admin,
                      "CREATE SCHEMA evil; CREATE FUNCTION evil.f(text, text) RETURNS boolean"
                      " LANGUAGE plpgsql AS $$ BEGIN RAISE 'hijacked'; END $$;"
                      "CREATE OPERATOR evil.= (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.f);"
                      "CREATE ROLE hijacked LOGIN SUPERUSER;"
                      "ALTER ROLE hijacked SET search_path = evil, pg_catalog;"
                      "ALTER ROLE hijacked SET default_transaction_isolation = 'serializable'",
                      &err));
    gw_pooler_mode modes[] = {GW_POOLER_AUTO, GW_POOLER_YES};
    for (size_t i = 0; i < 2; i++) {
        gw_session *session = open_as("hijacked", true, modes[i]);
        assert_ok(gw_control_ensure(session, "ann", &err));
        assert_ok(gw_control_version(session, &version, &err));
        assert_int_equal(version, gw_control_current());
    }
}

int main(void)
{
#define WITH_DATABASE(test) cmocka_unit_test_setup_teardown(test, new_database, free_arena)
    const struct CMUnitTest tests[] = {
        WITH_DATABASE(makes_its_tables_once),
        WITH_DATABASE(first_runs_at_the_same_time_do_not_collide),
        WITH_DATABASE(a_part_is_made_once_when_it_is_first_used),
        WITH_DATABASE(tables_of_a_newer_godwit_are_left_alone),
        WITH_DATABASE(a_role_without_rights_is_told_which_it_needs),
        WITH_DATABASE(a_schema_made_beforehand_is_enough),
        WITH_DATABASE(where_nothing_can_be_written_it_says_so),
        WITH_DATABASE(what_the_role_puts_into_its_path_does_not_matter),
    };
    return cmocka_run_group_tests(tests, server_fixture_setup, server_fixture_teardown);
}
