#include "sync/detect_timestamp.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "sync/keyed.h"
#include "sync/kept.h"

enum {
    CHUNK = 256,  /* blocks whose keys are compared at a time */
    HELD = 50000, /* rows of time that wait in memory */
    RUNS = 256,   /* blocks of which what is kept is read at a time */
    POOL_LIMIT = 16 << 20,
    TIMESTAMPTZ = 1184,
};

typedef struct scan {
    const gw_timestamp_detect *detect;
    gw_timestamp_detected *out;
    const gw_leaf *leaf;
    gw_matcher *matcher;
    gw_pool *pool;
    gw_confirm *confirm;
    gw_keyed kept;               /* of the chunk at hand */
    gw_arena *scratch;           /* its keys, and those of … */
    GW_VEC(gw_key_text) unknown; /* … rows that are not kept here and whose time says nothing */
    bool whole;                  /* every row of this leaf is looked at, whatever its time */
    gw_keyed late;               /* without deletions: the rows of time, … */
    gw_arena *late_keys;
    bool poured;                 /* … unless they are too many: then they are in the pool */
} scan;

/* ---- is it sound? ------------------------------------------------------------------------- */

static gw_unsound reason_of(const gw_timestamp_detect *detect)
{
    const gw_snapshot *snapshot = detect->snapshot;
    if (!detect->declared)
        return GW_UNSOUND_NOT_DECLARED;
    if (detect->changed_at_type != TIMESTAMPTZ)
        return GW_UNSOUND_CHANGED_AT_TYPE;
    if (!detect->stable)
        return GW_UNSOUND_EXPRESSIONS;
    for (size_t i = 0; i < detect->leaf_count; i++)
        if (!detect->leaves[i].reader.has_blocks)
            return GW_UNSOUND_NO_TABLE; /* a view's column says nothing of the tables beside it */
    if (snapshot->identity.standby)
        return GW_UNSOUND_STANDBY;
    for (size_t i = 0; i < snapshot->leaf_count; i++)
        if (snapshot->leaves[i].row_security)
            return GW_UNSOUND_ROW_SECURITY;
    if (!detect->mark)
        return GW_UNSOUND_NO_MARK;
    if (detect->mark->low_water == GW_NULL_INT || snapshot->low_water == GW_NULL_INT)
        return GW_UNSOUND_NO_LOW_WATER;
    gw_unsound fits = gw_mark_fits(detect->mark, snapshot, detect->projection);
    if (fits == GW_SOUND && detect->mark->timeline != snapshot->timeline)
        return GW_UNSOUND_TIMELINE;
    return fits;
}

/* Attached since, or written anew: times say nothing of it, or blocks do not. */
static bool is_whole(const gw_timestamp_detect *detect, const gw_leaf *leaf)
{
    int64_t node = GW_NULL_INT;
    for (size_t i = 0; i < detect->snapshot->leaf_count; i++)
        if (detect->snapshot->leaves[i].oid == leaf->oid)
            node = detect->snapshot->leaves[i].file_node;
    for (size_t i = 0; i < detect->mark->leaf_count; i++)
        if (detect->mark->leaves[i].oid == leaf->oid)
            return detect->mark->leaves[i].file_node != node;
    return true;
}

/* An index can serve it. */
static const char *is_late(gw_arena *arena, const gw_timestamp_detect *detect)
{
    return gw_printf(arena,
                     "(%s >= '1970-01-01 00:00:00+00'::pg_catalog.timestamptz + %" PRId64
                     " * '1 microsecond'::pg_catalog.interval OR %s IS NULL)",
                     detect->changed_at, detect->mark->low_water, detect->changed_at);
}

/* ---- what is kept against what is there ---------------------------------------------------- */

/* A key that is spelled anew is found by what is no more under the old spelling, as deletions are. */
static bool reads_keys(const gw_timestamp_detect *detect)
{
    return detect->deletes || detect->lookup->spelled_anew;
}

static bool not_gone(void *self, gw_row_change change, const gw_fingerprint *seen,
                     const gw_fingerprint *kept, gw_err *err)
{
    const gw_timestamp_detect *detect = ((scan *)self)->detect;
    return (change == GW_ROW_DELETED && !detect->deletes) ||
           detect->fn(detect->self, change, seen, kept, err);
}

static bool tell(void *self, gw_row_change change, const gw_fingerprint *seen,
                 const gw_fingerprint *kept, gw_err *err)
{
    scan *all = self;
    if (change == GW_ROW_DELETED && !reads_keys(all->detect))
        return true;
    return gw_confirm_deleted(all->confirm, change, seen, kept, err);
}

static gw_fingerprint print_of(const gw_row_seen *row, uint32_t leaf)
{
    return (gw_fingerprint){.key = row->key,
                            .key_len = row->key_len,
                            .leaf = leaf,
                            .block = row->block,
                            .source = row->fingerprint,
                            .destination = row->fingerprint};
}

static bool pool_seen(void *self, const gw_row_seen *row, gw_err *err)
{
    scan *all = self;
    gw_fingerprint print = print_of(row, all->leaf->oid);
    all->out->rows++;
    return gw_pool_seen(all->pool, &print, err);
}

