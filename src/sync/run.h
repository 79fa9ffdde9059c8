/*
 * One attempt of a session, coordinated: the source's snapshot, what there is to do of each entity
 * (everything, where nothing was applied before, else what a detection finds), pieces of it for the
 * workers, and each entity's end, in the order of their dependencies. The coordinator works, too.
 *
 * Killed at any moment, what is committed is whole: rows, ids, fingerprints and checkpoint of a
 * batch stand in one transaction. The next attempt looks at every entity anew, so it finds exactly
 * the rest, and what has changed meanwhile.
 */
#ifndef GW_SYNC_RUN_H
#define GW_SYNC_RUN_H

#include "sync/analysis.h"
#include "sync/session.h"
#include "sync/throttle.h"
#include "sync/work.h"

typedef enum gw_sync_stage {
    GW_SYNC_LOOKS,  /* finds what there is to do of an entity; done, total: nothing */
    GW_SYNC_BEGINS, /* total: rows */
    GW_SYNC_MOVES,  /* done of total */
    GW_SYNC_DONE,
    GW_SYNC_FAILED,
    GW_SYNC_WAITS, /* text: for whom */
} gw_sync_stage;

typedef struct gw_sync_seen {
    gw_sync_stage stage;
    const char *entity;
    int64_t done, total, duration_ms;
    const char *text;
} gw_sync_seen;

/* An entity of the attempt, in the order in which they run. */
typedef struct gw_sync_item {
    gw_work_entity entity;
    const char *problem; /* it cannot run, and why: it fails, with those that need it; NULL */
    const gw_analysis *stored; /* its keys, in place of what is found; the mark stays. NULL: find */
} gw_sync_item;

typedef struct gw_sync_execution {
    gw_connect source, destination; /* for more sessions of either side */
    gw_session *from, *to;          /* pinned, outside a transaction */
    gw_sync_item *items;
    size_t item_count;
    const char *session; /* to be resumed; NULL: a new one */
    const char *analysis; /* that a new one is to apply, with all attempts of it; NULL */
    const char *host;
    gw_sync_pace pace;
    gw_throttle throttle;
    bool replica; /* session_replication_role = replica in the destination */
    unsigned jobs;
    double max_deletes; /* percent of the rows known; 100: any number */
    int64_t lease_ms;   /* 0 = 15 s */
    const gw_cancel *cancel;
    gw_log *log;
    void (*see)(void *self, const gw_sync_seen *seen); /* by one thread at a time */
    void *self;
} gw_sync_execution;

typedef struct gw_sync_done {
    const char *session, *status; /* as it is now */
    const char *reason;           /* of a pause or a failure; NULL */
    gw_sync_counts *entities;
    size_t entity_count;
} gw_sync_done;

/*
 * Kinds: BUSY where another one runs the database's session; INTERRUPTED after a request to stop,
 * the session paused; REFUSED for too many deletes, before anything is applied; LOST and CONNECT:
 * another attempt may go on. *out is filled as far as there is something, also on failure. A
 * session that failed because entities did is an error of the first one's kind.
 */
bool gw_sync_execute(const gw_sync_execution *execution, gw_arena *arena, gw_sync_done *out,
                     gw_err *err);

/* What an attempt would begin with; nothing is written anywhere. The counts of out->entities. */
bool gw_sync_preview(const gw_sync_execution *execution, gw_arena *arena, gw_sync_done *out,
                     gw_err *err);

/*
 * Join the session that runs, with workers->jobs of this process, until it ends, is paused or is
 * begun anew without this snapshot. *rows: what they have done. Kind STATE where none runs.
 */
bool gw_sync_help(const gw_sync_execution *execution, gw_arena *arena, const char **session,
                  int64_t *rows, gw_err *err);

#endif
