/*
 * What a detection could not settle within one run of blocks: rows seen whose key was not kept
 * there, and rows kept that were not seen there. Joined by key at the end: seen and kept with equal
 * fingerprints is a row that moved; with different ones it was modified; only seen: new; only kept:
 * deleted.
 *
 * So the order in which rows come never matters to the answer, only to how much waits here. Past
 * its limit the pool writes to files without a name, by hash of the key, and joins a part of them
 * at a time.
 */
#ifndef GW_SYNC_POOL_H
#define GW_SYNC_POOL_H

#include "sync/packed.h"

typedef enum gw_row_change {
    GW_ROW_NEW,
    GW_ROW_MODIFIED,
    GW_ROW_DELETED,
    GW_ROW_MOVED, /* the values are equal: only where it lies is news */
} gw_row_change;

/* seen: as it is now (of DELETED: NULL); kept: as it was applied (of NEW: NULL). Both live during
 * the call. */
typedef bool gw_row_change_fn(void *self, gw_row_change change, const gw_fingerprint *seen,
                              const gw_fingerprint *kept, gw_err *err);

typedef struct gw_pool gw_pool;

/* Kind STATE: the key stands for more than one row of the source. */
bool gw_not_a_key(const gw_fingerprint *row, gw_err *err);

/* Files and memory go with the arena. limit: bytes to hold before writing to files. */
gw_pool *gw_pool_new(gw_arena *arena, size_t limit);

/* The key and numbers are copied. Errors are of kind IO. */
bool gw_pool_seen(gw_pool *pool, const gw_fingerprint *row, gw_err *err);
bool gw_pool_kept(gw_pool *pool, const gw_fingerprint *row, gw_err *err);

/*
 * Tells of every key once, in no order. A key that was kept twice (a run that was killed between
 * two foldings) counts as the one added last. A key seen twice is kind STATE: it is not a key.
 * Empty afterwards.
 */
bool gw_pool_join(gw_pool *pool, gw_row_change_fn *fn, void *self, gw_err *err);

/*
 * The rows of one run of blocks: those kept there are given first, then those seen. What is equal
 * is gone at once, what is modified (or has moved within the run) is told at once, the rest goes to
 * the pool when the run ends. The keys of those kept have to live until then.
 */
typedef struct gw_matcher gw_matcher;
gw_matcher *gw_matcher_new(gw_arena *arena, gw_pool *pool, gw_row_change_fn *fn, void *self);
void gw_matcher_kept(gw_matcher *matcher, const gw_fingerprint *row);
bool gw_matcher_seen(gw_matcher *matcher, const gw_fingerprint *row, gw_err *err);
bool gw_matcher_end(gw_matcher *matcher, gw_err *err);

#endif
