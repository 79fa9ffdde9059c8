/*
 * What has changed in the source since its rows were applied: fingerprints read from the source
 * against those kept.
 *
 * The source is read leaf by leaf and run of blocks by run of blocks. Where the server can (14 and
 * newer), the sum over a run is asked for first, and only the rows of runs whose sums differ are
 * read one by one; once most runs differ the sums are left out. Whatever the order of rows, changes
 * are told once each and memory is bounded.
 *
 * "Deleted" is what is kept and was not seen: before it is acted upon its key has to be looked up
 * under the same snapshot, with the source's own idea of equality.
 */
#ifndef GW_SYNC_DETECT_H
#define GW_SYNC_DETECT_H

#include "base/log.h"
#include "sync/pool.h"
#include "sync/segments.h"

/* A table or partition that holds rows itself; or, with oid 0, a query. */
typedef struct gw_leaf {
    uint32_t oid;
    uint32_t blocks;  /* of its heap, about: it sizes the runs */
    gw_reader reader; /* on a session with the snapshot */
} gw_leaf;

typedef struct gw_detect {
    const char *entity;
    gw_leaf *leaves;
    size_t leaf_count;
    gw_session *kept; /* of the destination; not the reader's */
    bool places; /* every row is read, so that each is kept where it lies: a sum does not tell */
    size_t pool_limit; /* bytes; 0 = 16 MB */
    gw_row_change_fn *fn;
    void *self;
} gw_detect;

typedef struct gw_detected {
    int64_t source_rows, kept_rows;
    int64_t runs, runs_read; /* runs of blocks, and those of which rows were read */
} gw_detected;

bool gw_detect_checksum(const gw_detect *detect, gw_detected *out, gw_err *err);

/* Rows to a block of a source that has none. */
enum { GW_ROWS_AS_BLOCK = 64 };

#endif
