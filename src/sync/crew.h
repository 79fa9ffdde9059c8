/*
 * Workers of a process besides its coordinator: a thread each, with sessions of its own, which join
 * the coordinator's snapshot. Of this folder only.
 */
#ifndef GW_SYNC_CREW_H
#define GW_SYNC_CREW_H

#include "sync/worker.h"

typedef struct gw_crew gw_crew;

/* A worker for each id. One that cannot connect is left out, with a warning in the log. */
bool gw_crew_start(gw_arena *arena, gw_sync_work *work, const gw_connect *source,
                   const gw_connect *destination, const gw_mover_id *ids, size_t count,
                   bool replica, gw_crew **out, gw_err *err);

/* What went wrong in one of them, once each; false: nothing. entity NULL: with no entity. */
bool gw_crew_problem(gw_crew *crew, const char **entity, gw_err *problem);

/* Is one of them still at it? */
bool gw_crew_works(gw_crew *crew);

/* Ends them at their next batch. NULL and twice are fine. */
void gw_crew_stop(gw_crew *crew);

#endif
