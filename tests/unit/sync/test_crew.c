/* Workers of a process: they share out what there is, stop when they are told to, and what goes
 * wrong in one of them is said once. */
#include "arena_test.h"

#include <stdlib.h>

#include "base/clock.h"
#include "control/control.h"
#include "sync/crew.h"
#include "sync/load.h"
#include "sync/session.h"

enum { HOUR = 3600000, WORKERS = 3, PIECES = 12 };

static gw_session *session, *old;
static gw_source *source;
static gw_connect from, to;
static gw_check *check;
static gw_work_entity entity;
static gw_snapshot snapshot;
static gw_sync_work *work;
static gw_cancel cancel;
static gw_sync_run run_of_a;
static gw_crew *crew;
static const char *id;
static const char mapping_id[] = "00000000-0000-7000-8000-0000000000aa";
static const gw_sync_owner owner = {"00000000-0000-7000-8000-000000000001", "here", 11, HOUR};
static gw_mover_id ids[WORKERS];

static void run(gw_session *where, const char *text)
{
    gw_err err = {0};
    assert_ok(gw_exec(where, text, &err));
}

/* Entity a, from s into d. */
static void map(void)
{
    gw_err err = {0};
    gw_problems problems = {.arena = arena};
    gw_mapping *mapping = gw_alloc(arena, sizeof *mapping);
    gw_mapping_list list = {.items = mapping, .len = 1, .cap = 1};
    static const char body[] = "entity: a\nversion: 1.0.0\nsource: { table: s, key: id }\n"
                               "destination: { table: d, key: id }\nfields:\n"
                               "- { from: x, to: x }\n";
    check = gw_alloc(arena, sizeof *check);
    assert_true(
        gw_mapping_read(arena, "a.yaml", NULL, body, strlen(body), NULL, &problems, mapping));
    assert_ok(gw_mappings_check(source, session, arena, &list, NULL, check, &err));
    entity = (gw_work_entity){.mapping = mapping_id, .plan = &check->entities[0]};
    assert_ok(gw_project(source->session, arena, entity.plan, &entity.projection, &err));
}

/* A session that runs, with a run of a; its pieces are runs of a block each, of a first load. */
static void begin(void)
{
    gw_err err = {0};
    static const char *names[] = {"a"};
    const gw_source_names entities = {names, 1, 1};
    int64_t attempt;
    assert_ok(gw_sync_session_new(session, arena, &entities, "{}", &id, &err));
    assert_ok(gw_sync_session_begin(session, arena, id, &owner, &entities, &attempt, &err));
    assert_ok(gw_sync_session_share(session, id, &owner, snapshot.name, "{}", &err));
    gw_sync_run_want want = {.session = id,
                             .entity = "a",
                             .mapping = mapping_id,
                             .analysis = "00000000-0000-7000-8000-0000000000bb",
                             .attempt = 1,
                             .remaining = 1};
    run(session, "SET session_replication_role = replica");
    assert_ok(gw_session_begin(session, NULL, &err));
    assert_ok(gw_sync_run_begin(session, arena, &want, &run_of_a, &err));
    assert_ok(gw_session_commit(session, &err));
    run(session, "RESET session_replication_role");
    gw_task_blocks pieces[PIECES];
    for (uint32_t i = 0; i < PIECES; i++)
        pieces[i] = (gw_task_blocks){snapshot.leaves[0].oid,
                                     {i, i + 1 < PIECES ? i + 1 : GW_BLOCKS_END}};
    assert_ok(gw_tasks_put_blocks(session, run_of_a.id, pieces, PIECES, &err));
}

