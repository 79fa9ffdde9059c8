#include "arena_test.h"

#include <stdlib.h>

#include "source/fingerprint.h"
#include "source/reader.h"

static gw_session *session;
static gw_reader reader;

enum { ROWS = 5000 };

static int set_up(void **state)
{
    gw_err err = {0};
    new_arena(state);
    session = open_pinned(arena);
    assert_ok(gw_exec(
        session,
        gw_printf(arena,
                  "DROP SCHEMA IF EXISTS r CASCADE; CREATE SCHEMA r;"
                  "CREATE TABLE r.\"t \"\"1\" (id int, \"The Key\" text, b numeric(10,2));"
                  "INSERT INTO r.\"t \"\"1\" SELECT i, 'k' || i, i FROM generate_series(1, %d) i;"
                  "DELETE FROM r.\"t \"\"1\" WHERE id %% 7 = 0; CREATE TABLE r.empty (LIKE r.\"t "
                  "\"\"1\")",
                  ROWS),
        &err));
    gw_typed values[] = {
        {.sql = "t.id", .type = 23, .typmod = -1, .typtype = 'b', .deterministic = true},
        {.sql = "t.\"The Key\"", .type = 25, .typmod = -1, .typtype = 'b', .deterministic = true},
        {.sql = "t.b", .type = 1700, .typmod = 655366, .typtype = 'b', .deterministic = true}};
    reader = (gw_reader){.session = session,
                         .from = "ONLY \"r\".\"t \"\"1\" AS t",
                         .has_blocks = true,
                         .key = "t.\"The Key\"::pg_catalog.text",
                         .fingerprint =
                             gw_fingerprint_sql(arena, values, 3, gw_session_version(session))};
    assert_ok(gw_session_begin(session, "repeatable read read only", &err));
    return 0;
}

typedef struct counted {
    int64_t count, sum_low, sum_high;
    uint32_t low, high, last;
    bool ordered;
} counted;

static bool count_row(void *self, const gw_row_seen *row, gw_err *err)
{
    (void)err;
    counted *all = self;
    assert_true(row->key_len >= 2 && row->key[0] == 'k');
    if (all->count == 0 || row->block < all->low)
        all->low = row->block;
    if (row->block > all->high)
        all->high = row->block;
    all->ordered = (all->count == 0 || (all->ordered && row->block >= all->last));
    all->last = row->block;
    all->count++;
    all->sum_low += (int64_t)(row->fingerprint & 0xffffffff);
    all->sum_high += (int64_t)row->fingerprint >> 32;
    return true;
}

static counted rows_of(gw_blocks run)
{
    gw_err err = {0};
    counted all = {0};
    assert_ok(gw_reader_rows(&reader, run, count_row, &all, &err));
    return all;
}

/* The sum over a run is the sum of its rows; runs side by side are the whole. */
static void sums_and_rows_agree(void **state)
{
    (void)state;
    gw_err err = {0};
    counted whole = rows_of((gw_blocks){0, GW_BLOCKS_END});
    assert_int_equal(whole.count, ROWS - ROWS / 7);
    assert_true(whole.ordered);
    gw_blocks runs[200];
    size_t count = 0;
    for (uint32_t block = 0; block <= whole.high; block++)
        runs[count++] = (gw_blocks){block, block == whole.high ? GW_BLOCKS_END : block + 1};
    gw_blocks_sum sums[200];
    assert_ok(gw_reader_sum(&reader, arena, runs, count, sums, &err));
    int64_t total = 0;
    for (size_t i = 0; i < count; i++) {
        counted part = rows_of(runs[i]);
        assert_int_equal(part.count, sums[i].count);
        assert_true(part.count > 0 && part.low == i && part.high == i);
        total += part.count;
        assert_string_equal(ask(session, arena,
                                gw_printf(arena, "SELECT %lld::numeric * 4294967296 + %lld",
                                          (long long)part.sum_high, (long long)part.sum_low)),
                            sums[i].sum);
    }
    assert_int_equal(total, whole.count);
    /* Again in the same transaction. */
    assert_ok(gw_reader_sum(&reader, arena, &(gw_blocks){0, GW_BLOCKS_END}, 1, sums, &err));
    assert_int_equal(sums[0].count, whole.count);
}

