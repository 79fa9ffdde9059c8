#include "arena_test.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/cancel.h"
#include "base/clock.h"
#include "pg/pool.h"

static gw_pool *open_pool(const gw_pool_options *options)
{
    gw_err err = {0};
    gw_pool *pool;
    gw_connect connect = {.conninfo = server_fixture_conninfo(), .pinned = true};
    assert_ok(gw_pool_open(arena, &connect, options, &pool, &err));
    return pool;
}

static void opens_min_and_hands_the_same_one_out_again(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *first, *again;
    gw_pool *pool = open_pool(&(gw_pool_options){.min = 2, .max = 3});
    assert_int_equal(gw_pool_count(pool).open, 2);
    assert_int_equal(gw_pool_count(pool).idle, 2);
    assert_ok(gw_pool_take(pool, &first, &err));
    assert_int_equal(gw_pool_count(pool).idle, 1);
    gw_pool_give(pool, first, false);
    assert_ok(gw_pool_take(pool, &again, &err));
    assert_ptr_equal(first, again);
    gw_pool_give(pool, again, false);
    assert_int_equal(gw_pool_count(pool).open, 2);
}

static void grows_to_max_then_says_busy(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *a, *b, *c;
    /* In it two sessions are made, on a machine that may have other things to do. */
    gw_pool *pool = open_pool(&(gw_pool_options){.max = 2, .acquire_ms = 2000});
    assert_int_equal(gw_pool_count(pool).open, 0);
    assert_ok(gw_pool_take(pool, &a, &err));
    assert_ok(gw_pool_take(pool, &b, &err));
    assert_false(gw_pool_take(pool, &c, &err));
    assert_non_null(err.hint);
    assert_kind(GW_ERR_BUSY);
    gw_pool_give(pool, a, false);
    assert_ok(gw_pool_take(pool, &c, &err));
    gw_pool_give(pool, b, false);
    gw_pool_give(pool, c, false);
}

static void what_cannot_be_used_again_is_closed(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *s;
    gw_pool *pool = open_pool(&(gw_pool_options){.max = 1});
    assert_ok(gw_pool_take(pool, &s, &err));
    gw_pool_give(pool, s, true);
    assert_int_equal(gw_pool_count(pool).open, 0);

    assert_ok(gw_pool_take(pool, &s, &err));
    assert_ok(gw_session_begin(s, NULL, &err));
    gw_pool_give(pool, s, false);
    assert_int_equal(gw_pool_count(pool).open, 0);

    assert_ok(gw_pool_take(pool, &s, &err));
    assert_false(gw_exec(s, "SELECT pg_terminate_backend(pg_backend_pid())", &err));
    gw_err_clear(&err);
    gw_pool_give(pool, s, false);
    assert_int_equal(gw_pool_count(pool).open, 0);
}

static void one_that_died_while_idle_is_not_handed_out(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *s;
    gw_pool *pool = open_pool(&(gw_pool_options){.min = 3, .max = 3});
    server_fixture_stop();
    server_fixture_start();
    for (int i = 0; i < 3; i++) {
        assert_ok(gw_pool_take(pool, &s, &err));
        gw_arena *own = gw_arena_new();
        assert_string_equal(ask(s, own, "SELECT 1"), "1");
        gw_arena_free(own);
        gw_pool_give(pool, s, false);
    }
}

static void idle_ones_are_closed_but_never_below_min(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *s[4];
    gw_pool *pool = open_pool(&(gw_pool_options){.min = 1, .max = 4, .idle_ms = 1});
    for (int i = 0; i < 4; i++)
        assert_ok(gw_pool_take(pool, &s[i], &err));
    for (int i = 0; i < 4; i++)
        gw_pool_give(pool, s[i], false);
    int64_t then = gw_monotonic_us();
    while (gw_monotonic_us() - then < 2000) {
    }
    assert_ok(gw_pool_take(pool, &s[0], &err));
    gw_pool_give(pool, s[0], false);
    assert_true(gw_pool_count(pool).open <= 2);
    assert_true(gw_pool_count(pool).open >= 1);
}

