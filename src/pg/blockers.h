/* Who holds the lock that a backend waits for. Asked from another session, while it waits. */
#ifndef GW_PG_BLOCKERS_H
#define GW_PG_BLOCKERS_H

#include "pg/query.h"

typedef struct gw_blocker {
    int64_t pid;             /* 0: a prepared transaction */
    const char *username;    /* NULL where this role may not see it, as all that follows */
    const char *application; /* NULL where it gave no name */
    const char *client;      /* address; NULL for a local one */
    const char *state;       /* "active", "idle in transaction", … */
    const char *query;       /* running, or the last one */
    int64_t query_ms;        /* since the query began; GW_NULL_INT */
    int64_t transaction_ms;  /* since its transaction began; GW_NULL_INT */
    bool is_prepared;
} gw_blocker;

typedef struct gw_blocker_list {
    gw_blocker *items; /* longest transaction first */
    size_t len;
} gw_blocker_list;

/* Nobody in the way is an empty list, not an error. */
bool gw_session_blockers(gw_session *observer, gw_arena *arena, int pid, gw_blocker_list *out,
                         gw_err *err);

/* The start of a query on one line, cut at about 120 bytes. */
const char *gw_query_start(gw_arena *arena, const char *query);

/* One blocker for people: `pid 4711 (app "psql", user "ann"), idle in transaction, in a
 * transaction for 2 min 10 s:
 * SELECT …`; the query is cut at about 120 bytes. */
char *gw_blocker_text(gw_arena *arena, const gw_blocker *blocker);

#endif
