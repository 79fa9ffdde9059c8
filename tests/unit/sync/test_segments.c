/* Segments on a server, against a model in memory. */
#include "arena_test.h"

#include <stdlib.h>

#include "control/control.h"
#include "sync/segments.h"

static gw_session *session;

enum { KEYS = 3000, BLOCKS = 400 };

static struct kept {
    bool there;
    uint32_t block;
    uint64_t source, destination;
    bool own;
} model[KEYS];

static uint64_t seed;

static uint32_t any(uint32_t below)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(seed >> 33) % below;
}

static int set_up(void **state)
{
    gw_err err = {0};
    new_arena(state);
    session = open_pinned(arena);
    assert_ok(gw_exec(session, "DROP SCHEMA IF EXISTS godwit CASCADE", &err));
    assert_ok(gw_control_ensure_part(session, "differential", "test", &err));
    memset(model, 0, sizeof model);
    seed = 7;
    return 0;
}

static char *name_of(int key)
{
    return gw_printf(arena, "key '%d\"\\", key);
}

static gw_fingerprint print_of(int key)
{
    const struct kept *kept = &model[key];
    char *name = name_of(key);
    return (gw_fingerprint){.key = name,
                            .key_len = strlen(name),
                            .block = kept->block,
                            .source = kept->source,
                            .own_destination = kept->own,
                            .destination = kept->destination};
}

static void change(int key, uint32_t block)
{
    model[key] = (struct kept){.there = true,
                               .block = block,
                               .source = ((uint64_t)any(UINT32_MAX) << 32) | any(UINT32_MAX),
                               .own = any(2)};
    model[key].destination = model[key].own ? any(UINT32_MAX) : model[key].source;
}

typedef struct seen {
    size_t count;
    gw_int128 sum;
    bool keys[KEYS];
} seen;

static bool check_one(void *self, const gw_fingerprint *one, gw_err *err)
{
    (void)err;
    seen *all = self;
    int key = atoi(gw_strndup(arena, one->key, one->key_len) + 5);
    assert_true(key >= 0 && key < KEYS && !all->keys[key]);
    const struct kept *kept = &model[key];
    gw_fingerprint expected = print_of(key);
    assert_true(kept->there && one->key_len == expected.key_len &&
                memcmp(one->key, expected.key, one->key_len) == 0);
    assert_true(one->block == kept->block && one->source == kept->source &&
                one->destination == kept->destination);
    assert_int_equal(one->own_destination, kept->own);
    all->keys[key] = true;
    all->count++;
    all->sum += (int64_t)one->source;
    return true;
}

/* What is kept is the model; segments lie side by side from 0 to the end; counts and sums are
 * right. */
static void judge(int64_t leaf)
{
    gw_err err = {0};
    seen whole = {0};
    assert_ok(gw_segments_load(session, arena, "e", leaf, (gw_blocks){0, GW_BLOCKS_END}, check_one,
                               &whole, &err));
    size_t there = 0;
    for (int i = 0; i < KEYS; i++)
        there += model[i].there;
    assert_int_equal(whole.count, there);
    gw_segment_list list;
    assert_ok(gw_segments_list(session, arena, "e", leaf, &list, &err));
    uint32_t at = 0;
    size_t count = 0;
    gw_int128 sum = 0;
    for (size_t i = 0; i < list.len; i++) {
        const gw_segment *segment = &list.items[i];
        assert_int_equal(segment->blocks.first, at);
        at = segment->blocks.end;
        seen part = {0};
        assert_ok(
            gw_segments_load(session, arena, "e", leaf, segment->blocks, check_one, &part, &err));
        assert_int_equal(part.count, segment->count);
        assert_true(part.sum == segment->sum);
        count += (size_t)segment->count;
        sum += segment->sum;
    }
    assert_int_equal(at, GW_BLOCKS_END);
    assert_int_equal(count, there);
    assert_true(sum == whole.sum);
}

static void load_first(int64_t leaf, uint32_t half)
{
    gw_err err = {0};
    gw_blocks runs[2] = {{0, half}, {half, GW_BLOCKS_END}};
    for (int run = 0; run < 2; run++) {
        gw_segment_writer *writer = gw_segment_writer_new(arena, "e", leaf, runs[run]);
        for (uint32_t block = runs[run].first; block < (run ? BLOCKS : half); block++) {
            for (int i = 0; i < KEYS; i++) {
                if (!model[i].there || model[i].block != block)
                    continue;
                gw_fingerprint print = print_of(i);
                gw_segment_writer_add(writer, &print);
            }
            if (block % 50 == 49)
                assert_ok(gw_segment_writer_flush(writer, session, false, &err));
        }
        assert_ok(gw_segment_writer_flush(writer, session, true, &err));
    }
}

