"""Rows move: the first load, changes, what is rejected; killed, paused, cancelled, and on from there."""
import pytest

from harness.blocking import GATE, closed_gate, freeze, thaw, until_at_gate, until_blocked
from harness.waiting import until

OLD = """
CREATE TABLE doctor (id int PRIMARY KEY, name text NOT NULL, updated_at timestamptz DEFAULT now());
CREATE TABLE patient (id int PRIMARY KEY, doctor_id int REFERENCES doctor, email text, born date);
INSERT INTO doctor SELECT i, 'Dr ' || i FROM generate_series(1, 50) i;
INSERT INTO patient SELECT i, 1 + i % 50, 'P' || i || '@Example.com', date '1950-01-01' + i FROM generate_series(1, 3000) i;
"""
NEW = """
CREATE TABLE doctors (id uuid PRIMARY KEY, legacy_id int UNIQUE, name text NOT NULL);
CREATE TABLE patients (id uuid PRIMARY KEY, legacy_id int UNIQUE, doctor_id uuid NOT NULL REFERENCES doctors, email text UNIQUE,
                       born date);
"""
JOINED_NEW = """SELECT p.legacy_id, d.legacy_id, p.email, p.born FROM patients p JOIN doctors d ON d.id = p.doctor_id ORDER BY 1"""
JOINED_OLD = """SELECT id, doctor_id, lower(email), born FROM patient ORDER BY 1"""


def clinic(sides):
    sides.tables(OLD, NEW)
    sides.map("doctors", "{from: id, to: legacy_id}", "name", source="doctor", rest="identity: uuid-v7\ndeletes: delete\n")
    sides.map("patients", "{from: id, to: legacy_id}", "{from: doctor_id, to: doctor_id, reference: doctors}",
              "{to: email, sql: 'lower(email)'}", "born", source="patient", rest="identity: uuid-v7\ndeletes: delete\n")
    sides.register()
    return sides


def by_entity(said):
    return {e["entity"]: (e["processed"], e["rejected"], e["remaining"]) for e in said["entities"]}


def test_a_first_load_then_changes(sides):
    clinic(sides)
    said = sides.sync("run")
    assert said["status"] == "completed"
    assert by_entity(said) == {"doctors": (50, 0, 0), "patients": (3000, 0, 0)}
    sides.both(JOINED_OLD, JOINED_NEW)
    ids = sides.rows("patients", "legacy_id, id")
    assert by_entity(sides.sync("run")) == {"doctors": (0, 0, 0), "patients": (0, 0, 0)}
    sides.old.execute("""UPDATE patient SET email = 'New@Example.com' WHERE id = 7; DELETE FROM patient WHERE id = 8;
        INSERT INTO doctor VALUES (51, 'Dr 51'); INSERT INTO patient VALUES (3001, 51, 'x', NULL)""")
    assert by_entity(sides.sync("run")) == {"doctors": (1, 0, 0), "patients": (3, 0, 0)}
    sides.both(JOINED_OLD, JOINED_NEW)
    assert [r for r in sides.rows("patients", "legacy_id, id") if r[0] < 3000] == [r for r in ids if r[0] not in (8, 3000)]
    assert sides.counts("patients") == (3000, 0, 3000)


@pytest.mark.slow
def test_killed_anywhere_it_goes_on_where_it_was(sides):
    """kill -9 while rows are on their way, in both kinds of work; then the same command ends it."""
    clinic(sides)
    for change in (None, "UPDATE patient SET born = coalesce(born, date '2000-01-01') + 1"):
        if change:
            sides.old.execute(change)
        for moved in (1, 1500):
            running = sides.start("sync", "run", "--batch-size", "100")
            until(lambda: running.process.poll() is not None or done(sides) >= moved, 60, "rows on their way")
            running.kill()
        said = sides.sync("run")
        assert said["status"] == "completed" and by_entity(said)["patients"][1:] == (0, 0)
        sides.both(JOINED_OLD, JOINED_NEW)
        assert sides.counts("patients") == (3000, 0, 3000)
    sessions = sides.new.execute("SELECT overall_status, attempt FROM godwit.migration_status_tracking")
    assert all(s == "completed" for s, _ in sessions) and sum(a for _, a in sessions) > len(sessions)
    assert by_entity(sides.sync("run"))["patients"] == (0, 0, 0)


