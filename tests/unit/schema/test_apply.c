/* Statements of a plan on a real server: what stays where one fails, and what is tried again. */
#include "arena_test.h"

#include "schema/apply.h"

static gw_session *session;

static int set_up(void **state)
{
    gw_err err = {0};
    new_arena(state);
    session = open_pinned(arena);
    assert_ok(gw_exec(session, "DROP SCHEMA IF EXISTS a CASCADE; CREATE SCHEMA a", &err));
    return 0;
}

static int tear_down(void **state)
{
    gw_session_close(session);
    return free_arena(state);
}

static gw_ddl_statement plain(const char *sql)
{
    return (gw_ddl_statement){.sql = sql};
}

static const char *there(void)
{
    return ask(session, arena,
               "SELECT coalesce(string_agg(relname, ' ' ORDER BY relname), '') FROM pg_class "
               "WHERE relnamespace = 'a'::regnamespace");
}

typedef struct seen {
    size_t opened, before, mended;
    const char *instead_of; /* said to be done already */
    bool mend;
} seen;

static bool opened(void *self, gw_err *err)
{
    ((seen *)self)->opened++;
    return gw_exec(session, "SET LOCAL lock_timeout = 100", err);
}

static bool before(void *self, const gw_ddl_statement *statement, bool *done, gw_err *err)
{
    seen *s = self;
    (void)err;
    s->before++;
    *done = s->instead_of && strcmp(s->instead_of, statement->sql) == 0;
    return true;
}

static bool mended(void *self, const gw_err *problem)
{
    seen *s = self;
    gw_err err = {0};
    assert_string_equal(problem->sqlstate, "42P01");
    s->mended++;
    if (s->mend)
        assert_ok(gw_exec(session, "CREATE TABLE a.wanted ()", &err));
    return s->mend;
}

static void test_a_transaction_leaves_nothing_where_one_fails(void **state)
{
    (void)state;
    gw_ddl_statement list[] = {plain("CREATE TABLE a.one ()"), plain("CREATE TABLE a.two ()"),
                               plain("ALTER TABLE a.nowhere ADD b int"),
                               plain("CREATE TABLE a.three ()")};
    seen s = {0};
    size_t failed = 99;
    gw_err err = {0};
    gw_apply apply = {.session = session, .opened = opened, .self = &s};
    assert_false(gw_apply_all(&apply, list, 4, &failed, &err));
    assert_int_equal(failed, 2);
    assert_int_equal(s.opened, 1);
    assert_kind(GW_ERR_SQL);
    assert_string_equal(there(), "");
    assert_false(gw_session_in_transaction(session));
}

static void test_what_commits_alone_stays(void **state)
{
    (void)state;
    gw_ddl_statement list[] = {
        plain("CREATE TABLE a.one (k int)"),
        {.sql = "CREATE INDEX CONCURRENTLY one_k ON a.one (k)", .flags = GW_DDL_NO_TX},
        plain("CREATE TABLE a.two ()"), plain("SELECT 1/0")};
    size_t failed = 99;
    gw_err err = {0};
    gw_apply apply = {.session = session};
    assert_false(gw_apply_all(&apply, list, 4, &failed, &err));
    gw_err_clear(&err);
    assert_int_equal(failed, 3);
    assert_string_equal(there(), "one one_k");
}

static void test_it_is_tried_again_where_that_was_mended(void **state)
{
    (void)state;
    gw_ddl_statement list[] = {plain("CREATE TABLE a.one ()"), plain("ALTER TABLE a.wanted ADD b int")};
    gw_err err = {0};
    seen s = {.mend = true};
    gw_apply apply = {.session = session, .opened = opened, .mended = mended, .self = &s};
    assert_ok(gw_apply_all(&apply, list, 2, NULL, &err));
    assert_int_equal(s.opened, 2);
    assert_int_equal(s.mended, 1);
    assert_string_equal(there(), "one wanted");
    seen never = {0};
    apply.self = &never;
    list[0] = plain("CREATE TABLE a.again ()");
    list[1] = plain("ALTER TABLE a.nowhere ADD b int");
    assert_false(gw_apply_all(&apply, list, 2, NULL, &err));
    gw_err_clear(&err);
    assert_int_equal(never.mended, 1);
    assert_string_equal(there(), "one wanted");
}

static void test_what_the_caller_has_done_is_not_run(void **state)
{
    (void)state;
    gw_ddl_statement list[] = {plain("CREATE TABLE a.one ()"), plain("CREATE TABLE a.two ()")};
    gw_err err = {0};
    seen s = {.instead_of = "CREATE TABLE a.one ()"};
    gw_apply apply = {.session = session, .before = before, .self = &s};
    assert_ok(gw_apply_all(&apply, list, 2, NULL, &err));
    assert_int_equal(s.before, 2);
    assert_string_equal(there(), "two");
}

static void test_more_than_go_at_once_in_small_steps(void **state)
{
    (void)state;
    enum { MANY = 150 };
    gw_ddl_statement list[MANY];
    for (size_t i = 0; i < MANY; i++)
        list[i] = plain(gw_printf(arena, "CREATE TABLE a.t%03zu ()", i));
    list[140] = plain("SELECT 1/0");
    size_t failed = 0;
    gw_err err = {0};
    gw_apply apply = {.session = session, .small_steps = true};
    assert_false(gw_apply_all(&apply, list, MANY, &failed, &err));
    assert_string_equal(err.sqlstate, "22012");
    gw_err_clear(&err);
    assert_int_equal(failed, 140);
    /* what was committed before is still there: a shadow may be thrown away half-made */
    assert_string_equal(ask(session, arena,
                            "SELECT count(*) FROM pg_class WHERE relnamespace = 'a'::regnamespace"),
                        "128");
    apply.small_steps = false;
    assert_false(gw_apply_all(&apply, list + 128, MANY - 128, &failed, &err));
    gw_err_clear(&err);
    assert_int_equal(failed, 12);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_transaction_leaves_nothing_where_one_fails),
        TEST(test_what_commits_alone_stays),
        TEST(test_it_is_tried_again_where_that_was_mended),
        TEST(test_what_the_caller_has_done_is_not_run),
        TEST(test_more_than_go_at_once_in_small_steps),
    };
    return cmocka_run_group_tests(tests, server_fixture_setup, server_fixture_teardown);
}
