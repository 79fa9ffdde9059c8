/* Changes found by time, with and without deletions; what a naive window loses; and what refuses.
 */
#include "arena_test.h"

#include <stdlib.h>

#include "control/control.h"
#include "source/fingerprint.h"
#include "sync/detect_timestamp.h"

static gw_session *source, *kept, *writer;
static gw_snapshot snapshot;
static gw_leaf leaf;
static gw_reader whole;
static gw_key_part part = {.sql = "t.id", .type = "pg_catalog.int8", .type_oid = 20};
static gw_lookup lookup = {.reader = &whole, .parts = &part, .part_count = 1};
static gw_mark mark;
static gw_timestamp_detect how;
static gw_timestamp_detected last;

static void sql(const char *text)
{
    gw_err err = {0};
    assert_ok(gw_exec(writer, text, &err));
}

static int set_up(void **state)
{
    gw_err err = {0};
    new_arena(state);
    source = open_pinned(arena);
    kept = open_pinned(arena);
    writer = open_plain(arena);
    assert_ok(gw_exec(kept, "DROP SCHEMA IF EXISTS godwit CASCADE", &err));
    assert_ok(gw_control_ensure_part(kept, "differential", "test", &err));
    sql("DROP SCHEMA IF EXISTS w CASCADE; CREATE SCHEMA w;"
        "CREATE TABLE w.t (id bigint PRIMARY KEY, name text, at timestamptz);"
        "INSERT INTO w.t SELECT i, 'name', now() - interval '1 day' FROM generate_series(1, 20000) "
        "i");
    return 0;
}

typedef struct found {
    size_t counts[4];
    gw_buf text;
    gw_segment_edit edits[60000];
    size_t edit_count;
} found;

static void note(found *all, bool remove, const gw_fingerprint *print)
{
    gw_segment_edit *edit = &all->edits[all->edit_count++];
    *edit = (gw_segment_edit){.remove = remove, .print = *print};
    edit->print.key = gw_memdup(arena, print->key, print->key_len);
}

static bool tell(void *self, gw_row_change change, const gw_fingerprint *seen,
                 const gw_fingerprint *was, gw_err *err)
{
    (void)err;
    found *all = self;
    const gw_fingerprint *one = seen ? seen : was;
    if (all->counts[change]++ < 10 && change != GW_ROW_MOVED)
        gw_buf_addf(&all->text, "%c%.*s ", "nmdo"[change], (int)one -> key_len, one -> key);
    if (was)
        note(all, true, was);
    if (seen)
        note(all, false, seen);
    return true;
}

static void open_it(void)
{
    gw_err err = {0};
    int64_t oid = strtoll(ask(writer, arena, "SELECT 'w.t'::regclass::oid"), NULL, 10);
    gw_snapshot_want want = {.relations = &oid, .count = 1, .low_water = true};
    assert_ok(gw_snapshot_open(source, arena, &want, &snapshot, &err));
    gw_typed values[] = {
        {.sql = "t.id", .type = 20, .typmod = -1, .typtype = 'b', .deterministic = true},
        {.sql = "t.name", .type = 25, .typmod = -1, .typtype = 'b', .deterministic = true}};
    whole = (gw_reader){.session = source,
                        .from = "ONLY w.t AS t",
                        .has_blocks = true,
                        .key = "t.id::pg_catalog.text",
                        .fingerprint =
                            gw_fingerprint_sql(arena, values, 2, gw_session_version(source))};
    leaf = (gw_leaf){
        .oid = (uint32_t)oid, .blocks = (uint32_t)snapshot.leaves[0].blocks, .reader = whole};
}

static void apply(found *all)
{
    gw_err err = {0};
    assert_ok(gw_session_commit(source, &err));
    assert_ok(gw_segments_edit(kept, "e", leaf.oid, all->edits, all->edit_count, &err));
    mark = gw_mark_of(arena, &snapshot, "p", GW_NULL_INT);
}

static void baseline(void)
{
    gw_err err = {0};
    gw_detected out;
    found *all = gw_alloc(arena, sizeof *all);
    all->text = GW_BUF(arena);
    open_it();
    gw_detect detect = {
        .entity = "e", .leaves = &leaf, .leaf_count = 1, .kept = kept, .fn = tell, .self = all};
    assert_ok(gw_detect_checksum(&detect, &out, &err));
    assert_int_equal(all->counts[GW_ROW_NEW], 20000);
    apply(all);
}

