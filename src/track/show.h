/*
 * What the counters say: the five tables of one tracker or of all, and Godwit's own runs in the same
 * form: the newest run of migrations (tracker "up") and sessions that move rows ("sync …"), which are
 * read from where those keep themselves.
 */
#ifndef GW_TRACK_SHOW_H
#define GW_TRACK_SHOW_H

#include "pg/query.h"

typedef struct gw_shown_stage {
    int64_t id;
    const char *tracker, *name, *status;
    int64_t started_at, completed_at; /* GW_NULL_INT */
    int64_t errors, updated_at;
    bool paused;
    const char *note;                 /* NULL */
    int64_t done, total;              /* of Godwit's own runs; else 0: its pallets say it */
} gw_shown_stage;

typedef struct gw_shown_xcm {
    int64_t id;
    const char *tracker, *source, *destination;
    int64_t sent, processed, failed, updated_at;
} gw_shown_xcm;

typedef struct gw_shown_balance {
    int64_t id;
    const char *tracker;
    int64_t accounts, failed, updated_at;
    const char *migrated, *kept; /* digits */
} gw_shown_balance;

typedef struct gw_shown_teleport {
    int64_t id;
    const char *tracker;
    int64_t mints, burns, failed, updated_at;
    const char *minted, *burned; /* digits */
} gw_shown_teleport;

typedef struct gw_shown_pallet {
    int64_t id, stage_id;
    const char *tracker, *name, *stage;
    int64_t processed, total, failed, updated_at;
} gw_shown_pallet;

typedef struct gw_shown_rejects {
    const char *tracker;
    int64_t lines, line; /* how many; the last one */
    const char *source, *reason;
} gw_shown_rejects;

typedef struct gw_shown {
    gw_shown_stage *stages;
    gw_shown_xcm *xcm;
    gw_shown_balance *balances;
    gw_shown_teleport *teleports;
    gw_shown_pallet *pallets;
    gw_shown_rejects *rejects;
    gw_shown_stage *runs; /* Godwit's own */
    size_t stage_count, xcm_count, balance_count, teleport_count, pallet_count, reject_count,
        run_count;
} gw_shown;

/* tracker NULL: all, and Godwit's own runs; "up" or "sync …": only that run. Tables that are not there
 * are empty. One view of the database. */
bool gw_track_show(gw_session *session, gw_arena *arena, const char *tracker, gw_shown *out,
                   gw_err *err);

#endif
