/* What a snapshot sees and what it refuses; each test has a writer that a naive version loses to.
 */
#include "arena_test.h"

#include <stdlib.h>

#include "source/snapshot.h"

static gw_session *session, *other;
static gw_snapshot snapshot;

static void sql(const char *text)
{
    gw_err err = {0};
    assert_ok(gw_exec(other, text, &err));
}

static int set_up(void **state)
{
    new_arena(state);
    session = open_pinned(arena);
    other = open_plain(arena);
    sql("DROP SCHEMA IF EXISTS \"s 1\" CASCADE; CREATE SCHEMA \"s 1\";"
        "CREATE TABLE \"s 1\".\"t \"\"1\" (id int PRIMARY KEY, v text);"
        "INSERT INTO \"s 1\".\"t \"\"1\" SELECT i, 'v' FROM generate_series(1, 100) i;"
        "CREATE TABLE \"s 1\".p (id int) PARTITION BY RANGE (id);"
        "CREATE TABLE \"s 1\".p1 PARTITION OF \"s 1\".p FOR VALUES FROM (0) TO (10);"
        "CREATE TABLE \"s 1\".p2 PARTITION OF \"s 1\".p FOR VALUES FROM (10) TO (20)");
    return 0;
}

static int64_t oid_of(const char *name)
{
    return strtoll(ask(other, arena, gw_printf(arena, "SELECT '\"s 1\".%s'::regclass::oid", name)),
                   NULL, 10);
}

static bool open_tables(gw_session *on, gw_snapshot_want want, gw_err *err)
{
    int64_t *oids = gw_alloc_array(arena, 2, sizeof *oids);
    oids[0] = oid_of("\"t \"\"1\"");
    oids[1] = oid_of("p");
    want.relations = oids;
    want.count = 2;
    return gw_snapshot_open(on, arena, &want, &snapshot, err);
}

static bool refused(const char *text, const char *sqlstate)
{
    gw_err err = {0};
    bool ok = gw_exec(other, text, &err);
    bool expected = !ok && strcmp(err.sqlstate, sqlstate) == 0;
    gw_err_clear(&err);
    return expected;
}

/* Without the lock the TRUNCATE succeeds, and the snapshot sees no rows at all. */
static void a_truncate_between_does_not_look_like_deletes(void **state)
{
    (void)state;
    gw_err err = {0};
    assert_ok(open_tables(session, (gw_snapshot_want){0}, &err));
    assert_int_equal(snapshot.leaf_count, 3);
    sql("SET lock_timeout = '50ms'");
    assert_true(refused("TRUNCATE \"s 1\".\"t \"\"1\"", "55P03"));
    assert_true(refused("TRUNCATE \"s 1\".p2", "55P03"));
    assert_true(refused("ALTER TABLE \"s 1\".\"t \"\"1\" ALTER id TYPE bigint", "55P03"));
    sql("INSERT INTO \"s 1\".\"t \"\"1\" VALUES (101, 'late')");
    assert_string_equal(ask(session, arena, "SELECT count(*) FROM \"s 1\".\"t \"\"1\""), "100");
    assert_ok(gw_session_commit(session, &err));
    /* The naive version, to know that this test sees the difference. */
    assert_ok(gw_session_begin(session, "repeatable read read only", &err));
    ask(session, arena, "SELECT 1");
    sql("TRUNCATE \"s 1\".\"t \"\"1\"");
    assert_string_equal(ask(session, arena, "SELECT count(*) FROM \"s 1\".\"t \"\"1\""), "0");
    assert_ok(gw_session_commit(session, &err));
}

/* The lock is waited for; what was truncated before it is seen as truncated, in its new file. */
static void a_table_that_stays_locked_is_no_wait_for_ever(void **state)
{
    (void)state;
    gw_err err = {0};
    sql("BEGIN; LOCK TABLE \"s 1\".p2");
    assert_false(open_tables(session, (gw_snapshot_want){.lock_timeout_ms = 50}, &err));
    assert_kind(GW_ERR_LOCK);
    assert_false(gw_session_in_transaction(session));
    sql("ROLLBACK");
    int64_t oid = oid_of("p1");
    assert_ok(open_tables(session, (gw_snapshot_want){0}, &err));
    int64_t node = 0, now = 0;
    for (size_t i = 0; i < snapshot.leaf_count; i++)
        node = snapshot.leaves[i].oid == oid ? snapshot.leaves[i].file_node : node;
    assert_ok(gw_session_commit(session, &err));
    sql("TRUNCATE \"s 1\".p1");
    assert_ok(open_tables(session, (gw_snapshot_want){0}, &err));
    for (size_t i = 0; i < snapshot.leaf_count; i++)
        now = snapshot.leaves[i].oid == oid ? snapshot.leaves[i].file_node : now;
    assert_true(node > 0 && now > 0 && node != now);
}

