/* The thread that says that a coordinator lives, and hears what is wanted of it. Of this folder
 * only. */
#ifndef GW_SYNC_PULSE_H
#define GW_SYNC_PULSE_H

#include "sync/session.h"
#include "sync/throttle.h"
#include "sync/worker.h"

typedef struct gw_pulse gw_pulse;

typedef enum gw_pulse_wanted { GW_PULSE_GO, GW_PULSE_PAUSE, GW_PULSE_CANCEL } gw_pulse_wanted;

/* session: pinned, and the thread's from here on; it holds the session lock. */
bool gw_pulse_start(gw_arena *arena, gw_session *session, const gw_sync_owner *owner,
                    gw_sync_work *work, const gw_throttle *throttle,
                    const char *const *workers, size_t count, gw_pulse **out, gw_err *err);
void gw_pulse_stop(gw_pulse *pulse); /* NULL and twice are fine */

gw_pulse_wanted gw_pulse_wants(gw_pulse *pulse);
/* Its lease or its connection is gone: nothing more may be done. */
bool gw_pulse_lost(gw_pulse *pulse);

#endif
