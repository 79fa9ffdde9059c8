/* How often a peer may fail: a few at once, then one in a while. Safe from several threads. */
#ifndef GW_HTTP_LIMIT_H
#define GW_HTTP_LIMIT_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

enum { GW_LIMIT_PEERS = 1024 };

typedef struct gw_limit {
    pthread_mutex_t mutex;
    unsigned burst;     /* so many at once */
    int64_t refill_us;  /* then one each */
    struct {
        uint64_t peer;  /* digest of its name; 0: free */
        int64_t since;  /* when its tokens were counted */
        double tokens;
    } peers[GW_LIMIT_PEERS];
} gw_limit;

void gw_limit_init(gw_limit *limit, unsigned burst, int64_t refill_us);
/* May it try at all? */
bool gw_limit_allows(gw_limit *limit, const char *peer, int64_t now_us);
void gw_limit_failed(gw_limit *limit, const char *peer, int64_t now_us);

#endif
