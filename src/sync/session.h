/*
 * A session of moving rows as Godwit's tables of the destination keep it: its state, who runs it,
 * what is wanted of it; its runs (an entity each) with their checkpoints; its log.
 *
 *     pending → running → completed | failed, with paused ↔ running in between
 *
 * A session that was cancelled has failed, with that reason. Who was killed leaves a session that
 * runs and nobody's lock: gw_sync_session_begin takes it over. Each time is another attempt, which
 * looks at every entity again under a snapshot of its own.
 *
 * One runs a database's sessions at a time: whoever holds the session lock. Statements are those of
 * a pinned session outside a transaction where nothing else is said.
 */
#ifndef GW_SYNC_SESSION_H
#define GW_SYNC_SESSION_H

#include "base/json.h"
#include "pg/query.h"
#include "source/source.h"

typedef struct gw_sync_session {
    const char *id, *status; /* pending, running, … */
    int64_t attempt;
    const char *wanted;   /* pause, cancel; NULL */
    const char *snapshot; /* the name of the exported one; NULL */
    const char *host;     /* of who runs it, or did; NULL */
    int64_t pid;
    bool alive;                                        /* its lease has not ended */
    const char *pending, *running, *completed, *failed; /* JSON arrays of entities */
    const char *reason;                                /* NULL */
    const char *options;                               /* JSON */
} gw_sync_session;

/* id NULL: the newest that has not ended. *found is false where there is none. */
bool gw_sync_session_find(gw_session *session, gw_arena *arena, const char *id,
                          gw_sync_session *out, bool *found, gw_err *err);

/* Its entities, by their arrays. */
void gw_sync_session_entities(gw_arena *arena, const char *json, gw_source_names *out);

/* ---- who runs it --------------------------------------------------------------------------- */

typedef struct gw_sync_owner {
    const char *id; /* a UUID of this attempt's coordinator */
    const char *host;
    int64_t pid;
    int64_t lease_ms;
} gw_sync_owner;

/* The lock lives as long as the session. *locked false: another has it. */
bool gw_sync_lock(gw_session *session, bool *locked, gw_err *err);
int64_t gw_sync_lock_key(void);
/* In a transaction, before its commit: kind LOST where another one runs the session by now. */
bool gw_sync_session_owned(gw_session *session, const char *id, const gw_sync_owner *owner,
                           gw_err *err);
/* Safe where it is not held. */
void gw_sync_unlock(gw_session *session);

/* pending, without a lock. */
bool gw_sync_session_new(gw_session *session, gw_arena *arena, const gw_source_names *entities,
                         const char *options, const char **id, gw_err *err);

/* It runs, with these entities to look at: what another attempt has left is released first, in the
 * same transaction. The caller holds the lock. */
bool gw_sync_session_begin(gw_session *session, gw_arena *arena, const char *id,
                           const gw_sync_owner *owner, const gw_source_names *entities,
                           int64_t *attempt, gw_err *err);

/* For workers elsewhere: the snapshot, and what they need to join it. */
bool gw_sync_session_share(gw_session *session, const char *id, const gw_sync_owner *owner,
                           const char *name, const char *json, gw_err *err);

typedef struct gw_sync_beat {
    const char *wanted; /* NULL, or on the arena */
    int64_t processed, remaining;
    bool lost; /* another one runs it */
} gw_sync_beat;

/* The lease and those of these workers' pieces begin anew; totals and the time of the end are
 * written. */
bool gw_sync_session_beat(gw_session *session, gw_arena *arena, const char *id,
                          const gw_sync_owner *owner, const char *const *workers, size_t count,
                          double rate, gw_sync_beat *out, gw_err *err);

bool gw_sync_session_entity(gw_session *session, const char *id, const char *entity,
                            const char *state, gw_err *err);

/* Paused, completed or failed; its runs with it. owner NULL: nobody runs it. summary, metrics: JSON
 * objects that are added to error_summary and performance_metrics; NULL. */
bool gw_sync_session_end(gw_session *session, const char *id, const gw_sync_owner *owner,
                         const char *state, const char *reason, const char *summary,
                         const char *metrics, gw_err *err);

/* ---- steps that a person wants ------------------------------------------------------------- */

typedef enum gw_sync_step { GW_SYNC_PAUSE, GW_SYNC_RESUME, GW_SYNC_CANCEL } gw_sync_step;

/* Kind STATE with the steps that there are, where this one is none of them. */
bool gw_sync_step_check(const gw_sync_session *session, gw_sync_step step, gw_err *err);

/*
 * Pause or cancel. Where somebody runs it, it is asked for and done at the next batch (*now false);
 * otherwise it is done here.
 */
bool gw_sync_session_step(gw_session *session, gw_arena *arena, const gw_sync_session *which,
                          gw_sync_step step, const char *by, bool *now, gw_err *err);

/* ---- runs: an entity in a session ---------------------------------------------------------- */

typedef struct gw_sync_run {
    const char *id, *entity, *mapping, *analysis, *checkpoint;
} gw_sync_run;

typedef struct gw_sync_run_want {
    const char *session, *entity, *mapping, *analysis;
    int64_t attempt, remaining;
    const char *mark; /* JSON, of the snapshot that the analysis was made under; NULL */
} gw_sync_run_want;

/* A new run, or the one of an earlier attempt that goes on; running, its checkpoint active. Inside
 * the caller's transaction. */
bool gw_sync_run_begin(gw_session *session, gw_arena *arena, const gw_sync_run_want *want,
                       gw_sync_run *out, gw_err *err);

typedef struct gw_sync_counts {
    const char *entity, *status;
    int64_t added, modified, deleted, rejected, remaining;
    const char *error; /* NULL */
} gw_sync_counts;

/* Inside the caller's transaction, beside the mark that it moves. Kind STATE where another took
 * the session over. */
bool gw_sync_run_complete(gw_session *session, gw_arena *arena, const gw_sync_run *run,
                          const char *session_id, const gw_sync_owner *owner, gw_sync_counts *out,
                          gw_err *err);
/* An entity has failed, and its run (NULL: there is none). Kind LOST as of gw_sync_session_owned. */
bool gw_sync_run_fail(gw_session *session, gw_arena *arena, const char *session_id,
                      const gw_sync_owner *owner, const char *entity, const char *run_id,
                      const gw_err *why, gw_err *err);

/* Of all runs of a session, an entity one. */
bool gw_sync_run_counts(gw_session *session, gw_arena *arena, const char *session_id,
                        gw_sync_counts **out, size_t *count, gw_err *err);

/* ---- the log ------------------------------------------------------------------------------- */

typedef struct gw_sync_log {
    const char *session, *checkpoint, *entity; /* entity NULL: of all of it */
    const char *operation;                     /* record_migration, … */
    const char *level;                         /* error, warn, info, debug */
    const char *message;
    const char *error, *performance, *context; /* JSON objects; NULL */
} gw_sync_log;

bool gw_sync_log_put(gw_session *session, const gw_sync_log *line, gw_err *err);

/* {"kind","message","detail","hint","sqlstate"} */
const char *gw_sync_error_json(gw_arena *arena, const gw_err *why);

#endif
