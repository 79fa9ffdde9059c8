/* An attempt under way. Of run*.c only. */
#ifndef GW_SYNC_RUN_IMPL_H
#define GW_SYNC_RUN_IMPL_H

#include "sync/analysis.h"
#include "sync/crew.h"
#include "sync/pulse.h"
#include "sync/run.h"

typedef enum gw_going_state {
    GW_GOING_WAITS, /* for entities that it needs */
    GW_GOING_RUNS,  /* new and modified rows */
    GW_GOING_THERE, /* they are there: those that need it may begin */
    GW_GOING_DELETES, /* of rows that nobody needs any more: those that need it have ended */
    GW_GOING_CLEARED, /* what is gone is deleted: what was refused because of it comes once more */
    GW_GOING_DONE,
    GW_GOING_FAILED,
} gw_going_state;

/* An entity of the attempt. */
typedef struct gw_going {
    const gw_sync_item *item;
    const char *name;
    gw_going_state state;
    gw_viewed *view;
    const char *analysis;
    bool loads; /* nothing of it was applied before */
    gw_find_result found;
    int64_t ahead; /* rows; of a load about */
    gw_sync_run run;
    bool filled; /* the second pass of its cycles is behind it */
    bool again;  /* some of its rows wait for the deletes */
    bool let_go; /* rows that go and held each other do so no more: its deletes are tried once more */
    bool held;   /* the second pass has refused rows, and may fail of them (`on_reject: fail`) */
    int64_t began_us;
    const char *error; /* JSON, of FAILED */
} gw_going;

typedef struct gw_coordinator {
    const gw_sync_execution *x;
    gw_arena *arena;
    gw_session *beside; /* of the source, outside a transaction */
    gw_session *lock;   /* the pulse's */
    gw_session *store;  /* in which analyses are written; NULL: nothing is */
    gw_sync_owner owner;
    const char *session;
    int64_t attempt;
    bool begun; /* the session runs, and is ours */
    const char *group;
    gw_view view;
    gw_going *going;
    size_t count;
    gw_sync_work work;
    gw_pulse *pulse;
    gw_mover *worker;
    gw_crew *crew; /* the others; NULL: there are none */
    bool freed; /* rows went, or came that were refused first: a second pass may come through now */
    long long shown; /* rows that were told of */
    int64_t began_us;
    gw_err first; /* what the first entity failed of */
} gw_coordinator;

void gw_going_see(gw_coordinator *c, gw_sync_stage stage, const gw_going *going, int64_t done,
                  const char *text);

/* run_plan.c: what there is to do of every entity, under the snapshot. Kind REFUSED for too many
 * deletes. */
bool gw_run_look(gw_coordinator *c, gw_err *err);

/* run_plan.c: its run and its pieces; the entity runs from here on. */
bool gw_run_begin(gw_coordinator *c, gw_going *going, gw_err *err);

/* run_later.c: what closes cycles, now that every entity's rows are there; the quarantine is tidied. */
bool gw_run_fill(gw_coordinator *c, gw_going *going, gw_err *err);

/* run_later.c: rows that were refused for what other rows had by then. */
bool gw_run_may_again(gw_coordinator *c, gw_going *going, gw_err *err);
bool gw_run_again(gw_coordinator *c, gw_going *going, gw_err *err);

/* run_later.c: rows that go and refer to each other in a cycle. */
bool gw_run_let_go(gw_coordinator *c, gw_going *going, gw_err *err);

/* run_end.c: nothing of it is left to do; the mark moves. */
bool gw_run_complete(gw_coordinator *c, gw_going *going, gw_err *err);

/* run_end.c: it has failed, and who needs it. */
bool gw_run_fail(gw_coordinator *c, gw_going *going, gw_err *why, gw_err *err);

/* run_end.c: the session is paused, or has ended. ok: the entities have. */
bool gw_run_close(gw_coordinator *c, bool ok, gw_err *err);

#endif
