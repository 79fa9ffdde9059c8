/* A session, who runs it, its runs and their pieces: states and leases on a database of their own.
 */
#include "arena_test.h"

#include <stdlib.h>

#include "control/control.h"
#include "sync/session.h"
#include "sync/task.h"

enum { HOUR = 3600000, ENDED = -1000 }; /* leases, in milliseconds */

static gw_session *session, *other;
static const char *id;
static gw_source_names entities;
static const gw_sync_owner first = {"00000000-0000-7000-8000-000000000001", "here", 11, HOUR},
                           second = {"00000000-0000-7000-8000-000000000002", "there", 22, HOUR};
static const char mapping[] = "00000000-0000-7000-8000-0000000000aa",
                  analysis[] = "00000000-0000-7000-8000-0000000000bb";

static int set_up(void **state)
{
    static const char *names[] = {"a", "b \"Ä"};
    gw_err err = {0};
    new_arena(state);
    session = open_pinned(arena);
    other = open_pinned(arena);
    assert_ok(gw_exec(session, "DROP SCHEMA IF EXISTS godwit CASCADE", &err));
    assert_ok(gw_control_ensure_part(session, "differential", "test", &err));
    assert_ok(gw_exec(session, /* mappings and analyses are but ids here */
                      "ALTER TABLE godwit.migration_control "
                      "DROP CONSTRAINT migration_control_mapping_id_entity_type_fkey, "
                      "DROP CONSTRAINT migration_control_analysis_id_entity_type_fkey",
                      &err));
    entities = (gw_source_names){.items = names, .len = 2, .cap = 2};
    assert_ok(gw_sync_session_new(session, arena, &entities, "{\"jobs\": 2}", &id, &err));
    return 0;
}

static gw_sync_session now(void)
{
    gw_err err = {0};
    gw_sync_session out;
    bool found;
    assert_ok(gw_sync_session_find(session, arena, id, &out, &found, &err));
    assert_true(found);
    return out;
}

static int64_t begun(const gw_sync_owner *owner)
{
    gw_err err = {0};
    int64_t attempt;
    assert_ok(gw_sync_session_begin(session, arena, id, owner, &entities, &attempt, &err));
    return attempt;
}

static gw_sync_beat beat(const gw_sync_owner *owner)
{
    gw_err err = {0};
    gw_sync_beat out;
    assert_ok(gw_sync_session_beat(session, arena, id, owner, NULL, 0, 0, &out, &err));
    return out;
}

/* ---- a session ------------------------------------------------------------------------------ */

static void steps_that_there_are(void **state)
{
    (void)state;
    static const struct {
        const char *status;
        bool alive, may[3]; /* pause, resume, cancel */
    } all[] = {
        {"pending", false, {false, true, true}},  {"running", true, {true, false, true}},
        {"running", false, {true, true, true}}, /* who ran it is dead */
        {"paused", false, {false, true, true}},   {"completed", false, {false, false, false}},
        {"failed", false, {false, false, false}},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        gw_sync_session one = {.id = "x", .status = all[i].status, .alive = all[i].alive};
        for (int step = GW_SYNC_PAUSE; step <= GW_SYNC_CANCEL; step++) {
            gw_err err = {0};
            bool may = gw_sync_step_check(&one, (gw_sync_step)step, &err);
            if (may != all[i].may[step])
                fail_msg("%s, step %d: %s", all[i].status, step, may ? "may" : "may not");
            assert_true(may || (err.kind == GW_ERR_STATE && err.hint));
            gw_err_clear(&err);
        }
    }
}