static bool pool_kept(void *self, const gw_fingerprint *one, gw_err *err)
{
    return gw_pool_kept(((scan *)self)->pool, one, err);
}

static bool keep(void *self, const gw_fingerprint *one, gw_err *err)
{
    (void)err;
    scan *all = self;
    gw_matcher_kept(all->matcher, one);
    if (!all->whole)
        gw_keyed_put(&all->kept, one, gw_key_hash(one->key, one->key_len));
    return true;
}

/* A fingerprint of 0 says that the time is too old to look: what is kept is what is there. */
static bool see(void *self, const gw_row_seen *row, gw_err *err)
{
    scan *all = self;
    gw_fingerprint print = print_of(row, all->leaf->oid);
    all->out->rows++;
    if (all->whole || row->fingerprint != 0)
        return gw_matcher_seen(all->matcher, &print, err);
    const gw_keyed_item *item =
        gw_keyed_find(&all->kept, row->key, row->key_len, gw_key_hash(row->key, row->key_len));
    if (!item) {
        *gw_vec_push(all->scratch, &all->unknown) =
            (gw_key_text){gw_memdup(all->scratch, row->key, row->key_len), row->key_len};
        return true;
    }
    print.source = item->print.source;
    return gw_matcher_seen(all->matcher, &print, err);
}

static bool see_looked_up(void *self, size_t index, const gw_row_seen *row, uint32_t leaf,
                          gw_err *err)
{
    (void)index;
    scan *all = self;
    if (!row)
        return gw_err_set(err, GW_ERR_STATE, "a row of the source cannot be found by its key");
    gw_fingerprint print = print_of(row, leaf);
    all->out->looked_up++;
    return gw_matcher_seen(all->matcher, &print, err);
}

static bool read_chunk(scan *all, const gw_reader *reader, gw_blocks run, gw_err *err)
{
    gw_arena_reset(all->scratch);
    gw_keyed_clear(&all->kept);
    all->unknown.items = NULL;
    all->unknown.len = all->unknown.cap = 0;
    return gw_kept_load(all->detect->kept, all->scratch, all->detect->entity, all->leaf->oid, &run,
                        1, keep, all, err) &&
           gw_reader_rows(reader, run, see, all, err) &&
           gw_lookup_keys(all->detect->lookup, all->unknown.items, all->unknown.len, see_looked_up,
                          all, err) &&
           gw_matcher_end(all->matcher, err);
}

/* All keys of a leaf, fingerprints of what is late. */
static bool read_keys(scan *all, const char *late, gw_err *err)
{
    gw_arena *arena = gw_arena_new();
    gw_reader reader = all->leaf->reader;
    bool ok = true;
    if (!gw_reader_sums(&reader)) {
        ok = gw_kept_leaf(all->detect->kept, all->detect->entity, all->leaf->oid, pool_kept, all,
                          err) &&
             gw_reader_rows(&reader, (gw_blocks){0, GW_BLOCKS_END}, pool_seen, all, err);
        gw_arena_free(arena);
        return ok;
    }
    if (!all->whole)
        reader.fingerprint =
            gw_printf(arena, "CASE WHEN %s THEN %s ELSE 0 END", late, reader.fingerprint);
    for (uint32_t first = 0; ok && first < GW_BLOCKS_END;) {
        uint32_t end = first + CHUNK < all->leaf->blocks ? first + CHUNK : GW_BLOCKS_END;
        ok = read_chunk(all, &reader, (gw_blocks){first, end}, err);
        first = end;
    }
    gw_arena_free(arena);
    return ok;
}

/* ---- without deletions: the late rows alone ------------------------------------------------ */

static bool pour(scan *all, gw_err *err)
{
    all->poured = true;
    for (size_t i = 0; i < all->late.len; i++)
        if (!gw_pool_seen(all->pool, &all->late.items[i].print, err))
            return false;
    gw_keyed_clear(&all->late);
    gw_arena_reset(all->late_keys);
    return true;
}

static bool hold(void *self, const gw_row_seen *row, gw_err *err)
{
    scan *all = self;
    gw_fingerprint print = print_of(row, all->leaf->oid);
    uint64_t hash = gw_key_hash(row->key, row->key_len);
    all->out->rows++;
    if (!all->poured && all->late.len == HELD && !pour(all, err))
        return false;
    if (all->poured)
        return gw_pool_seen(all->pool, &print, err);
    if (gw_keyed_find(&all->late, row->key, row->key_len, hash))
        return gw_not_a_key(&print, err);
    print.key = gw_memdup(all->late_keys, row->key, row->key_len);
    gw_keyed_put(&all->late, &print, hash);
    return true;
}

static bool read_late(scan *all, const char *late, gw_err *err)
{
    return all->whole ? gw_reader_rows(&all->leaf->reader, (gw_blocks){0, GW_BLOCKS_END}, hold, all,
                                       err)
                      : gw_reader_where(&all->leaf->reader, late, hold, all, err);
}