def done(sides):
    """Rows of patients that the session that has not ended has done."""
    if not sides.new.value("SELECT to_regclass('godwit.migration_control') IS NOT NULL"):
        return 0
    return sides.new.value("""SELECT coalesce(sum(records_new + records_modified), 0)::int FROM godwit.migration_control c
        JOIN godwit.migration_status_tracking t USING (migration_session_id)
        WHERE c.entity_type = 'patients' AND t.overall_status NOT IN ('completed', 'failed')""")


def test_rejected_rows_do_not_stop_the_others_and_come_again(sides):
    sides.tables("CREATE TABLE s (id int PRIMARY KEY, x int, d text); INSERT INTO s SELECT i, i, '2020-01-01' FROM generate_series(1, 1000) i;"
                 "UPDATE s SET x = -1 WHERE id = 500; UPDATE s SET d = '2021-02-30' WHERE id = 7",
                 "CREATE TABLE d (id int PRIMARY KEY, x int CHECK (x > 0), d date)")
    sides.map("a", "x", "d", source="s", destination="d")
    sides.register()
    said = sides.sync("run", code=3)
    assert said["status"] == "completed" and by_entity(said) == {"a": (998, 2, 0)}
    assert sides.rejects() == [("500", "server", "23514"), ("7", "server", "22008")]
    sides.old.execute("DELETE FROM s WHERE id = 7; UPDATE s SET x = 0 WHERE id = 9")
    found = sides.sync("detect")["entities"][0]  # 7 is on neither side by now
    assert (found["new"], found["modified"], found["deleted"], found["in_quarantine"]) == (1, 1, 0, 1)
    assert "a: 1 of what was found waits in the quarantine" in sides.godwit("sync", "detect").out
    sides.old.execute("INSERT INTO s VALUES (7, 7, NULL); UPDATE s SET x = 9 WHERE id = 9")
    sides.old.execute("UPDATE s SET x = 1, d = '2021-02-28' WHERE id IN (7, 500)")
    assert by_entity(sides.sync("run")) == {"a": (2, 0, 0)}
    assert sides.rejects() == [] and sides.counts("a") == (1000, 0, 0)


@pytest.mark.parametrize("moves", ["load", "changes"])
def test_what_is_rejected_again_by_a_run_that_goes_on_counts_once(sides, moves):
    """Killed with rows in the quarantine, of which some are mended before it goes on: the counts add up to the row."""
    wrong = "CASE WHEN id IN (5, 6, 7) THEN -1 WHEN id = 1000 THEN 100001 ELSE 1000 + id END"
    sides.tables(f"""CREATE TABLE s (id int PRIMARY KEY, x int, wide text DEFAULT repeat('x', 1000)); -- more blocks than a first batch is of
        INSERT INTO s SELECT id, {wrong if moves == "load" else "id"} FROM generate_series(1, 1000) id""",
                 f"""CREATE TABLE d (id int PRIMARY KEY, x int CHECK (x > 0)); CREATE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN IF NEW.x > 100000 THEN PERFORM pg_catalog.pg_advisory_xact_lock_shared({GATE}); END IF; RETURN NEW; END';
        CREATE TRIGGER gate BEFORE INSERT OR UPDATE ON d FOR EACH ROW EXECUTE FUNCTION gate()""")
    sides.settings(jobs=1)
    sides.map("a", "x", source="s", destination="d", rest="deletes: delete\n")
    sides.register()
    if moves == "changes":
        assert by_entity(sides.sync("run")) == {"a": (1000, 0, 0)}
        sides.old.execute(f"UPDATE s SET x = {wrong}")
    with closed_gate(sides.new):
        running = sides.start("sync", "run", "--batch-size", "100")
        until_at_gate(sides.new, running)
        running.kill()
    assert {k for k, _, _ in sides.rejects()} == {"5", "6", "7"}
    sides.old.execute("UPDATE s SET x = 5 WHERE id = 5")
    said = sides.sync("run", code=3)
    assert state(sides, "attempt") == 2 and by_entity(said) == {"a": (998, 2, 0)}
    assert said["entities"][0]["new" if moves == "load" else "modified"] == 998


