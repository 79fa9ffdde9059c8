/*
 * What of the tables of runs need not be kept for ever: the log, completed checkpoints of sessions that have
 * ended, analyses, rows that are gone. Sessions and runs stay, and so do each entity's newest analyses, fingerprints, marks and ids.
 */
#ifndef GW_SYNC_RETENTION_H
#define GW_SYNC_RETENTION_H

#include "pg/query.h"

/* Instants, microseconds: what is older may go. */
typedef struct gw_sync_ages {
    int64_t logs, checkpoints, analyses, departed;
} gw_sync_ages;

typedef struct gw_sync_old {
    int64_t logs, checkpoints, analyses, departed; /* rows */
} gw_sync_old;

/* version: of the part "differential", which is there. */
bool gw_sync_count_old(gw_session *session, gw_arena *arena, int version,
                       const gw_sync_ages *before, gw_sync_old *out, gw_err *err);

/* *rows: how many went. */
bool gw_sync_forget_checkpoints(gw_session *session, gw_arena *arena, int64_t before, int64_t *rows,
                                gw_err *err);
bool gw_sync_forget_analyses(gw_session *session, gw_arena *arena, int64_t before, int64_t *rows,
                             gw_err *err);
bool gw_sync_forget_departed(gw_session *session, gw_arena *arena, int64_t before, int64_t *rows,
                             gw_err *err);

/* The log as JSON, a line an entry, to `take`; then it goes, in the caller's transaction, whose isolation
 * is REPEATABLE READ, after `kept` has said that the lines are safe. */
typedef struct gw_retention_sink {
    bool (*take)(void *self, const char *line, gw_err *err);
    bool (*kept)(void *self, gw_err *err);
    void *self;
} gw_retention_sink;
bool gw_sync_move_logs(gw_session *session, int64_t before, const gw_retention_sink *sink,
                       gw_err *err);

#endif
