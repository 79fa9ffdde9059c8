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
    bool key_alone;            /* Godwit's tables are not there: the session lock, without a row that says whose */
    int64_t lease_ms;          /* 0 = 30 s; the program takes GODWIT_LEASE, a duration, for tests */
    const gw_cancel *cancel;
    gw_log *log;
    /* called when waiting begins, and when what is waited for changes: a sentence about that */
    void (*waiting)(void *self, const char *what);
    void *self;
} gw_run_lock_options;

/* kind BUSY when the wait ran out; the error names the holder. The session must stay open. */
bool gw_run_lock_take(gw_arena *arena, gw_session *session, const gw_actor *actor,
                      const gw_run_lock_options *options, gw_run_lock **out, gw_err *err);
void gw_run_lock_release(gw_run_lock *lock); /* safe on NULL and twice */

/* Is it still ours? Direct: the session lives and holds the lock. Lease: not expired. kind LOST. */
bool gw_run_lock_check(gw_run_lock *lock, gw_err *err);

/* A failure of the fence (SQLSTATE GW001), in the words of gw_run_lock_check; others stay. Returns false. */
bool gw_run_lock_explain(gw_run_lock *lock, gw_err *err);

/* Whether no transaction of a run is open, asked on any session of the database. */
bool gw_run_lock_idle(gw_session *session, bool *idle, gw_err *err);

/*
 * Who holds the lock. A runner that was killed leaves its row behind, and a server goes on with
 * its statement: that one keeps everybody else out until it ends. So does a session whose client was
 * cut off while the server has not noticed, be it that the row names nobody yet, or nobody any more.
 */
typedef struct gw_run_session {
    int64_t pid;                            /* GW_NULL_INT: none */
    const char *user, *application, *client; /* NULL: not known; client: also of a local one */
    const char *state, *query;              /* NULL where this role may not see it */
    int64_t ms;                             /* in that state, or connected; GW_NULL_INT */
} gw_run_session;

typedef struct gw_run_holder {
    const char *token;                  /* NULL: nobody has the row */
    const char *actor, *host, *command; /* NULL: not known; where `free`, of the last run */
    const char *mode;                   /* session, lease */
    int64_t backend_pid;                /* of its lock session; behind a pooler of no meaning */
    int64_t acquired_at, held_ms;
    bool free;             /* nobody has the row */
    bool gone;             /* its session has ended; its lease has run out; it has let go */
    int64_t lease_left_ms; /* below 0: it has run out; GW_NULL_INT: it is none */
    gw_run_session left;   /* a backend in a transaction of a run */
    gw_run_session key;    /* who has the session lock */
} gw_run_holder;
bool gw_run_lock_holder(gw_session *session, gw_arena *arena, gw_run_holder *out, gw_err *err);
/* Somebody keeps others out. */
bool gw_run_holder_busy(const gw_run_holder *holder);
/* Its runner is gone, and a transaction of it is still open on the server. */
bool gw_run_holder_left(const gw_run_holder *holder);
/* A session has the lock and has not said what for. */
bool gw_run_holder_unnamed(const gw_run_holder *holder);
/* Nobody keeps others out, and the last run did not let go: killed, or cut off from the server. */
bool gw_run_holder_cut_off(const gw_run_holder *holder);
/* The backend whose end frees the lock; 0: none is known. */
int64_t gw_run_holder_ends_with(const gw_run_holder *holder);
/* For people: who; and where gw_run_holder_left, what that means, and what runs and whose it was. */
const char *gw_run_holder_run(gw_arena *arena, const gw_run_holder *holder); /* "godwit up by ann on host" */
char *gw_run_holder_text(gw_arena *arena, const gw_run_holder *holder);
const char *gw_run_holder_left_what(const gw_run_holder *holder);
const char *gw_run_holder_left_text(gw_arena *arena, const gw_run_holder *holder);
const char *gw_run_holder_left_whose(gw_arena *arena, const gw_run_holder *holder);

/* Who has an advisory lock, for people; NULL where that is not known. */
const char *gw_key_holder_text(gw_session *session, gw_arena *arena, int64_t key);

/* Runs inside a transaction: SQLSTATE GW001 where the lock is another's. One statement, no settings
 * of the session matter. */
const gw_sql *gw_run_lock_fence_sql(void);
const char *gw_run_lock_token(const gw_run_lock *lock);

/* Another tool's advisory lock, taken too while a database is shared with it. Waiting is told. */
bool gw_run_lock_take_key(gw_run_lock *lock, int64_t key, const char *tool, int64_t wait_ms,
                          gw_err *err);

#endif
