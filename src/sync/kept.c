#include "sync/kept.h"

#include <inttypes.h>

#include "base/buf.h"
#include "pg/copy.h"
#include "pg/copy_rows.h"
#include "sql/quote.h"
#include "sql_sync.h"

static bool covers(const gw_blocks *runs, size_t count, uint32_t block)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (runs[middle].end <= block)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && runs[low].first <= block;
}

typedef struct covering {
    gw_bytes packed;
} covering;

static bool unpack(const covering *row, uint32_t leaf, const gw_blocks *runs, size_t count,
                   gw_fingerprint_fn *fn, void *self, gw_err *err)
{
    gw_unpacker unpacker;
    gw_fingerprint print;
    bool more = true;
    if (!gw_unpack_begin(&unpacker, row->packed.data, row->packed.len, err))
        return false;
    for (;;) {
        if (!gw_unpack_next(&unpacker, &print, &more, err))
            return false;
        if (!more)
            return true;
        print.leaf = leaf;
        if (covers(runs, count, print.block) && !fn(self, &print, err))
            return false;
    }
}

bool gw_kept_load(gw_session *session, gw_arena *arena, const char *entity, uint32_t leaf,
                  const gw_blocks *runs, size_t count, gw_fingerprint_fn *fn, void *self,
                  gw_err *err)
{
    static const gw_col cols[] = {{"packed", GW_COL_BYTES, true, offsetof(covering, packed)}};
    gw_buf first = GW_BUF(arena), end = GW_BUF(arena);
    for (size_t i = 0; i < count; i++) {
        gw_buf_addf(&first, "%s%" PRIu32, i ? "," : "{", runs[i].first);
        gw_buf_addf(&end, "%s%" PRIu32, i ? "," : "{", runs[i].end);
    }
    gw_buf_addc(&first, '}');
    gw_buf_addc(&end, '}');
    gw_param params[] = {gw_p_text(entity), gw_p_int(leaf), gw_p_text(gw_buf_str(&first)),
                         gw_p_text(gw_buf_str(&end))};
    gw_result result;
    void *rows = NULL;
    if (count == 0)
        return true;
    if (!gw_query(session, arena, &gw_sql_segments_cover, params, 4, &result, err) ||
        !gw_rows(arena, &result, cols, 1, sizeof(covering), &rows, err))
        return false;
    for (size_t i = 0; i < result.rows; i++)
        if (!unpack((covering *)rows + i, leaf, runs, count, fn, self, err))
            return false;
    return true;
}

/* ---- by key -------------------------------------------------------------------------------- */

typedef struct search {
    const gw_keyed *keys;
    unsigned char maybe[1 << 13]; /* a bit a hash: most rows are passed over by it */
    gw_fingerprint_fn *fn;
    void *self;
} search;

static bool find_in(search *all, gw_copy_field leaf, gw_copy_field packed, gw_err *err)
{
    gw_unpacker unpacker;
    gw_fingerprint print;
    bool more = true;
    if (!gw_unpack_begin(&unpacker, packed.data, (size_t)packed.len, err))
        return false;
    for (;;) {
        if (!gw_unpack_next(&unpacker, &print, &more, err))
            return false;
        if (!more)
            return true;
        uint64_t hash = gw_key_hash(print.key, print.key_len);
        if (!(all->maybe[(hash >> 3) & (sizeof all->maybe - 1)] & 1u << (hash & 7)) ||
            !gw_keyed_find(all->keys, print.key, print.key_len, hash))
            continue;
        print.leaf = (uint32_t)gw_copy_field_int64(leaf);
        if (!all->fn(all->self, &print, err))
            return false;
    }
}

static bool find_all(search *all, gw_copy_out *copy, gw_err *err)
{
    gw_copy_reader reader = {0};
    gw_copy_field fields[2];
    for (;;) {
        const char *piece;
        size_t len;
        bool is_row;
        if (!gw_copy_out_next(copy, &piece, &len, err))
            return false;
        if (!piece)
            return true;
        if (!gw_copy_read_row(&reader, piece, len, fields, 2, &is_row, err) ||
            (is_row && !find_in(all, fields[0], fields[1], err)))
            return false;
    }
}

bool gw_kept_find(gw_session *session, const char *entity, const gw_keyed *keys,
                  gw_fingerprint_fn *fn, void *self, gw_err *err)
{
    gw_arena *arena = gw_arena_new();
    search *all = gw_alloc(arena, sizeof *all);
    all->keys = keys;
    all->fn = fn;
    all->self = self;
    for (size_t i = 0; i < keys->len; i++) {
        uint64_t hash = keys->items[i].hash;
        all->maybe[(hash >> 3) & (sizeof all->maybe - 1)] |= (unsigned char)(1u << (hash & 7));
    }
    const char *text =
        gw_printf(arena,
                  "COPY (SELECT s.leaf::pg_catalog.int8, s.packed FROM godwit.sync_segments s WHERE "
                  "s.entity_type = %s) TO STDOUT (FORMAT binary)",
                  gw_quote_literal(arena, entity));
    gw_copy_out copy;
    bool ok = keys->len == 0 || gw_copy_out_start(session, text, &copy, err);
    if (ok && keys->len > 0) {
        ok = find_all(all, &copy, err);
        gw_copy_out_leave(&copy);
    }
    gw_arena_free(arena);
    return ok;
}

static bool is_among(const gw_leaf *leaves, size_t count, int64_t oid)
{
    for (size_t i = 0; i < count; i++)
        if (leaves[i].oid == oid)
            return true;
    return false;
}

/* So many segments at a time. */
enum { SEGMENTS = 64 };

bool gw_kept_leaf(gw_session *session, const char *entity, uint32_t leaf, gw_fingerprint_fn *fn,
                  void *self, gw_err *err)
{
    gw_arena *arena = gw_arena_new(), *scratch = gw_arena_new();
    gw_segment_list segments;
    bool ok = gw_segments_list(session, arena, entity, leaf, &segments, err);
    for (size_t at = 0; ok && at < segments.len; at += SEGMENTS) {
        size_t end = at + SEGMENTS < segments.len ? at + SEGMENTS : segments.len;
        gw_blocks run = {segments.items[at].blocks.first, segments.items[end - 1].blocks.end};
        gw_arena_reset(scratch);
        ok = gw_kept_load(session, scratch, entity, leaf, &run, 1, fn, self, err);
    }
    gw_arena_free(scratch);
    gw_arena_free(arena);
    return ok;
}

bool gw_kept_others(gw_session *session, const char *entity, const gw_leaf *leaves, size_t count,
                    gw_fingerprint_fn *fn, void *self, gw_err *err)
{
    gw_arena *arena = gw_arena_new();
    gw_leaf_kept_list list;
    bool ok = gw_segments_leaves(session, arena, entity, &list, err);
    for (size_t i = 0; ok && i < list.len; i++)
        if (!is_among(leaves, count, list.items[i].leaf))
            ok = gw_kept_leaf(session, entity, (uint32_t)list.items[i].leaf, fn, self, err);
    gw_arena_free(arena);
    return ok;
}
