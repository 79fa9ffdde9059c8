/* Who acts: goes into each history row and event. Collected once a run. */
#ifndef GW_CONTROL_ACTOR_H
#define GW_CONTROL_ACTOR_H

#include "base/arena.h"

typedef struct gw_actor {
    const char *run_id;  /* trace id of the run: 32 hex digits */
    const char *user;    /* of the operating system; GODWIT_ACTOR overrides */
    const char *host;
    const char *version; /* of Godwit */
    const char *command; /* "up" */
} gw_actor;

gw_actor gw_actor_of_process(gw_arena *arena, const char *run_id, const char *version,
                             const char *command);

#endif
