#include "source/reader.h"

#include <inttypes.h>
#include <string.h>

#include "pg/copy.h"
#include "pg/pipeline.h"

/* So many statements are under way at a time: enough to hide the way there and back. */
enum { GROUP = 64 };

bool gw_reader_sums(const gw_reader *reader)
{
    return reader->has_blocks && gw_session_version(reader->session) >= 140000;
}

static const char *tid(gw_arena *arena, uint32_t block)
{
    return gw_printf(arena, "(%" PRIu32 ",0)", block);
}

static const char *sum_text(gw_arena *arena, const gw_reader *reader)
{
    return gw_printf(arena,
                     "SELECT pg_catalog.count(*), coalesce(pg_catalog.sum(%s), 0) FROM %s"
                     " WHERE ctid >= $1::pg_catalog.tid AND ctid < $2::pg_catalog.tid",
                     reader->fingerprint, reader->from);
}

static bool add_sum(const gw_reader *reader, const char *prepared, const char *text,
                    const gw_param params[2], gw_err *err)
{
    return prepared ? gw_pipeline_add_prepared(reader->session, prepared, params, 2, err)
                    : gw_pipeline_add(reader->session, text, params, 2, err);
}

static bool take_sum(const gw_reader *reader, gw_arena *arena, gw_blocks_sum *out, gw_err *err)
{
    gw_result result;
    bool skipped;
    struct {
        int64_t count;
        const char *sum;
    } row;
    const gw_col cols[] = {
        {"count", GW_COL_INT, true, 0},
        {"coalesce", GW_COL_TEXT, true, sizeof(int64_t)},
    };
    if (!gw_pipeline_next(reader->session, arena, "source/sum_of_blocks", &result, &skipped, err) ||
        !gw_row(arena, &result, cols, 2, &row, err))
        return false;
    *out = (gw_blocks_sum){.count = row.count, .sum = row.sum};
    return true;
}

