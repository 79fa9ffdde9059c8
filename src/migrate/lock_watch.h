/* While a statement of a run waits for a lock: who has it? Asked on the control session by a
 * thread of its own, because after lock_timeout has run out it is too late to ask. */
#ifndef GW_MIGRATE_LOCK_WATCH_H
#define GW_MIGRATE_LOCK_WATCH_H

#include "pg/session.h"

struct gw_lock_watch;

/* NULL on failure. `control` is used by the watch between begin and end only. */
struct gw_lock_watch *gw_lock_watch_start(gw_arena *arena, gw_session *control, gw_err *err);
void gw_lock_watch_stop(struct gw_lock_watch *watch);

/* From here on the backend is watched; a pid of 0 is not. */
void gw_lock_watch_begin(struct gw_lock_watch *watch, int backend_pid);

/* Where the one that is watched waits without a limit: `tell` hears who blocks it after two seconds, after half a minute,
 * and then every five minutes, from the watch's thread. NULL: nobody hears. Between end and begin. */
void gw_lock_watch_tell(struct gw_lock_watch *watch, void (*tell)(void *self, const char *blockers), void *self);

/* Returns with the control session free again. */
void gw_lock_watch_end(struct gw_lock_watch *watch);

/* Text of the blockers seen last, or NULL; on the arena. */
char *gw_lock_watch_blockers(struct gw_lock_watch *watch, gw_arena *arena);

#endif
