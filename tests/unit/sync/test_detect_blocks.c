/*
 * Changes found through WAL summaries, held against what SQL says of a copy; and each condition
 * under which that would lose or invent something. A test changes the source behind the back of a
 * version that does not know the condition.
 */
#include "arena_test.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/vec.h"
#include "control/control.h"
#include "source/fingerprint.h"
#include "sync/detect_blocks.h"

enum { ROWS = 20000, LEAVES = 3 };

static gw_session *source, *beside, *kept, *writer;
static gw_snapshot snapshot;
static gw_leaf leaves[LEAVES];
static gw_reader whole;
static gw_key_part part;
static gw_lookup lookup;
static GW_VEC(gw_mark) marks; /* newest last */

static void sql(const char *text)
{
    gw_err err = {0};
    assert_ok(gw_exec(writer, text, &err));
}

static bool too_old(void)
{
    if (server_fixture_major() >= 17)
        return false;
    print_message("skipped: needs 17\n");
    return true;
}

/* Until a summary ends where the log is now. */
static void summarize(void)
{
    const char *now = ask(writer, arena, "SELECT pg_current_wal_insert_lsn()");
    sql("CHECKPOINT");
    const char *query = gw_printf(
        arena, "SELECT coalesce(max(end_lsn) >= '%s', false) FROM pg_available_wal_summaries()",
        now);
    for (int i = 0; strcmp(ask(writer, arena, query), "t") != 0; i++) {
        assert_true(i < 3000);
        usleep(10000);
    }
}

static int set_up(void **state)
{
    gw_err err = {0};
    new_arena(state);
    if (too_old())
        return 0;
    source = open_pinned(arena);
    beside = open_pinned(arena);
    kept = open_pinned(arena);
    writer = open_plain(arena);
    sql("ALTER SYSTEM SET summarize_wal = on");
    sql("SELECT pg_reload_conf()");
    assert_ok(gw_exec(kept, "DROP SCHEMA IF EXISTS godwit CASCADE", &err));
    assert_ok(gw_control_ensure_part(kept, "differential", "test", &err));
    sql("DROP SCHEMA IF EXISTS b CASCADE; CREATE SCHEMA b;"
        "CREATE TYPE b.mood AS ENUM ('sad', 'ok');"
        "CREATE TABLE b.t (id bigint PRIMARY KEY, name text, mood b.mood) PARTITION BY RANGE (id);"
        "CREATE TABLE b.t0 PARTITION OF b.t FOR VALUES FROM (0) TO (15000) WITH "
        "(autovacuum_enabled = off);"
        "CREATE TABLE b.t1 PARTITION OF b.t FOR VALUES FROM (15000) TO (30000) WITH "
        "(autovacuum_enabled = off)");
    sql(gw_printf(arena, "INSERT INTO b.t SELECT i, 'name ' || i FROM generate_series(1, %d) i",
                  ROWS));
    summarize();
    marks.items = NULL;
    marks.len = marks.cap = 0;
    return 0;
}