static void who_runs_it(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_source_names back = {0};
    int64_t attempt;
    assert_string_equal(now().status, "pending");
    gw_sync_session_entities(arena, now().pending, &back);
    assert_int_equal(back.len, 2);
    assert_string_equal(back.items[1], entities.items[1]);
    assert_int_equal(begun(&first), 1);
    assert_true(now().alive && now().pid == 11);
    assert_false(beat(&first).lost);
    assert_true(beat(&second).lost);
    /* Taken over: the first one can neither write nor end it. */
    assert_int_equal(begun(&second), 2);
    assert_true(beat(&first).lost);
    assert_false(gw_sync_session_owned(session, id, &first, &err));
    assert_kind(GW_ERR_LOST);
    gw_err_clear(&err);
    assert_false(gw_sync_session_end(session, id, &first, "failed", NULL, NULL, NULL, &err));
    assert_kind(GW_ERR_LOST);
    gw_err_clear(&err);
    assert_string_equal(now().status, "running");
    for (size_t i = 0; i < 2; i++)
        assert_ok(gw_sync_session_entity(session, id, entities.items[i], "completed", &err));
    assert_string_equal(now().pending, "[]");
    assert_ok(gw_sync_session_end(session, id, &second, "completed", NULL, NULL, NULL, &err));
    assert_string_equal(now().status, "completed");
    assert_false(gw_sync_session_begin(session, arena, id, &first, &entities, &attempt, &err));
    assert_kind(GW_ERR_STATE);
    gw_err_clear(&err);
}

static void what_a_person_wants(void **state)
{
    (void)state;
    gw_err err = {0};
    bool locked, done;
    begun(&first);
    assert_ok(gw_sync_lock(other, &locked, &err));
    assert_true(locked);
    gw_sync_session which = now();
    assert_ok(gw_sync_session_step(session, arena, &which, GW_SYNC_PAUSE, "me", &done, &err));
    assert_false(done); /* at the next batch */
    assert_string_equal(beat(&first).wanted, "pause");
    assert_string_equal(now().status, "running");
    assert_ok(gw_sync_session_end(session, id, &first, "paused", "paused", NULL, NULL, &err));
    gw_sync_unlock(other);
    which = now();
    assert_null(which.wanted);
    assert_ok(gw_sync_session_step(session, arena, &which, GW_SYNC_CANCEL, "me", &done, &err));
    assert_true(done); /* nobody runs it */
    assert_string_equal(now().status, "failed");
    assert_string_equal(now().reason, "cancelled by me");
    /* The lock is nobody's again. */
    assert_ok(gw_sync_lock(other, &locked, &err));
    assert_true(locked);
    gw_sync_unlock(other);
}

/* ---- runs and pieces --------------------------------------------------------------------------
 */

static const gw_mover_id a = {"00000000-0000-7000-8000-00000000000a", "here", HOUR},
                         b = {"00000000-0000-7000-8000-00000000000b", "there", HOUR};

/* A run of "a" under snapshot "s"; its mapping and analysis are but ids here. */
static gw_sync_run run_of_a(int64_t attempt)
{
    gw_err err = {0};
    gw_sync_run run;
    gw_sync_run_want want = {.session = id,
                             .entity = "a",
                             .mapping = mapping,
                             .analysis = analysis,
                             .attempt = attempt,
                             .remaining = 100};
    assert_ok(gw_exec(session, "SET session_replication_role = replica", &err));
    assert_ok(gw_session_begin(session, NULL, &err));
    assert_ok(gw_sync_run_begin(session, arena, &want, &run, &err));
    assert_ok(gw_session_commit(session, &err));
    assert_ok(gw_exec(session, "RESET session_replication_role", &err));
    assert_ok(gw_sync_session_share(session, id, attempt == 1 ? &first : &second, "s", "{}", &err));
    return run;
}

static bool claim(const gw_mover_id *who, const char *snapshot, gw_task *out)
{
    gw_err err = {0};
    bool found;
    assert_ok(gw_task_claim(session, arena, id, who, NULL, snapshot, out, &found, &err));
    return found;
}

static bool applied(const gw_mover_id *who, const gw_task *task, int64_t next, bool done)
{
    gw_err err = {0};
    bool taken = false;
    gw_task_batch batch = {
        .task = task, .worker = who, .session_id = id, .next = next, .done = done, .rows = 10};
    gw_applied what = {.inserted = 7, .left = 2, .rejected = 1};
    bool ok = gw_task_applied(session, &batch, &what, &taken, &err);
    assert_true(ok != taken);
    gw_err_clear(&err);
    return ok;
}

static int64_t left(const gw_sync_run *run)
{
    gw_err err = {0};
    int64_t count;
    assert_ok(gw_tasks_left(session, run->id, &count, &err));
    return count;
}

