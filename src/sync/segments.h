/*
 * The fingerprints of applied rows where they are kept: godwit.sync_segments of the destination.
 *
 * A segment is a run of neighbouring blocks of one leaf table of the source ("leaf": its OID
 * there). The segments of a leaf lie side by side from block 0 to the end, which is open
 * (GW_BLOCKS_END): there is a segment for every block that a table may grow to. Of a source without
 * blocks leaf is 0 and a block is so many rows in the order of its key.
 *
 * Writing happens in the caller's transaction, the one that applies the rows. Workers may write
 * side by side: segments are locked in their order.
 */
#ifndef GW_SYNC_SEGMENTS_H
#define GW_SYNC_SEGMENTS_H

#include "pg/query.h"
#include "source/reader.h"
#include "sync/packed.h"

typedef struct gw_segment {
    gw_blocks blocks;
    int64_t count;
    gw_int128 sum;
} gw_segment;

typedef struct gw_segment_list {
    gw_segment *items;
    size_t len, cap;
} gw_segment_list;

typedef struct gw_leaf_kept {
    int64_t leaf, rows;
} gw_leaf_kept;
typedef struct gw_leaf_kept_list {
    gw_leaf_kept *items;
    size_t len;
} gw_leaf_kept_list;

bool gw_segments_leaves(gw_session *session, gw_arena *arena, const char *entity,
                        gw_leaf_kept_list *out, gw_err *err);
bool gw_segments_list(gw_session *session, gw_arena *arena, const char *entity, int64_t leaf,
                      gw_segment_list *out, gw_err *err);

typedef bool gw_fingerprint_fn(void *self, const gw_fingerprint *one, gw_err *err);
/* The fingerprints of the segments that begin within `blocks`. Their keys live as long as the
 * arena. */
bool gw_segments_load(gw_session *session, gw_arena *arena, const char *entity, int64_t leaf,
                      gw_blocks blocks, gw_fingerprint_fn *fn, void *self, gw_err *err);

/* leaf -1: of every leaf. */
bool gw_segments_forget(gw_session *session, const char *entity, int64_t leaf, gw_err *err);

/* What is to be changed: rows that are no longer kept where they were, rows that are kept from now
 * on. */
typedef struct gw_segment_edit {
    bool remove; /* by key, at print.block; otherwise put, at print.block */
    gw_fingerprint print;
} gw_segment_edit;

/* A put replaces what is kept of its key in the same segment. The edits are sorted in place. */
bool gw_segments_edit(gw_session *session, const char *entity, int64_t leaf, gw_segment_edit *edits,
                      size_t count, gw_err *err);

/*
 * A first load: rows in the order of their blocks become segments. Written by flush, in the
 * caller's transaction; what is not full yet waits for the next one. The segments of a run of
 * blocks begin at its first block and end at its end.
 */
typedef struct gw_segment_writer gw_segment_writer;
gw_segment_writer *gw_segment_writer_new(gw_arena *arena, const char *entity, int64_t leaf,
                                         gw_blocks run);
void gw_segment_writer_add(gw_segment_writer *writer, const gw_fingerprint *one);
/* last: the run ends here. */
bool gw_segment_writer_flush(gw_segment_writer *writer, gw_session *session, bool last,
                             gw_err *err);
/* The last, and the run ends at this block. */
bool gw_segment_writer_end(gw_segment_writer *writer, gw_session *session, uint32_t end,
                           gw_err *err);

/* The block up to which a run is kept without a gap; its first where nothing is. */
bool gw_segments_reach(gw_session *session, gw_arena *arena, const char *entity, int64_t leaf,
                       gw_blocks run, uint32_t *out, gw_err *err);

/* What no segment covers, of leaves that have some, is covered by empty ones. */
bool gw_segments_close(gw_session *session, const char *entity, gw_err *err);

#endif
