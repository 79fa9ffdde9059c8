/* An end that comes in time. What only looks has a moment to come to its end; then its statements are cancelled, and where the
 * server does not even hear that, its connections are let go. Nothing is lost: nothing of it writes. */
#include "base/clock.h"
#include "cmd/serve/serve.h"

enum { STEP_MS = 20, CANCEL_MS = 3000, CUT_MS = 4000, LAST_MS = 5000 };

static void *end_in_time(void *self)
{
    gw_serve *serve = self;
    int64_t began = gw_monotonic_us() / 1000;
    bool canceled = false, cut = false;
    while (!atomic_load(&serve->ending.over)) {
        int64_t gone = gw_monotonic_us() / 1000 - began;
        if (!canceled && gone >= CANCEL_MS)
            gw_cancel_request(&serve->reads);
        if (!cut && gone >= CUT_MS)
            gw_cancel_cut(&serve->reads);
        if (gone >= LAST_MS)
            gw_cancel_cut(&serve->last);
        canceled = gone >= CANCEL_MS;
        cut = gone >= CUT_MS;
        gw_sleep_ms(STEP_MS, NULL);
    }
    return NULL;
}

void gw_ending_begin(gw_serve *serve)
{
    gw_cancel_request(&serve->reads);
    gw_cancel_request(&serve->last);
    serve->ending.started = pthread_create(&serve->ending.thread, NULL, end_in_time, serve) == 0;
}

void gw_ending_over(gw_serve *serve)
{
    atomic_store(&serve->ending.over, true);
    if (serve->ending.started)
        pthread_join(serve->ending.thread, NULL);
}