static void put_pieces(const gw_sync_run *run)
{
    gw_err err = {0};
    static const gw_task_blocks pieces[] = {
        {16400, {0, 10}}, {16400, {10, 20}}, {16401, {0, 4000000000u}}};
    assert_ok(gw_tasks_put_blocks(session, run->id, pieces, 3, &err));
    assert_int_equal(left(run), 3);
}

static void pieces_are_claimed_once(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_task one, two, three, none;
    begun(&first);
    gw_sync_run run = run_of_a(1);
    put_pieces(&run);
    assert_false(claim(&a, "another snapshot", &none));
    assert_true(claim(&a, "s", &one) && claim(&b, "s", &two) && claim(&b, "s", &three));
    assert_false(claim(&a, "s", &none));
    assert_true(one.number != two.number && two.number != three.number && one.is_blocks);
    assert_true(three.leaf == 16401 && three.end == 4000000000u && three.attempts == 1);
    assert_false(applied(&b, &one, 5, false)); /* it is not b's */
    assert_true(applied(&a, &one, 5, false) && applied(&a, &one, 10, true));
    assert_false(applied(&a, &one, 10, true)); /* nothing of it is left to do */
    assert_int_equal(left(&run), 2);
    /* What is let go is another one's, where it was. */
    assert_true(applied(&b, &two, 13, false));
    assert_ok(gw_task_release(session, &b, &err));
    assert_true(claim(&a, "s", &one));
    assert_true(one.number == two.number && one.at == 13 && one.end == 20);
    assert_false(applied(&b, &two, 14, false));
    gw_sync_counts *counts;
    size_t count;
    assert_ok(gw_sync_run_counts(session, arena, id, &counts, &count, &err));
    assert_int_equal(count, 1);
    assert_true(counts->added == 21 && counts->modified == 6 && counts->rejected == 3 &&
                counts->remaining == 70);
    /* Nothing is begun where somebody wants a pause. */
    assert_ok(
        gw_exec(session, "UPDATE godwit.migration_status_tracking SET wanted = 'pause'", &err));
    assert_false(claim(&b, "s", &none));
}

static void a_lease_that_ended(void **state)
{
    (void)state;
    gw_err err = {0};
    const gw_mover_id dying = {a.id, a.host, ENDED}, revived = {a.id, a.host, HOUR};
    gw_task one, again, none;
    begun(&first);
    gw_sync_run run = run_of_a(1);
    static const gw_task_blocks piece = {16400, {0, 10}};
    assert_ok(gw_tasks_put_blocks(session, run.id, &piece, 1, &err));
    assert_true(claim(&dying, "s", &one));
    assert_ok(gw_tasks_beat(session, &revived, 1, &err));
    assert_false(claim(&b, "s", &none));
    assert_ok(gw_tasks_beat(session, &dying, 1, &err));
    assert_true(claim(&b, "s", &again));
    assert_true(again.number == one.number && again.attempts == 2);
    assert_false(applied(&a, &one, 10, true));
    assert_true(applied(&b, &again, 10, true));
    assert_int_equal(left(&run), 0);
    /* Of an attempt that is over nothing is anybody's; its run goes on as the same. */
    begun(&second);
    gw_sync_run next = run_of_a(2);
    assert_string_equal(next.id, run.id);
    assert_int_equal(left(&next), 0);
    gw_err why = {0};
    gw_err_set(&why, GW_ERR_STATE, "no");
    assert_false(gw_sync_run_fail(session, arena, id, &first, "a", next.id, &why, &err));
    assert_kind(GW_ERR_LOST);
    gw_err_clear(&err);
    assert_ok(gw_sync_run_fail(session, arena, id, &second, "a", next.id, &why, &err));
    gw_err_clear(&why);
    assert_string_equal(now().failed, "[\"a\"]");
}

/* ---- counts ----------------------------------------------------------------------------------- */

/* A row in the quarantine because of a run; later: it was written, counted as new or not, and waits
 * for the second pass. */
