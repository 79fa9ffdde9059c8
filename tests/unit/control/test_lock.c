#include "control_test.h"

#include <pthread.h>
#include <unistd.h>

#include "control/lock.h"

static gw_run_lock *take(gw_session *session, int64_t wait_ms, int64_t lease_ms, gw_err *err)
{
    gw_run_lock *lock = NULL;
    gw_connect connect = {.conninfo = conninfo_for("postgres"), .pooler = GW_POOLER_YES};
    gw_run_lock_options options = {.connect = &connect, .wait_ms = wait_ms, .lease_ms = lease_ms};
    return gw_run_lock_take(arena, session, &actor, &options, &lock, err) ? lock : NULL;
}

static bool fence(gw_session *session, const gw_run_lock *lock, gw_err *err)
{
    gw_param token = gw_p_text(gw_run_lock_token(lock));
    return gw_exec_sql(session, gw_run_lock_fence_sql(), &token, 1, err);
}

static gw_session *direct(void)
{
    return open_as("postgres", true, GW_POOLER_NO);
}

static gw_session *pooled(void)
{
    return open_as("postgres", true, GW_POOLER_YES);
}

static void each_kind_keeps_each_other_kind_out(void **state)
{
    (void)state;
    gw_session *(*kinds[])(void) = {direct, pooled};
    for (int a = 0; a < 2; a++)
        for (int b = 0; b < 2; b++) {
            gw_err err = {0};
            gw_run_lock *first = take(kinds[a](), 0, 0, &err);
            assert_ok(first);
            assert_null(take(kinds[b](), 50, 0, &err));
            assert_non_null(strstr(err.detail, "godwit up by ann on desk"));
            assert_kind(GW_ERR_BUSY);
            assert_ok(gw_run_lock_check(first, &err));
            gw_run_lock_release(first);
            gw_run_lock_release(first);
            gw_run_lock *second = take(kinds[b](), 0, 0, &err);
            assert_ok(second);
            assert_false(gw_run_lock_check(first, &err));
            assert_kind(GW_ERR_LOST);
            gw_run_lock_release(second);
        }
}

/* A failed try leaves nothing behind that would keep the next one out. */
static void who_did_not_get_it_holds_nothing(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *impatient = direct();
    gw_run_lock *lease = take(pooled(), 0, 0, &err);
    assert_ok(lease);
    assert_null(take(impatient, 0, 0, &err));
    assert_kind(GW_ERR_BUSY);
    gw_run_lock_release(lease);
    gw_run_lock *other = take(direct(), 0, 0, &err);
    assert_ok(other);
    gw_run_lock_release(other);
}

static void it_is_gone_with_its_holder(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *holder = direct();
    gw_run_lock *lost = take(holder, 0, 0, &err);
    assert_ok(lost);
    gw_session_close(holder);
    gw_run_lock *next = take(pooled(), 20000, 0, &err);
    assert_ok(next);
    gw_run_lock_release(next);
}

static void who_was_overtaken_can_commit_nothing(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *holder = direct(), *work = open_as("postgres", false, GW_POOLER_NO);
    gw_run_lock *lost = take(holder, 0, 0, &err);
    assert_ok(lost);
    assert_ok(gw_exec(work, "BEGIN", &err));
    assert_ok(fence(work, lost, &err));
    gw_session_close(holder);

    /* A transaction of the earlier holder is still open: nobody takes over before it ends. */
    assert_null(take(direct(), 100, 0, &err));
    assert_kind(GW_ERR_BUSY);
    assert_ok(gw_exec(work, "COMMIT", &err));
    gw_run_lock *next = take(direct(), 20000, 0, &err);
    assert_ok(next);

    assert_ok(gw_exec(work, "BEGIN", &err));
    assert_false(fence(work, lost, &err));
    assert_string_equal(err.sqlstate, "GW001");
    assert_non_null(err.hint);
    gw_err_clear(&err);
    gw_session_rollback(work);
    assert_ok(fence(work, next, &err));
    gw_run_lock_release(lost); /* not its own any more: the other keeps it */
    assert_ok(gw_run_lock_check(next, &err));
    gw_run_lock_release(next);
}

static gw_run_holder holder_now(void)
{
    gw_run_holder holder;
    gw_err err = {0};
    assert_ok(gw_run_lock_holder(direct(), arena, &holder, &err));
    return holder;
}

static void what_a_gone_holder_left_is_named(void **state)
{
    (void)state;
    gw_session *(*kinds[])(void) = {direct, pooled};
    for (int kind = 0; kind < 2; kind++) {
        gw_err err = {0};
        gw_session *holder = kinds[kind](), *work = open_as("postgres", false, GW_POOLER_NO);
        gw_run_holder before = holder_now();
        assert_true(before.free);
        assert_false(gw_run_holder_busy(&before));
        gw_run_lock *lost = take(holder, 0, 600000, &err);
        assert_ok(lost);
        assert_ok(gw_exec(work, "BEGIN", &err));
        assert_ok(fence(work, lost, &err));
        assert_ok(gw_exec(work, "SELECT\n  42 AS answer", &err));
        gw_run_holder now = holder_now();
        assert_string_equal(now.actor, "ann");
        assert_false(now.gone);
        assert_false(gw_run_holder_left(&now));

        gw_session *admin = open_control();
        if (kind == 0)
            gw_session_close(holder);
        else
            assert_ok(gw_exec(admin, "UPDATE godwit.run_lock SET expires_at = '-infinity'", &err));
        for (int i = 0; i < 1000 && !now.gone; i++, gw_sleep_ms(10, NULL))
            now = holder_now();
        assert_true(gw_run_holder_left(&now));
        assert_int_equal(now.left.pid, gw_session_backend_pid(work));
        assert_string_equal(now.left.query, "SELECT\n  42 AS answer");
        assert_non_null(strstr(gw_run_holder_left_text(arena, &now), ": last SELECT 42 AS answer"));
        assert_null(take(kinds[kind](), 30, 0, &err));
        assert_non_null(strstr(err.hint, "pg_terminate_backend"));
        assert_kind(GW_ERR_BUSY);

        gw_session_rollback(work);
        now = holder_now();
        assert_true(now.gone);
        assert_false(gw_run_holder_left(&now));
        gw_run_lock *next = take(direct(), 20000, 0, &err);
        assert_ok(next);
        gw_run_lock_release(next);
    }
}