static void workers_see_the_same(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_session *worker = open_pinned(arena);
    assert_ok(open_tables(session, (gw_snapshot_want){.share = true}, &err));
    sql("DELETE FROM \"s 1\".\"t \"\"1\" WHERE id > 10");
    assert_ok(gw_snapshot_join(worker, arena, &snapshot, 0, &err));
    assert_string_equal(ask(worker, arena, "SELECT count(*) FROM \"s 1\".\"t \"\"1\""), "100");
    assert_ok(gw_session_commit(session, &err));
    /* The worker holds locks of its own. */
    sql("SET lock_timeout = '50ms'");
    assert_true(refused("TRUNCATE \"s 1\".p1", "55P03"));
    assert_ok(gw_session_commit(worker, &err));
    /* The one who opened it has gone: so has the snapshot. */
    assert_false(gw_snapshot_join(worker, arena, &snapshot, 0, &err));
    gw_err_clear(&err);
    assert_false(gw_session_in_transaction(worker));
}

/* position, id, snapshot: whatever is not visible later has a larger id or began after. */
static void a_mark_is_taken_in_its_order(void **state)
{
    (void)state;
    gw_err err = {0};
    if (server_fixture_major() < 13)
        skip();
    assert_ok(open_tables(session, (gw_snapshot_want){.mark = true}, &err));
    assert_true(snapshot.position > 0 && snapshot.timeline == 1);
    assert_true(snapshot.position_after >= snapshot.position);
    assert_true(snapshot.xmin > snapshot.xid);
    assert_true(strtoll(snapshot.identity.system_identifier, NULL, 10) != 0);
    assert_false(snapshot.identity.standby);
    assert_ok(gw_session_commit(session, &err));
    /* Somebody holds an older id: xmin stays behind, x does not. */
    sql("BEGIN; INSERT INTO \"s 1\".\"t \"\"1\" VALUES (500, 'open')");
    int64_t held = strtoll(ask(other, arena, "SELECT pg_current_xact_id()::text"), NULL, 10);
    assert_ok(open_tables(session, (gw_snapshot_want){.mark = true}, &err));
    assert_int_equal(snapshot.xmin, held);
    assert_true(snapshot.xid > held);
    sql("COMMIT");
    assert_string_equal(
        ask(session, arena, "SELECT count(*) FROM \"s 1\".\"t \"\"1\" WHERE id = 500"), "0");
}

/* Of a commit that no disk has seen yet. */
static void what_was_seen_is_on_disk_when_it_is_settled(void **state)
{
    (void)state;
    gw_err err = {0};
    if (server_fixture_major() < 13)
        skip();
    sql("SET synchronous_commit = off; INSERT INTO \"s 1\".\"t \"\"1\" VALUES (600, 'soft')");
    assert_ok(open_tables(session, (gw_snapshot_want){.mark = true}, &err));
    gw_session *settler = open_pinned(arena);
    assert_ok(gw_snapshot_settle(settler, &snapshot, &err));
    const char *position = gw_lsn_text(arena, snapshot.position_after);
    assert_string_equal(
        ask(settler, arena,
            gw_printf(arena, "SELECT pg_current_wal_flush_lsn() >= '%s'::pg_lsn", position)),
        "t");
    assert_string_equal(gw_lsn_text(arena, 0x16b374d848), "16/B374D848");
}

static void low_water_is_below_every_open_transaction(void **state)
{
    (void)state;
    gw_err err = {0};
    sql("BEGIN");
    const char *begun = ask(other, arena, "SELECT (extract(epoch FROM now()) * 1000000)::bigint");
    assert_ok(open_tables(session, (gw_snapshot_want){.low_water = true}, &err));
    assert_true(snapshot.low_water < strtoll(begun, NULL, 10));
    assert_ok(gw_session_commit(session, &err));
    sql("COMMIT");
}

static void refused_low_water(gw_session *on, const char *reason)
{
    gw_err err = {0};
    assert_false(open_tables(on, (gw_snapshot_want){.low_water = true}, &err));
    if (!strstr(err.message, reason))
        print_error("%s\n", err.message);
    assert_non_null(strstr(err.message, reason));
    assert_non_null(err.hint);
    assert_kind(GW_ERR_REFUSED);
    assert_false(gw_session_in_transaction(on));
}

