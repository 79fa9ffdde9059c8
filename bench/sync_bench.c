/*
 * Rows from one database into another with the library alone: no plan, no tasks, one session on
 * each side, so that what batches cost is seen.
 *
 *     sync_bench load   SOURCE DESTINATION MAPPING   a first load, in runs of blocks
 *     sync_bench detect SOURCE DESTINATION MAPPING   by checksum; nothing is applied
 *     sync_bench apply  SOURCE DESTINATION MAPPING   by checksum, and applied by keys
 *
 * Prints one JSON object.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/vec.h"
#include "control/control.h"
#include "sync/detect.h"
#include "sync/keyed.h"
#include "sync/load.h"

enum { RUN = 2048, KEYS = 8000 };

/* A row that changed: where it is kept, a new one where it lies. */
typedef struct placed {
    const char *key;
    gw_row_change change;
    uint32_t block;
} placed;

typedef struct bench {
    gw_arena *arena;
    gw_session *to;
    gw_source *from;
    gw_projection projection;
    struct {
        gw_fingerprint *items;
        size_t len, cap;
    } kept, gone;
    struct {
        placed *items;
        size_t len, cap;
    } keys;
    int64_t found, rows, detect_us, work_us;
    const char *way;
} bench;

static bool open_both(bench *b, char **argv, gw_err *err)
{
    gw_connect source = {.conninfo = argv[2], .pinned = true},
               destination = {.conninfo = argv[3], .pinned = true};
    gw_problems problems = {.arena = b->arena};
    gw_mapping_list list = {0};
    gw_check *check = gw_alloc(b->arena, sizeof *check);
    const char *files[] = {argv[4]};
    if (!gw_session_open(b->arena, &destination, &b->to, err) ||
        !gw_source_open(b->arena, &source, &b->from, err) ||
        !gw_control_ensure_part(b->to, "differential", "bench", err) ||
        !gw_mappings_load(b->arena, NULL, files, 1, &problems, &list, err) ||
        !gw_mappings_check(b->from, b->to, b->arena, &list, NULL, check, err))
        return false;
    if (check->entity_count != 1)
        return gw_err_set(err, GW_ERR_INPUT, "%s does not hold", argv[4]);
    return gw_project(b->from->session, b->arena, &check->entities[0], &b->projection, err);
}

static bool blocks_of(bench *b, const gw_source_leaf *leaf, int64_t *out, gw_err *err)
{
    static const gw_col cols[] = {{"blocks", GW_COL_INT, true, 0}};
    gw_param oid = gw_p_int(leaf->oid);
    gw_result result;
    return gw_query_text(b->from->session, b->arena, "size",
                         "SELECT pg_catalog.pg_relation_size($1::pg_catalog.int8::pg_catalog.oid) "
                         "/ 8192 AS blocks",
                         &oid, 1, &result, err) &&
           gw_row(b->arena, &result, cols, 1, out, err);
}

static bool begin(bench *b, gw_err *err)
{
    return gw_session_begin(b->from->session, "repeatable read read only", err);
}

static bool load(bench *b, gw_err *err)
{
    static const char *const ways[] = {"copied", "converted", "judged"};
    const gw_source_relation *source = &b->projection.entity->source;
    gw_apply_to to = {0};
    gw_load *load;
    const char *why;
    if (!gw_load_open(b->to, b->arena, &b->projection, &to, 0, NULL, &load, err) || !begin(b, err))
        return false;
    b->way = ways[gw_load_goes(load, &why)];
    for (size_t i = 0; i < source->leaf_count; i++) {
        int64_t blocks;
        if (!blocks_of(b, &source->leaves[i], &blocks, err))
            return false;
        for (uint32_t at = 0; at < GW_BLOCKS_END;) {
            gw_blocks run = {at, at + RUN < blocks ? at + RUN : GW_BLOCKS_END};
            gw_applied applied;
            if (!gw_load_run(load, b->from->session, &source->leaves[i], run, &applied, err))
                return false;
            b->rows += applied.inserted;
            at = run.end;
        }
    }
    return gw_load_finish(b->to, b->arena, b->projection.entity->mapping->entity.text, NULL, err);
}

static bool changed(void *self, gw_row_change change, const gw_fingerprint *seen,
                    const gw_fingerprint *kept, gw_err *err)
{
    bench *b = self;
    const gw_fingerprint *one = seen ? seen : kept;
    (void)err;
    if (change == GW_ROW_MOVED)
        return true;
    b->found++;
    if (kept) {
        gw_fingerprint *copy = gw_vec_push(b->arena, &b->kept);
        *copy = *kept;
        copy->key = gw_memdup(b->arena, kept->key, kept->key_len);
    }
    *gw_vec_push(b->arena, &b->keys) = (placed){gw_strndup(b->arena, one->key, one->key_len),
                                                change, kept ? kept->block : one->block};
    return true;
}

