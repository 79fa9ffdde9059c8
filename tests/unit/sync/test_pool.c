/* Against a model that keeps everything in an array: rows that stay, change, move, come and go, in
 * any order, with a pool that fits into memory and with one that does not. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sync/pool.h"

enum { KEYS = 4000, RUN = 64 };

typedef struct row {
    bool kept, seen;
    uint64_t kept_source, seen_source;
    uint32_t kept_block, seen_block;
    int told; /* -1: not yet */
} row;

typedef struct rows {
    row rows[KEYS];
    size_t wrong;
} rows;

static uint64_t seed;

static uint32_t any(uint32_t below)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(seed >> 33) % below;
}

static void fill(rows *model)
{
    memset(model, 0, sizeof *model);
    for (int i = 0; i < KEYS; i++) {
        row *it = &model->rows[i];
        it->told = -1;
        it->kept = any(10) > 0;
        it->seen = any(10) > 0;
        it->kept_source = ((uint64_t)any(UINT32_MAX) << 32) | any(UINT32_MAX);
        it->seen_source = any(4) ? it->kept_source : it->kept_source + 1;
        it->kept_block = any(KEYS);
        it->seen_block = any(4) ? it->kept_block : any(KEYS);
    }
}

static int expected(const row *it)
{
    if (it->kept && !it->seen)
        return GW_ROW_DELETED;
    if (!it->kept)
        return it->seen ? GW_ROW_NEW : -1;
    if (it->kept_source != it->seen_source)
        return GW_ROW_MODIFIED;
    return it->kept_block == it->seen_block ? -1 : GW_ROW_MOVED;
}

static bool tell(void *self, gw_row_change change, const gw_fingerprint *seen,
                 const gw_fingerprint *kept, gw_err *err)
{
    (void)err;
    rows *model = self;
    const gw_fingerprint *one = seen ? seen : kept;
    char name[16];
    snprintf(name, sizeof name, "%.*s", (int)one->key_len, one->key);
    row *it = &model->rows[atoi(name)];
    bool right =
        it->told < 0 && (change == GW_ROW_NEW) == !kept && (change == GW_ROW_DELETED) == !seen;
    if (seen)
        right = right && seen->source == it->seen_source && seen->block == it->seen_block;
    if (kept)
        right = right && kept->source == it->kept_source && kept->block == it->kept_block &&
                kept->own_destination && kept->destination == ~it->kept_source;
    model->wrong += !right;
    it->told = change;
    return true;
}

static gw_fingerprint print_of(const rows *model, int i, bool seen, char name[16])
{
    const row *it = &model->rows[i];
    int len = snprintf(name, 16, "%d", i);
    return (gw_fingerprint){.key = name,
                            .key_len = (size_t)len,
                            .block = seen ? it->seen_block : it->kept_block,
                            .source = seen ? it->seen_source : it->kept_source,
                            .own_destination = !seen,
                            .destination = ~it->kept_source};
}

/* Runs of RUN blocks, as a detection walks them. */
static void walk(rows *model, gw_pool *pool, gw_arena *arena)
{
    gw_err err = {0};
    gw_matcher *matcher = gw_matcher_new(arena, pool, tell, model);
    static char names[KEYS][16];
    char name[16];
    for (uint32_t low = 0; low < KEYS; low += RUN) {
        for (int i = 0; i < KEYS; i++) {
            if (!model->rows[i].kept || model->rows[i].kept_block - low >= RUN)
                continue;
            gw_fingerprint print = print_of(model, i, false, names[i]);
            gw_matcher_kept(matcher, &print);
        }
        for (int i = 0; i < KEYS; i++) {
            if (!model->rows[i].seen || model->rows[i].seen_block - low >= RUN)
                continue;
            gw_fingerprint print = print_of(model, i, true, name);
            assert_true(gw_matcher_seen(matcher, &print, &err));
        }
        assert_true(gw_matcher_end(matcher, &err));
    }
    assert_true(gw_pool_join(pool, tell, model, &err));
}

static void judge(const rows *model)
{
    assert_int_equal(model->wrong, 0);
    for (int i = 0; i < KEYS; i++) {
        if (model->rows[i].told != expected(&model->rows[i]))
            print_error("key %d: told %d, expected %d\n", i, model->rows[i].told,
                        expected(&model->rows[i]));
        assert_int_equal(model->rows[i].told, expected(&model->rows[i]));
    }
}

static void every_change_is_told_once(void **state)
{
    (void)state;
    static rows model;
    const size_t limits[] = {1 << 20, 4000, 1};
    for (uint64_t round = 0; round < 9; round++) {
        seed = round;
        gw_arena *arena = gw_arena_new();
        fill(&model);
        gw_pool *pool = gw_pool_new(arena, limits[round % 3]);
        walk(&model, pool, arena);
        judge(&model);
        /* It can be used again. */
        fill(&model);
        walk(&model, pool, arena);
        judge(&model);
        gw_arena_free(arena);
    }
}

typedef struct told_of {
    int changes[4];
    uint64_t sum;
} told_of;

static bool count_one(void *self, gw_row_change change, const gw_fingerprint *seen,
                      const gw_fingerprint *kept, gw_err *err)
{
    (void)err;
    told_of *told = self;
    const gw_fingerprint *any_of = seen ? seen : kept;
    char digits[24];
    snprintf(digits, sizeof digits, "%.*s", any_of->key_len < 23 ? (int)any_of->key_len : 23,
             any_of->key);
    told->changes[change]++;
    told->sum += strtoull(digits, NULL, 10) * (change + 1);
    return true;
}