static const char *detect(bool deletes)
{
    gw_err err = {0};
    found *all = gw_alloc(arena, sizeof *all);
    all->text = GW_BUF(arena);
    open_it();
    how = (gw_timestamp_detect){.entity = "e",
                                .snapshot = &snapshot,
                                .leaves = &leaf,
                                .leaf_count = 1,
                                .lookup = &lookup,
                                .kept = kept,
                                .mark = &mark,
                                .projection = "p",
                                .changed_at = "t.at",
                                .changed_at_type = 1184,
                                .declared = true,
                                .stable = true,
                                .deletes = deletes,
                                .fn = tell,
                                .self = all};
    assert_ok(gw_detect_timestamp(&how, arena, &last, &err));
    assert_int_equal(last.unsound, GW_SOUND);
    apply(all);
    return gw_buf_str(&all->text);
}

static void what_is_late_is_found(void **state)
{
    (void)state;
    baseline();
    assert_string_equal(detect(false), "");
    sql("INSERT INTO w.t VALUES (20001, 'new', now())");
    assert_string_equal(detect(false), "n20001 ");
    sql("UPDATE w.t SET name = 'other', at = now() WHERE id = 77; DELETE FROM w.t WHERE id = 5");
    assert_string_equal(detect(false), "m77 ");
    assert_true(last.rows < 10);
    assert_string_equal(detect(true), "d5 ");
    /* No time at all is looked at; the same values elsewhere are no change. */
    sql("UPDATE w.t SET name = 'none', at = NULL WHERE id = 78");
    sql("UPDATE w.t SET name = name WHERE id BETWEEN 100 AND 200");
    assert_string_equal(detect(true), "m78 ");
    assert_string_equal(detect(true), "");
    /* Every row lies elsewhere, in another file. */
    sql("CLUSTER w.t USING t_pkey");
    assert_string_equal(detect(true), "");
    sql("DELETE FROM w.t WHERE id = 6; INSERT INTO w.t VALUES (6, 'again', now())");
    assert_string_equal(detect(true), "m6 ");
}

/* now() is when a transaction began: older than the last run, and invisible to it. */
static void a_transaction_that_was_open_then_is_not_lost(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *slow = open_plain(arena);
    baseline();
    assert_ok(gw_exec(slow, "BEGIN; INSERT INTO w.t VALUES (30000, 'slow', now())", &err));
    assert_string_equal(detect(true), "");
    assert_ok(gw_exec(slow, "COMMIT", &err));
    assert_string_equal(detect(true), "n30000 ");
}

static void unsound_is(gw_unsound reason)
{
    gw_err err = {0};
    assert_ok(gw_detect_timestamp(&how, arena, &last, &err));
    assert_int_equal(last.unsound, reason);
    assert_non_null(strstr(last.why, gw_unsound_text(reason)));
}

static void what_is_not_sound_says_so(void **state)
{
    (void)state;
    baseline();
    detect(true);
    gw_timestamp_detect good = how;
    gw_mark good_mark = mark;
    how.declared = false;
    unsound_is(GW_UNSOUND_NOT_DECLARED);
    how = good;
    how.changed_at_type = 1114; /* without time zone: of whose clock? */
    unsound_is(GW_UNSOUND_CHANGED_AT_TYPE);
    how = good;
    how.stable = false;
    unsound_is(GW_UNSOUND_EXPRESSIONS);
    how = good;
    how.mark = NULL;
    unsound_is(GW_UNSOUND_NO_MARK);
    how = good;
    mark.low_water = GW_NULL_INT;
    unsound_is(GW_UNSOUND_NO_LOW_WATER);
    mark = good_mark;
    how.projection = "another";
    unsound_is(GW_UNSOUND_MAPPING);
    how = good;
    mark.timeline++;
    unsound_is(GW_UNSOUND_TIMELINE);
    mark = good_mark;
    mark.database_oid++;
    unsound_is(GW_UNSOUND_OTHER_SOURCE);
    mark = good_mark;
    mark.leaves[0].shape = "another";
    unsound_is(GW_UNSOUND_SHAPE);
}

#define with_source(test) cmocka_unit_test_setup_teardown(test, set_up, free_arena)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_source(what_is_late_is_found),
        with_source(a_transaction_that_was_open_then_is_not_lost),
        with_source(what_is_not_sound_says_so),
    };
    return cmocka_run_group_tests(tests, server_fixture_setup, server_fixture_teardown);
}
