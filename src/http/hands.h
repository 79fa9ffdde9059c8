/* Workers that take pieces of work from a queue with an end: what does not fit is refused at once. */
#ifndef GW_HTTP_HANDS_H
#define GW_HTTP_HANDS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct gw_hands_job {
    struct gw_hands_job *next;
    void (*run)(struct gw_hands_job *job);
} gw_hands_job;

typedef struct gw_hands {
    pthread_mutex_t mutex;
    pthread_cond_t change;
    pthread_t *threads;
    unsigned count;
    gw_hands_job *first, **last;
    size_t queued, most;
    bool stopping;
} gw_hands;

/* false: no thread could be started. */
bool gw_hands_start(gw_hands *hands, unsigned threads, size_t most);
bool gw_hands_give(gw_hands *hands, gw_hands_job *job);
/* All that was taken is done. */
void gw_hands_stop(gw_hands *hands);

#endif
