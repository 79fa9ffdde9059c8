/*
 * What has changed since a low-water mark, by a column that the server sets on every write: rows
 * with a time at or after it (or none) are read and held against what is kept. Deletions leave no
 * time: they are found by comparing the sets of keys, which is one scan of the keys.
 *
 * Sound only where the column is declared to be set by the server and nothing that was not
 * committed yet can have an older time (gw_snapshot_low_water); every other case is named and
 * nothing is told.
 */
#ifndef GW_SYNC_DETECT_TIMESTAMP_H
#define GW_SYNC_DETECT_TIMESTAMP_H

#include "sync/confirm.h"
#include "sync/detect.h"
#include "sync/mark.h"

typedef struct gw_timestamp_detect {
    const char *entity;
    const gw_snapshot *snapshot; /* opened with a low-water mark */
    const gw_leaf *leaves;       /* the snapshot's, with readers on its session */
    size_t leaf_count;
    const gw_lookup *lookup; /* over the whole relation, on the snapshot's session */
    gw_session *kept;        /* of the destination */
    const gw_mark *mark;     /* of the last run applied; NULL: none */
    const char *projection;  /* as in the mark */
    const char *changed_at;  /* SQL: t."changed_at" */
    int64_t changed_at_type; /* pg_type.oid */
    bool declared;           /* somebody has said that the server sets it on every write */
    bool stable;             /* the mapping's SQL is immutable and reads no other table */
    bool deletes;            /* look for them */
    size_t pool_limit;       /* bytes; 0 = 16 MB */
    gw_row_change_fn *fn;
    void *self;
} gw_timestamp_detect;

typedef struct gw_timestamp_detected {
    gw_unsound unsound;
    const char *why;   /* on the arena: "unsound: …" */
    int64_t rows;      /* that were read: of time, or all keys */
    int64_t looked_up; /* whose time said nothing and which were kept elsewhere, or not at all */
    int64_t candidates_found;
} gw_timestamp_detected;

bool gw_detect_timestamp(const gw_timestamp_detect *detect, gw_arena *arena,
                         gw_timestamp_detected *out, gw_err *err);

#endif