/* What is kept of a late row, wherever it was found. */
static bool settle(void *self, const gw_fingerprint *kept, gw_err *err)
{
    scan *all = self;
    gw_keyed_item *item = gw_keyed_find(&all->late, kept->key, kept->key_len,
                                        gw_key_hash(kept->key, kept->key_len));
    if (!item || item->seen)
        return true;
    const gw_fingerprint *seen = &item->print;
    item->seen = true;
    if (seen->source != kept->source)
        return tell(all, GW_ROW_MODIFIED, seen, kept, err);
    return (seen->block == kept->block && seen->leaf == kept->leaf) ||
           tell(all, GW_ROW_MOVED, seen, kept, err);
}

static int by_place(const void *a, const void *b)
{
    const gw_fingerprint *one = *(const gw_fingerprint *const *)a,
                         *other = *(const gw_fingerprint *const *)b;
    if (one->leaf != other->leaf)
        return one->leaf < other->leaf ? -1 : 1;
    return (one->block > other->block) - (one->block < other->block);
}

/* Most late rows lie where they lay: in the minute that is taken off nothing changed, and an update
 * stays in its block while there is room. */
static bool settle_where_they_lie(scan *all, gw_err *err)
{
    gw_arena *arena = gw_arena_new();
    size_t count = all->late.len;
    const gw_fingerprint **rows = gw_alloc_array(arena, count + 1, sizeof(gw_fingerprint *));
    for (size_t i = 0; i < count; i++)
        rows[i] = &all->late.items[i].print;
    if (count)
        qsort(rows, count, sizeof *rows, by_place);
    bool ok = true;
    for (size_t i = 0; ok && i < count;) {
        gw_blocks runs[RUNS];
        size_t len = 0;
        uint32_t leaf = rows[i]->leaf;
        for (; i < count && rows[i]->leaf == leaf && len < RUNS; i++)
            if (!len || runs[len - 1].first != rows[i]->block)
                runs[len++] = (gw_blocks){rows[i]->block, rows[i]->block + 1};
        gw_arena_reset(all->scratch);
        ok = gw_kept_load(all->detect->kept, all->scratch, all->detect->entity, leaf, runs, len,
                          settle, all, err);
    }
    gw_arena_free(arena);
    return ok;
}

static bool settle_late(scan *all, gw_err *err)
{
    gw_keyed rest = {0};
    if (!settle_where_they_lie(all, err))
        return false;
    for (size_t i = 0; i < all->late.len; i++)
        if (!all->late.items[i].seen)
            gw_keyed_put(&rest, &all->late.items[i].print, all->late.items[i].hash);
    bool ok = gw_kept_find(all->detect->kept, all->detect->entity, &rest, settle, all, err);
    for (size_t i = 0; ok && i < all->late.len; i++)
        if (!all->late.items[i].seen)
            ok = tell(all, GW_ROW_NEW, &all->late.items[i].print, NULL, err);
    gw_keyed_free(&rest);
    return ok;
}

static bool read_all(scan *all, gw_err *err)
{
    const gw_timestamp_detect *detect = all->detect;
    gw_arena *arena = gw_arena_new();
    const char *late = is_late(arena, detect);
    bool ok = true;
    for (size_t i = 0; ok && i < detect->leaf_count; i++) {
        all->leaf = &detect->leaves[i];
        all->whole = is_whole(detect, all->leaf);
        ok = reads_keys(detect) ? read_keys(all, late, err) : read_late(all, late, err);
    }
    gw_arena_free(arena);
    if (!ok)
        return false;
    if (!reads_keys(detect) && !all->poured)
        return settle_late(all, err);
    /* With all keys read, what is left is of leaves that are gone; else where they all are. */
    return gw_kept_others(detect->kept, detect->entity, detect->leaves,
                          reads_keys(detect) ? detect->leaf_count : 0, pool_kept, all, err) &&
           gw_pool_join(all->pool, tell, all, err) &&
           gw_confirm_end(all->confirm, &all->out->candidates_found, err);
}

bool gw_detect_timestamp(const gw_timestamp_detect *detect, gw_arena *arena,
                         gw_timestamp_detected *out, gw_err *err)
{
    *out = (gw_timestamp_detected){.unsound = reason_of(detect)};
    if (out->unsound != GW_SOUND) {
        bool now = out->unsound == GW_UNSOUND_NO_LOW_WATER && detect->snapshot->no_low_water;
        out->why = gw_printf(arena, "unsound: %s",
                             now ? detect->snapshot->no_low_water : gw_unsound_text(out->unsound));
        return true;
    }
    gw_arena *own = gw_arena_new();
    scan all = {.detect = detect, .out = out, .scratch = gw_arena_new()};
    all.late_keys = gw_arena_new();
    all.confirm = gw_confirm_new(own, detect->lookup, detect->kept, detect->entity, not_gone, &all);
    all.pool = gw_pool_new(own, detect->pool_limit ? detect->pool_limit : POOL_LIMIT);
    all.matcher = gw_matcher_new(own, all.pool, tell, &all);
    bool ok = read_all(&all, err);
    gw_keyed_free(&all.kept);
    gw_keyed_free(&all.late);
    gw_arena_free(all.late_keys);
    gw_arena_free(all.scratch);
    gw_arena_free(own);
    return ok;
}
