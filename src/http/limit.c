#include "http/limit.h"

#include <stddef.h>
#include <string.h>

void gw_limit_init(gw_limit *limit, unsigned burst, int64_t refill_us)
{
    memset(limit, 0, sizeof *limit);
    pthread_mutex_init(&limit->mutex, NULL);
    limit->burst = burst;
    limit->refill_us = refill_us;
}

/* FNV-1a: a peer that finds another one of its number only limits itself with it. */
static uint64_t number_of(const char *peer)
{
    uint64_t h = 14695981039346656037u;
    for (; *peer; peer++)
        h = (h ^ (unsigned char)*peer) * 1099511628211u;
    return h ? h : 1;
}

/* The peer's place, brought up to now; one that is new takes the place of whoever was there longest ago. */
static size_t place_of(gw_limit *limit, const char *peer, int64_t now)
{
    uint64_t number = number_of(peer);
    size_t oldest = 0;
    for (size_t i = 0; i < GW_LIMIT_PEERS; i++) {
        if (limit->peers[i].peer == number) {
            double more = (double)(now - limit->peers[i].since) / (double)limit->refill_us;
            double tokens = limit->peers[i].tokens + (more > 0 ? more : 0);
            limit->peers[i].tokens = tokens > limit->burst ? limit->burst : tokens;
            limit->peers[i].since = now;
            return i;
        }
        if (limit->peers[i].since < limit->peers[oldest].since)
            oldest = i;
    }
    limit->peers[oldest].peer = number;
    limit->peers[oldest].since = now;
    limit->peers[oldest].tokens = limit->burst;
    return oldest;
}

bool gw_limit_allows(gw_limit *limit, const char *peer, int64_t now_us)
{
    pthread_mutex_lock(&limit->mutex);
    bool ok = limit->peers[place_of(limit, peer, now_us)].tokens >= 1;
    pthread_mutex_unlock(&limit->mutex);
    return ok;
}

void gw_limit_failed(gw_limit *limit, const char *peer, int64_t now_us)
{
    pthread_mutex_lock(&limit->mutex);
    size_t i = place_of(limit, peer, now_us);
    limit->peers[i].tokens = limit->peers[i].tokens >= 1 ? limit->peers[i].tokens - 1 : 0;
    pthread_mutex_unlock(&limit->mutex);
}
