/* Microseconds for taking a session from the pool, SELECT 1, giving it back; and the same with a
 * session opened and closed each time. Prints both medians. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "pg/pool.h"
#include "pg/query.h"

enum { TAKES = 2000, OPENS = 100 };

static int by_value(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static int fail(gw_err *err)
{
    fprintf(stderr, "%s\n", err->message);
    gw_err_clear(err);
    return 1;
}

int main(int argc, char **argv)
{
    static int64_t takes[TAKES], opens[OPENS];
    gw_err err = {0};
    gw_arena *arena = gw_arena_new();
    gw_connect connect = {.conninfo = argc > 1 ? argv[1] : "", .pinned = true};
    gw_pool_options options = {.min = 1, .max = 4};
    gw_pool *pool;
    gw_session *session;
    if (!gw_pool_open(arena, &connect, &options, &pool, &err))
        return fail(&err);
    for (int i = 0; i < TAKES; i++) {
        int64_t began = gw_monotonic_us();
        if (!gw_pool_take(pool, &session, &err) || !gw_exec(session, "SELECT 1", &err))
            return fail(&err);
        gw_pool_give(pool, session, false);
        takes[i] = gw_monotonic_us() - began;
    }
    for (int i = 0; i < OPENS; i++) {
        gw_arena *one = gw_arena_new();
        int64_t began = gw_monotonic_us();
        if (!gw_session_open(one, &connect, &session, &err) || !gw_exec(session, "SELECT 1", &err))
            return fail(&err);
        gw_session_close(session);
        opens[i] = gw_monotonic_us() - began;
        gw_arena_free(one);
    }
    gw_arena_free(arena);
    qsort(takes, TAKES, sizeof *takes, by_value);
    qsort(opens, OPENS, sizeof *opens, by_value);
    printf("%lld %lld\n", (long long)takes[TAKES / 2], (long long)opens[OPENS / 2]);
    return 0;
}
