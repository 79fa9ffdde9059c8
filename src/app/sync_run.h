/* Moving rows: runs of a session, what is wanted of one. */
#ifndef GW_APP_SYNC_RUN_H
#define GW_APP_SYNC_RUN_H

#include "app/sync.h"
#include "sync/run.h"

typedef struct gw_sync_wanted {
    const char *const *entities; /* none: all; with those that an interrupted session has */
    size_t count;
    const char *session; /* this one goes on; NULL: one that was interrupted, else a new one */
    const char *analysis; /* a stored one is applied, of these entities of it; NULL: what is found */
    bool resume;         /* nothing begins anew: kind STATE where there is none to go on with */
    int64_t batch_rows;  /* 0: the settings' */
    unsigned jobs;       /* 0: the settings' */
    double max_deletes;  /* below 0: the settings' */
    bool replica;        /* triggers and foreign keys of the destination are off */
} gw_sync_wanted;

/* Progress goes to the app's observer. On failure *out says what is known. */
bool gw_app_sync_run(gw_app *app, gw_arena *arena, const gw_sync_wanted *wanted, gw_sync_done *out,
                     gw_err *err);

/* What a run would move; nothing is written. */
bool gw_app_sync_preview(gw_app *app, gw_arena *arena, const gw_sync_wanted *wanted,
                         gw_sync_done *out, gw_err *err);

/* Workers of this process for the session that runs, until it ends. */
bool gw_app_sync_help(gw_app *app, gw_arena *arena, const gw_sync_wanted *wanted, const char **id,
                      int64_t *rows, gw_err *err);

/* Pause or cancel a session, NULL: the one that has not ended. *now false: it will be done at the
 * next batch by whoever runs it. */
bool gw_app_sync_step(gw_app *app, gw_arena *arena, gw_sync_step step, const char *session,
                      const char **id, bool *now, gw_err *err);

#endif
