#include "sync/detect.h"

#include <string.h>

#include "base/vec.h"

enum {
    RUN_BLOCKS = 64, /* a sum is asked of so many blocks at least … */
    RUN_MOST = 8192, /* … and of no more runs than this a leaf, about */
    READ_RUNS = 16,  /* neighbouring runs whose rows are read in one go */
    FIRST_LOOK =
        16, /* runs before the first look at how many differ; then twice as many each time … */
    SUM_GROUP = 256, /* … up to so many */
    POOL_LIMIT = 16 << 20,
};

typedef struct run {
    gw_blocks blocks;
    int64_t count;
    gw_int128 sum;
} run;

typedef struct run_list {
    run *items;
    size_t len, cap;
} run_list;

typedef struct scan {
    const gw_detect *detect;
    const gw_leaf *leaf;
    gw_matcher *matcher;
    gw_pool *pool;
    gw_detected *out;
    gw_arena *scratch; /* of the rows kept of the run at hand */
    /* reading a leaf from end to end: the runs, and the one at hand */
    const run_list *runs;
    size_t at;
    int64_t ordinal;
} scan;

static bool run_is_full(const run *one, uint32_t blocks)
{
    return one->blocks.end - one->blocks.first >= blocks;
}

/* A first load that has not come to its end leaves gaps: nothing is kept of those blocks. */
static void fill_gap(gw_arena *arena, run_list *runs, uint32_t end)
{
    uint32_t first = runs->len ? runs->items[runs->len - 1].blocks.end : 0;
    if (first < end)
        *gw_vec_push(arena, runs) = (run){.blocks = {first, end}};
}

/* Segments put together until there are enough blocks in a run. */
static run_list make_runs(gw_arena *arena, const gw_segment_list *segments, uint32_t leaf_blocks)
{
    uint32_t blocks = leaf_blocks / RUN_MOST > RUN_BLOCKS ? leaf_blocks / RUN_MOST : RUN_BLOCKS;
    run_list runs = {0};
    for (size_t i = 0; i < segments->len; i++) {
        const gw_segment *segment = &segments->items[i];
        fill_gap(arena, &runs, segment->blocks.first);
        run *last = runs.len ? &runs.items[runs.len - 1] : NULL;
        if (!last || run_is_full(last, blocks)) {
            last = gw_vec_push(arena, &runs);
            last->blocks.first = segment->blocks.first;
        }
        last->blocks.end = segment->blocks.end;
        last->count += segment->count;
        last->sum += segment->sum;
    }
    if (runs.len)
        fill_gap(arena, &runs, GW_BLOCKS_END);
    return runs;
}

static bool keep_one(void *self, const gw_fingerprint *one, gw_err *err)
{
    (void)err;
    scan *all = self;
    gw_fingerprint print = *one;
    print.leaf = all->leaf->oid;
    gw_matcher_kept(all->matcher, &print);
    return true;
}

static bool load_kept(scan *all, gw_blocks blocks, gw_err *err)
{
    gw_arena_reset(all->scratch);
    return gw_segments_load(all->detect->kept, all->scratch, all->detect->entity, all->leaf->oid,
                            blocks, keep_one, all, err);
}

static bool see_one(void *self, const gw_row_seen *row, gw_err *err)
{
    scan *all = self;
    all->out->source_rows++;
    return gw_matcher_seen(all->matcher,
                           &(gw_fingerprint){.key = row->key,
                                             .key_len = row->key_len,
                                             .leaf = all->leaf->oid,
                                             .block = row->block,
                                             .source = row->fingerprint,
                                             .destination = row->fingerprint},
                           err);
}

/* The rows of neighbouring runs, one by one. */
static bool read_runs(scan *all, gw_blocks blocks, gw_err *err)
{
    return load_kept(all, blocks, err) &&
           gw_reader_rows(&all->leaf->reader, blocks, see_one, all, err) &&
           gw_matcher_end(all->matcher, err);
}

/* differs: a flag a run. */
static bool read_different(scan *all, const run *runs, const bool *differs, size_t count,
                           gw_err *err)
{
    for (size_t i = 0; i < count; i++) {
        if (!differs[i])
            continue;
        size_t from = i;
        while (i + 1 < count && differs[i + 1] && i - from + 1 < READ_RUNS)
            i++;
        all->out->runs_read += (int64_t)(i - from + 1);
        if (!read_runs(all, (gw_blocks){runs[from].blocks.first, runs[i].blocks.end}, err))
            return false;
    }
    return true;
}

/* Sums first. *differing: how many of them did not agree. */
static bool sum_runs(scan *all, const run *runs, size_t count, bool *differs, size_t *differing,
                     gw_err *err)
{
    gw_arena *arena = gw_arena_new();
    gw_blocks blocks[SUM_GROUP];
    gw_blocks_sum sums[SUM_GROUP];
    for (size_t i = 0; i < count; i++)
        blocks[i] = runs[i].blocks;
    bool ok = gw_reader_sum(&all->leaf->reader, arena, blocks, count, sums, err);
    *differing = 0;
    for (size_t i = 0; ok && i < count; i++) {
        gw_int128 sum;
        ok = gw_int128_read(sums[i].sum, &sum) ||
             gw_err_set(err, GW_ERR_INTERNAL, "the server's sum of fingerprints cannot be read: %s",
                        sums[i].sum);
        differs[i] = sums[i].count != runs[i].count || sum != runs[i].sum;
        *differing += differs[i];
        if (!differs[i])
            all->out->source_rows += runs[i].count;
    }
    gw_arena_free(arena);
    return ok;
}