static size_t edit(gw_segment_edit *edits, size_t count, int key, bool put, uint32_t block)
{
    if (model[key].there)
        edits[count++] = (gw_segment_edit){.remove = true, .print = print_of(key)};
    model[key].there = false;
    if (put) {
        change(key, block);
        edits[count++] = (gw_segment_edit){.print = print_of(key)};
    }
    return count;
}

static void a_first_load_then_edits_in_rounds(void **state)
{
    (void)state;
    gw_err err = {0};
    for (int i = 0; i < KEYS; i++)
        if (any(10))
            change(i, any(BLOCKS));
    load_first(16384, 170);
    judge(16384);
    static gw_segment_edit edits[2 * KEYS];
    for (int round = 0; round < 12; round++) {
        size_t count = 0;
        for (int i = 0; i < KEYS; i++)
            if (any(8) == 0)
                count =
                    edit(edits, count, i, any(4) > 0, any(4) ? any(BLOCKS) : BLOCKS + any(1000));
        assert_ok(gw_session_begin(session, NULL, &err));
        assert_ok(gw_segments_edit(session, "e", 16384, edits, count, &err));
        if (round % 4 == 3) {
            /* What is rolled back has not been. */
            struct kept before[KEYS];
            memcpy(before, model, sizeof model);
            assert_ok(gw_session_commit(session, &err));
            assert_ok(gw_session_begin(session, NULL, &err));
            count = edit(edits, 0, 5, true, 3);
            assert_ok(gw_segments_edit(session, "e", 16384, edits, count, &err));
            gw_session_rollback(session);
            memcpy(model, before, sizeof model);
        } else {
            assert_ok(gw_session_commit(session, &err));
        }
        judge(16384);
    }
    /* Everything goes. */
    size_t count = 0;
    for (int i = 0; i < KEYS; i++)
        count = edit(edits, count, i, false, 0);
    assert_ok(gw_segments_edit(session, "e", 16384, edits, count, &err));
    judge(16384);
}

static void a_leaf_of_which_nothing_is_kept_gets_a_segment(void **state)
{
    (void)state;
    gw_err err = {0};
    change(1, 17);
    gw_segment_edit edits[] = {{.print = print_of(1)}};
    assert_ok(gw_segments_edit(session, "e", 0, edits, 1, &err));
    judge(0);
    gw_leaf_kept_list leaves;
    assert_ok(gw_segments_leaves(session, arena, "e", &leaves, &err));
    assert_true(leaves.len == 1 && leaves.items[0].leaf == 0 && leaves.items[0].rows == 1);
    assert_ok(gw_segments_leaves(session, arena, "other", &leaves, &err));
    assert_int_equal(leaves.len, 0);
    assert_ok(gw_segments_forget(session, "e", 1, &err));
    judge(0);
    assert_ok(gw_segments_forget(session, "e", -1, &err));
    assert_string_equal(ask(session, arena, "SELECT count(*) FROM godwit.sync_segments"), "0");
}

static void an_empty_run_is_an_empty_segment(void **state)
{
    (void)state;
    load_first(4294967295, 10);
    judge(4294967295);
}

static void what_others_wrote_is_told(void **state)
{
    (void)state;
    gw_err err = {0};
    change(1, 17);
    gw_segment_edit edits[] = {{.print = print_of(1)}};
    assert_ok(gw_segments_edit(session, "e", 0, edits, 1, &err));
    assert_ok(gw_exec(session, "UPDATE godwit.sync_segments SET packed = '\\x0102'", &err));
    seen all = {0};
    assert_false(
        gw_segments_load(session, arena, "e", 0, (gw_blocks){0, 100}, check_one, &all, &err));
    assert_kind(GW_ERR_STATE);
    assert_false(gw_segments_edit(session, "e", 0, edits, 1, &err));
    assert_kind(GW_ERR_STATE);
    assert_ok(gw_exec(
        session, "UPDATE godwit.sync_segments SET packed = '\\x01', end_block = 17, hash_sum = 0.5",
        &err));
    gw_segment_list list;
    assert_false(gw_segments_list(session, arena, "e", 0, &list, &err));
    assert_kind(GW_ERR_STATE);
    gw_segment_edit two[] = {{.print = print_of(1)}, {.print = print_of(1)}};
    two[1].print.block = 3;
    assert_false(gw_segments_edit(session, "e", 0, two, 2, &err));
    assert_non_null(strstr(err.message, "gap"));
    assert_kind(GW_ERR_STATE);
}

#define with_tables(test) cmocka_unit_test_setup_teardown(test, set_up, free_arena)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_tables(a_first_load_then_edits_in_rounds),
        with_tables(a_leaf_of_which_nothing_is_kept_gets_a_segment),
        with_tables(an_empty_run_is_an_empty_segment),
        with_tables(what_others_wrote_is_told),
    };
    return cmocka_run_group_tests(tests, server_fixture_setup, server_fixture_teardown);
}
