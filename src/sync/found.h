/*
 * What a detection finds, kept as the change set of an analysis: keys of new, modified and deleted
 * rows, some thousand a piece, with the fingerprints under which they were applied. Rows that only
 * moved are put right at once: where a row lies is no change to be applied.
 */
#ifndef GW_SYNC_FOUND_H
#define GW_SYNC_FOUND_H

#include "sync/pool.h"
#include "sync/segments.h"

typedef struct gw_found gw_found;

typedef struct gw_found_counts {
    int64_t added, modified, deleted, moved;
} gw_found_counts;

/* session: of the destination, outside a transaction. analysis NULL: nothing is written, changes
 * are counted. */
gw_found *gw_found_new(gw_arena *arena, gw_session *session, const char *entity,
                       const char *analysis);

/* A gw_row_change_fn whose self is the gw_found. */
bool gw_found_tell(void *found, gw_row_change change, const gw_fingerprint *seen,
                   const gw_fingerprint *kept, gw_err *err);

/* What still waits is written. */
bool gw_found_end(gw_found *found, gw_found_counts *out, gw_err *err);

/* A piece, read back. kept has as many as keys; of new rows it is NULL. Everything is on the arena.
 */
typedef struct gw_found_piece {
    gw_row_change kind;
    const char **keys;
    gw_fingerprint *kept;
    size_t count;
} gw_found_piece;
bool gw_found_read(gw_session *session, gw_arena *arena, const char *analysis, int64_t number,
                   gw_found_piece *out, gw_err *err);

#endif
