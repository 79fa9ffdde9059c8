#include "http/hands.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

static void *work(void *self)
{
    gw_hands *hands = self;
    pthread_mutex_lock(&hands->mutex);
    for (;;) {
        gw_hands_job *job = hands->first;
        if (!job) {
            if (hands->stopping)
                break;
            pthread_cond_wait(&hands->change, &hands->mutex);
            continue;
        }
        hands->first = job->next;
        if (!hands->first)
            hands->last = &hands->first;
        hands->queued--;
        pthread_mutex_unlock(&hands->mutex);
        job->run(job);
        pthread_mutex_lock(&hands->mutex);
    }
    pthread_mutex_unlock(&hands->mutex);
    return NULL;
}

bool gw_hands_start(gw_hands *hands, unsigned threads, size_t most)
{
    *hands = (gw_hands){.most = most};
    pthread_mutex_init(&hands->mutex, NULL);
    pthread_cond_init(&hands->change, NULL);
    hands->last = &hands->first;
    hands->threads = calloc(threads, sizeof *hands->threads);
    if (!hands->threads)
        gw_out_of_memory(threads * sizeof *hands->threads);
    for (; hands->count < threads; hands->count++)
        if (pthread_create(&hands->threads[hands->count], NULL, work, hands) != 0)
            return hands->count > 0;
    return true;
}

bool gw_hands_give(gw_hands *hands, gw_hands_job *job)
{
    pthread_mutex_lock(&hands->mutex);
    bool taken = !hands->stopping && hands->queued < hands->most;
    if (taken) {
        job->next = NULL;
        *hands->last = job;
        hands->last = &job->next;
        hands->queued++;
        pthread_cond_signal(&hands->change);
    }
    pthread_mutex_unlock(&hands->mutex);
    return taken;
}

void gw_hands_stop(gw_hands *hands)
{
    pthread_mutex_lock(&hands->mutex);
    hands->stopping = true;
    pthread_cond_broadcast(&hands->change);
    pthread_mutex_unlock(&hands->mutex);
    for (unsigned i = 0; i < hands->count; i++)
        pthread_join(hands->threads[i], NULL);
    free(hands->threads);
    pthread_cond_destroy(&hands->change);
    pthread_mutex_destroy(&hands->mutex);
}
