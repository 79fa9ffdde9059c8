/*
 * Files and history side by side: the state of each migration, and which ones a run takes.
 * Pure: no database, no files are touched.
 */
#ifndef GW_MIGRATE_PLAN_H
#define GW_MIGRATE_PLAN_H

#include "base/arena.h"
#include "base/err.h"
#include "control/event.h"
#include "control/history.h"
#include "migrate/folder.h"

typedef enum gw_state {
    GW_STATE_APPLIED,
    GW_STATE_PENDING,
    GW_STATE_MODIFIED, /* applied, and the file has changed since */
    GW_STATE_MISSING,  /* applied, and there is no file */
    GW_STATE_FAILED,   /* its last attempt failed; or it stopped half-way outside a transaction */
    GW_STATE_OUT_OF_ORDER, /* pending, and a later one is applied */
    GW_STATE_SKIPPED, /* not for this environment (only=); or a baseline that has yet to run stands for it */
} gw_state;
const char *gw_state_name(gw_state state); /* "out_of_order" */

typedef struct gw_plan_item {
    const gw_migration *file; /* NULL where missing */
    const gw_applied *row;    /* NULL where never applied */
    const gw_event *failure;  /* last attempt, where that failed */
    const char *order;        /* as gw_migration.order: among today's files, also where there is none */
    gw_state state;
    bool runs; /* `up` would run it: pending, failed, changed repeatable, half-done */
    const gw_migration *baseline; /* Flyway: the B file that runs in its place, and has not yet; NULL */
    bool late; /* would run, and a later version of its service is applied */
    bool takes_over; /* a squash of what is all applied: `up` records it in their place */
    size_t lacks;    /* a squash of which so many are not applied, and others are: nothing may run */
    /* Its text, as it was applied, is that of a file with another version now; and the other way round. NULL. */
    struct gw_plan_item *moved_to, *moved_from;
    bool unsure; /* several files have that text: they all have this one as moved_from */
} gw_plan_item;

/* Of its file, or of its row where it has none. */
const char *gw_item_version(const gw_plan_item *item);
const char *gw_item_service(const gw_plan_item *item);

typedef struct gw_plan {
    gw_plan_item *items; /* in order; missing ones among them by their version */
    size_t len;
    const char *current;    /* newest applied version, or NULL */
    size_t pending;         /* items with runs */
    size_t taken_over;      /* items with takes_over */
    const gw_applied *rows; /* the whole history, rows of services that are not ours among them */
    size_t row_count;
    const gw_folder *folders; /* where files were looked for */
    size_t folder_count;
} gw_plan;

/*
 * `services`: those that this project knows, NULL at the end; NULL = all. Rows of others belong to
 * somebody else (several repositories may share a database): they are not missing here.
 * `to`: the version up to which is meant to run; a baseline file above it has no part then. NULL: all.
 */
void gw_plan_make(gw_arena *arena, const gw_migration_list *files, const gw_applied_list *rows,
                  const gw_event_list *failures, const char *environment,
                  const char *const *services, const char *to, gw_plan *out);

/* A squash of which only a part is applied: kind STATE, with the versions that have to be applied
 * by the old files first. */
bool gw_plan_refuse_partial(gw_arena *arena, const gw_plan *plan, const char *service, gw_err *err);

/* The folder (several: with commas) in which a file of this service would be; NULL: not known. */
const char *gw_plan_folder(gw_arena *arena, const gw_plan *plan, const char *service);
/* Of an item without a file, for people: "2 orders: no file of it in migrations". */
const char *gw_plan_missing(gw_arena *arena, const gw_plan *plan, const gw_plan_item *item);
/* It stopped half-way and has no file: the ways on, as a hint. */
const char *gw_half_gone_advice(gw_arena *arena, const char *version, bool reverting);

/*
 * What is applied and has lost its file, or has another text in it now, against files that would run (or have
 * another text now): where text (by its checksum) and service are the same, moved_to and moved_from are set. Of
 * what was taken over without a checksum nothing can be said.
 */
void gw_plan_find_renumbered(gw_arena *arena, gw_plan_item *items, size_t len);
/* Versioned, and not what its row, if any, was applied with. */
bool gw_plan_has_new_text(const gw_plan_item *item);
/* Applied, and its text has another version now: it must not run again. What there is to say, and the ways on. */
bool gw_plan_is_renumbered(const gw_plan_item *item);
const char *gw_plan_renumbered_text(gw_arena *arena, const gw_plan *plan, const gw_plan_item *item);
const char *gw_plan_renumbered_advice(gw_arena *arena, const gw_plan *plan, const gw_plan_item *item);

/* Does this file stand for that version of its service? */
bool gw_replaces(const gw_migration *file, const char *version);

/* Is any file of these folders in the history? false where there is none, too. */
bool gw_plan_knows_any(const gw_plan *plan);

typedef struct gw_selection_options {
    const char *to;      /* a version of the plan, or NULL */
    int64_t steps;       /* 0 = no limit (up), 1 (down) */
    const char *service; /* NULL = all */
    bool out_of_order;
    const char *const *only; /* service, version, …, NULL at the end: these alone; NULL = all */
} gw_selection_options;

typedef struct gw_selection {
    const gw_plan_item **items;
    size_t len, cap;
} gw_selection;

/*
 * What `up` runs, in order. Errors before anything runs: kind STATE for out-of-order files, edited
 * or missing applied ones (all are named), a requirement that is not met; USAGE for an unknown
 * --to or --service.
 */
bool gw_plan_select_up(gw_arena *arena, const gw_plan *plan, const gw_selection_options *options,
                       gw_selection *out, gw_err *err);

/* What `down` rolls back, newest first; each has a down script, or nothing is selected. With `to`
 * everything after that version; "0" is everything. */
bool gw_plan_select_down(gw_arena *arena, const gw_plan *plan, const gw_selection_options *options,
                         gw_selection *out, gw_err *err);

/*
 * A service without any row whose files are, for the most part, in the history under a name that
 * this project does not know: its name was changed, and everything would run again.
 */
typedef struct gw_renamed {
    const char *now, *before;
    const char *version; /* the newest file that has run */
    size_t count;
} gw_renamed;
bool gw_plan_renamed(gw_arena *arena, const gw_plan *plan, const gw_selection *chosen,
                     gw_renamed *out);

#endif
