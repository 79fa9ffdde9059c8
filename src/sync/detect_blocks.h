/*
 * What has changed since a mark, found through the summaries of the source's log (17 and newer):
 * the changed blocks alone are read and held against what is kept of them. The cost follows the
 * change, not the table.
 *
 * Either every change that the log tells of from the mark up to `complete` is found, or nothing is
 * told and the reason is named. What came later than `complete` may be found too; the next run
 * finds the rest. Then a row may also be told as new whose fingerprint is still kept in a block
 * that was not read: applying is an upsert, and the old fingerprint is put right when its block's
 * turn comes.
 *
 * Deletions are confirmed by looking their keys up (confirm.h).
 */
#ifndef GW_SYNC_DETECT_BLOCKS_H
#define GW_SYNC_DETECT_BLOCKS_H

#include "sync/confirm.h"
#include "sync/detect.h"
#include "sync/mark.h"

typedef struct gw_blocks_detect {
    const char *entity;
    const gw_snapshot *snapshot; /* opened with a mark */
    const gw_leaf *leaves;       /* the snapshot's, with readers on its session */
    size_t leaf_count;
    const gw_lookup *lookup; /* over the whole relation, on the snapshot's session */
    gw_session *beside;      /* of the source too, outside a transaction */
    gw_session *kept;        /* of the destination */
    const gw_mark *marks;    /* newest first: the first is that of the last run applied */
    size_t mark_count;
    const char *projection; /* digest: of the mapping, its functions, how rows are hashed */
    bool whole;             /* up to the snapshot, or not at all: never to the last summary only */
    bool stable;            /* its SQL is immutable and reads no other table */
    size_t pool_limit;      /* bytes; 0 = 16 MB */
    gw_row_change_fn *fn;
    void *self;
} gw_blocks_detect;

typedef struct gw_blocks_detected {
    gw_unsound unsound; /* other than GW_SOUND: nothing was told */
    const char *why;    /* on the arena: "unsound: a table …: \"s\".\"t\"" */
    int64_t start, complete;
    bool tail;                /* the log behind the last summary was read too */
    int64_t blocks;           /* that were named, or suspect */
    int64_t rows;             /* read */
    int64_t candidates_found; /* kept, not seen, and there after all */
} gw_blocks_detected;

bool gw_detect_blocks(const gw_blocks_detect *detect, gw_arena *arena, gw_blocks_detected *out,
                      gw_err *err);

#endif
