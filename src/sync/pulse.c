#include "sync/pulse.h"

#include <pthread.h>
#include <string.h>

#include "base/clock.h"

struct gw_pulse {
    gw_arena *arena; /* the thread's own */
    gw_session *session;
    gw_sync_owner owner;
    gw_sync_work *work;
    const gw_throttle *throttle;
    const char *const *workers;
    size_t count;
    gw_cancel stop;
    pthread_t thread;
    bool running;
    atomic_int wanted;
    atomic_bool lost;
};

static int64_t interval_ms(const gw_pulse *pulse)
{
    int64_t third = pulse->owner.lease_ms / 3;
    return third < 1000 ? third : 1000;
}

static void hear(gw_pulse *pulse, const gw_sync_beat *beat)
{
    gw_pulse_wanted wanted = !beat->wanted                         ? GW_PULSE_GO
                             : strcmp(beat->wanted, "cancel") == 0 ? GW_PULSE_CANCEL
                                                                   : GW_PULSE_PAUSE;
    atomic_store(&pulse->wanted, (int)wanted);
    if (beat->lost)
        atomic_store(&pulse->lost, true);
    if (beat->lost || wanted != GW_PULSE_GO)
        atomic_store(&pulse->work->stop, true);
}

/* No batch begins while something else matters more. */
static void throttle(gw_pulse *pulse)
{
    gw_err ignored = {0};
    const char *why = NULL;
    if (!gw_throttle_holds(pulse->throttle, pulse->session, gw_now_us(), &why, &ignored))
        why = NULL;
    gw_err_clear(&ignored);
    if ((why != NULL) != atomic_exchange(&pulse->work->hold, why != NULL) && why)
        gw_log_write(pulse->work->log, GW_LOG_INFO, NULL, "the run waits",
                     GW_FIELDS(GW_TEXT("for", why)));
}

/* Rows a second over the last beats; new ones count for a fifth. */
static double rate_of(double rate, long long rows, int64_t us)
{
    double now = (double)rows * 1e6 / (double)(us ? us : 1);
    return rate > 0 ? rate * 0.8 + now * 0.2 : now;
}

static void *beat(void *arg)
{
    gw_pulse *pulse = arg;
    int64_t last = gw_monotonic_us(), seen_at = last;
    long long seen = 0;
    double rate = 0;
    while (gw_sleep_ms(interval_ms(pulse), &pulse->stop)) {
        gw_err err = {0};
        gw_sync_beat now;
        long long rows = atomic_load(&pulse->work->rows) + atomic_load(&pulse->work->filled);
        int64_t at = gw_monotonic_us();
        rate = rate_of(rate, rows - seen, at - seen_at);
        seen = rows;
        seen_at = at;
        gw_arena_reset(pulse->arena);
        if (gw_sync_session_beat(pulse->session, pulse->arena, pulse->work->session_id,
                                 &pulse->owner, pulse->workers, pulse->count, rate, &now, &err)) {
            last = at;
            hear(pulse, &now);
            throttle(pulse);
        } else if (gw_session_lost(pulse->session) ||
                   gw_monotonic_us() - last > pulse->owner.lease_ms * 1000) {
            /* The session lock went with the connection. */
            atomic_store(&pulse->lost, true);
            atomic_store(&pulse->work->stop, true);
        }
        gw_err_clear(&err);
        if (atomic_load(&pulse->lost))
            break;
    }
    return NULL;
}

static void stop_at_cleanup(void *arg)
{
    gw_pulse_stop(arg);
}

bool gw_pulse_start(gw_arena *arena, gw_session *session, const gw_sync_owner *owner,
                    gw_sync_work *work, const gw_throttle *throttle,
                    const char *const *workers, size_t count, gw_pulse **out, gw_err *err)
{
    gw_pulse *pulse = gw_alloc(arena, sizeof *pulse);
    *pulse = (gw_pulse){.arena = gw_arena_new(),
                        .session = session,
                        .owner = *owner,
                        .work = work,
                        .throttle = throttle,
                        .workers = workers,
                        .count = count};
    gw_cancel_init(&pulse->stop);
    atomic_init(&pulse->wanted, GW_PULSE_GO);
    atomic_init(&pulse->lost, false);
    gw_arena_defer(arena, stop_at_cleanup, pulse);
    if (pthread_create(&pulse->thread, NULL, beat, pulse) != 0)
        return gw_err_set(err, GW_ERR_INTERNAL, "no thread could be started to keep the lease");
    pulse->running = true;
    *out = pulse;
    return true;
}

void gw_pulse_stop(gw_pulse *pulse)
{
    if (!pulse || !pulse->arena)
        return;
    if (pulse->running) {
        gw_cancel_request(&pulse->stop);
        pthread_join(pulse->thread, NULL);
        pulse->running = false;
    }
    gw_arena_free(pulse->arena);
    pulse->arena = NULL;
    gw_cancel_close(&pulse->stop);
}

gw_pulse_wanted gw_pulse_wants(gw_pulse *pulse)
{
    return (gw_pulse_wanted)atomic_load(&pulse->wanted);
}

bool gw_pulse_lost(gw_pulse *pulse)
{
    return atomic_load(&pulse->lost);
}
