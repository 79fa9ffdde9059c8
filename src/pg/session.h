/*
 * A session with a PostgreSQL server: connect with retry, know whether a pooler stands between,
 * wait without ever being deaf to a request to stop, and turn what the server says into a gw_err.
 *
 * Two kinds of session. A PINNED one is for Godwit's own statements: its settings (TimeZone UTC,
 * DateStyle ISO, IntervalStyle, extra_float_digits, bytea_output hex, timeouts, search_path
 * pg_catalog) are fixed after connecting. A plain one is for the user's files: it runs with the
 * settings that the role and the database have, untouched. Behind a transaction pooler nothing is
 * set after connecting and no start-up options are sent; a pinned session then sets them with SET
 * LOCAL in each of its transactions (gw_session_begin does it).
 *
 * A session belongs to one thread at a time; only gw_cancel_request may come from elsewhere.
 * Knows nothing of what the SQL is for.
 */
#ifndef GW_PG_SESSION_H
#define GW_PG_SESSION_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/cancel.h"
#include "base/err.h"
#include "base/log.h"

typedef enum { GW_POOLER_AUTO, GW_POOLER_YES, GW_POOLER_NO } gw_pooler_mode;

typedef struct gw_connect {
    const char *conninfo;        /* URL or keyword string; "" leaves all to libpq (PG* variables) */
    const char *application_name;/* NULL = "godwit" */
    int64_t connect_timeout_ms;  /* whole budget with retries; 0 = 10 s */
    bool pinned;
    gw_pooler_mode pooler;       /* AUTO: compare pg_backend_pid() with the protocol's pid */
    int64_t lock_timeout_ms;     /* pinned sessions: for Godwit's own statements; 0 = 10 s */
    int64_t answer_ms;           /* a statement of which nothing comes for so long is given up: it is cancelled, and
                                    the connection let go; kind LOST, or CANCELED where the server still hears.
                                    For what only reads. 0: however long it takes */
    const gw_cancel *cancel;     /* may be NULL */
    gw_log *log;                 /* may be NULL; retries and notices go here */
    struct gw_pool *pool;        /* a pinned session with the pool's own conninfo is borrowed from it,
                                    and closing gives it back; NULL: never. Whoever borrows leaves no
                                    setting, lock or transaction behind */
} gw_connect;

typedef struct gw_session gw_session;

/*
 * Retries with jittered back-off until the budget ends where waiting can help: refused or reset
 * connections, a server that is starting or shutting down (57P03), too many clients (53300). A
 * wrong password, an unknown database or role fails at once. Errors are of kind CONNECT (or
 * INTERRUPTED), never hold the password, and their hint names what to do. Closed with the arena.
 */
bool gw_session_open(gw_arena *arena, const gw_connect *connect, gw_session **out, gw_err *err);
/* Does anybody answer a new connection within that time, be it with a refusal? Only silence says no. */
bool gw_connect_answers(const gw_connect *connect, int64_t within_ms);
void gw_session_close(gw_session *session); /* early; safe twice, and on NULL */

/* The connection string without its password, for messages. */
char *gw_conninfo_redacted(gw_arena *arena, const char *conninfo);
/* Overwrite a password inside a conninfo or URL in place (argv) with 'x'. */
void gw_conninfo_wipe(char *conninfo);
/* The connection string without its password (NULL: there is none) for another program, which gets it
 * through PGPASSWORD: the words of a process can be read by everybody on the machine, its
 * environment only by its own user. It watches its peer as Godwit's connections do. Error kind CONFIG. */
bool gw_conninfo_split_password(gw_arena *arena, const char *conninfo, char **words,
                                char **password, gw_err *err);
/* The same conninfo with another database; a URL stays a URL. Error kind CONFIG. */
bool gw_conninfo_with_dbname(gw_arena *arena, const char *conninfo, const char *dbname,
                             char **out, gw_err *err);

int gw_session_version(const gw_session *session);       /* PQserverVersion: 150020 */
bool gw_session_pooled(const gw_session *session);
bool gw_session_read_only(const gw_session *session);    /* in recovery, or default read-only */
int gw_session_backend_pid(const gw_session *session);   /* of the server; 0 where pooled */
const char *gw_session_database(const gw_session *session);
const char *gw_session_user(const gw_session *session);  /* who has logged in */
const char *gw_session_role(const gw_session *session);  /* as whom it began to act: the login, or what its
                                                            settings make of it (SET role); rights are this one's */
const char *gw_session_host(const gw_session *session);  /* host, folder of a socket, or "" */
bool gw_session_lost(const gw_session *session);         /* the connection is gone */
bool gw_session_in_transaction(const gw_session *session);
bool gw_session_standard_strings(const gw_session *session);
bool gw_session_superuser(const gw_session *session);
PGconn *gw_session_raw(gw_session *session);             /* for the pg layer and tests */

/* Called for each NOTICE/WARNING the server sends; default: to the log at debug/warning. */
typedef void gw_notice_fn(void *self, const char *severity, const char *sqlstate,
                          const char *message);
void gw_session_on_notice(gw_session *session, gw_notice_fn *fn, void *self);

/* BEGIN (isolation NULL = the default, else e.g. "repeatable read read only"); pins with SET
 * LOCAL behind a pooler. */
bool gw_session_begin(gw_session *session, const char *isolation, gw_err *err);
bool gw_session_commit(gw_session *session, gw_err *err);
/* Never fails loudly: a lost connection has rolled back by itself. */
void gw_session_rollback(gw_session *session);

/* End what the session is running (PQcancel), from any thread. false: the request has not come
 * through within 5 s, or until nothing is waited for any more; the network is as good as dead. */
bool gw_session_cancel(gw_session *session);

#endif