static bool scan_with_sums(scan *all, const run_list *runs, gw_err *err)
{
    bool differs[SUM_GROUP];
    bool use_sums = true;
    size_t group = FIRST_LOOK, count;
    for (size_t at = 0; at < runs->len; at += count) {
        count = runs->len - at < group ? runs->len - at : group;
        size_t differing = count;
        group = group * 2 < SUM_GROUP ? group * 2 : SUM_GROUP;
        memset(differs, true, sizeof differs);
        if (use_sums && !sum_runs(all, runs->items + at, count, differs, &differing, err))
            return false;
        /* Reading rows at once costs a tenth more than a sum; a sum in vain costs all of it. */
        use_sums = differing < count / 4 + 1;
        if (!read_different(all, runs->items + at, differs, count, err))
            return false;
    }
    return true;
}

/* Runs pass by as the blocks of the rows go up. */
static bool advance(scan *all, uint32_t block, gw_err *err)
{
    while (all->at < all->runs->len && block >= all->runs->items[all->at].blocks.end) {
        if (!gw_matcher_end(all->matcher, err))
            return false;
        all->at++;
        if (all->at < all->runs->len && !load_kept(all, all->runs->items[all->at].blocks, err))
            return false;
    }
    return true;
}

static bool see_in_order(void *self, const gw_row_seen *row, gw_err *err)
{
    scan *all = self;
    gw_row_seen placed = *row;
    if (!all->leaf->reader.has_blocks)
        placed.block = (uint32_t)(all->ordinal++ / GW_ROWS_AS_BLOCK);
    return advance(all, placed.block, err) && see_one(all, &placed, err);
}

/* One statement for the whole leaf: below 14, and where there are no blocks. */
static bool scan_in_order(scan *all, const run_list *runs, gw_err *err)
{
    all->runs = runs;
    all->at = 0;
    all->ordinal = 0;
    all->out->runs_read += (int64_t)runs->len;
    if (runs->len > 0 && !load_kept(all, runs->items[0].blocks, err))
        return false;
    return gw_reader_rows(&all->leaf->reader, (gw_blocks){0, GW_BLOCKS_END}, see_in_order, all,
                          err) &&
           advance(all, GW_BLOCKS_END, err) && gw_matcher_end(all->matcher, err);
}

static bool scan_leaf(scan *all, gw_err *err)
{
    gw_arena *arena = gw_arena_new();
    gw_segment_list segments;
    bool ok = gw_segments_list(all->detect->kept, arena, all->detect->entity, all->leaf->oid,
                               &segments, err);
    if (ok) {
        run_list runs = make_runs(arena, &segments, all->leaf->blocks);
        all->out->runs += (int64_t)runs.len;
        for (size_t i = 0; i < runs.len; i++)
            all->out->kept_rows += runs.items[i].count;
        ok = gw_reader_sums(&all->leaf->reader) && runs.len > 0 && !all->detect->places
                 ? scan_with_sums(all, &runs, err)
                 : scan_in_order(all, &runs, err);
    }
    gw_arena_free(arena);
    return ok;
}

static bool pool_one(void *self, const gw_fingerprint *one, gw_err *err)
{
    scan *all = self;
    gw_fingerprint print = *one;
    print.leaf = all->leaf->oid;
    all->out->kept_rows++;
    return gw_pool_kept(all->pool, &print, err);
}

static bool in_source(const gw_detect *detect, int64_t oid)
{
    for (size_t i = 0; i < detect->leaf_count; i++)
        if (detect->leaves[i].oid == oid)
            return true;
    return false;
}

/* Partitions that are gone: what was kept of them is either elsewhere by now or deleted. */
static bool scan_vanished(scan *all, gw_err *err)
{
    gw_arena *arena = gw_arena_new();
    gw_leaf_kept_list leaves;
    bool ok = gw_segments_leaves(all->detect->kept, arena, all->detect->entity, &leaves, err);
    for (size_t i = 0; ok && i < leaves.len; i++) {
        if (in_source(all->detect, leaves.items[i].leaf))
            continue;
        gw_leaf gone = {.oid = (uint32_t)leaves.items[i].leaf};
        gw_segment_list segments;
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

bool gw_detect_checksum(const gw_detect *detect, gw_detected *out, gw_err *err)
{
    gw_arena *arena = gw_arena_new();
    scan all = {.detect = detect, .out = out, .scratch = gw_arena_new()};
    *out = (gw_detected){0};
    all.pool = gw_pool_new(arena, detect->pool_limit ? detect->pool_limit : POOL_LIMIT);
    all.matcher = gw_matcher_new(arena, all.pool, detect->fn, detect->self);
    bool ok = true;
    for (size_t i = 0; ok && i < detect->leaf_count; i++) {
        all.leaf = &detect->leaves[i];
        ok = scan_leaf(&all, err);
    }
    ok = ok && scan_vanished(&all, err) && gw_pool_join(all.pool, detect->fn, detect->self, err);
    gw_arena_free(all.scratch);
    gw_arena_free(arena);
    return ok;
}
