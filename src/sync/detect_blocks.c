#include "sync/detect_blocks.h"

#include "sync/changed.h"
#include "sync/kept.h"

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
} reading;

static bool keep(void *self, const gw_fingerprint *one, gw_err *err)
{
    (void)err;
    gw_matcher_kept(((reading *)self)->matcher, one);
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
    return gw_kept_load(all->detect->kept, all->scratch, all->detect->entity, all->leaf->oid, pieces,
                        count, keep, all, err) &&
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
    return gw_pool_kept(((reading *)self)->pool, one, err);
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
    gw_confirm *confirm = gw_confirm_new(own, detect->lookup, detect->kept, detect->entity,
                                         detect->fn, detect->self);
    reading all = {.detect = detect, .out = out, .scratch = gw_arena_new()};
    all.pool = gw_pool_new(own, detect->pool_limit ? detect->pool_limit : POOL_LIMIT);
    all.matcher = gw_matcher_new(own, all.pool, gw_confirm_deleted, confirm);
    for (size_t i = 0; ok && i < detect->leaf_count; i++) {
        all.leaf = &detect->leaves[i];
        ok = read_leaf(&all, &runs[i], err);
    }
    /* Partitions that are gone: their rows are elsewhere by now, or deleted. */
    ok = ok &&
         gw_kept_others(detect->kept, detect->entity, detect->leaves, detect->leaf_count, pool_one,
                        &all, err) &&
         gw_pool_join(all.pool, gw_confirm_deleted, confirm, err) &&
         gw_confirm_end(confirm, &out->candidates_found, err);
    gw_arena_free(all.scratch);
    gw_arena_free(own);
    return ok;
}