static bool sum_group(const gw_reader *reader, gw_arena *arena, const char *prepared,
                      const char *text, const gw_blocks *runs, size_t count, gw_blocks_sum *out,
                      gw_err *err)
{
    for (size_t i = 0; i < count; i++) {
        gw_param params[2] = {gw_p_text(tid(arena, runs[i].first)),
                              gw_p_text(tid(arena, runs[i].end))};
        if (!add_sum(reader, prepared, text, params, err))
            return false;
    }
    if (!gw_pipeline_sync(reader->session, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!take_sum(reader, arena, &out[i], err))
            return false;
    return true;
}

bool gw_reader_sum(const gw_reader *reader, gw_arena *arena, const gw_blocks *runs, size_t count,
                   gw_blocks_sum *out, gw_err *err)
{
    const char *text = sum_text(arena, reader);
    /* A generic plan, made once; it has to be the TID range scan, whatever is guessed of $1 and $2.
     */
    if (!gw_exec(reader->session,
                 "SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL enable_seqscan = off;"
                 " SET LOCAL enable_indexscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL "
                 "jit = off",
                 err))
        return false;
    const char *prepared = gw_session_pooled(reader->session) ? NULL : "godwit_sum_of_blocks";
    gw_err ignored = {0};
    if (prepared &&
        !gw_exec(reader->session, gw_printf(arena, "PREPARE %s AS %s", prepared, text), err))
        return false;
    bool ok = gw_pipeline_start(reader->session, err);
    for (size_t i = 0; ok && i < count; i += GROUP) {
        size_t len = count - i < GROUP ? count - i : GROUP;
        ok = sum_group(reader, arena, prepared, text, runs + i, len, out + i, err);
    }
    if (!gw_pipeline_end(reader->session, ok ? err : &ignored))
        ok = false;
    if (ok && prepared)
        ok = gw_exec(reader->session, gw_printf(arena, "DEALLOCATE %s", prepared), err);
    gw_err_clear(&ignored);
    return ok;
}

static void add_select(gw_buf *buf, const gw_reader *reader)
{
    gw_buf_addf(buf, "COPY (SELECT %s, %s, %s FROM %s",
                reader->has_blocks ? "ctid" : "NULL::pg_catalog.tid", reader->key,
                reader->fingerprint, reader->from);
}

static const char *rows_text(gw_arena *arena, const gw_reader *reader, gw_blocks run)
{
    gw_buf buf = GW_BUF(arena);
    add_select(&buf, reader);
    if (gw_reader_sums(reader)) {
        gw_buf_addf(&buf, " WHERE ctid >= '(%" PRIu32 ",0)'", run.first);
        if (run.end != GW_BLOCKS_END)
            gw_buf_addf(&buf, " AND ctid < '(%" PRIu32 ",0)'", run.end);
    }
    if (!reader->has_blocks && reader->order)
        gw_buf_addf(&buf, " ORDER BY %s", reader->order);
    gw_buf_add(&buf, ") TO STDOUT (FORMAT binary)");
    return gw_buf_str(&buf);
}

static bool null_key(gw_err *err)
{
    gw_err_set(err, GW_ERR_STATE, "a row of the source has no key: a column of it is NULL");
    return gw_err_hint(err,
                       "A mapping's key has to name every row: choose columns that are NOT NULL.");
}

static bool copy_rows(gw_copy_out *copy, gw_row_seen_fn *fn, void *self, gw_err *err)
{
    gw_copy_reader reader = {0};
    for (;;) {
        const char *piece;
        size_t len;
        gw_copy_field fields[3];
        bool is_row;
        if (!gw_copy_out_next(copy, &piece, &len, err))
            return false;
        if (!piece)
            return true;
        if (!gw_copy_read_row(&reader, piece, len, fields, 3, &is_row, err))
            return false;
        if (!is_row)
            continue;
        if (fields[1].len < 0)
            return null_key(err);
        gw_row_seen row = {.key = fields[1].data,
                           .key_len = (size_t)fields[1].len,
                           .block = gw_copy_field_block(fields[0]),
                           .fingerprint = (uint64_t)gw_copy_field_int64(fields[2])};
        if (!fn(self, &row, err))
            return false;
    }
}

static bool read_rows(const gw_reader *reader, const char *text, const char *settings,
                      gw_row_seen_fn *fn, void *self, gw_err *err)
{
    gw_copy_out copy;
    if (!gw_exec(reader->session, settings, err) ||
        !gw_copy_out_start(reader->session, text, &copy, err))
        return false;
    bool ok = copy_rows(&copy, fn, self, err);
    gw_copy_out_leave(&copy);
    return ok;
}

bool gw_reader_rows(const gw_reader *reader, gw_blocks run, gw_row_seen_fn *fn, void *self,
                    gw_err *err)
{
    gw_arena *arena = gw_arena_new();
    bool ok = read_rows(reader, rows_text(arena, reader, run),
                        "SET LOCAL synchronize_seqscans = off; SET LOCAL enable_seqscan = on;"
                        " SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL jit = off",
                        fn, self, err);
    gw_arena_free(arena);
    return ok;
}

bool gw_reader_where(const gw_reader *reader, const char *condition, gw_row_seen_fn *fn, void *self,
                     gw_err *err)
{
    gw_arena *arena = gw_arena_new();
    gw_buf text = GW_BUF(arena);
    add_select(&text, reader);
    gw_buf_addf(&text, " WHERE %s) TO STDOUT (FORMAT binary)", condition);
    bool ok = read_rows(reader, gw_buf_str(&text),
                        "SET LOCAL enable_seqscan = on; SET LOCAL enable_indexscan = on; SET LOCAL "
                        "enable_bitmapscan = on; SET LOCAL jit = off",
                        fn, self, err);
    gw_arena_free(arena);
    return ok;
}
