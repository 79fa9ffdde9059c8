/*
 * The project's migrations in the order in which they run on an empty database, each read to its
 * end, ready to be run on shadows. Private to the app layer.
 */
#ifndef GW_APP_REPLAYED_H
#define GW_APP_REPLAYED_H

#include "app/trial.h"
#include "base/digest.h"
#include "migrate/replay.h"

/* Who ran a file, and what sessions of that login begin with. */
typedef struct gw_ran {
    const char *login, *role;
    gw_shadow_target target;
} gw_ran;

typedef struct gw_replayed {
    gw_trial *trial;
    gw_arena *arena;
    const gw_migration **files;
    const gw_ran **ran;  /* of each; NULL, or a NULL: the target's role and settings */
    gw_checked *checked; /* of their up scripts */
    const char **prefix; /* [i]: a digest of what the first i of them hold; count + 1 */
    size_t count;
    gw_script_context script;
} gw_replayed;

/* applied_only: those that the environment's history has as applied. Opens the shadow server. */
bool gw_replayed_read(gw_trial *trial, gw_arena *arena, bool applied_only, gw_replayed *out,
                      gw_err *err);

/* One more script of a migration; digest may be NULL. What will be left out of it is said. */
bool gw_replayed_check(gw_replayed *r, const gw_migration *m, const gw_script *script,
                       gw_checked *out, gw_digest *digest, gw_err *err);

/* elsewhere.c: this file named a schema that the target has and nothing before it makes: a hint. False. */
bool gw_replayed_explain(const gw_replayed *r, size_t file, gw_session *session, gw_err *err);

/* A session on a shadow for them: as the target's role. */
bool gw_replayed_connect(const gw_replayed *r, gw_shadow_db *db, gw_session **out, gw_err *err);
/* For gw_replay_script, on a session that gw_replay_prepare has seen. */
gw_replay gw_replayed_runner(const gw_replayed *r, gw_session *session);

#endif