static void runs_without_rows_are_empty(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_blocks_sum sum;
    assert_ok(gw_reader_sum(&reader, arena, &(gw_blocks){100000, 100010}, 1, &sum, &err));
    assert_int_equal(sum.count, 0);
    assert_string_equal(sum.sum, "0");
    reader.from = "ONLY \"r\".\"empty\" AS t";
    assert_ok(gw_reader_sum(&reader, arena, &(gw_blocks){0, GW_BLOCKS_END}, 1, &sum, &err));
    assert_int_equal(sum.count, 0);
    assert_int_equal(rows_of((gw_blocks){0, GW_BLOCKS_END}).count, 0);
    assert_ok(gw_reader_sum(&reader, arena, NULL, 0, NULL, &err));
}

static bool in_order(void *self, const gw_row_seen *row, gw_err *err)
{
    (void)err;
    char **last = self;
    char *key = gw_strndup(arena, row->key, row->key_len);
    assert_true(!*last || strcmp(*last, key) < 0);
    *last = key;
    return row->block == 0;
}

static void what_has_no_blocks_comes_in_the_order_of_its_key(void **state)
{
    (void)state;
    gw_err err = {0};
    reader.from = "(SELECT * FROM r.\"t \"\"1\" WHERE id < 100) AS t";
    reader.has_blocks = false;
    reader.order = "t.\"The Key\" COLLATE pg_catalog.\"C\"";
    assert_false(gw_reader_sums(&reader));
    char *last = NULL;
    assert_ok(gw_reader_rows(&reader, (gw_blocks){0, GW_BLOCKS_END}, in_order, &last, &err));
    assert_string_equal(last, "k99");
}

static bool refuse(void *self, const gw_row_seen *row, gw_err *err)
{
    (void)row;
    ++*(int *)self;
    return gw_err_set(err, GW_ERR_CHECK, "enough");
}

static void trouble_is_told_and_leaves_the_session_usable(void **state)
{
    (void)state;
    gw_err err = {0};
    int seen = 0;
    assert_false(gw_reader_rows(&reader, (gw_blocks){0, GW_BLOCKS_END}, refuse, &seen, &err));
    assert_kind(GW_ERR_CHECK);
    assert_int_equal(seen, 1);
    gw_session_rollback(session);
    assert_ok(gw_session_begin(session, "repeatable read read only", &err));
    reader.key = "nullif(t.\"The Key\", 'k5')";
    seen = 0;
    counted all = {0};
    assert_false(gw_reader_rows(&reader, (gw_blocks){0, GW_BLOCKS_END}, count_row, &all, &err));
    assert_non_null(strstr(err.hint, "NOT NULL"));
    assert_kind(GW_ERR_STATE);
    gw_session_rollback(session);
    assert_ok(gw_session_begin(session, "repeatable read read only", &err));
    reader.fingerprint = "t.nothing";
    gw_blocks_sum sum;
    assert_false(gw_reader_sum(&reader, arena, &(gw_blocks){0, 1}, 1, &sum, &err));
    assert_string_equal(err.sqlstate, "42703");
    gw_err_clear(&err);
    gw_session_rollback(session);
    assert_string_equal(ask(session, arena, "SELECT 1"), "1");
}

#define with_table(test) cmocka_unit_test_setup_teardown(test, set_up, free_arena)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_table(sums_and_rows_agree),
        with_table(runs_without_rows_are_empty),
        with_table(what_has_no_blocks_comes_in_the_order_of_its_key),
        with_table(trouble_is_told_and_leaves_the_session_usable),
    };
    return cmocka_run_group_tests(tests, server_fixture_setup, server_fixture_teardown);
}