static int set_up(void **state)
{
    gw_err err = {0};
    char *conninfo;
    new_arena(state);
    crew = NULL;
    session = open_pinned(arena);
    run(session, "DROP SCHEMA IF EXISTS godwit CASCADE; DROP SCHEMA IF EXISTS public CASCADE; "
                 "CREATE SCHEMA public; CREATE TABLE public.d (id int PRIMARY KEY, x int)");
    run(session, "DROP DATABASE IF EXISTS crew");
    run(session, "CREATE DATABASE crew");
    assert_ok(gw_control_ensure_part(session, "differential", "test", &err));
    assert_ok(gw_conninfo_with_dbname(arena, server_fixture_conninfo(), "crew", &conninfo, &err));
    from = (gw_connect){.conninfo = conninfo, .pinned = true};
    to = (gw_connect){.conninfo = server_fixture_conninfo(), .pinned = true};
    assert_ok(gw_session_open(arena, &from, &old, &err));
    run(old, "CREATE TABLE public.s (id int PRIMARY KEY, x int); INSERT INTO public.s SELECT i, i FROM "
             "generate_series(1, 5000) i; ANALYZE public.s");
    assert_ok(gw_source_open(arena, &from, &source, &err));
    map();
    int64_t relation = entity.plan->source.oid;
    gw_snapshot_want want = {.relations = &relation, .count = 1, .share = true};
    assert_ok(gw_snapshot_open(source->session, arena, &want, &snapshot, &err));
    begin();
    gw_cancel_init(&cancel);
    work = gw_alloc(arena, sizeof *work);
    *work = (gw_sync_work){.session_id = id,
                           .entities = &entity,
                           .entity_count = 1,
                           .snapshot = &snapshot,
                           .pace = {.batch_time_ms = 500, .batch_bytes = 1 << 20},
                           .cancel = &cancel};
    work->rows_of = gw_alloc_array(arena, 1, sizeof *work->rows_of);
    for (int i = 0; i < WORKERS; i++)
        ids[i] = (gw_mover_id){gw_printf(arena, "00000000-0000-7000-8000-0000000000%02x", i), "here",
                               HOUR};
    return 0;
}

static int tear_down(void **state)
{
    gw_crew_stop(crew);
    gw_cancel_close(&cancel);
    return free_arena(state);
}

static void start(const gw_connect *destination)
{
    gw_err err = {0};
    assert_ok(gw_crew_start(arena, work, &from, destination, ids, WORKERS, false, &crew, &err));
}

static int64_t left(void)
{
    gw_err err = {0};
    int64_t count;
    assert_ok(gw_tasks_left(session, run_of_a.id, &count, &err));
    return count;
}

static void until_stopped(void)
{
    while (gw_crew_works(crew))
        gw_sleep_ms(5, NULL);
}

static void all_pieces_are_done_once(void **state)
{
    (void)state;
    gw_err problem = {0};
    const char *name;
    start(&to);
    while (left() && !gw_crew_problem(crew, &name, &problem))
        gw_sleep_ms(5, NULL);
    if (problem.kind != GW_OK)
        fail_with(&problem, "a worker failed", __FILE__, __LINE__);
    assert_true(gw_crew_works(crew)); /* another piece may come */
    gw_crew_stop(crew);
    assert_false(gw_crew_works(crew));
    assert_string_equal(ask(session, arena, "SELECT count(*) || ' ' || sum(x) FROM public.d"),
                        "5000 12502500");
    assert_int_equal(atomic_load(&work->rows), 5000);
    assert_int_equal(gw_mover_rows(work, "a"), 5000);
    assert_int_equal(gw_mover_rows(work, "b"), 0);
    assert_string_equal(ask(session, arena, "SELECT records_new::text FROM godwit.migration_control"),
                        "5000");
    assert_string_equal(ask(session, arena, "SELECT count(*)::text FROM godwit.sync_tasks WHERE attempts <> 1"),
                        "0");
    gw_crew_stop(crew);
}

static void who_cannot_connect_is_left_out(void **state)
{
    (void)state;
    gw_err problem = {0};
    const char *name;
    gw_connect nowhere = to;
    nowhere.conninfo = gw_printf(arena, "%s dbname=nowhere", server_fixture_conninfo());
    start(&nowhere);
    until_stopped();
    assert_false(gw_crew_problem(crew, &name, &problem));
    assert_int_equal(left(), PIECES);
}

