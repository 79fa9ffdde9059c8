#include "sync/detect_blocks.h"

#include <inttypes.h>
#include <string.h>

#include "base/vec.h"
#include "sql_sync.h"
#include "sync/changed.h"

enum {
    PIECE = 32,   /* blocks of a statement, about */
    PIECES = 256, /* statements, and what is kept of their blocks, at a time */
    POOL_LIMIT = 16 << 20,
};

typedef struct reading {
    const gw_blocks_detect *detect;
    gw_blocks_detected *out;
    const gw_leaf *leaf;
    gw_matcher *matcher;
    gw_pool *pool;
    gw_arena *scratch;
    const gw_blocks *pieces;
    size_t piece_count;
} reading;

static bool covers(const reading *all, uint32_t block)
{
    size_t low = 0, high = all->piece_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (all->pieces[middle].end <= block)
            low = middle + 1;
        else
            high = middle;
    }
    return low < all->piece_count && all->pieces[low].first <= block;
}

typedef struct covering {
    gw_bytes packed;
} covering;

/* What is kept of the blocks of these pieces; of others in the same segments: nothing. */
static bool load_kept(reading *all, gw_err *err)
{
    static const gw_col cols[] = {{"packed", GW_COL_BYTES, true, offsetof(covering, packed)}};
    gw_buf first = GW_BUF(all->scratch), end = GW_BUF(all->scratch);
    for (size_t i = 0; i < all->piece_count; i++) {
        gw_buf_addf(&first, "%s%" PRIu32, i ? "," : "{", all->pieces[i].first);
        gw_buf_addf(&end, "%s%" PRIu32, i ? "," : "{", all->pieces[i].end);
    }
    gw_buf_addc(&first, '}');
    gw_buf_addc(&end, '}');
    gw_param params[] = {gw_p_text(all->detect->entity), gw_p_int(all->leaf->oid),
                         gw_p_text(gw_buf_str(&first)), gw_p_text(gw_buf_str(&end))};
    gw_result result;
    void *rows = NULL;
    if (!gw_query(all->detect->kept, all->scratch, &gw_sql_segments_cover, params, 4, &result,
                  err) ||
        !gw_rows(all->scratch, &result, cols, 1, sizeof(covering), &rows, err))
        return false;
    for (size_t i = 0; i < result.rows; i++) {
        const covering *row = (covering *)rows + i;
        gw_unpacker unpacker;
        gw_fingerprint print;
        bool more = true;
        if (!gw_unpack_begin(&unpacker, row->packed.data, row->packed.len, err))
            return false;
        for (;;) {
            if (!gw_unpack_next(&unpacker, &print, &more, err))
                return false;
            if (!more)
                break;
            print.leaf = all->leaf->oid;
            if (covers(all, print.block))
                gw_matcher_kept(all->matcher, &print);
        }
    }
    return true;
}

static bool see(void *self, const gw_row_seen *row, gw_err *err)
{
    reading *all = self;
    all->out->rows++;
    return gw_matcher_seen(all->matcher,
                           &(gw_fingerprint){.key = row->key,
                                             .key_len = row->key_len,
                                             .leaf = all->leaf->oid,
                                             .block = row->block,
                                             .source = row->fingerprint,
                                             .destination = row->fingerprint},
                           err);
}

static bool read_pieces(reading *all, const gw_blocks *pieces, size_t count, gw_err *err)
{
    gw_arena_reset(all->scratch);
    all->pieces = pieces;
    all->piece_count = count;
    return load_kept(all, err) &&
           gw_reader_ranges(&all->leaf->reader, pieces, count, see, all, err) &&
           gw_matcher_end(all->matcher, err);
}

/* Runs cut into pieces; what lies behind the table's end is one. */
static bool read_leaf(reading *all, const gw_runs *runs, gw_err *err)
{
    gw_blocks pieces[PIECES];
    size_t count = 0;
    for (size_t i = 0; i < runs->len; i++) {
        uint32_t first = runs->items[i].first, end = runs->items[i].end;
        while (first < end) {
            uint32_t next = end - first > PIECE ? first + PIECE : end;
            if (first >= all->leaf->blocks)
                next = end;
            pieces[count++] = (gw_blocks){first, next};
            if (first < all->leaf->blocks)
                all->out->blocks += next - first;
            first = next;
            if (count < PIECES)
                continue;
            if (!read_pieces(all, pieces, count, err))
                return false;
            count = 0;
        }
    }
    return count == 0 || read_pieces(all, pieces, count, err);
}

static bool pool_one(void *self, const gw_fingerprint *one, gw_err *err)
{
    reading *all = self;
    gw_fingerprint print = *one;
    print.leaf = all->leaf->oid;
    return gw_pool_kept(all->pool, &print, err);
}

/* Partitions that are gone: their rows are elsewhere by now, or deleted. */
static bool read_vanished(reading *all, gw_err *err)
{
    gw_arena *arena = gw_arena_new();
    gw_leaf_kept_list leaves;
    bool ok = gw_segments_leaves(all->detect->kept, arena, all->detect->entity, &leaves, err);
    for (size_t i = 0; ok && i < leaves.len; i++) {
        gw_leaf gone = {.oid = (uint32_t)leaves.items[i].leaf};
        gw_segment_list segments;
        bool there = false;
        for (size_t at = 0; at < all->detect->leaf_count; at++)
            there = there || all->detect->leaves[at].oid == gone.oid;
        if (there)
            continue;
        all->leaf = &gone;
        ok = gw_segments_list(all->detect->kept, arena, all->detect->entity, gone.oid, &segments,
                              err);
        for (size_t at = 0; ok && at < segments.len; at++) {
            gw_arena_reset(all->scratch);
            ok = gw_segments_load(all->detect->kept, all->scratch, all->detect->entity, gone.oid,
                                  segments.items[at].blocks, pool_one, all, err);
        }
    }
    gw_arena_free(arena);
    return ok;
}

bool gw_detect_blocks(const gw_blocks_detect *detect, gw_arena *arena, gw_blocks_detected *out,
                      gw_err *err)
{
    gw_arena *own = gw_arena_new();
    *out = (gw_blocks_detected){0};
    gw_runs *runs = gw_alloc_array(own, detect->leaf_count, sizeof *runs);
    bool ok = gw_changed_runs(detect, own, runs, out, err);
    out->why = gw_strdup(arena, out->why);
    if (!ok || out->unsound != GW_SOUND) {
        gw_arena_free(own);
        return ok;
    }
    gw_confirm *confirm = gw_confirm_new(own, detect->lookup, detect->fn, detect->self);
    reading all = {.detect = detect, .out = out, .scratch = gw_arena_new()};
    all.pool = gw_pool_new(own, detect->pool_limit ? detect->pool_limit : POOL_LIMIT);
    all.matcher = gw_matcher_new(own, all.pool, gw_confirm_deleted, confirm);
    for (size_t i = 0; ok && i < detect->leaf_count; i++) {
        all.leaf = &detect->leaves[i];
        ok = read_leaf(&all, &runs[i], err);
    }
    ok = ok && read_vanished(&all, err) &&
         gw_pool_join(all.pool, gw_confirm_deleted, confirm, err) &&
         gw_confirm_end(confirm, &out->candidates_found, err);
    gw_arena_free(all.scratch);
    gw_arena_free(own);
    return ok;
}
