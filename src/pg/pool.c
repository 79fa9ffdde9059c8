#include "pg/pool.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "pg/internal.h"

/* A session and its own arena: sessions are closed one by one, by whichever thread it falls to. */
typedef struct slot {
    struct slot *next;
    gw_arena *arena;
    gw_session *session;
    int64_t idle_since;
    unsigned generation; /* of the pool when it was opened */
    bool out;
} slot;

struct gw_pool {
    gw_connect connect;
    unsigned min, max;
    int64_t acquire_ms, idle_ms;
    pthread_mutex_t mutex;
    pthread_cond_t given; /* a session or room for one came free */
    slot *slots;          /* the one given back last stands first */
    unsigned open, idle, waiting, opening;
    unsigned generation; /* counts gw_pool_outdate */
};

static void free_slots(slot *list)
{
    while (list) {
        slot *next = list->next;
        gw_arena_free(list->arena);
        free(list);
        list = next;
    }
}

static void close_pool(void *arg)
{
    gw_pool *pool = arg;
    free_slots(pool->slots);
    pool->slots = NULL;
    pthread_cond_destroy(&pool->given);
    pthread_mutex_destroy(&pool->mutex);
}

/* A server that has ended an idle session leaves its last words to read; seldom is it anything
 * else, and then a new session costs less than a doubt. */
static bool still_alive(gw_session *session)
{
    struct pollfd fd = {.fd = PQsocket(session->pg), .events = POLLIN};
    return !gw_session_lost(session) && poll(&fd, 1, 0) == 0;
}

static slot *open_slot(gw_pool *pool, int64_t timeout_ms, gw_err *err)
{
    gw_connect connect = pool->connect;
    if (timeout_ms > 0 &&
        (connect.connect_timeout_ms <= 0 || timeout_ms < connect.connect_timeout_ms))
        connect.connect_timeout_ms = timeout_ms;
    gw_arena *arena = gw_arena_new();
    gw_session *session;
    if (!gw_session_open(arena, &connect, &session, err)) {
        gw_arena_free(arena);
        return NULL;
    }
    slot *s = calloc(1, sizeof *s);
    if (!s)
        gw_out_of_memory(sizeof *s);
    s->arena = arena;
    s->session = session;
    return s;
}

/* Take idle sessions out that are over their time, never below min; the caller frees them. */
static slot *reap(gw_pool *pool)
{
    slot *dead = NULL;
    int64_t oldest = gw_monotonic_us() - pool->idle_ms * 1000;
    for (slot **p = &pool->slots; *p;) {
        slot *s = *p;
        if (s->out || s->idle_since > oldest || pool->open <= pool->min) {
            p = &s->next;
            continue;
        }
        *p = s->next;
        s->next = dead;
        dead = s;
        pool->open--;
        pool->idle--;
    }
    return dead;
}

static void remove_slot(gw_pool *pool, slot *gone)
{
    for (slot **p = &pool->slots; *p; p = &(*p)->next)
        if (*p == gone) {
            *p = gone->next;
            gone->next = NULL;
            break;
        }
    pool->open--;
}

bool gw_pool_serves(const gw_pool *pool, const gw_connect *connect)
{
    return pool && connect->pinned && pool->connect.pinned && connect->conninfo &&
           strcmp(connect->conninfo, pool->connect.conninfo) == 0 &&
           connect->lock_timeout_ms == pool->connect.lock_timeout_ms;
}

bool gw_pool_open(gw_arena *arena, const gw_connect *connect, const gw_pool_options *options,
                  gw_pool **out, gw_err *err)
{
    enum { MAX = 4, ACQUIRE_MS = 10 * 1000, IDLE_MS = 5 * 60 * 1000 };
    gw_pool *pool = gw_alloc(arena, sizeof *pool);
    pool->connect = *connect;
    pool->connect.pool = NULL;
    pool->connect.conninfo = gw_strdup(arena, connect->conninfo);
    pool->connect.application_name = gw_strdup(arena, connect->application_name);
    pool->max = options->max ? options->max : MAX;
    pool->min = options->min < pool->max ? options->min : pool->max;
    pool->acquire_ms = options->acquire_ms > 0 ? options->acquire_ms : ACQUIRE_MS;
    pool->idle_ms = options->idle_ms > 0 ? options->idle_ms : IDLE_MS;
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&pool->given, &attr);
    pthread_condattr_destroy(&attr);
    pthread_mutex_init(&pool->mutex, NULL);
    gw_arena_defer(arena, close_pool, pool);
    for (unsigned i = 0; i < pool->min; i++) {
        slot *s = open_slot(pool, 0, err);
        if (!s)
            return false;
        s->idle_since = gw_monotonic_us();
        s->next = pool->slots;
        pool->slots = s;
        pool->open++;
        pool->idle++;
    }
    *out = pool;
    return true;
}

