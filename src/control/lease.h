/* The thread that keeps a lease alive. Private to the control layer. */
#ifndef GW_CONTROL_LEASE_H
#define GW_CONTROL_LEASE_H

#include "pg/session.h"

typedef struct gw_lease gw_lease;

/* A session of its own extends the lease of `token` every lease_ms / 3. */
bool gw_lease_start(gw_arena *arena, const gw_connect *connect, const char *token,
                    int64_t lease_ms, gw_lease **out, gw_err *err);
void gw_lease_stop(gw_lease *lease); /* NULL and twice are fine */

/* false once an extension found that the lease is another's, or none worked for its whole length. */
bool gw_lease_held(gw_lease *lease);

#endif
