/*
 * The request to cancel, bounded: PQcancel connects, sends and waits for the server's end with
 * nothing that limits it, and on a dead network that is for ever. So a thread of its own makes it;
 * one that hangs is left behind, and the last who knows the handle frees it.
 */
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "pg/internal.h"

enum { LONGEST_MS = 5000, SLICE_MS = 100 };

struct gw_canceller {
    PGcancel *handle;
    pthread_mutex_t mutex;
    pthread_cond_t done;
    int users; /* the session, and a thread that is at it */
    bool busy;
};

gw_canceller *gw_canceller_new(PGconn *pg)
{
    gw_canceller *c = calloc(1, sizeof *c);
    if (!c)
        gw_out_of_memory(sizeof *c);
    c->handle = PQgetCancel(pg);
    c->users = 1;
    pthread_mutex_init(&c->mutex, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&c->done, &attributes);
    pthread_condattr_destroy(&attributes);
    return c;
}

void gw_canceller_drop(gw_canceller *c)
{
    if (!c)
        return;
    pthread_mutex_lock(&c->mutex);
    bool last = --c->users == 0;
    pthread_mutex_unlock(&c->mutex);
    if (!last)
        return;
    PQfreeCancel(c->handle);
    pthread_cond_destroy(&c->done);
    pthread_mutex_destroy(&c->mutex);
    free(c);
}

static void send_it(gw_canceller *c)
{
    char problem[256];
    PQcancel(c->handle, problem, sizeof problem);
    pthread_mutex_lock(&c->mutex);
    c->busy = false;
    pthread_cond_broadcast(&c->done);
    pthread_mutex_unlock(&c->mutex);
    gw_canceller_drop(c);
}

static void *run(void *arg)
{
    send_it(arg);
    return NULL;
}

/* With the lock held. */
static void wait_a_while(gw_canceller *c)
{
    int64_t until = gw_monotonic_us() + SLICE_MS * 1000;
    struct timespec end = {.tv_sec = until / 1000000, .tv_nsec = until % 1000000 * 1000};
    pthread_cond_timedwait(&c->done, &c->mutex, &end);
}

void gw_canceller_begin(gw_canceller *c)
{
    pthread_mutex_lock(&c->mutex);
    bool begin = !c->busy;
    c->busy = true;
    c->users += begin;
    pthread_mutex_unlock(&c->mutex);
    pthread_t thread;
    if (begin && pthread_create(&thread, NULL, run, c) == 0)
        pthread_detach(thread);
    else if (begin)
        send_it(c);
}

bool gw_canceller_send(gw_canceller *c, const gw_cancel *cancel)
{
    gw_canceller_begin(c);
    return gw_canceller_wait(c, cancel);
}

bool gw_canceller_wait(gw_canceller *c, const gw_cancel *cancel)
{
    int64_t end = gw_monotonic_us() + LONGEST_MS * 1000;
    pthread_mutex_lock(&c->mutex);
    while (c->busy && gw_cancel_level(cancel) < 3 && gw_monotonic_us() < end)
        wait_a_while(c);
    bool in_time = !c->busy;
    pthread_mutex_unlock(&c->mutex);
    return in_time;
}