static void what_cannot_be_seen_refuses_a_low_water_mark(void **state)
{
    (void)state;
    gw_err err = {0};
    sql("BEGIN; INSERT INTO \"s 1\".\"t \"\"1\" VALUES (700, 'two'); PREPARE TRANSACTION 'g'");
    refused_low_water(session, "prepared");
    sql("ROLLBACK PREPARED 'g'");
    sql("DROP ROLE IF EXISTS reader; CREATE ROLE reader LOGIN; GRANT USAGE ON SCHEMA \"s 1\" TO "
        "reader;"
        "GRANT SELECT ON ALL TABLES IN SCHEMA \"s 1\" TO reader");
    const char *conninfo =
        gw_printf(arena, "host=%s dbname=postgres user=reader", server_fixture_dir());
    gw_session *reader = open_with(arena, &(gw_connect){.conninfo = conninfo, .pinned = true});
    refused_low_water(reader, "may not see");
    /* SELECT is enough for everything else. */
    assert_ok(open_tables(
        reader, (gw_snapshot_want){.share = true, .mark = server_fixture_major() >= 13}, &err));
    assert_ok(gw_session_commit(reader, &err));
    sql("SET track_activities = off");
    refused_low_water(session, "track_activities");
    sql("SET track_activities = on; GRANT pg_read_all_stats TO reader");
    assert_ok(open_tables(reader, (gw_snapshot_want){.low_water = true}, &err));
    assert_ok(gw_session_commit(reader, &err));
    gw_session_close(reader);
    sql("DROP OWNED BY reader; DROP ROLE reader");
}

static const char *shape_of(const char *name)
{
    gw_err err = {0};
    int64_t oid = oid_of(name);
    gw_snapshot_want want = {.relations = &oid, .count = 1};
    assert_ok(gw_snapshot_open(session, arena, &want, &snapshot, &err));
    assert_ok(gw_session_commit(session, &err));
    return snapshot.leaves[0].shape;
}

/* Each changes what a row says, and touches no block. */
static void the_shape_tells_of_what_touches_no_block(void **state)
{
    (void)state;
    static const char *const changes[] = {
        "ALTER TABLE \"s 1\".k ADD COLUMN seven int DEFAULT 7",
        "ALTER TABLE \"s 1\".k ALTER seven SET DEFAULT 8",
        "ALTER TABLE \"s 1\".k RENAME v TO w",
        "ALTER TYPE \"s 1\".mood RENAME VALUE 'sad' TO 'blue'",
        "ALTER TYPE \"s 1\".pair RENAME ATTRIBUTE a TO aa",
        "ALTER TABLE \"s 1\".k DROP COLUMN n",
        "ALTER TABLE \"s 1\".k ALTER w TYPE varchar(20)",
    };
    sql("CREATE TYPE \"s 1\".mood AS ENUM ('sad', 'ok'); CREATE TYPE \"s 1\".pair AS (a int, m \"s "
        "1\".mood);"
        "CREATE DOMAIN \"s 1\".pairs AS \"s 1\".pair[];"
        "CREATE TABLE \"s 1\".k (id int, v varchar(10), n int, p \"s 1\".pairs)");
    const char *before = shape_of("k");
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        assert_string_equal(before, shape_of("k"));
        sql(changes[i]);
        const char *after = shape_of("k");
        if (strcmp(before, after) == 0)
            print_error("not noticed: %s\n", changes[i]);
        assert_string_not_equal(before, after);
        before = after;
    }
}

static void views_that_are_stored_are_held_too_and_what_is_gone_is_named(void **state)
{
    (void)state;
    gw_err err = {0};
    sql("CREATE MATERIALIZED VIEW \"s 1\".m AS SELECT 1 AS id");
    int64_t oid = oid_of("m");
    gw_snapshot_want want = {.relations = &oid, .count = 1};
    assert_ok(gw_snapshot_open(session, arena, &want, &snapshot, &err));
    sql("SET lock_timeout = '50ms'");
    assert_true(refused("REFRESH MATERIALIZED VIEW \"s 1\".m", "55P03"));
    assert_ok(gw_session_commit(session, &err));
    sql("DROP MATERIALIZED VIEW \"s 1\".m");
    assert_false(gw_snapshot_open(session, arena, &want, &snapshot, &err));
    assert_kind(GW_ERR_STATE);
    assert_false(gw_session_in_transaction(session));
}

#define with_tables(test) cmocka_unit_test_setup_teardown(test, set_up, free_arena)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_tables(a_truncate_between_does_not_look_like_deletes),
        with_tables(a_table_that_stays_locked_is_no_wait_for_ever),
        with_tables(workers_see_the_same),
        with_tables(a_mark_is_taken_in_its_order),
        with_tables(what_was_seen_is_on_disk_when_it_is_settled),
        with_tables(low_water_is_below_every_open_transaction),
        with_tables(what_cannot_be_seen_refuses_a_low_water_mark),
        with_tables(the_shape_tells_of_what_touches_no_block),
        with_tables(views_that_are_stored_are_held_too_and_what_is_gone_is_named),
    };
    return cmocka_run_group_tests(tests, server_fixture_setup, server_fixture_teardown);
}
