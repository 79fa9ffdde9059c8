/* One answer for all who ask the same at the same time: a hundred pages that look at the status are one look. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cmd/serve/serve.h"

enum { ERROR_MS = 1000 };

void gw_cache_init(gw_cache *cache)
{
    pthread_mutex_init(&cache->mutex, NULL);
    pthread_cond_init(&cache->change, NULL);
}

static void forget(gw_cached *slot)
{
    free(slot->key);
    free(slot->body);
    *slot = (gw_cached){0};
}

void gw_cache_free(gw_cache *cache)
{
    for (size_t i = 0; i < GW_CACHE_SLOTS; i++)
        forget(&cache->slots[i]);
    pthread_cond_destroy(&cache->change);
    pthread_mutex_destroy(&cache->mutex);
}

void gw_cache_clear(gw_cache *cache)
{
    pthread_mutex_lock(&cache->mutex);
    for (size_t i = 0; i < GW_CACHE_SLOTS; i++)
        cache->slots[i].until = 0;
    pthread_mutex_unlock(&cache->mutex);
}

/* Of this key; else a free one, or one whose time is over; NULL where all are in use. */
static gw_cached *find(gw_cache *cache, const char *key, int64_t now)
{
    gw_cached *place = NULL;
    for (size_t i = 0; i < GW_CACHE_SLOTS; i++) {
        gw_cached *slot = &cache->slots[i];
        if (slot->key && strcmp(slot->key, key) == 0)
            return slot;
        if (!slot->busy && !slot->waiting && (!slot->key || slot->until < now))
            place = slot;
    }
    if (place) {
        forget(place);
        place->key = strdup(key);
        if (!place->key)
            gw_out_of_memory(strlen(key));
    }
    return place;
}

static void copy(const gw_cached *slot, gw_reply *reply)
{
    gw_reply_text(reply, slot->status, slot->type, gw_strdup(reply->arena, slot->body));
}

void gw_cache_answer(gw_cache *cache, const char *key, int64_t lasts_ms, gw_reply *reply,
                     void (*make)(void *self, gw_reply *reply), void *self)
{
    int64_t now = gw_monotonic_us();
    pthread_mutex_lock(&cache->mutex);
    gw_cached *slot = find(cache, key, now);
    if (slot && slot->busy) {
        slot->waiting++;
        while (slot->busy)
            pthread_cond_wait(&cache->change, &cache->mutex);
        slot->waiting--;
        copy(slot, reply);
        pthread_mutex_unlock(&cache->mutex);
        return;
    }
    if (slot && slot->body && slot->until >= now) {
        copy(slot, reply);
        pthread_mutex_unlock(&cache->mutex);
        return;
    }
    if (slot)
        slot->busy = true;
    pthread_mutex_unlock(&cache->mutex);
    make(self, reply);
    if (!slot)
        return;
    char *body = strdup(reply->body);
    if (!body)
        gw_out_of_memory(reply->len);
    pthread_mutex_lock(&cache->mutex);
    free(slot->body);
    slot->body = body;
    slot->status = reply->status;
    slot->type = reply->type;
    if (reply->status >= 400 && lasts_ms > ERROR_MS)
        lasts_ms = ERROR_MS;
    slot->until = gw_monotonic_us() + lasts_ms * 1000;
    slot->busy = false;
    pthread_cond_broadcast(&cache->change);
    pthread_mutex_unlock(&cache->mutex);
}