def plain(sides, rows=2000, **settings):
    """One table of keys that stay; slow where batches are to be met on their way."""
    sides.tables("CREATE TABLE s (id int PRIMARY KEY, x int)", "CREATE TABLE d (id int PRIMARY KEY, x int)")
    sides.old.execute("INSERT INTO s SELECT i, i FROM generate_series(1, %s) i", [rows])
    sides.map("a", "x", source="s", destination="d", rest="deletes: delete\n")
    sides.settings(**settings)
    sides.register()
    return sides


def state(sides, column="overall_status"):
    return sides.new.value(f"SELECT {column} FROM godwit.migration_status_tracking ORDER BY created_at DESC, id DESC LIMIT 1")


def slow_changes(sides):
    """A session that is on its way, a batch of 10 rows at a time."""
    plain(sides, 500, throttle={"max_rate": 50}, jobs=1)
    running = sides.start("sync", "run", "--batch-size", "10", "--json")
    until(lambda: sides.new.tables("godwit") and sides.new.value("SELECT count(*) FROM godwit.migration_execution_logs"
          " WHERE operation_type = 'record_migration'"), 60, "a batch")
    return running


def test_pause_holds_at_a_batch_and_resume_goes_on(sides):
    running = slow_changes(sides)
    assert "will be paused at the next batch" in sides.godwit("sync", "pause", code=0).out
    assert running.finish(6).json["status"] == "paused"
    failed = sides.sync("pause", code=1)["error"]
    assert failed["kind"] == "state" and "it can be resumed or cancelled" in failed["hint"]
    sides.settings()
    said = sides.sync("resume")
    assert said["status"] == "completed" and by_entity(said) == {"a": (500, 0, 0)}
    assert state(sides, "attempt") == 2
    failed = sides.sync("resume", code=1)["error"]
    assert "no session to go on with" in failed["message"]
    sides.both("SELECT * FROM s ORDER BY 1", "SELECT * FROM d ORDER BY 1")


def test_control_c_pauses_and_two_runs_do_not_meet(sides):
    running = slow_changes(sides)
    failed = sides.sync("run", code=7)["error"]
    assert failed["kind"] == "busy" and "session" in failed["detail"] and "sync worker" in failed["hint"]
    running.signal(2)
    assert running.finish(6).json["status"] == "paused"
    sides.settings()
    assert by_entity(sides.sync("run")) == {"a": (500, 0, 0)}


def test_cancelled_it_has_failed_and_the_next_run_finds_the_rest(sides):
    running = slow_changes(sides)
    sides.godwit("sync", "cancel", code=0)
    assert running.finish(1).json["status"] == "failed"
    assert state(sides, "error_summary ->> 'reason'") == "cancelled"
    assert "it has ended" in sides.sync("cancel", "--session", state(sides, "migration_session_id::text"), code=1)["error"]["hint"]
    assert "no session is under way" in sides.sync("pause", code=1)["error"]["message"]
    sides.settings()
    sides.sync("run")
    sides.both("SELECT * FROM s ORDER BY 1", "SELECT * FROM d ORDER BY 1")
    assert sides.counts("a") == (500, 0, 0)


def test_a_dry_run_writes_nothing(sides):
    plain(sides, 30)
    before = sides.new.execute("SELECT count(*) FROM godwit.migration_status_tracking"), sides.rows()
    said = sides.sync("run", "--dry-run")
    assert said["entities"][0]["new"] == 30 and said["entities"][0]["remaining"] == 30
    assert (sides.new.execute("SELECT count(*) FROM godwit.migration_status_tracking"), sides.rows()) == before
    assert sides.counts("a") == (0, 0, 0)


def test_too_many_deletes_are_refused_before_anything_is_applied(sides):
    plain(sides, 100)
    sides.sync("run")
    sides.old.execute("DELETE FROM s WHERE id <= 50; UPDATE s SET x = 0")
    failed = sides.sync("run", code=5)["error"]
    assert "50 of the 100 rows of a that were applied are gone" in failed["message"] and "--max-deletes" in failed["hint"]
    assert sides.new.value("SELECT count(*) FROM d WHERE x > 0") == 100
    assert by_entity(sides.sync("run", "--max-deletes", "60")) == {"a": (100, 0, 0)}
    sides.both("SELECT * FROM s ORDER BY 1", "SELECT * FROM d ORDER BY 1")