/* Parts are parted again, twice here, and the keys that are longer than a piece stay whole. */
static void more_than_fits_in_all_parts(void **state)
{
    (void)state;
    enum { MANY = 60000, LONG = 3 << 20 };
    gw_err err = {0};
    gw_arena *arena = gw_arena_new();
    gw_pool *pool = gw_pool_new(arena, 100000);
    told_of told = {{0}, 0}, wanted = {{0}, 0};
    static char key[LONG + 1];
    memset(key, '7', LONG);
    for (uint64_t i = 0; i < MANY; i++) {
        char name[24];
        int len = snprintf(name, sizeof name, "%llu", (unsigned long long)i);
        gw_fingerprint print = {.key = name, .key_len = (size_t)len, .source = i};
        if (i % 5)
            assert_true(gw_pool_seen(pool, &print, &err));
        print.source += i % 3 == 0;
        if (i % 7)
            assert_true(gw_pool_kept(pool, &print, &err));
        gw_row_change change = i % 5 == 0   ? GW_ROW_DELETED
                               : i % 7 == 0 ? GW_ROW_NEW
                               : i % 3 == 0 ? GW_ROW_MODIFIED
                                            : GW_ROW_MOVED;
        if (i % 5 == 0 && i % 7 == 0)
            continue;
        wanted.changes[change]++;
        wanted.sum += i * (change + 1);
    }
    gw_fingerprint long_one = {.key = key, .key_len = LONG, .source = 1};
    assert_true(gw_pool_seen(pool, &long_one, &err));
    assert_true(gw_pool_kept(pool, &long_one, &err));
    wanted.changes[GW_ROW_MOVED]++;
    wanted.sum += ULLONG_MAX * (GW_ROW_MOVED + 1);
    assert_true(gw_pool_join(pool, count_one, &told, &err));
    assert_memory_equal(told.changes, wanted.changes, sizeof told.changes);
    assert_true(told.sum == wanted.sum);
    gw_arena_free(arena);
}

static bool last_destination(void *self, gw_row_change change, const gw_fingerprint *seen,
                             const gw_fingerprint *kept, gw_err *err)
{
    (void)err;
    assert_int_equal(change, GW_ROW_MODIFIED);
    assert_non_null(seen);
    *(uint64_t *)self = kept->destination;
    return true;
}

static void of_what_was_kept_twice_the_last_counts(void **state)
{
    (void)state;
    const size_t limits[] = {1 << 20, 1};
    for (size_t i = 0; i < 2; i++) {
        gw_arena *arena = gw_arena_new();
        gw_err err = {0};
        uint64_t told = 0;
        gw_pool *pool = gw_pool_new(arena, limits[i]);
        gw_fingerprint one = {
            .key = "k", .key_len = 1, .source = 1, .own_destination = true, .destination = 10};
        assert_true(gw_pool_kept(pool, &one, &err));
        one.destination = 20;
        assert_true(gw_pool_kept(pool, &one, &err));
        one.source = 2;
        assert_true(gw_pool_seen(pool, &one, &err));
        assert_true(gw_pool_join(pool, last_destination, &told, &err));
        assert_int_equal(told, 20);
        gw_arena_free(arena);
    }
}

static bool ignore(void *self, gw_row_change change, const gw_fingerprint *seen,
                   const gw_fingerprint *kept, gw_err *err)
{
    (void)self, (void)change, (void)seen, (void)kept, (void)err;
    return true;
}

static void a_key_of_two_rows_is_refused(void **state)
{
    (void)state;
    gw_arena *arena = gw_arena_new();
    gw_err err = {0};
    gw_fingerprint one = {.key = "k", .key_len = 1, .source = 1, .destination = 1};
    for (int kept = 0; kept < 2; kept++) {
        gw_pool *pool = gw_pool_new(arena, 1000);
        if (kept)
            assert_true(gw_pool_kept(pool, &one, &err));
        assert_true(gw_pool_seen(pool, &one, &err));
        assert_true(gw_pool_seen(pool, &one, &err));
        assert_false(gw_pool_join(pool, ignore, NULL, &err));
        assert_int_equal(err.kind, GW_ERR_STATE);
        gw_err_clear(&err);
    }
    gw_matcher *matcher = gw_matcher_new(arena, gw_pool_new(arena, 1000), ignore, NULL);
    gw_matcher_kept(matcher, &one);
    assert_true(gw_matcher_seen(matcher, &one, &err));
    assert_false(gw_matcher_seen(matcher, &one, &err));
    assert_int_equal(err.kind, GW_ERR_STATE);
    gw_err_clear(&err);
    gw_arena_free(arena);
}

static void no_room_on_the_disk_is_told(void **state)
{
    (void)state;
    gw_arena *arena = gw_arena_new();
    gw_err err = {0};
    setenv("TMPDIR", "/nowhere at all", 1);
    gw_pool *pool = gw_pool_new(arena, 1);
    assert_false(gw_pool_seen(pool, &(gw_fingerprint){.key = "k", .key_len = 1}, &err));
    assert_int_equal(err.kind, GW_ERR_IO);
    assert_non_null(strstr(err.hint, "TMPDIR"));
    gw_err_clear(&err);
    unsetenv("TMPDIR");
    gw_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_change_is_told_once),
        cmocka_unit_test(more_than_fits_in_all_parts),
        cmocka_unit_test(of_what_was_kept_twice_the_last_counts),
        cmocka_unit_test(a_key_of_two_rows_is_refused),
        cmocka_unit_test(no_room_on_the_disk_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
