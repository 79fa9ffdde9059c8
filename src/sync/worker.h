/*
 * A worker of a session: claims a piece, applies it batch by batch, claims the next one. It shares
 * nothing with other workers but what is named in gw_sync_work; they meet in the database, and it
 * makes no difference to them in which process or on which host they are.
 *
 * A batch is sized by the time that the one before it took, and bounded by bytes.
 */
#ifndef GW_SYNC_WORKER_H
#define GW_SYNC_WORKER_H

#include <stdatomic.h>

#include "source/snapshot.h"
#include "sync/task.h"
#include "sync/work.h"

/* Of all workers of a process. */
typedef struct gw_sync_work {
    const char *session_id;
    const gw_work_entity *entities;
    size_t entity_count;
    const gw_snapshot *snapshot;
    gw_sync_pace pace;
    gw_log *log;
    const gw_cancel *cancel;
    atomic_bool stop; /* at the next batch */
    atomic_bool hold; /* no batch begins while it is set */
    atomic_llong rows, batches, bytes; /* done by this process */
    atomic_llong filled;               /* rows of second passes */
    atomic_llong *rows_of;             /* the same of each entity */
} gw_sync_work;

typedef struct gw_mover gw_mover;

/* source: in a transaction with the snapshot. Both sessions are this worker's alone. */
gw_mover *gw_mover_new(gw_arena *arena, gw_sync_work *work, gw_session *source,
                         gw_session *destination, const gw_mover_id *id);

/* Rows of an entity that this process has done. */
int64_t gw_mover_rows(const gw_sync_work *work, const char *entity);

/* Another has used its session with the destination for a batch: what it holds there is gone. */
void gw_mover_forget(gw_mover *worker);

/*
 * One piece, or what can be done of it until `stop`. *did false: there is none to be had now. On
 * failure *entity names whose piece it was (NULL: of none); the piece is given back, and the
 * worker may go on where both sessions are there.
 */
bool gw_mover_step(gw_mover *worker, bool *did, const char **entity, gw_err *err);

#endif