def test_parents_go_after_their_children(sides):
    clinic(sides)
    sides.sync("run")
    sides.old.execute("DELETE FROM patient WHERE doctor_id = 1; DELETE FROM doctor WHERE id = 1")
    said = sides.sync("run")
    assert by_entity(said) == {"doctors": (1, 0, 0), "patients": (60, 0, 0)}
    sides.both(JOINED_OLD, JOINED_NEW)


@pytest.mark.slow
def test_a_worker_joins_and_what_a_dead_one_had_is_taken_over(sides):
    plain(sides, 10000)
    sides.sync("run")
    sides.old.execute("UPDATE s SET x = -x")
    sides.settings(throttle={"max_rate": 1000}, jobs=1)
    lease = {"GODWIT_LEASE": "3s"}
    running = sides.start("sync", "run", "--batch-size", "100", "--json", env=lease)
    workers = []
    for count in (1, 2):
        until(lambda: sides.new.value("SELECT count(*) FROM godwit.sync_tasks WHERE state = 'claimed'") == count, 60, "pieces")
        workers.append(sides.start("sync", "worker", "--json", env=lease))
    until(lambda: running.process.poll() is not None or sides.new.value(
        "SELECT count(DISTINCT worker) > 2 FROM godwit.sync_tasks WHERE state = 'claimed'"), 60, "workers at work")
    workers[0].kill()
    assert by_entity(running.finish(0, 120).json) == {"a": (10000, 0, 0)}
    assert workers[1].finish(0).json["processed"] > 0
    sides.both("SELECT * FROM s ORDER BY 1", "SELECT * FROM d ORDER BY 1")
    assert sides.counts("a") == (10000, 0, 0)
    assert sides.new.value("SELECT max(attempt) FROM godwit.migration_status_tracking") == 1


@pytest.mark.slow
def test_who_was_frozen_past_its_lease_ends_nothing(sides):
    """Its session is another run's by then: neither that nor its pieces are touched."""
    plain(sides, 2000, jobs=1)
    sides.sync("run")
    sides.old.execute("UPDATE s SET x = -x")
    sides.new.execute(f"""CREATE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN PERFORM pg_catalog.pg_advisory_xact_lock_shared({GATE}); RETURN NULL; END';
        CREATE TRIGGER gate BEFORE UPDATE ON d FOR EACH STATEMENT EXECUTE FUNCTION gate()""")
    lease = {"GODWIT_LEASE": "2s"}
    with closed_gate(sides.new):
        first = sides.start("sync", "run", "--json", env=lease)
        until_blocked(sides.new, first)
        freeze(first)
        until(lambda: sides.new.value("SELECT lease_until < clock_timestamp() FROM godwit.migration_status_tracking"
                                      " WHERE overall_status = 'running'"), 60, "the lease's end")
        sides.new.execute("""SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND mode = 'ExclusiveLock'
            AND pid IN (SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'godwit%')""")
        sides.old.execute("UPDATE s SET x = x - 1")
        second = sides.start("sync", "run", "--json")
        until_blocked(sides.new, second, 2)
        thaw(first)
    assert by_entity(second.finish(0).json) == {"a": (2000, 0, 0)}
    first.finish((0, 1, 4, 7))  # 7: it tried again, and the other one was still at work
    assert sides.new.execute("SELECT overall_status, attempt FROM godwit.migration_status_tracking ORDER BY created_at") == [
        ("completed", 1), ("completed", 2)]
    assert sides.new.value("SELECT bool_and(status = 'completed') FROM godwit.migration_control")
    sides.both("SELECT * FROM s ORDER BY 1", "SELECT * FROM d ORDER BY 1")
    assert by_entity(sides.sync("run")) == {"a": (0, 0, 0)}


