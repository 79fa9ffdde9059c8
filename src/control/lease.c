#include "control/lease.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/clock.h"
#include "pg/query.h"
#include "sql_control.h"

struct gw_lease {
    gw_arena *arena; /* the thread's own */
    gw_session *session;
    gw_connect connect;
    const char *token;
    int64_t lease_ms;
    gw_cancel stop;
    pthread_t thread;
    bool running;
    atomic_bool held;
};

/* Tries again on a new session where the old one is gone. 1 = extended, 0 = another's, -1 = failed.
 */
static int extend(gw_lease *lease)
{
    gw_err err = {0};
    gw_result result;
    gw_arena *scratch = gw_arena_new();
    int outcome = -1;
    if (!lease->session || gw_session_lost(lease->session)) {
        if (lease->session)
            gw_session_close(lease->session);
        lease->session = NULL;
        gw_session_open(lease->arena, &lease->connect, &lease->session, &err);
    }
    if (lease->session) {
        gw_param params[] = {gw_p_text(lease->token), gw_p_int(lease->lease_ms)};
        if (gw_query(lease->session, scratch, &gw_sql_lock_extend, params, 2, &result, &err))
            outcome = result.rows == 1;
    }
    gw_err_clear(&err);
    gw_arena_free(scratch);
    return outcome;
}

static void *keep(void *arg)
{
    gw_lease *lease = arg;
    int64_t last = gw_monotonic_us();
    while (gw_sleep_ms(lease->lease_ms / 3, &lease->stop)) {
        int outcome = extend(lease);
        int64_t now = gw_monotonic_us();
        if (outcome == 1)
            last = now;
        if (outcome == 0 || now - last > lease->lease_ms * 1000) {
            atomic_store(&lease->held, false);
            break;
        }
    }
    return NULL;
}

static void stop_at_cleanup(void *arg)
{
    gw_lease_stop(arg);
}

bool gw_lease_start(gw_arena *arena, const gw_connect *connect, const char *token, int64_t lease_ms,
                    gw_lease **out, gw_err *err)
{
    gw_lease *lease = gw_alloc(arena, sizeof *lease);
    lease->arena = gw_arena_new();
    lease->connect = *connect;
    lease->connect.pinned = true;
    lease->connect.cancel = &lease->stop;
    lease->connect.log = NULL;
    lease->connect.connect_timeout_ms = lease_ms / 3;
    lease->token = gw_strdup(arena, token);
    lease->lease_ms = lease_ms;
    gw_cancel_init(&lease->stop);
    atomic_init(&lease->held, true);
    gw_arena_defer(arena, stop_at_cleanup, lease);
    if (pthread_create(&lease->thread, NULL, keep, lease) != 0)
        return gw_err_set(err, GW_ERR_INTERNAL, "no thread could be started to keep the run lock");
    lease->running = true;
    *out = lease;
    return true;
}

void gw_lease_stop(gw_lease *lease)
{
    if (!lease || !lease->arena)
        return;
    if (lease->running) {
        /* Twice: a statement under way is cancelled, too. */
        gw_cancel_request(&lease->stop);
        gw_cancel_request(&lease->stop);
        pthread_join(lease->thread, NULL);
        lease->running = false;
    }
    gw_arena_free(lease->arena);
    lease->arena = NULL;
    gw_cancel_close(&lease->stop);
}

bool gw_lease_held(gw_lease *lease)
{
    return atomic_load(&lease->held);
}
