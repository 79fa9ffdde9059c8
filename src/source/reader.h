/*
 * Rows of a PostgreSQL source as keys and fingerprints: sums over runs of blocks, and the rows of
 * such runs one by one. Everything reads under the transaction that the session is in (a snapshot:
 * see snapshot.h) and writes nothing.
 *
 * A table is read leaf by leaf, by blocks of its heap: sequential reading, no order, no collation,
 * any type of key. What has no blocks (a query, a view, a foreign table) is read whole, in the
 * order of its key.
 */
#ifndef GW_SOURCE_READER_H
#define GW_SOURCE_READER_H

#include "pg/copy_rows.h"
#include "pg/query.h"

/* Blocks from first up to, not with, end. */
typedef struct gw_blocks {
    uint32_t first, end;
} gw_blocks;

/* No table has a block of this number: an end that is open. */
#define GW_BLOCKS_END UINT32_MAX

typedef struct gw_reader {
    gw_session *session;
    const char *from;        /* SQL behind FROM, one relation: ONLY "s"."t" AS t; (SELECT …) s */
    bool has_blocks;         /* a table or a partition that is a leaf */
    const char *key;         /* SQL of type text: the key's text form */
    const char *fingerprint; /* SQL of type bigint */
    const char *order;       /* SQL behind ORDER BY, where it has no blocks; else NULL */
} gw_reader;

typedef struct gw_row_seen {
    const char *key; /* not NUL-terminated; valid during the call */
    size_t key_len;
    uint32_t block; /* 0 where there are none */
    uint64_t fingerprint;
} gw_row_seen;
typedef bool gw_row_seen_fn(void *self, const gw_row_seen *row, gw_err *err);

/* Sums by blocks cost no more than one scan: TID range scans, PostgreSQL 14 and newer. */
bool gw_reader_sums(const gw_reader *reader);

typedef struct gw_blocks_sum {
    int64_t count;
    const char *sum; /* the exact sum of the fingerprints, as digits; "0" of none */
} gw_blocks_sum;

/*
 * Of each run, in order; pipelined. Changes plan settings until the transaction ends. Only where
 * gw_reader_sums.
 */
bool gw_reader_sum(const gw_reader *reader, gw_arena *arena, const gw_blocks *runs, size_t count,
                   gw_blocks_sum *out, gw_err *err);

/*
 * The rows of a run, in the order in which they lie. Without blocks, or below 14: of the whole,
 * whatever the run (a scan that begins at the first block, so that blocks come in order). What fn
 * refuses ends it.
 */
bool gw_reader_rows(const gw_reader *reader, gw_blocks run, gw_row_seen_fn *fn, void *self,
                    gw_err *err);

/* Those for which a condition over the row holds, in no order; an index may serve it. */
bool gw_reader_where(const gw_reader *reader, const char *condition, gw_row_seen_fn *fn, void *self,
                     gw_err *err);

#endif