def test_a_worker_that_was_frozen_past_its_lease_writes_nothing(sides):
    """Another one has its piece by then; the batch that it had begun is taken back, and it says so."""
    plain(sides, 10000, jobs=1)
    sides.sync("run")
    sides.old.execute("UPDATE s SET x = -x")
    sides.new.execute(f"""CREATE TABLE writes (id int); CREATE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN PERFORM pg_catalog.pg_advisory_xact_lock_shared({GATE}); RETURN NULL; END';
        CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO public.writes VALUES (NEW.id); RETURN NULL; END';
        CREATE TRIGGER gate BEFORE UPDATE ON d FOR EACH STATEMENT EXECUTE FUNCTION gate();
        CREATE TRIGGER note AFTER UPDATE ON d FOR EACH ROW EXECUTE FUNCTION note()""")
    lease = {"GODWIT_LEASE": "2s"}
    with closed_gate(sides.new):
        running = sides.start("sync", "run", "--json", env=lease)
        until_blocked(sides.new, running)
        worker = sides.start("sync", "worker", "--json", env=lease)
        until_blocked(sides.new, worker, 2)
        freeze(worker)
        until(lambda: sides.new.value("SELECT bool_or(lease_until < clock_timestamp()) FROM godwit.sync_tasks WHERE state = 'claimed'"),
              60, "the end of its lease")
    # The other one has the piece, and waits for the rows that the frozen one has written and not committed.
    until(lambda: sides.new.value("SELECT count(*) FROM godwit.sync_tasks WHERE attempts > 1"), 60, "who takes its piece over")
    until_blocked(sides.new, running)
    thaw(worker)
    assert by_entity(running.finish(0, 120).json) == {"a": (10000, 0, 0)}
    ended = worker.finish(0, 120)
    assert "another worker has taken the piece over" in ended.err
    assert sides.new.execute("SELECT count(*), count(DISTINCT id) FROM writes") == [(10000, 10000)]
    assert sides.new.value("SELECT max(attempt) FROM godwit.migration_status_tracking") == 1
    sides.both("SELECT * FROM s ORDER BY 1", "SELECT * FROM d ORDER BY 1")
    assert by_entity(sides.sync("run")) == {"a": (0, 0, 0)}


@pytest.mark.slow
def test_a_worker_with_another_version_of_the_mapping_does_nothing(sides):
    plain(sides, 6000)
    sides.sync("run")
    sides.old.execute("UPDATE s SET x = -x")
    sides.settings(throttle={"max_rate": 2000}, jobs=1)
    running = sides.start("sync", "run", "--batch-size", "100", "--json")
    until(lambda: sides.new.value("SELECT count(*) FROM godwit.sync_tasks WHERE state = 'claimed'"), 60, "a piece")
    sides.map("a", "{to: x, sql: 'x + 1'}", source="s", destination="d", version="2.0.0", rest="deletes: delete\n")
    sides.register()
    failed = sides.sync("worker", code=1)["error"]
    assert failed["kind"] == "state" and "another version of the mapping of a" in failed["message"]
    assert by_entity(running.finish(0, 120).json) == {"a": (6000, 0, 0)}
    sides.both("SELECT * FROM s ORDER BY 1", "SELECT * FROM d ORDER BY 1")
    sides.sync("run")
    sides.both("SELECT id, x + 1 FROM s ORDER BY 1", "SELECT * FROM d ORDER BY 1")


def test_a_lost_connection_on_either_side_is_no_end(sides):
    running = slow_changes(sides)
    for side in (sides.old, sides.new):
        side.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                     " AND pid <> pg_backend_pid() AND application_name LIKE 'godwit%'")
    if running.finish((0, 4)).json["status"] != "completed":
        sides.settings()
        sides.sync("run")
    assert state(sides) == "completed"
    sides.both("SELECT * FROM s ORDER BY 1", "SELECT * FROM d ORDER BY 1")
    assert sides.counts("a") == (500, 0, 0)


def test_a_source_without_blocks_and_workers_side_by_side(sides):
    plain(sides, 6000)
    sides.map("a", "x", source="{query: 'SELECT * FROM s', key: id}", destination="d", version="2.0.0", rest="deletes: delete\n")
    sides.register()
    assert by_entity(sides.sync("run", "--jobs", "3")) == {"a": (6000, 0, 0)}
    assert sides.counts("a") == (6000, 0, 0)
    assert by_entity(sides.sync("run")) == {"a": (0, 0, 0)}