/* Wait for a session to come back, a while at a time: a request to stop is looked at. */
static void wait_a_while(gw_pool *pool, int64_t deadline)
{
    enum { SLICE_US = 100 * 1000 };
    int64_t until = gw_monotonic_us() + SLICE_US;
    if (until > deadline)
        until = deadline;
    struct timespec time = {.tv_sec = until / 1000000, .tv_nsec = until % 1000000 * 1000};
    pool->waiting++;
    pthread_cond_timedwait(&pool->given, &pool->mutex, &time);
    pool->waiting--;
}

static slot *first_idle(gw_pool *pool)
{
    for (slot *s = pool->slots; s; s = s->next)
        if (!s->out)
            return s;
    return NULL;
}

static bool exhausted(const gw_pool *pool, int64_t wait_ms, gw_err *err)
{
    gw_err_set(err, GW_ERR_BUSY, "all %u connections of the pool were in use for %lld ms",
               pool->max, (long long)wait_ms);
    return gw_err_hint(err, "raise the pool's max, or its acquire time");
}

/* Called and returns with the mutex held; it is let go while connecting. */
static slot *open_another(gw_pool *pool, int64_t deadline, gw_err *err)
{
    unsigned generation = pool->generation;
    pool->open++;
    pthread_mutex_unlock(&pool->mutex);
    int64_t left = (deadline - gw_monotonic_us()) / 1000;
    slot *s = open_slot(pool, left > 0 ? left : 1, err);
    pthread_mutex_lock(&pool->mutex);
    if (s) {
        s->generation = generation;
        s->out = true;
        s->next = pool->slots;
        pool->slots = s;
    } else {
        pool->open--;
        pthread_cond_signal(&pool->given);
    }
    return s;
}

bool gw_pool_take(gw_pool *pool, gw_session **out, gw_err *err)
{
    return gw_pool_take_within(pool, pool->connect.answer_ms, out, err);
}

bool gw_pool_take_within(gw_pool *pool, int64_t most_ms, gw_session **out, gw_err *err)
{
    int64_t wait_ms = most_ms > 0 && most_ms < pool->acquire_ms ? most_ms : pool->acquire_ms;
    int64_t deadline = gw_monotonic_us() + wait_ms * 1000;
    slot *dead = NULL, *taken = NULL;
    bool ok = true;
    pthread_mutex_lock(&pool->mutex);
    for (;;) {
        slot *s = first_idle(pool);
        if (s && s->generation == pool->generation && still_alive(s->session)) {
            s->out = true;
            pool->idle--;
            taken = s;
        } else if (s) {
            remove_slot(pool, s);
            pool->idle--;
            s->next = dead;
            dead = s;
            continue;
        } else if (pool->open < pool->max) {
            taken = open_another(pool, deadline, err);
            ok = taken != NULL;
        } else if (gw_cancel_level(pool->connect.cancel) > 0) {
            ok = gw_err_set(err, GW_ERR_INTERRUPTED, "stopped while waiting for a connection");
        } else if (gw_monotonic_us() >= deadline) {
            ok = exhausted(pool, wait_ms, err);
        } else {
            wait_a_while(pool, deadline);
            continue;
        }
        break;
    }
    slot *old = reap(pool);
    pthread_mutex_unlock(&pool->mutex);
    free_slots(dead);
    free_slots(old);
    if (ok)
        *out = taken->session;
    return ok;
}

void gw_pool_give(gw_pool *pool, gw_session *session, bool dirty)
{
    bool keep = !dirty && !gw_session_lost(session) && !gw_session_in_transaction(session) &&
                PQpipelineStatus(session->pg) == PQ_PIPELINE_OFF;
    slot *gone = NULL;
    pthread_mutex_lock(&pool->mutex);
    slot *s = pool->slots;
    while (s && s->session != session)
        s = s->next;
    if (s) {
        remove_slot(pool, s);
        if (keep && s->generation == pool->generation) {
            s->out = false;
            s->idle_since = gw_monotonic_us();
            s->next = pool->slots;
            pool->slots = s;
            pool->open++;
            pool->idle++;
        } else {
            gone = s;
        }
    }
    slot *old = reap(pool);
    pthread_cond_signal(&pool->given);
    pthread_mutex_unlock(&pool->mutex);
    free_slots(gone);
    free_slots(old);
}

void gw_pool_outdate(gw_pool *pool)
{
    pthread_mutex_lock(&pool->mutex);
    pool->generation++;
    pthread_mutex_unlock(&pool->mutex);
}

gw_pool_counts gw_pool_count(gw_pool *pool)
{
    pthread_mutex_lock(&pool->mutex);
    gw_pool_counts counts = {.open = pool->open, .idle = pool->idle, .waiting = pool->waiting};
    pthread_mutex_unlock(&pool->mutex);
    return counts;
}
