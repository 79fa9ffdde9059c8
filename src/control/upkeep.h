/* Upkeep of one database: one at a time, and when what was done last. */
#ifndef GW_CONTROL_UPKEEP_H
#define GW_CONTROL_UPKEEP_H

#include "pg/query.h"

/* Held by the session until it ends. Kind BUSY where another one has it: the error names who. */
bool gw_upkeep_lock(gw_session *session, gw_arena *arena, gw_err *err);

/* When upkeep last did what is called `name` (an event's) well, not before `since` (microseconds);
 * GW_NULL_INT: not since then. Godwit's tables are there. */
bool gw_upkeep_last(gw_session *session, gw_arena *arena, const char *name, int64_t since,
                    int64_t *at, gw_err *err);

/* Upkeep's own entries in the audit that are older than `before` (each thing's newest stays): as JSON, a
 * line an entry, to `take`; then, after `kept`, they go. In the caller's transaction, whose isolation is
 * REPEATABLE READ. */
bool gw_upkeep_move_events(gw_session *session, int64_t before,
                           bool (*take)(void *self, const char *line, gw_err *err),
                           bool (*kept)(void *self, gw_err *err), void *self, gw_err *err);
/* How many that would be, up to some thousand. */
bool gw_upkeep_old_events(gw_session *session, gw_arena *arena, int64_t before, int64_t *count,
                          gw_err *err);

/* A file that rows of a table move into, begun and ended under a name. In a transaction: the path is written down;
 * *left is that of a run that was killed before its end (NULL: none), whose rows are all in the table still. */
bool gw_upkeep_file_begin(gw_session *session, gw_arena *arena, const char *name, const char *path,
                          const char **left, gw_err *err);
/* In the transaction that deletes the rows. Kind STATE where another run has begun one since. */
bool gw_upkeep_file_end(gw_session *session, gw_arena *arena, const char *name, const char *path,
                        gw_err *err);

#endif