static void no_server_is_an_error_and_leaves_room(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_pool *pool;
    gw_session *s;
    gw_connect connect = {.conninfo = "host=127.0.0.1 port=1", .connect_timeout_ms = 20};
    assert_ok(gw_pool_open(arena, &connect, &(gw_pool_options){.max = 1}, &pool, &err));
    for (int i = 0; i < 3; i++) {
        assert_false(gw_pool_take(pool, &s, &err));
        assert_kind(GW_ERR_CONNECT);
    }
    assert_int_equal(gw_pool_count(pool).open, 0);
    assert_false(gw_pool_open(arena, &connect, &(gw_pool_options){.min = 1}, &pool, &err));
    assert_kind(GW_ERR_CONNECT);
}

static void a_stop_ends_the_wait(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_cancel cancel;
    gw_cancel_init(&cancel);
    gw_connect connect = {.conninfo = server_fixture_conninfo(), .cancel = &cancel};
    gw_pool *pool;
    gw_session *a, *b;
    assert_ok(gw_pool_open(arena, &connect, &(gw_pool_options){.max = 1, .acquire_ms = 3600 * 1000},
                           &pool, &err));
    assert_ok(gw_pool_take(pool, &a, &err));
    gw_cancel_request(&cancel);
    assert_false(gw_pool_take(pool, &b, &err));
    assert_kind(GW_ERR_INTERRUPTED);
    gw_pool_give(pool, a, false);
    gw_cancel_close(&cancel);
}

enum { THREADS = 16, ROUNDS = 40 };

typedef struct worker {
    gw_pool *pool;
    atomic_int *out, *most, *failed;
    int number;
} worker;

static void *work(void *arg)
{
    worker *w = arg;
    for (int i = 0; i < ROUNDS; i++) {
        gw_err err = {0};
        gw_session *s;
        if (!gw_pool_take(w->pool, &s, &err)) {
            atomic_fetch_add(w->failed, 1);
            gw_err_clear(&err);
            continue;
        }
        int now = atomic_fetch_add(w->out, 1) + 1;
        int most = atomic_load(w->most);
        while (now > most && !atomic_compare_exchange_weak(w->most, &most, now)) {
        }
        if (!gw_exec(s, "SELECT pg_catalog.set_config('application_name', 'worker', false)", &err))
            atomic_fetch_add(w->failed, 1);
        gw_err_clear(&err);
        atomic_fetch_sub(w->out, 1);
        gw_pool_give(w->pool, s, (i + w->number) % 7 == 0);
    }
    return NULL;
}

static void sixteen_threads_share_five_sessions(void **state)
{
    (void)state;
    gw_pool *pool =
        open_pool(&(gw_pool_options){.min = 1, .max = 5, .acquire_ms = 60 * 1000, .idle_ms = 1});
    atomic_int out = 0, most = 0, failed = 0;
    pthread_t threads[THREADS];
    worker workers[THREADS];
    for (int i = 0; i < THREADS; i++) {
        workers[i] = (worker){pool, &out, &most, &failed, i};
        pthread_create(&threads[i], NULL, work, &workers[i]);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(failed, 0);
    assert_true(most >= 1 && most <= 5);
    gw_pool_counts counts = gw_pool_count(pool);
    assert_int_equal(counts.waiting, 0);
    assert_int_equal(counts.open, counts.idle);
    assert_true(counts.open <= 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        each(opens_min_and_hands_the_same_one_out_again),
        each(grows_to_max_then_says_busy),
        each(what_cannot_be_used_again_is_closed),
        each(one_that_died_while_idle_is_not_handed_out),
        each(idle_ones_are_closed_but_never_below_min),
        each(no_server_is_an_error_and_leaves_room),
        each(a_stop_ends_the_wait),
        each(sixteen_threads_share_five_sessions),
    };
    return cmocka_run_group_tests(tests, server_fixture_setup, server_fixture_teardown);
}