@pytest.mark.slow
def test_batches_do_not_shrink_for_what_every_batch_costs(sides):
    """A batch that takes too long however small it is: a row at a time would never end."""
    plain(sides, 1500)
    sides.sync("run")
    sides.old.execute("UPDATE s SET x = -x")
    sides.new.execute("""CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN PERFORM pg_catalog.pg_sleep(0.2); RETURN NULL; END';
        CREATE TRIGGER slow AFTER UPDATE ON d FOR EACH STATEMENT EXECUTE FUNCTION slow()""")
    sides.settings(batch={"time": "20ms"}, jobs=1)
    assert by_entity(sides.sync("run")) == {"a": (1500, 0, 0)}
    assert sides.new.value("SELECT batch_position < 50 FROM godwit.migration_checkpoints ORDER BY created_at DESC LIMIT 1")


def test_it_follows_until_it_is_stopped(sides):
    plain(sides, 10)
    running = sides.start("sync", "run", "--follow", "--interval", "100ms", "--json")
    until(lambda: len(sides.rows()) == 10, 60, "the first run")
    sides.old.execute("INSERT INTO s VALUES (11, 11); DELETE FROM s WHERE id = 1")
    until(lambda: [r[0] for r in sides.rows()] == list(range(2, 12)), 60, "the next run")
    until(lambda: sides.new.value("SELECT count(*) FROM godwit.migration_status_tracking WHERE overall_status = 'completed'") >= 2,
          60, "its end")
    running.signal(2)
    said = running.finish(6).lines
    assert [line["status"] for line in said[:2]] == ["completed", "completed"]


@pytest.mark.slow
def test_a_stored_analysis_is_applied_as_its_rows_are_now(sides):
    plain(sides, 100)
    sides.sync("run")
    marks = sides.new.execute("SELECT * FROM godwit.sync_marks")
    sides.old.execute("UPDATE s SET x = -1 WHERE id IN (1, 2, 3); DELETE FROM s WHERE id = 4; INSERT INTO s VALUES (101, 1), (102, 1)")
    analysis = sides.sync("detect")["analysis"]
    # What comes later: of its keys it is taken, of others it is left.
    sides.old.execute("UPDATE s SET x = -2 WHERE id = 2; DELETE FROM s WHERE id IN (3, 102); INSERT INTO s VALUES (4, 44), (103, 1);"
                      "UPDATE s SET x = -9 WHERE id = 50")
    sides.sync("run", "--analysis", "0193a5b2-7c1e-7f00-8000-3b1f0c9d2e44", code=1)
    assert sides.sync("run", "--analysis", analysis, "--dry-run")["entities"][0]["remaining"] == 5
    said = sides.sync("run", "--analysis", analysis)["entities"][0]
    assert (said["new"], said["modified"], said["deleted"]) == (1, 3, 1)
    assert [r for r in sides.rows() if r[0] < 5 or r[0] in (50, 101, 102, 103)] == [(1, -1), (2, -2), (4, 44), (50, 50), (101, 1)]
    assert sides.new.execute("SELECT * FROM godwit.sync_marks") == marks
    failed = sides.sync("run", "--analysis", analysis, code=1)["error"]
    assert "is applied already" in failed["message"] and "sync detect" in failed["hint"]
    assert by_entity(sides.sync("run")) == {"a": (2, 0, 0)}
    sides.both("SELECT * FROM s ORDER BY 1", "SELECT * FROM d ORDER BY 1")
    assert sides.new.value("SELECT bool_and(estimated_duration_ms IS NOT NULL) FROM godwit.differential_analysis_results"
                           " WHERE total_changes > 0 AND last_migration_timestamp IS NOT NULL")
    sides.old.execute("UPDATE s SET x = 7 WHERE id = 7")
    analysis = sides.sync("detect")["analysis"]
    sides.map("a", "x", source="s", destination="d", rest="deletes: ignore\n", version="2.0.0")
    sides.register()
    assert "another version of the mapping" in sides.sync("run", "--analysis", analysis, code=1)["error"]["message"]


def test_the_first_analysis_is_a_load(sides):
    plain(sides, 100)
    analysis = sides.sync("detect")["analysis"]
    assert by_entity(sides.sync("run", "--analysis", analysis)) == {"a": (100, 0, 0)}
    assert sides.new.value("SELECT count(*) FROM godwit.sync_marks") == 0
    assert by_entity(sides.sync("run")) == {"a": (0, 0, 0)}
    assert "applied already" in sides.sync("run", "--analysis", analysis, code=1)["error"]["message"]
