/*
 * Rounds of random changes to two leaves of a source; what is found is held against what SQL says
 * of a copy taken before, then applied to what is kept; a second look finds nothing.
 */
#include "arena_test.h"

#include <stdlib.h>

#include "base/vec.h"
#include "control/control.h"
#include "source/fingerprint.h"
#include "sync/detect.h"

static gw_session *source, *kept;
static gw_leaf leaves[2];

enum { ROWS = 20000 };

static void sql(const char *text)
{
    gw_err err = {0};
    assert_ok(gw_exec(source, text, &err));
}

static int set_up(void **state)
{
    gw_err err = {0};
    new_arena(state);
    source = open_pinned(arena);
    kept = open_pinned(arena);
    assert_ok(gw_exec(kept, "DROP SCHEMA IF EXISTS godwit CASCADE", &err));
    assert_ok(gw_control_ensure_part(kept, "differential", "test", &err));
    sql("DROP SCHEMA IF EXISTS d CASCADE; CREATE SCHEMA d;"
        "CREATE TABLE d.t (id bigint, name text, at timestamptz, PRIMARY KEY (id)) PARTITION BY "
        "RANGE (id);"
        "CREATE TABLE d.t0 PARTITION OF d.t FOR VALUES FROM (0) TO (15000) WITH "
        "(autovacuum_enabled = off);"
        "CREATE TABLE d.t1 PARTITION OF d.t DEFAULT WITH (autovacuum_enabled = off);"
        "SELECT setseed(0.5)");
    sql(gw_printf(arena,
                  "INSERT INTO d.t SELECT i, 'name ' || i, 'epoch' FROM generate_series(1, %d) i",
                  ROWS));
    gw_typed values[] = {
        {.sql = "t.id", .type = 20, .typmod = -1, .typtype = 'b', .deterministic = true},
        {.sql = "t.name", .type = 25, .typmod = -1, .typtype = 'b', .deterministic = true},
        {.sql = "t.at", .type = 1184, .typmod = -1, .typtype = 'b', .deterministic = true}};
    for (int i = 0; i < 2; i++) {
        const char *oid = ask(source, arena, gw_printf(arena, "SELECT 'd.t%d'::regclass::oid", i));
        leaves[i] = (gw_leaf){.oid = (uint32_t)strtoul(oid, NULL, 10),
                              .blocks = 100,
                              .reader = {.session = source,
                                         .from = gw_printf(arena, "ONLY \"d\".\"t%d\" AS t", i),
                                         .has_blocks = true,
                                         .key = "t.id::pg_catalog.text",
                                         .fingerprint = gw_fingerprint_sql(
                                             arena, values, 3, gw_session_version(source))}};
    }
    return 0;
}

typedef struct found {
    size_t counts[4];
    gw_buf keys[4];
    struct {
        struct edit {
            gw_segment_edit edit;
            uint32_t leaf;
        } * items;
        size_t len, cap;
    } edits;
} found;

static void note(found *all, bool remove, const gw_fingerprint *print)
{
    struct edit *edit = gw_vec_push(arena, &all->edits);
    edit->edit = (gw_segment_edit){.remove = remove, .print = *print};
    edit->edit.print.key = gw_memdup(arena, print->key, print->key_len);
    edit->leaf = print->leaf;
}

static bool tell(void *self, gw_row_change change, const gw_fingerprint *seen,
                 const gw_fingerprint *was, gw_err *err)
{
    (void)err;
    found *all = self;
    const gw_fingerprint *one = seen ? seen : was;
    gw_buf_addf(&all->keys[change], "%s%.*s", all->counts[change]++ ? "," : "", (int)one->key_len,
                one->key);
    if (was)
        note(all, true, was);
    if (seen)
        note(all, false, seen);
    return true;
}

static found detect(size_t leaf_count, size_t pool_limit, gw_detected *out)
{
    gw_err err = {0};
    found all = {.keys = {GW_BUF(arena), GW_BUF(arena), GW_BUF(arena), GW_BUF(arena)}};
    gw_detect detect = {.entity = "e",
                        .leaves = leaves,
                        .leaf_count = leaf_count,
                        .kept = kept,
                        .pool_limit = pool_limit,
                        .fn = tell,
                        .self = &all};
    assert_ok(gw_session_begin(source, "repeatable read read only", &err));
    assert_ok(gw_detect_checksum(&detect, out, &err));
    assert_ok(gw_session_commit(source, &err));
    return all;
}

static void apply(found *all)
{
    gw_err err = {0};
    GW_VEC(uint32_t) of = {0};
    for (size_t i = 0; i < all->edits.len; i++) {
        bool known = false;
        for (size_t at = 0; at < of.len; at++)
            known = known || of.items[at] == all->edits.items[i].leaf;
        if (!known)
            *gw_vec_push(arena, &of) = all->edits.items[i].leaf;
    }
    for (size_t at = 0; at < of.len; at++) {
        gw_segment_edit *edits = gw_alloc_array(arena, all->edits.len, sizeof *edits);
        size_t count = 0;
        for (size_t i = 0; i < all->edits.len; i++)
            if (all->edits.items[i].leaf == of.items[at])
                edits[count++] = all->edits.items[i].edit;
        assert_ok(gw_segments_edit(kept, "e", of.items[at], edits, count, &err));
    }
}

static void same_keys(const found *all, gw_row_change change, const char *query)
{
    const char *difference =
        ask(source, arena,
            gw_printf(arena,
                      "WITH f AS (SELECT unnest('{%s}'::text[])::bigint AS id), e AS (%s)"
                      " SELECT (SELECT count(*) FROM (TABLE f EXCEPT ALL TABLE e) x) || ' ' ||"
                      " (SELECT count(*) FROM (TABLE e EXCEPT ALL TABLE f) x)",
                      gw_buf_str(&all->keys[change]), query));
    if (strcmp(difference, "0 0") != 0)
        print_error("change %d: %s found too much, too little\n", change, difference);
    assert_string_equal(difference, "0 0");
}

