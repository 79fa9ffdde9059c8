/*
 * Sessions kept open and handed out. Safe from several threads; a session that is out belongs to
 * who took it. Sessions idle longer than idle_ms are closed, never below min.
 */
#ifndef GW_PG_POOL_H
#define GW_PG_POOL_H

#include "pg/session.h"

typedef struct gw_pool_options {
    unsigned min, max;      /* 0 = 0 and 4 */
    int64_t acquire_ms;     /* how long to wait for one; 0 = 10 s; then kind BUSY */
    int64_t idle_ms;        /* 0 = 5 min */
} gw_pool_options;

typedef struct gw_pool gw_pool;

/* The connect options are copied. Closed with the arena (sessions must be back by then). */
bool gw_pool_open(gw_arena *arena, const gw_connect *connect, const gw_pool_options *options,
                  gw_pool **out, gw_err *err);
bool gw_pool_take(gw_pool *pool, gw_session **out, gw_err *err);
/* A session that is lost, in a transaction or changed (`dirty`) is closed instead of kept. */
void gw_pool_give(gw_pool *pool, gw_session *session, bool dirty);
/* What new sessions begin with has changed: those that are open are handed out no more. */
void gw_pool_outdate(gw_pool *pool);

typedef struct gw_pool_counts {
    unsigned open, idle, waiting;
} gw_pool_counts;
gw_pool_counts gw_pool_count(gw_pool *pool);

#endif
