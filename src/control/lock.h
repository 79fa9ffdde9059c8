/*
 * The run lock: one runner a database.
 *
 * Direct sessions hold a session-level advisory lock, tried with sleeps in between and outside
 * any transaction, so that a waiting runner never holds a snapshot that CREATE INDEX CONCURRENTLY
 * would wait for. Behind a transaction pooler a session lock would stay on a pooled backend:
 * there the lock is a lease in godwit.run_lock, extended by a thread with a session of its own.
 * Both kinds respect each other: the row names the holder's mode, and pg_locks says whether a
 * session holder is alive.
 *
 * Fence: each transaction that changes the database runs gw_run_lock_fence_sql first. It locks
 * the row with this run's token and fails where another runner took over, so that a runner which
 * was frozen past its lease can commit nothing.
 */
#ifndef GW_CONTROL_LOCK_H
#define GW_CONTROL_LOCK_H

#include "base/cancel.h"
#include "control/actor.h"
#include "pg/query.h"

typedef struct gw_run_lock gw_run_lock;

/* Advisory lock key of Godwit's run lock in a database. */
int64_t gw_run_lock_key(void);

typedef struct gw_run_lock_options {
    const gw_connect *connect; /* for the lease's own session */
    int64_t wait_ms;           /* 0: do not wait */
    int64_t lease_ms;          /* 0 = 30 s; the program takes GODWIT_LEASE, a duration, for tests */
    const gw_cancel *cancel;
    gw_log *log;
    /* called once when waiting begins: who holds it */
    void (*waiting)(void *self, const char *holder);
    void *self;
} gw_run_lock_options;

/* kind BUSY when the wait ran out; the error names the holder. The session must stay open. */
bool gw_run_lock_take(gw_arena *arena, gw_session *session, const gw_actor *actor,
                      const gw_run_lock_options *options, gw_run_lock **out, gw_err *err);
void gw_run_lock_release(gw_run_lock *lock); /* safe on NULL and twice */

/* Is it still ours? Direct: the session lives and holds the lock. Lease: not expired. kind LOST. */
bool gw_run_lock_check(gw_run_lock *lock, gw_err *err);

/* Whether no transaction of a run is open, asked on any session of the database. */
bool gw_run_lock_idle(gw_session *session, bool *idle, gw_err *err);

/* Runs inside a transaction: SQLSTATE GW001 where the lock is another's. One statement, no settings
 * of the session matter. */
const gw_sql *gw_run_lock_fence_sql(void);
const char *gw_run_lock_token(const gw_run_lock *lock);

/* Another tool's advisory lock, taken too while a database is shared with it. */
bool gw_run_lock_take_key(gw_run_lock *lock, int64_t key, const char *tool, int64_t wait_ms,
                          gw_err *err);

#endif