/* Against d.before; then once more, when there must be nothing. */
static gw_detected round_of(size_t pool_limit)
{
    gw_detected stats, again;
    found all = detect(2, pool_limit, &stats);
    same_keys(&all, GW_ROW_NEW, "SELECT id FROM d.t WHERE id NOT IN (SELECT id FROM d.before)");
    same_keys(&all, GW_ROW_DELETED, "SELECT id FROM d.before WHERE id NOT IN (SELECT id FROM d.t)");
    same_keys(&all, GW_ROW_MODIFIED,
              "SELECT t.id FROM d.t JOIN d.before b USING (id) WHERE (t.name, t.at) IS DISTINCT "
              "FROM (b.name, b.at)");
    assert_string_equal(gw_printf(arena, "%lld", (long long)stats.source_rows),
                        ask(source, arena, "SELECT count(*) FROM d.t"));
    apply(&all);
    found nothing = detect(2, pool_limit, &again);
    for (int i = 0; i < 4; i++)
        assert_int_equal(nothing.counts[i], 0);
    assert_int_equal(again.kept_rows, again.source_rows);
    return stats;
}

static void remember(void)
{
    sql("DROP TABLE IF EXISTS d.before; CREATE TABLE d.before AS TABLE d.t; ALTER TABLE d.before "
        "ADD PRIMARY KEY (id)");
}

static void rounds(size_t pool_limit)
{
    sql("CREATE TABLE d.before AS TABLE d.t WITH NO DATA");
    round_of(pool_limit);
    static const char *const changes[] = {
        "SELECT 1",
        "UPDATE d.t SET name = name || '!' WHERE id = 77",
        "UPDATE d.t SET name = name || '!' WHERE random() < 0.001",
        "UPDATE d.t SET name = name || '!' WHERE random() < 0.2",
        "DELETE FROM d.t WHERE random() < 0.01; INSERT INTO d.t SELECT i, 'new', now() FROM "
        "generate_series(30001, 30400) i",
        /* the same values elsewhere */
        "UPDATE d.t SET name = name WHERE id % 10 = 0",
        /* from one partition into the other, and a key that is used again */
        "UPDATE d.t SET id = id + 40000 WHERE id BETWEEN 100 AND 200; DELETE FROM d.t WHERE id = "
        "300;"
        "INSERT INTO d.t VALUES (300, 'again', 'epoch')",
        "DELETE FROM d.t WHERE id < 5000",
    };
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        remember();
        sql(changes[i]);
        gw_detected stats = round_of(pool_limit);
        if (i < 2) /* one row: the run that it lay in, and the one in which it lies now */
            assert_true(stats.runs_read <= 2 * (int64_t)i && stats.runs >= 3);
    }
    /* Every row lies elsewhere. */
    remember();
    sql("CLUSTER d.t0 USING t0_pkey");
    sql("VACUUM FULL d.t1");
    round_of(pool_limit);
}

static void changes_are_found_in_rounds(void **state)
{
    (void)state;
    rounds(0);
}

static void a_pool_that_does_not_fit_into_memory_finds_the_same(void **state)
{
    (void)state;
    rounds(2000);
}

static void a_partition_that_vanishes_takes_its_rows_along(void **state)
{
    (void)state;
    gw_detected stats;
    found all = detect(2, 0, &stats);
    assert_int_equal(all.counts[GW_ROW_NEW], ROWS);
    apply(&all);
    all = detect(1, 0, &stats);
    assert_int_equal(all.counts[GW_ROW_DELETED], ROWS - 15000 + 1);
    assert_int_equal(all.counts[GW_ROW_NEW] + all.counts[GW_ROW_MODIFIED], 0);
    assert_int_equal(stats.kept_rows, ROWS);
    apply(&all);
    all = detect(2, 0, &stats);
    assert_int_equal(all.counts[GW_ROW_NEW], ROWS - 15000 + 1);
}

/* A query has no blocks: rows are counted in the order of the key. So is a server below 14. */
static void a_query_is_read_in_the_order_of_its_key(void **state)
{
    (void)state;
    leaves[0].oid = 0;
    leaves[0].reader.from = "(SELECT * FROM d.t) AS t";
    leaves[0].reader.has_blocks = false;
    leaves[0].reader.order = "t.id";
    gw_detected stats;
    found all = detect(1, 0, &stats);
    assert_int_equal(all.counts[GW_ROW_NEW], ROWS);
    apply(&all);
    all = detect(1, 0, &stats);
    for (int i = 0; i < 4; i++)
        assert_int_equal(all.counts[i], 0);
    sql("DELETE FROM d.t WHERE id IN (5, 6); INSERT INTO d.t VALUES (0, 'first', 'epoch');"
        "UPDATE d.t SET name = 'other' WHERE id = 19000");
    all = detect(1, 0, &stats);
    assert_string_equal(gw_buf_str(&all.keys[GW_ROW_NEW]), "0");
    assert_string_equal(gw_buf_str(&all.keys[GW_ROW_MODIFIED]), "19000");
    assert_int_equal(all.counts[GW_ROW_DELETED], 2);
}

#define with_source(test) cmocka_unit_test_setup_teardown(test, set_up, free_arena)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_source(changes_are_found_in_rounds),
        with_source(a_pool_that_does_not_fit_into_memory_finds_the_same),
        with_source(a_partition_that_vanishes_takes_its_rows_along),
        with_source(a_query_is_read_in_the_order_of_its_key),
    };
    return cmocka_run_group_tests(tests, server_fixture_setup, server_fixture_teardown);
}
