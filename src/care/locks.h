/*
 * Locks that a change of a table needs, so that nobody else's statement pays for them: all in their final
 * strength and before anything else, each waited for so briefly that they are had, or all given up, before
 * somebody who waits for one of them looks for a deadlock.
 */
#ifndef GW_CARE_LOCKS_H
#define GW_CARE_LOCKS_H

#include "pg/query.h"

/* In a transaction: runs the statements, each of which takes one lock. What is not to be had in time is kind
 * LOCK: roll back and come again a little later. The short lock timeout holds until the transaction ends. */
bool gw_locks_take(gw_session *session, gw_arena *arena, const char *const *statements, size_t count,
                   gw_err *err);

/* First in a transaction: autovacuum of a table gives way to who waits for a lock longer than what the above waits. So this
 * waits, at most a second longer than deadlock_timeout, for one that is in no reader's or writer's way, and keeps it. */
bool gw_locks_end_vacuum(gw_session *session, gw_arena *arena, const char *schema, const char *name,
                         gw_err *err);

#endif
