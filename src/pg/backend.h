/* A backend that we knew once: is it still there, and what does it do? A server goes on with a
 * statement after its client is gone. */
#ifndef GW_PG_BACKEND_H
#define GW_PG_BACKEND_H

#include "pg/query.h"

typedef struct gw_backend {
    bool alive;
    int64_t pid;
    int64_t started_us;     /* GW_NULL_INT where this role may not see it */
    const char *state;      /* NULL where this role may not see it */
    const char *query;      /* the same */
    int64_t transaction_ms; /* age of its transaction; GW_NULL_INT outside one */
} gw_backend;

/*
 * started_at is the backend_start that was seen then, as text of a timestamptz, or NULL: a pid is
 * given out again, and another start is another backend. Where the role may not see the start of a
 * backend with this pid, it counts as alive.
 */
bool gw_backend_find(gw_session *session, gw_arena *arena, int pid, const char *started_at,
                     gw_backend *out, gw_err *err);

#endif
