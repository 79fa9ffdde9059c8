/*
 * The pieces of a session's runs, for its workers: runs of blocks of a first load, and pieces of a
 * change set. A piece is claimed by lease; one whose worker is gone is claimed again when the lease
 * has ended. How far a piece is moves in the transaction of each of its batches, and only for the
 * worker that has it.
 */
#ifndef GW_SYNC_TASK_H
#define GW_SYNC_TASK_H

#include "sync/apply.h"

typedef struct gw_mover_id {
    const char *id; /* a UUID */
    const char *host;
    int64_t lease_ms;
} gw_mover_id;

typedef struct gw_task {
    const char *run, *entity, *checkpoint, *analysis;
    const char *mapping; /* id of the definition that the run goes by */
    int64_t number, attempts;
    bool is_blocks; /* else changes */
    int64_t leaf;
    int64_t at, end; /* blocks; of changes: the next one's place in `change` */
    int64_t change;
} gw_task;

/* entity: whose pieces are taken first; NULL. snapshot: the name of the one that is read; pieces of an
 * attempt that reads another are not for this worker. *found false: there is none now. */
bool gw_task_claim(gw_session *session, gw_arena *arena, const char *session_id,
                   const gw_mover_id *worker, const char *entity, const char *snapshot,
                   gw_task *out, bool *found,
                   gw_err *err);

/* What this worker has claimed may be claimed by others. */
bool gw_task_release(gw_session *session, const gw_mover_id *worker, gw_err *err);

/* These workers live: what they have claimed stays theirs for another lease. */
bool gw_tasks_beat(gw_session *session, const gw_mover_id *workers, size_t count, gw_err *err);

typedef struct gw_task_batch {
    const gw_task *task;
    const gw_mover_id *worker;
    const char *session_id;
    int64_t next; /* the piece goes on there */
    bool done;
    int64_t rows; /* of what was to be done */
    int64_t began_us;
} gw_task_batch;

/* In the transaction of a batch; *taken: the piece is not this worker's any more (kind STATE). */
bool gw_task_applied(gw_session *session, const gw_task_batch *batch, const gw_applied *applied,
                     bool *taken, gw_err *err);

/* Pieces of a run that are not done. */
bool gw_tasks_left(gw_session *session, const char *run, int64_t *count, gw_err *err);

/* Of a run: what its analysis has stored, the deletes or all the others. */
bool gw_tasks_put_changes(gw_session *session, const char *run, const char *analysis, bool deletes,
                          gw_err *err);

typedef struct gw_task_blocks {
    int64_t leaf;
    gw_blocks blocks;
} gw_task_blocks;
bool gw_tasks_put_blocks(gw_session *session, const char *run, const gw_task_blocks *pieces,
                         size_t count, gw_err *err);

#endif