static void refused(const gw_sync_run *run, const char *key, const char *rule, const char *later)
{
    gw_err err = {0};
    gw_result result;
    gw_param params[] = {gw_p_text(key), gw_p_text(rule), gw_p_text(run->id)};
    gw_param waits[] = {gw_p_text(key), gw_p_text(run->id), gw_p_text(later)};
    assert_ok(gw_query_text(session, arena, "a reject",
                            "INSERT INTO godwit.sync_rejects (entity_type, key, kind, rule, message, "
                            "run_id) VALUES ('a', $1, 'server', $2, '', $3::uuid) ON CONFLICT "
                            "(entity_type, key) DO UPDATE SET rule = excluded.rule, run_id = excluded.run_id",
                            params, 3, &result, &err));
    assert_ok(!later ||
              gw_query_text(session, arena, "what waits",
                            "INSERT INTO godwit.sync_later VALUES ('a', $1, $2::uuid, $3::boolean) "
                            "ON CONFLICT (entity_type, key) DO UPDATE SET run_id = excluded.run_id, "
                            "added = excluded.added",
                            waits, 3, &result, &err));
}

static void assert_counts(int64_t added, int64_t modified, int64_t rejected)
{
    gw_err err = {0};
    gw_sync_counts *counts;
    size_t count;
    assert_ok(gw_sync_run_counts(session, arena, id, &counts, &count, &err));
    assert_int_equal(count, 1);
    assert_int_equal(counts->added, added);
    assert_int_equal(counts->modified, modified);
    assert_int_equal(counts->rejected, rejected);
}

static void complete(const gw_sync_run *run, const gw_sync_owner *owner)
{
    gw_err err = {0};
    gw_sync_counts done;
    assert_ok(gw_session_begin(session, NULL, &err));
    assert_ok(gw_sync_run_complete(session, arena, run, id, owner, &done, &err));
    assert_ok(gw_session_commit(session, &err));
}

/* One batch of seven new rows, two that were left and one that was rejected. */
static void one_batch(const gw_sync_run *run)
{
    gw_err err = {0};
    gw_task task;
    static const gw_task_blocks piece = {16400, {0, 10}};
    assert_ok(gw_tasks_put_blocks(session, run->id, &piece, 1, &err));
    assert_true(claim(&a, "s", &task) && applied(&a, &task, 10, true));
}

static void rows_are_counted_once(void **state)
{
    (void)state;
    begun(&first);
    gw_sync_run run = run_of_a(1);
    one_batch(&run);
    refused(&run, "1", NULL, NULL);
    refused(&run, "2", "second pass", "true");
    assert_counts(7, 2, 1);
    /* Who is killed here leaves what it has done; what was refused comes once more. */
    begun(&second);
    assert_counts(7, 2, 1);
    run = run_of_a(2);
    assert_counts(6, 2, 0);
    one_batch(&run); /* the same rejected again, and of the two left ones one was refused before */
    refused(&run, "2", "second pass", "false");
    assert_counts(13, 4, 1);
    complete(&run, &second);
    assert_counts(13, 3, 2);
    /* Another attempt looks at what is done once more: by another run, under the same name. */
    gw_sync_run again = run_of_a(2);
    assert_string_not_equal(again.id, run.id);
    assert_counts(13, 3, 0);
    refused(&again, "1", NULL, NULL);
    complete(&again, &second);
    assert_counts(13, 3, 2); /* "2" is there by the first of them */
}

static void what_no_run_counts_is_taken_from_none(void **state)
{
    (void)state;
    gw_err err = {0}, why = {0};
    begun(&first);
    gw_sync_run run = run_of_a(1);
    one_batch(&run);
    refused(&run, "1", "second pass", NULL); /* of an earlier run's row */
    refused(&run, "2", "second pass", "true");
    gw_err_set(&why, GW_ERR_STATE, "no");
    assert_ok(gw_sync_run_fail(session, arena, id, &first, "a", run.id, &why, &err));
    gw_err_clear(&why);
    assert_counts(7, 2, 1); /* "2" still counts as written */
}

#define with_session(test) cmocka_unit_test_setup_teardown(test, set_up, free_arena)

int main(void)
{
    const struct CMUnitTest tests[] = {
        each(steps_that_there_are),        with_session(who_runs_it),
        with_session(what_a_person_wants), with_session(pieces_are_claimed_once),
        with_session(a_lease_that_ended),  with_session(rows_are_counted_once),
        with_session(what_no_run_counts_is_taken_from_none),
    };
    return cmocka_run_group_tests(tests, server_fixture_setup, server_fixture_teardown);
}