static void make_leaves(size_t *count)
{
    gw_typed values[] = {
        {.sql = "t.id", .type = 20, .typmod = -1, .typtype = 'b', .deterministic = true},
        {.sql = "t.name", .type = 25, .typmod = -1, .typtype = 'b', .deterministic = true}};
    const char *fingerprint = gw_fingerprint_sql(arena, values, 2, gw_session_version(source));
    whole = (gw_reader){.session = source,
                        .from = "b.t AS t",
                        .has_blocks = true,
                        .key = "t.id::pg_catalog.text",
                        .fingerprint = fingerprint};
    part = (gw_key_part){.sql = "t.id", .type = "pg_catalog.int8", .type_oid = 20};
    lookup = (gw_lookup){.reader = &whole, .parts = &part, .part_count = 1};
    *count = snapshot.leaf_count;
    assert_true(*count <= LEAVES);
    for (size_t i = 0; i < *count; i++) {
        leaves[i] = (gw_leaf){.oid = (uint32_t)snapshot.leaves[i].oid,
                              .blocks = (uint32_t)snapshot.leaves[i].blocks,
                              .reader = whole};
        leaves[i].reader.from = gw_printf(arena, "ONLY b.\"%s\" AS t", snapshot.leaves[i].name);
    }
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

static void open_snapshot(const char *table)
{
    gw_err err = {0};
    int64_t oid = strtoll(ask(writer, arena, gw_printf(arena, "SELECT '%s'::regclass::oid", table)),
                          NULL, 10);
    gw_snapshot_want want = {.relations = &oid, .count = 1, .mark = true};
    assert_ok(gw_snapshot_open(source, arena, &want, &snapshot, &err));
}

static void keep_mark(int64_t complete)
{
    *gw_vec_push(arena, &marks) = gw_mark_of(arena, &snapshot, "p", complete);
}

/* A baseline: everything is new; complete up to the snapshot's beginning. */
static void baseline(void)
{
    gw_err err = {0};
    size_t count;
    found all = {.keys = {GW_BUF(arena), GW_BUF(arena), GW_BUF(arena), GW_BUF(arena)}};
    gw_detected out;
    open_snapshot("b.t");
    make_leaves(&count);
    gw_detect detect = {.entity = "e",
                        .leaves = leaves,
                        .leaf_count = count,
                        .kept = kept,
                        .fn = tell,
                        .self = &all};
    assert_ok(gw_detect_checksum(&detect, &out, &err));
    assert_ok(gw_session_commit(source, &err));
    apply(&all);
    keep_mark(snapshot.position);
    sql("DROP TABLE IF EXISTS b.before; CREATE TABLE b.before AS SELECT id, name FROM b.t");
}

static gw_blocks_detected last;
static gw_blocks_detect detection(found *all, size_t *count)
{
    gw_mark *newest_first = gw_alloc_array(arena, marks.len, sizeof *newest_first);
    for (size_t i = 0; i < marks.len; i++)
        newest_first[i] = marks.items[marks.len - 1 - i];
    make_leaves(count);
    return (gw_blocks_detect){.entity = "e",
                              .snapshot = &snapshot,
                              .leaves = leaves,
                              .leaf_count = *count,
                              .lookup = &lookup,
                              .beside = beside,
                              .kept = kept,
                              .marks = newest_first,
                              .mark_count = marks.len,
                              .projection = "p",
                              .stable = true,
                              .fn = tell,
                              .self = all};
}

static found detect(void)
{
    gw_err err = {0};
    size_t count;
    found all = {.keys = {GW_BUF(arena), GW_BUF(arena), GW_BUF(arena), GW_BUF(arena)}};
    open_snapshot("b.t");
    gw_blocks_detect how = detection(&all, &count);
    assert_ok(gw_detect_blocks(&how, arena, &last, &err));
    assert_ok(gw_session_commit(source, &err));
    return all;
}

static void same_keys(const found *all, gw_row_change change, const char *query)
{
    const char *difference =
        ask(writer, arena,
            gw_printf(arena,
                      "WITH f AS (SELECT unnest('{%s}'::text[])::bigint AS id), e AS (%s)"
                      " SELECT (SELECT count(*) FROM (TABLE f EXCEPT ALL TABLE e) x) || ' ' ||"
                      " (SELECT count(*) FROM (TABLE e EXCEPT ALL TABLE f) x)",
                      gw_buf_str(&all->keys[change]), query));
    if (strcmp(difference, "0 0") != 0)
        print_error("change %d: %s found too much, too little\n", change, difference);
    assert_string_equal(difference, "0 0");
}

/* After one detection: everything, exactly; applied and marked. */
static void exact(void)
{
    found all = detect();
    if (last.unsound)
        print_error("%s\n", last.why);
    assert_int_equal(last.unsound, GW_SOUND);
    same_keys(&all, GW_ROW_NEW, "SELECT id FROM b.t WHERE id NOT IN (SELECT id FROM b.before)");
    same_keys(&all, GW_ROW_DELETED, "SELECT id FROM b.before WHERE id NOT IN (SELECT id FROM b.t)");
    same_keys(
        &all, GW_ROW_MODIFIED,
        "SELECT t.id FROM b.t JOIN b.before o USING (id) WHERE t.name IS DISTINCT FROM o.name");
    apply(&all);
    keep_mark(last.complete);
    sql("DROP TABLE b.before; CREATE TABLE b.before AS SELECT id, name FROM b.t");
}

static void rounds_of_changes_are_found_in_few_blocks(void **state)
{
    (void)state;
    if (server_fixture_major() < 17)
        skip();
    static const char *const changes[] = {
        "SELECT 1",
        "UPDATE b.t SET name = name || '!' WHERE id IN (77, 16000)",
        "DELETE FROM b.t WHERE id % 500 = 3",
        "INSERT INTO b.t SELECT i, 'new' FROM generate_series(20001, 20300) i",
        /* touched, the same values: nothing but where they lie */
        "UPDATE b.t SET name = name WHERE id BETWEEN 300 AND 600",
        /* deleted and there again, elsewhere */
        "DELETE FROM b.t WHERE id = 900; INSERT INTO b.t VALUES (900, 'again'), (0, 'first')",
        "UPDATE b.t SET id = id + 20000 WHERE id BETWEEN 1000 AND 1100",
    };
    baseline();
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        sql(changes[i]);
        summarize();
        exact();
        assert_true(i != 1 || last.blocks <= 8);
    }
    /* The end of a table is cut off: its rows are deleted. */
    sql("DELETE FROM b.t WHERE id >= 18000");
    sql("VACUUM (TRUNCATE) b.t1");
    summarize();
    exact();
    sql("INSERT INTO b.t SELECT i, 'once more' FROM generate_series(18000, 19000) i");
    summarize();
    exact();
}

