/* What the modules of the pg layer share; nobody above includes it. */
#ifndef GW_PG_INTERNAL_H
#define GW_PG_INTERNAL_H

#include "pg/query.h"
#include "pg/session.h"

/* cancel.c: the request to cancel a session's statement, from any thread. */
typedef struct gw_canceller gw_canceller;
gw_canceller *gw_canceller_new(PGconn *pg);
void gw_canceller_drop(gw_canceller *canceller);
/* false: nothing has come back within a few seconds; it may still get through. */
bool gw_canceller_send(gw_canceller *canceller, const gw_cancel *cancel);
/* Its halves: it is begun, and what becomes of it is waited for. */
void gw_canceller_begin(gw_canceller *canceller);
bool gw_canceller_wait(gw_canceller *canceller, const gw_cancel *cancel);

struct gw_session {
    PGconn *pg; /* NULL once closed */
    gw_canceller *canceller;
    const gw_cancel *cancel;
    gw_log *log;
    gw_notice_fn *notice;
    void *notice_self;
    int64_t lock_timeout_ms, answer_ms; /* the latter 0: however long it takes */
    int backend_pid;
    const char *role; /* current_user when it was opened */
    bool pinned, pooled, read_only;
    bool silent; /* nothing came in time: it was asked to cancel what it runs */
    bool ended; /* the server said goodbye (FATAL), though the socket may not show it yet */
    /* of a pipeline: statements and syncs that were sent and not yet answered */
    size_t queued, synced, syncs;
    size_t copy_unflushed; /* bytes of COPY data since the last flush */
    struct gw_pool *pool;      /* it is a loan: whose, and of which session; else NULL */
    struct gw_session *lender;
};

/* pool.c: is this a session that the pool has? */
bool gw_pool_serves(const struct gw_pool *pool, const gw_connect *connect);
/* As gw_pool_take, for whoever waits so long at most; 0: as long as the pool says. */
bool gw_pool_take_within(struct gw_pool *pool, int64_t most_ms, gw_session **out, gw_err *err);

/*
 * One piece of work with the server: begun before sending, so that a request to stop is acted
 * upon at most once. Work that begins after a request at level 2 is not watched: it is what puts
 * things in order after the stop.
 */
typedef struct gw_exchange {
    gw_session *session;
    bool deaf;     /* the request was there before */
    bool canceled; /* it was passed on to the server */
} gw_exchange;

gw_exchange gw_exchange_begin(gw_session *session);

/* Send all that is buffered, reading meanwhile. false: the connection is gone (err set, LOST). */
bool gw_exchange_flush(gw_exchange *watch, gw_err *err);

/* The next result, or NULL (none left). *lost where the connection went while waiting. */
PGresult *gw_exchange_result(gw_exchange *watch, bool *lost);

/* Wait until the socket can be read (or written); passes a request to stop on to the server. */
bool gw_exchange_wait(gw_exchange *watch, short events);

/* The connection is of no more use: the server sees it end, and all that waits here wakes. */
void gw_session_cut(gw_session *session);

/* kind LOST, with what libpq said. Returns false. */
bool gw_err_lost(gw_err *err, gw_session *session, const char *statement);

/* As gw_err_of_result; a statement that the watch has ended is INTERRUPTED. */
bool gw_exchange_error(gw_exchange *watch, const PGresult *result, const char *statement,
                       gw_err *err);

bool gw_is_copy(ExecStatusType status);

/* What is wrong with a COPY that came where nobody can serve it. Returns false. */
bool gw_err_copy(gw_err *err, ExecStatusType status, const char *statement);

/* Leave a COPY that nobody here can serve; results go on after it. Not in a pipeline. */
void gw_exchange_refuse_copy(gw_exchange *watch, ExecStatusType status, const char *statement,
                             gw_err *err);

/* Read what is left of a statement and throw it away; the session can be used afterwards. */
void gw_exchange_drain(gw_exchange *watch);

/* poll() on a socket and on a request to stop (level above `seen`). 1: socket is ready, 0: time
 * ran out, -1: a stop was requested. */
int gw_poll_socket(int fd, short events, const gw_cancel *cancel, int seen, int timeout_ms);

/* Connection attempts until one succeeds, may not be repeated, or the budget is used up. */
bool gw_connect_with_retry(const gw_connect *connect, PGconn **out, gw_err *err);

/* false where libpq cannot read it, or where it reads a piece of a password as something else. */
bool gw_conninfo_reads_well(const char *conninfo);

/* Can libpq read it at all? */
bool gw_conninfo_parses(const char *conninfo);

/* How a peer that has vanished is noticed while an answer is waited for: names and values, where neither the conninfo
 * nor a service says otherwise. No tcp_user_timeout: it would end a COPY that the server does not take for a while. */
enum { GW_KEEPALIVES = 3 };
extern const char *const gw_keepalives[GW_KEEPALIVES][2];
/* Does it name a service (or PGSERVICE)? What its file says counts behind whatever else is given. */
bool gw_conninfo_has_service(const char *conninfo);

/* The parameter that libpq's message says it does not know, where a newer libpq does: its name, and
 * the first version that has it; else NULL. */
const char *gw_conninfo_newer_parameter(const char *message, int *version);

/* What libpq says, with the pieces of a malformed conninfo that may be a password masked. */
char *gw_conninfo_mask(gw_arena *arena, const char *conninfo, const char *message);

void gw_session_notice_receiver(void *arg, const PGresult *result);

/* Send one statement with parameters, extended protocol. */
bool gw_send_params(gw_session *session, const char *text, const gw_param *params, size_t count);
/* The same for a prepared statement. */
bool gw_send_prepared(gw_session *session, const char *name, const gw_param *params, size_t count);

/* Behind a pooler the settings of a pinned session hold for one transaction at a time. */

/* Rows of INSERT, UPDATE, DELETE, MERGE or COPY; -1 for anything else. */
int64_t gw_affected(PGresult *result);

#endif