static void what_goes_wrong_is_said_once_and_names_whose_it_is(void **state)
{
    (void)state;
    gw_err problem = {0};
    const char *name = NULL;
    assert_false(gw_crew_problem(NULL, &name, &problem));
    run(session, "DROP TABLE public.d");
    start(&to);
    while (!gw_crew_problem(crew, &name, &problem))
        gw_sleep_ms(5, NULL);
    assert_string_equal(name, "a");
    assert_string_equal(problem.sqlstate, "42P01");
    gw_err_clear(&problem);
    gw_crew_stop(crew);
    /* What came after that and nobody took goes with the crew; the pieces are all there. */
    assert_int_equal(left(), PIECES);
    assert_string_equal(ask(session, arena, "SELECT count(*)::text FROM godwit.sync_tasks WHERE state = 'pending'"),
                        gw_printf(arena, "%d", PIECES));
}

static void nothing_begins_while_it_is_held_up(void **state)
{
    (void)state;
    atomic_store(&work->hold, true);
    start(&to);
    while (atoi(ask(session, arena, "SELECT count(*) FROM godwit.sync_tasks WHERE state = 'claimed'")) < WORKERS)
        gw_sleep_ms(5, NULL);
    assert_int_equal(atomic_load(&work->rows), 0);
    gw_cancel_request(&cancel); /* while they wait */
    until_stopped();
    gw_crew_stop(crew);
    assert_int_equal(left(), PIECES);
    assert_string_equal(ask(session, arena, "SELECT count(*)::text FROM public.d"), "0");
}

/* With a row a second the wait behind a batch would be an hour. */
static void a_rate_is_no_reason_to_stop_late(void **state)
{
    (void)state;
    work->pace.max_rate = 1;
    start(&to);
    while (!atomic_load(&work->batches))
        gw_sleep_ms(5, NULL);
    atomic_store(&work->stop, true);
    until_stopped();
    assert_true(left() > 0);
}

/* ---- one worker --------------------------------------------------------------------------------- */

static gw_mover *mover(void)
{
    return gw_mover_new(arena, work, source->session, session, &ids[0]);
}

static void another_version_of_the_mapping_is_not_applied(void **state)
{
    (void)state;
    gw_err err = {0};
    gw_mover *worker = mover();
    const char *name;
    bool did;
    entity.mapping = "00000000-0000-7000-8000-0000000000cc";
    assert_false(gw_mover_step(worker, &did, &name, &err));
    assert_string_equal(name, "a");
    assert_true(did && err.hint);
    assert_kind(GW_ERR_STATE);
    entity.mapping = mapping_id;
    assert_true(gw_session_in_transaction(source->session)); /* it may go on */
    assert_ok(gw_mover_step(worker, &did, &name, &err));
    assert_true(did);
    assert_int_equal(left(), PIECES - 1);
}

static void an_entity_that_is_not_here_names_none(void **state)
{
    (void)state;
    gw_err err = {0};
    const char *name;
    bool did;
    work->entity_count = 0;
    assert_false(gw_mover_step(mover(), &did, &name, &err));
    assert_null(name);
    assert_kind(GW_ERR_STATE);
    assert_int_equal(left(), PIECES);
}

#define with_work(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_work(all_pieces_are_done_once),
        with_work(who_cannot_connect_is_left_out),
        with_work(what_goes_wrong_is_said_once_and_names_whose_it_is),
        with_work(nothing_begins_while_it_is_held_up),
        with_work(a_rate_is_no_reason_to_stop_late),
        with_work(another_version_of_the_mapping_is_not_applied),
        with_work(an_entity_that_is_not_here_names_none),
    };
    return cmocka_run_group_tests(tests, server_fixture_setup, server_fixture_teardown);
}