/* A transaction that began before the last run and commits after it: its records may lie before the
 * last mark's position. Starting from there loses it. */
static void what_was_open_at_the_last_run_is_found(void **state)
{
    (void)state;
    if (server_fixture_major() < 17)
        skip();
    gw_err err = {0};
    gw_session *slow = open_plain(arena);
    baseline();
    sql("INSERT INTO b.t VALUES (25000, 'x')");
    assert_ok(gw_exec(slow, "BEGIN; UPDATE b.t SET name = 'slow' WHERE id = 5000", &err));
    summarize();
    exact();
    assert_true(marks.items[1].xid > marks.items[1].xmin);
    assert_ok(gw_exec(slow, "COMMIT", &err));
    summarize();
    exact(); /* finds 5000: starts from the older of the two marks */
    /* With only the newer one it has to fall back. */
    assert_ok(gw_exec(slow, "BEGIN; UPDATE b.t SET name = 'slower' WHERE id = 5001", &err));
    summarize();
    exact();
    marks.items[0] = marks.items[marks.len - 1];
    marks.len = 1;
    assert_ok(gw_exec(slow, "COMMIT", &err));
    summarize();
    detect();
    assert_int_equal(last.unsound, GW_UNSOUND_MARK_TOO_NEW);
}

/* What comes later than the last summary: found now or next time, nothing is deleted by mistake. */
static void what_is_not_summarized_yet_comes_next_time(void **state)
{
    (void)state;
    if (server_fixture_major() < 17)
        skip();
    baseline();
    /* Reading has set hint bits, which are logged where blocks have checksums. */
    summarize();
    exact();
    sql("UPDATE b.t SET name = 'seen' WHERE id = 100");
    summarize();
    /* Moved out of a block that the summaries name, into one that they do not: it fits into no
     * other. */
    sql("ALTER TABLE b.t0 ALTER name SET STORAGE PLAIN;"
        "UPDATE b.t SET name = repeat('x', 8000) WHERE id = 101; DELETE FROM b.t WHERE id = 12000");
    found all = detect();
    assert_int_equal(last.unsound, GW_SOUND);
    same_keys(&all, GW_ROW_DELETED,
              last.tail ? "SELECT 12000::bigint" : "SELECT 1::bigint WHERE false");
    same_keys(&all, GW_ROW_MODIFIED, "SELECT unnest('{100,101}'::bigint[])");
    assert_true(last.tail || last.candidates_found == 1);
    apply(&all);
    keep_mark(last.complete);
    sql("UPDATE b.before SET name = CASE id WHEN 100 THEN 'seen' ELSE repeat('x', 8000) END WHERE "
        "id IN (100, 101)");
    if (last.tail)
        sql("DELETE FROM b.before WHERE id = 12000");
    summarize();
    exact();
    summarize();
    exact();
}