static bool detect(bench *b, gw_err *err)
{
    const gw_source_relation *source = &b->projection.entity->source;
    gw_leaf *leaves = gw_alloc_array(b->arena, source->leaf_count, sizeof *leaves);
    gw_detect what = {.entity = b->projection.entity->mapping->entity.text,
                      .leaves = leaves,
                      .leaf_count = source->leaf_count,
                      .kept = b->to,
                      .fn = changed,
                      .self = b};
    gw_detected seen;
    if (!begin(b, err))
        return false;
    for (size_t i = 0; i < source->leaf_count; i++) {
        int64_t blocks;
        if (!blocks_of(b, &source->leaves[i], &blocks, err))
            return false;
        leaves[i] = (gw_leaf){.oid = (uint32_t)source->leaves[i].oid,
                              .blocks = (uint32_t)blocks,
                              .reader = gw_project_reader(b->arena, &b->projection,
                                                          b->from->session, &source->leaves[i])};
    }
    int64_t began = gw_monotonic_us();
    bool ok = gw_detect_checksum(&what, &seen, err);
    b->detect_us = gw_monotonic_us() - began;
    b->rows = b->found;
    return ok;
}

/* As a run has it: kind by kind, in the order in which rows lie. */
static int in_order(const void *a, const void *b)
{
    const placed *one = a, *other = b;
    if (one->change != other->change)
        return one->change < other->change ? -1 : 1;
    return (one->block > other->block) - (one->block < other->block);
}

static void put_in_order(bench *b, gw_keyed *kept)
{
    if (b->keys.len)
        qsort(b->keys.items, b->keys.len, sizeof *b->keys.items, in_order);
    for (size_t i = 0; i < b->kept.len; i++)
        gw_keyed_put(kept, &b->kept.items[i],
                     gw_key_hash(b->kept.items[i].key, b->kept.items[i].key_len));
}

/* A batch is of one kind, as a stored piece is. */
static size_t together(const bench *b, size_t at)
{
    size_t end = at;
    while (end < b->keys.len && end - at < KEYS &&
           b->keys.items[end].change == b->keys.items[at].change)
        end++;
    return end - at;
}

static bool apply(bench *b, gw_err *err)
{
    gw_apply_to to = {0};
    gw_apply *apply;
    gw_keyed all = {0};
    if (!detect(b, err) || !gw_apply_open(b->to, b->arena, &b->projection, &to, NULL, &apply, err))
        return false;
    b->rows = 0;
    int64_t began = gw_monotonic_us();
    put_in_order(b, &all);
    for (size_t at = 0, count; at < b->keys.len; at += count) {
        gw_arena *arena = gw_arena_new();
        gw_applied applied;
        size_t found = 0;
        count = together(b, at);
        const char **keys = gw_alloc_array(arena, count, sizeof *keys);
        gw_fingerprint *kept = gw_alloc_array(arena, count, sizeof *kept);
        for (size_t i = 0; i < count; i++) {
            size_t len = strlen(keys[i] = b->keys.items[at + i].key);
            gw_keyed_item *item = gw_keyed_find(&all, keys[i], len, gw_key_hash(keys[i], len));
            if (item)
                kept[found++] = item->print;
        }
        gw_apply_batch batch = {.kept = kept, .kept_count = found, .missing_is_gone = true};
        bool ok = gw_project_keys(arena, &b->projection, keys, count, &batch.query, err) &&
                  gw_apply_run(apply, b->from->session, &batch, &applied, err);
        gw_arena_free(arena);
        if (!ok)
            return false;
        b->rows += applied.inserted + applied.updated + applied.deleted;
    }
    b->work_us = gw_monotonic_us() - began;
    gw_keyed_free(&all);
    return true;
}

int main(int argc, char **argv)
{
    gw_err err = {0};
    bench b = {.arena = gw_arena_new(), .way = ""};
    if (argc != 5) {
        fprintf(stderr, "sync_bench load|detect|apply SOURCE DESTINATION MAPPING\n");
        return 2;
    }
    bool ok = open_both(&b, argv, &err);
    int64_t began = gw_monotonic_us();
    ok = ok && (strcmp(argv[1], "load") == 0     ? load(&b, &err)
                : strcmp(argv[1], "detect") == 0 ? detect(&b, &err)
                                                 : apply(&b, &err));
    if (!ok) {
        fprintf(stderr, "%s\n%s\n", err.message, err.detail ? err.detail : "");
        gw_err_clear(&err);
        return 1;
    }
    if (!b.work_us)
        b.work_us = gw_monotonic_us() - began;
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("{\"seconds\": %.3f, \"detect_seconds\": %.3f, \"rows\": %lld, \"way\": \"%s\", "
           "\"peak_mib\": %.1f}\n",
           (double)b.work_us / 1e6, (double)b.detect_us / 1e6, (long long)b.rows, b.way,
           (double)usage.ru_maxrss / 1024);
    gw_arena_free(b.arena);
    return 0;
}