static void the_fence_holds_in_any_session(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_run_lock *lock = take(direct(), 0, 0, &err);
    gw_session *work = open_as("postgres", false, GW_POOLER_NO);
    assert_ok(lock);
    assert_ok(gw_exec(work,
                      "CREATE SCHEMA evil; CREATE FUNCTION evil.f(text, text) RETURNS boolean"
                      " LANGUAGE plpgsql AS $$ BEGIN RAISE 'hijacked'; END $$;"
                      "CREATE OPERATOR evil.= (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.f);"
                      "SET search_path = evil, pg_catalog; CREATE TEMP TABLE run_lock (name text);",
                      &err));
    assert_ok(gw_exec(work, "BEGIN ISOLATION LEVEL SERIALIZABLE", &err));
    assert_ok(fence(work, lock, &err));
    assert_ok(gw_exec(work, "COMMIT", &err));
    gw_run_lock_release(lock);
}

typedef struct runner {
    int number, ran;
    gw_err err;
} runner;

static void *run_one(void *self)
{
    runner *it = self;
    gw_arena *own = gw_arena_new();
    gw_session *session;
    gw_run_lock *lock;
    gw_connect connect = {.conninfo = gw_printf(own, "%s user=postgres", database),
                          .pinned = true,
                          .pooler = it->number % 2 ? GW_POOLER_YES : GW_POOLER_NO};
    gw_run_lock_options options = {.connect = &connect, .wait_ms = 120000};
    gw_err *err = &it->err;
    bool ok = gw_session_open(own, &connect, &session, err) &&
              gw_run_lock_take(own, session, &actor, &options, &lock, err);
    /* Two at once would both read the same number. */
    if (ok)
        it->ran = gw_exec(session, "CREATE TABLE public.alone ()", err) &&
                  gw_exec(session, "DROP TABLE public.alone", err) &&
                  gw_exec(session, "UPDATE public.counter SET n = n + 1", err);
    gw_arena_free(own);
    return NULL;
}

static void of_many_each_has_it_once(void **state)
{
    (void)state;
    enum { RUNS = 12 };
    gw_err err = {0};
    pthread_t threads[RUNS];
    runner runners[RUNS] = {0};
    gw_session *session = open_control();
    assert_ok(gw_exec(session, "CREATE TABLE public.counter AS SELECT 0 AS n", &err));
    for (int i = 0; i < RUNS; i++) {
        runners[i].number = i;
        assert_int_equal(pthread_create(&threads[i], NULL, run_one, &runners[i]), 0);
    }
    for (int i = 0; i < RUNS; i++) {
        pthread_join(threads[i], NULL);
        if (!runners[i].ran)
            fail_with(&runners[i].err, "a runner", __FILE__, __LINE__);
    }
    assert_string_equal(ask(session, arena, "SELECT n FROM public.counter"), "12");
}

static void another_tools_lock_is_taken_and_given_back(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *tool = open_plain(arena), *other = direct();
    tool = open_as("postgres", false, GW_POOLER_NO);
    gw_run_lock *lock = take(other, 0, 0, &err);
    assert_ok(lock);
    assert_string_equal(ask(tool, arena, "SELECT pg_try_advisory_lock(42)"), "t");
    assert_false(gw_run_lock_take_key(lock, 42, "sqlx", 30, &err));
    assert_non_null(strstr(err.message, "sqlx"));
    assert_kind(GW_ERR_BUSY);
    assert_string_equal(ask(tool, arena, "SELECT pg_advisory_unlock(42)"), "t");
    assert_ok(gw_run_lock_take_key(lock, 42, "sqlx", 0, &err));
    assert_string_equal(ask(tool, arena, "SELECT pg_try_advisory_lock(42)"), "f");
    gw_run_lock_release(lock);
    assert_string_equal(ask(tool, arena, "SELECT pg_try_advisory_lock(42)"), "t");

    lock = take(pooled(), 0, 0, &err);
    assert_ok(lock);
    assert_false(gw_run_lock_take_key(lock, 43, "sqlx", 0, &err));
    assert_non_null(strstr(err.hint, "direct_url"));
    assert_kind(GW_ERR_UNSUPPORTED);
    gw_run_lock_release(lock);
}

int main(void)
{
#define WITH_TABLES(test) cmocka_unit_test_setup_teardown(test, new_tables, free_arena)
    const struct CMUnitTest tests[] = {
        WITH_TABLES(each_kind_keeps_each_other_kind_out),
        WITH_TABLES(who_did_not_get_it_holds_nothing),
        WITH_TABLES(it_is_gone_with_its_holder),
        WITH_TABLES(who_was_overtaken_can_commit_nothing),
        WITH_TABLES(what_a_gone_holder_left_is_named),
        WITH_TABLES(the_fence_holds_in_any_session),
        WITH_TABLES(of_many_each_has_it_once),
        WITH_TABLES(another_tools_lock_is_taken_and_given_back),
    };
    return cmocka_run_group_tests(tests, server_fixture_setup, server_fixture_teardown);
}