/* With pg_walinspect nothing has to wait for a checkpoint. */
static void the_tail_of_the_log_is_read_where_it_may_be(void **state)
{
    (void)state;
    if (server_fixture_major() < 17 ||
        strcmp(ask(writer, arena,
                   "SELECT count(*) FROM pg_available_extensions WHERE name = 'pg_walinspect'"),
               "1") != 0)
        skip();
    sql("DROP SCHEMA IF EXISTS \"my tools\" CASCADE; CREATE SCHEMA \"my tools\";"
        "CREATE EXTENSION pg_walinspect SCHEMA \"my tools\"");
    baseline();
    for (int i = 0; i < 3; i++) {
        sql("UPDATE b.t SET name = name || '?' WHERE id % 3000 = 5; DELETE FROM b.t WHERE id = "
            "(SELECT min(id) FROM b.t); INSERT INTO b.t SELECT max(id) + 1, 'late' FROM b.t");
        exact();
        assert_true(last.tail);
        assert_int_equal(last.complete, snapshot.position_after);
        if (i == 1)
            summarize();
    }
    exact(); /* nothing was logged behind the start */
    sql("DROP SCHEMA \"my tools\" CASCADE");
}

static void unsound_is(gw_unsound reason)
{
    found all = detect();
    if (last.unsound != reason)
        print_error("expected %s, got %s\n", gw_unsound_name(reason),
                    gw_unsound_name(last.unsound));
    assert_int_equal(last.unsound, reason);
    assert_true(strncmp(last.why, "unsound: ", 9) == 0);
    for (int i = 0; i < 4; i++)
        assert_int_equal(all.counts[i], 0);
}

/* Each changes rows, or may have, without the log's summaries telling of it. */
static void what_touches_no_block_falls_back_by_name(void **state)
{
    (void)state;
    if (server_fixture_major() < 17)
        skip();
    static const struct {
        const char *change;
        gw_unsound reason;
    } conditions[] = {
        {"ALTER TABLE b.t ADD COLUMN seven int DEFAULT 7", GW_UNSOUND_SHAPE},
        {"ALTER TYPE b.mood RENAME VALUE 'sad' TO 'blue'", GW_UNSOUND_SHAPE},
        {"VACUUM FULL b.t0", GW_UNSOUND_FILE_NODE},
        {"CLUSTER b.t1 USING t1_pkey", GW_UNSOUND_FILE_NODE},
        {"TRUNCATE b.t0", GW_UNSOUND_FILE_NODE},
        {"ALTER TABLE b.t0 SET UNLOGGED", GW_UNSOUND_UNLOGGED},
    };
    for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++) {
        if (i > 0) {
            free_arena(state);
            set_up(state);
        }
        baseline();
        sql(conditions[i].change);
        summarize();
        unsound_is(conditions[i].reason);
    }
    free_arena(state);
    set_up(state);
    unsound_is(GW_UNSOUND_NO_MARK);
    baseline();
    summarize();
    gw_mark *mark = &marks.items[0], good = *mark;
    mark->projection = "another";
    unsound_is(GW_UNSOUND_MAPPING);
    *mark = good;
    mark->system_identifier = "1";
    unsound_is(GW_UNSOUND_OTHER_SOURCE);
    *mark = good;
    mark->database_oid++;
    unsound_is(GW_UNSOUND_OTHER_SOURCE);
    *mark = good;
    mark->timeline++;
    unsound_is(GW_UNSOUND_TIMELINE);
    *mark = good;
    mark->position = mark->complete = 1; /* before the oldest summary there is */
    unsound_is(GW_UNSOUND_GAP);
    *mark = good;
    sql("ALTER SYSTEM SET summarize_wal = off");
    sql("SELECT pg_reload_conf()");
    while (strcmp(ask(beside, arena, "SHOW summarize_wal"), "off") != 0)
        usleep(10000);
    unsound_is(GW_UNSOUND_NOT_SUMMARIZED);
}

