#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "migrate/lock_watch.h"
#include "pg/blockers.h"

enum { TICK_MS = 100, LOOK_TICKS = 3, SLOW_LOOK_TICKS = 30, FIRST_TOLD = 20, NEXT_TOLD = 300, TOLD_EVERY = 3000 };

struct gw_lock_watch {
    gw_session *control;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool running, stop;
    int pid;          /* watched backend; 0 = nothing to watch */
    uint64_t turn;    /* counts statements */
    bool looking;     /* the control session is in use by the thread */
    char *blockers;   /* malloc'ed */
    void (*tell)(void *self, const char *blockers);
    void *self;
};

static void wait_ms(struct gw_lock_watch *watch, int64_t ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += (ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_cond_timedwait(&watch->changed, &watch->mutex, &until);
}

/* Without the mutex held: a question to the server. */
static char *look(struct gw_lock_watch *watch, int pid)
{
    gw_arena *scratch = gw_arena_new();
    gw_blocker_list list;
    gw_err err = {0};
    gw_buf text = GW_BUF(scratch);
    if (gw_session_blockers(watch->control, scratch, pid, &list, &err))
        for (size_t i = 0; i < list.len; i++)
            gw_buf_addf(&text, "%s%s", i ? "\n" : "", gw_blocker_text(scratch, &list.items[i]));
    gw_err_clear(&err);
    char *found = text.len ? strdup(gw_buf_str(&text)) : NULL;
    gw_arena_free(scratch);
    return found;
}

/* Seldom, when it has waited for long: who answers has to look through all locks. */
static bool looks_at(unsigned ticks)
{
    return ticks % (ticks < NEXT_TOLD ? LOOK_TICKS : SLOW_LOOK_TICKS) == 1;
}

/* It looks at the clock, not at signals: most statements are over before it would have woken up. */
static void *keep_watch(void *arg)
{
    struct gw_lock_watch *watch = arg;
    uint64_t seen = 0;
    unsigned ticks = 0, tell_at = FIRST_TOLD;
    pthread_mutex_lock(&watch->mutex);
    while (!watch->stop) {
        wait_ms(watch, TICK_MS);
        bool same = watch->pid && watch->turn == seen;
        seen = watch->turn;
        ticks = same ? ticks + 1 : 0;
        if (!same)
            tell_at = FIRST_TOLD;
        if (!same || watch->stop || !looks_at(ticks))
            continue;
        int pid = watch->pid;
        watch->looking = true;
        pthread_mutex_unlock(&watch->mutex);
        char *found = look(watch, pid);
        if (found && watch->tell && ticks >= tell_at) {
            watch->tell(watch->self, found);
            tell_at = ticks < NEXT_TOLD ? NEXT_TOLD : ticks + TOLD_EVERY;
        }
        pthread_mutex_lock(&watch->mutex);
        watch->looking = false;
        pthread_cond_broadcast(&watch->changed);
        if (found) {
            free(watch->blockers);
            watch->blockers = found;
        }
    }
    pthread_mutex_unlock(&watch->mutex);
    return NULL;
}

static void stop_at_cleanup(void *arg)
{
    gw_lock_watch_stop(arg);
}

struct gw_lock_watch *gw_lock_watch_start(gw_arena *arena, gw_session *control, gw_err *err)
{
    struct gw_lock_watch *watch = gw_alloc(arena, sizeof *watch);
    pthread_condattr_t attributes;
    watch->control = control;
    pthread_mutex_init(&watch->mutex, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&watch->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    if (pthread_create(&watch->thread, NULL, keep_watch, watch) != 0) {
        gw_err_set(err, GW_ERR_INTERNAL, "no thread could be started to watch for locks");
        return NULL;
    }
    watch->running = true;
    gw_arena_defer(arena, stop_at_cleanup, watch);
    return watch;
}

void gw_lock_watch_stop(struct gw_lock_watch *watch)
{
    if (!watch || !watch->running)
        return;
    pthread_mutex_lock(&watch->mutex);
    watch->stop = true;
    watch->pid = 0;
    pthread_cond_broadcast(&watch->changed);
    pthread_mutex_unlock(&watch->mutex);
    pthread_join(watch->thread, NULL);
    pthread_cond_destroy(&watch->changed);
    pthread_mutex_destroy(&watch->mutex);
    free(watch->blockers);
    watch->blockers = NULL;
    watch->running = false;
}

void gw_lock_watch_tell(struct gw_lock_watch *watch, void (*tell)(void *self, const char *blockers), void *self)
{
    if (!watch)
        return;
    pthread_mutex_lock(&watch->mutex);
    watch->tell = tell;
    watch->self = self;
    pthread_mutex_unlock(&watch->mutex);
}

void gw_lock_watch_begin(struct gw_lock_watch *watch, int backend_pid)
{
    if (!watch || !backend_pid)
        return;
    pthread_mutex_lock(&watch->mutex);
    free(watch->blockers);
    watch->blockers = NULL;
    watch->pid = backend_pid;
    watch->turn++;
    pthread_mutex_unlock(&watch->mutex);
}

void gw_lock_watch_end(struct gw_lock_watch *watch)
{
    if (!watch)
        return;
    pthread_mutex_lock(&watch->mutex);
    watch->pid = 0;
    while (watch->looking)
        pthread_cond_wait(&watch->changed, &watch->mutex);
    pthread_mutex_unlock(&watch->mutex);
}

char *gw_lock_watch_blockers(struct gw_lock_watch *watch, gw_arena *arena)
{
    if (!watch)
        return NULL;
    pthread_mutex_lock(&watch->mutex);
    char *text = gw_strdup(arena, watch->blockers);
    pthread_mutex_unlock(&watch->mutex);
    return text;
}
