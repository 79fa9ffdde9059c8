/*
 * Migrations on a shadow database: each statement passes the gate (control/gate.h) before it is
 * run, nothing is recorded, no lock is taken. Batches go over all keys at once.
 */
#ifndef GW_MIGRATE_REPLAY_H
#define GW_MIGRATE_REPLAY_H

#include "control/gate.h"
#include "migrate/check.h"

typedef struct gw_replay {
    gw_shadow *shadow;
    gw_session *session; /* plain, on the shadow */
    gw_script_context script;
    const gw_cancel *cancel;
    gw_log *log;
    bool keeps_nothing; /* a script in a transaction is rolled back at its end */
} gw_replay;

/* One checked script as a run would do it. Errors carry file:line:col. */
bool gw_replay_script(const gw_replay *replay, gw_arena *arena, const gw_checked *checked,
                      gw_err *err);

/*
 * What was refused was a role, or a tablespace, that is not there. On the private server one without any
 * rights, or one within its own folder, is made, and true says that another try is worth it: to a schema
 * they are names.
 */
bool gw_replay_made_role(gw_shadow *shadow, gw_arena *arena, const gw_err *problem);

/* For that its messages have to come in English: before the first script on a session. */
bool gw_replay_prepare(gw_shadow *shadow, gw_session *session, gw_err *err);

#endif