/* ATTACH and DETACH touch no block at all. */
static void partitions_that_come_and_go_take_their_rows_along(void **state)
{
    (void)state;
    if (server_fixture_major() < 17)
        skip();
    sql("CREATE TABLE b.t2 (LIKE b.t); INSERT INTO b.t2 SELECT i, 'attached' FROM "
        "generate_series(30000, 30499) i");
    baseline();
    summarize();
    sql("ALTER TABLE b.t ATTACH PARTITION b.t2 FOR VALUES FROM (30000) TO (40000)");
    summarize();
    exact();
    sql("ALTER TABLE b.t DETACH PARTITION b.t1");
    summarize();
    exact();
}

static void a_mark_is_kept_as_json(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_mark_leaf leaf = {.oid = 5, .file_node = 1234567890123, .shape = "s\"h"};
    gw_mark mark = {.system_identifier = "7300000000000000001",
                    .database_oid = 5,
                    .timeline = 1,
                    .position = 0x16b374d848,
                    .xid = 1ll << 40,
                    .xmin = 3,
                    .complete = GW_NULL_INT,
                    .low_water = -1,
                    .projection = "p",
                    .leaves = &leaf,
                    .leaf_count = 1},
            back;
    json_t *json = gw_mark_json(arena, &mark);
    assert_ok(gw_mark_read(arena, json, &back, &err));
    assert_true(back.position == mark.position && back.xid == mark.xid && back.xmin == 3 &&
                back.complete == GW_NULL_INT && back.low_water == -1 && back.leaf_count == 1);
    assert_string_equal(back.leaves[0].shape, "s\"h");
    json_object_del(json, "xid");
    assert_false(gw_mark_read(arena, json, &back, &err));
    assert_kind(GW_ERR_STATE);
    for (int i = 0; i < GW_UNSOUND_COUNT; i++)
        assert_true(gw_unsound_name((gw_unsound)i) && gw_unsound_text((gw_unsound)i));
}

/* Sums and stamps tell what has changed, and not where the rest lies. */
static void what_blocks_needs_is_carried_on(void **state)
{
    (void)state;
    gw_mark_leaf old[] = {{5, 500, "a"}, {6, 600, "a"}}, now[] = {{6, 601, "b"}, {7, 700, "b"}};
    gw_mark before = {.system_identifier = "1",
                      .database_oid = 2,
                      .timeline = 3,
                      .complete = 40,
                      .leaves = old,
                      .leaf_count = 2};
    gw_mark mark = {.system_identifier = "1",
                    .database_oid = 2,
                    .timeline = 4,
                    .complete = 50,
                    .position = 50,
                    .leaves = now,
                    .leaf_count = 2};
    gw_mark_carry(&mark, &before, 1, false);
    assert_true(mark.complete == 40 && mark.timeline == 3 && mark.position == 50);
    assert_int_equal(now[0].file_node, 601);
    gw_mark_carry(&mark, &before, 1, true);
    assert_true(now[0].file_node == 600 && now[1].file_node == 700);
    assert_string_equal(now[0].shape, "b");
    before.database_oid++;
    mark.timeline = 4;
    gw_mark_carry(&mark, &before, 1, true);
    assert_true(mark.complete == GW_NULL_INT && mark.timeline == 4);
    mark.complete = 50;
    gw_mark_carry(&mark, NULL, 0, true);
    assert_true(mark.complete == GW_NULL_INT);
}

#define with_source(test) cmocka_unit_test_setup_teardown(test, set_up, free_arena)

int main(void)
{
    const struct CMUnitTest tests[] = {
        each(a_mark_is_kept_as_json),
        each(what_blocks_needs_is_carried_on),
        with_source(rounds_of_changes_are_found_in_few_blocks),
        with_source(what_was_open_at_the_last_run_is_found),
        with_source(what_is_not_summarized_yet_comes_next_time),
        with_source(the_tail_of_the_log_is_read_where_it_may_be),
        with_source(what_touches_no_block_falls_back_by_name),
        with_source(partitions_that_come_and_go_take_their_rows_along),
    };
    return cmocka_run_group_tests(tests, server_fixture_setup, server_fixture_teardown);
}
