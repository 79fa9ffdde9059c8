"""A statement outside a transaction outlives the run that sent it; what the next run makes of it."""
import contextlib
import os
import signal

import pytest

from harness.blocking import WAIT_AT_GATE, closed_gate, holding, interrupt, lock_waiters, until_blocked
from harness.waiting import until

INDEX = "-- godwit: no-transaction\nCREATE INDEX CONCURRENTLY a_id ON a (id);\nINSERT INTO done VALUES (2);\n"
RUNNING = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'CREATE INDEX%'" \
          " AND state = 'active'"


@pytest.fixture
def held_up(project, database):
    """A run that was killed while its CREATE INDEX CONCURRENTLY waits for an old transaction."""
    database.execute("CREATE TABLE done (n int)")
    project.migration(1, "a", "CREATE TABLE a AS SELECT generate_series(1, 100) AS id;")
    project.godwit("up", code=0)
    project.migration(2, "index", INDEX)
    with contextlib.closing(database.connect(autocommit=False)) as old:
        with old.cursor() as cursor:
            cursor.execute("INSERT INTO a VALUES (0)")
        running = project.start("up")
        until(lambda: database.execute(RUNNING), what="the build of the index")
        running.kill()
        yield old


def shown(project):
    """(state, whether it runs, statements done, whether there is a failure) of version 2."""
    item, = [m for m in project.godwit("status", "--json", code=0).json["migrations"] if m["version"] == "2"]
    return item["state"], item.get("running", False), item.get("statements_done"), "failure" in item


def test_status_shows_that_it_runs(project, database, held_up):
    until(lambda: shown(project) == ("failed", False, 0, False), what="the end of the killed run's lock")
    second = project.start("up")
    until(lambda: shown(project) == ("pending", True, 0, False), what="the next run, at the same file")
    text = project.godwit("status", "--check", code=3).out
    assert "\nrunning " in text and "failed" not in text and "2 index is running: 0 of 2 statements are done" in text
    assert project.godwit("status", "--wait-for", "1", "--timeout", "0s", code=0)
    held_up.commit()
    second.finish(0)
    assert shown(project) == ("applied", False, None, False)


def test_a_run_that_ends_while_status_looks_is_no_failure(project, database):
    """Rows first, who is at work behind them: in between the run may be through."""
    project.migration(1, "a", "-- godwit: no-transaction\nCREATE TABLE a (id int);\nSELECT 1 / (SELECT count(*) FROM a);")
    project.godwit("up", code=1)
    with holding(database, "LOCK TABLE godwit.run_lock"):
        looking = project.start("status", "--json")
        until_blocked(database, looking)
        database.execute("UPDATE godwit.migrations SET state = 'applied', applied_at = now(), intent = NULL, statements_done = 2")
    item, = looking.finish(0).json["migrations"]
    assert (item["state"], "failure" in item) == ("applied", False)


def test_status_shows_that_the_first_run_runs(project, database):
    project.migration(1, "a", "-- godwit: no-transaction\nCREATE TABLE a (id int);\n"
                      f"SELECT pg_sleep(0);\n{WAIT_AT_GATE}\nSELECT 1 / (SELECT count(*) FROM a);")
    with closed_gate(database):
        running = project.start("up")
        until_blocked(database, running)
        item, = project.godwit("status", "--json", code=0).json["migrations"]
        assert (item["state"], item["running"], item["statements_done"]) == ("pending", True, 2)
    running.finish(1)
    item, = project.godwit("status", "--json", code=0).json["migrations"]
    assert (item["state"], item["statements_done"], "running" in item) == ("failed", 3, False)
    assert item["failure"]["sqlstate"] == "22012"


def valid(database):
    return database.execute("SELECT indexrelid::regclass::text, indisvalid FROM pg_index"
                            " WHERE indrelid = 'a'::regclass ORDER BY 1")


def test_the_next_run_waits_for_the_statement_and_goes_on_behind_it(project, database, held_up):
    (backend,), = database.execute(RUNNING)
    second = project.start("up", "--json")
    until(lambda: database.execute("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted"),
          what="the next run's lock")
    held_up.commit()
    assert second.finish(0).json["applied"][0]["version"] == "2"
    assert valid(database) == [("a_id", True)]
    assert database.execute("SELECT n FROM done") == [(2,)]
    assert not database.execute(f"SELECT 1 FROM pg_stat_activity WHERE pid = {backend}")


def test_an_index_left_invalid_is_built_anew(project, database, held_up):
    database.execute(f"SELECT pg_terminate_backend(pid) FROM ({RUNNING}) r")
    until(lambda: not database.execute(RUNNING), what="the end of the build")
    assert valid(database) == [("a_id", False)]
    held_up.commit()
    project.godwit("up", code=0)
    assert valid(database) == [("a_id", True)]
    assert database.execute("SELECT n FROM done") == [(2,)]


def test_a_session_of_a_run_that_was_frozen_and_lost_its_lock_is_ended(project, database):
    """Its control session dies while it is stopped before its statement: the next run takes over, and
    what the first one does afterwards changes nothing."""
    database.execute("CREATE TABLE done (n int)")
    project.migration(1, "a", "-- godwit: no-transaction\nCREATE TABLE a AS SELECT 1 AS id;\n"
                      "SELECT pg_sleep(0.5);\nCREATE INDEX CONCURRENTLY a_id ON a (id);\nINSERT INTO done VALUES (1);")
    first = project.start("up")
    until(lambda: database.execute("SELECT 1 FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'"
                                   " AND datname = current_database() AND pid <> pg_backend_pid()"),
          what="the first run at work")
    os.kill(first.pid, signal.SIGSTOP)
    database.execute("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"
                     " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())")
    # A transaction of the first run may be open: it is waited for, or the second is busy.
    second = project.start("up", "--wait", "1s")
    refused = second.finish((0, 7))
    os.kill(first.pid, signal.SIGCONT)
    outcome = first.finish((0, 1, 4, 7))
    assert (refused.code == 0) + (outcome.code == 0) <= 1, f"{refused}\n{outcome}"
    project.godwit("up", code=0)
    assert database.execute("SELECT n FROM done") == [(1,)]
    assert valid(database) == [("a_id", True)]


# ---- what is said while the server goes on ----------------------------------------------------


def statement_of(project, version="2"):
    item, = [m for m in project.godwit("status", "--json", code=0).json["migrations"] if m["version"] == version]
    return item.get("statement")


def test_status_names_the_backend_and_the_wait_ends(project, database, held_up):
    (backend,), = database.execute(RUNNING)
    until(lambda: statement_of(project), what="the end of the killed run's lock")
    left = statement_of(project)
    assert (left["number"], left["backend_pid"], left["needs_repair"]) == (1, backend, False)
    assert left["what"] == "CREATE INDEX CONCURRENTLY" and left["sql"].startswith("CREATE INDEX CONCURRENTLY a_id")
    assert left["running_ms"] >= 0
    text = project.godwit("status", code=0).out
    assert f"2 index stopped inside statement 1 of 2 (CREATE INDEX CONCURRENTLY), and the server still works on it " \
           f"(pid {backend}" in text
    busy = project.godwit("up", "--wait", "0s", "--json", code=7).json["error"]
    assert busy["kind"] == "busy" and f"pid {backend}" in busy["detail"] and "CREATE INDEX CONCURRENTLY a_id" in busy["detail"]
    assert f"SELECT pg_terminate_backend({backend})" in busy["hint"]
    assert shown(project) == ("failed", False, 0, False)  # nothing was tried, and nothing failed
    held_up.commit()
    project.godwit("up", code=0)
    assert valid(database) == [("a_id", True)]


def test_a_killed_call_wants_repair_and_status_says_so(project, database):
    database.execute("CREATE PROCEDURE work() LANGUAGE plpgsql AS $$ BEGIN COMMIT; "
                     "PERFORM set_config('lock_timeout', '1min', false); PERFORM pg_advisory_xact_lock(4711); END $$")
    project.migration(2, "call", "-- godwit: no-transaction\nCALL work();\n")
    with closed_gate(database):
        running = project.start("up")
        until_blocked(database, running)
        running.kill()
        until(lambda: statement_of(project), what="the end of the killed run's lock")
        left = statement_of(project)
        assert left["needs_repair"] and left["backend_pid"]
        assert "then asks for godwit repair 2 --done or --forget" in project.godwit("status", code=0).out
    until(lambda: statement_of(project)["backend_pid"] is None, what="the end of the CALL")
    text = project.godwit("status", code=0).out
    assert "the next up stops there" in text and "godwit repair 2 --done or --forget" in text and "goes on" not in text
    refused = project.godwit("up", code=1).err
    assert "nobody can know" in refused and "goes on behind" not in refused and "edit the file" not in refused
    assert "godwit repair 2 --done (all of it is there)" in refused
    project.godwit("repair", "2", "--done", code=0)


# ---- an ordinary statement of such a file ------------------------------------------------------


@pytest.mark.parametrize("direction", ["up", "down"])
@pytest.mark.parametrize("form", ["alone", "in a block", "as another role"])
def test_an_ordinary_statement_is_not_begun_beside_itself(project, database, form, direction):
    """It has not committed, but a sequence or another server has seen it."""
    role = database.role("GRANT ALL ON SCHEMA public TO {role}", options="NOLOGIN")
    database.execute("CREATE SEQUENCE s; CREATE TABLE log (n int)")
    database.execute(f'GRANT ALL ON log TO "{role}"; GRANT ALL ON SEQUENCE s TO "{role}"')
    become = "ROLE" if direction == "up" else "SESSION AUTHORIZATION"
    held = "SELECT nextval('s'), pg_advisory_xact_lock(4711);\n"
    held = {"alone": held, "in a block": f"BEGIN;\nINSERT INTO log VALUES (2);\n{held}COMMIT;\n",
            "as another role": f'SET {become} "{role}";\n{held}INSERT INTO log SELECT 2 WHERE current_user = \'{role}\';\n'}[form]
    script = "-- godwit: no-transaction\nSET lock_timeout = '10min';\nINSERT INTO log VALUES (1);\n" + held + \
             "INSERT INTO log VALUES (3);\n"
    project.migration(1, "a", *(("SELECT 1;", script) if direction == "down" else (script,)))
    if direction == "down":
        project.godwit("up", code=0)
    with closed_gate(database):
        running = project.start(direction)
        (backend,) = until_blocked(database, running)
        running.kill()

        def left():
            run = project.godwit("status", "--json", code=0).json.get("run") or {}
            return run.get("statement")
        found = until(left, what="the end of the killed run's lock")
        assert found["backend_pid"] == backend and found["sql"].startswith("SELECT nextval('s')")
        assert f"its statement still runs on the server: pid {backend}" in project.godwit("status", code=0).out
        busy = project.godwit(direction, "--wait", "0s", "--json", code=7).json["error"]
        assert f"pid {backend}, for " in busy["detail"] and "SELECT nextval('s')" in busy["detail"]
        assert f"SELECT pg_terminate_backend({backend})" in busy["hint"]
        second = project.start(direction)
        until(lambda: f"pg_terminate_backend({backend})" in second.said(), what="the word that it waits")
        assert lock_waiters(database) == [backend] and database.value("SELECT last_value FROM s") == 1
    second.finish(0)
    assert database.value("SELECT last_value FROM s") == 2
    rows = [n for (n,) in database.execute("SELECT n FROM log ORDER BY ctid")]
    assert rows == ([1, 3] if form == "alone" else [1, 2, 3])
    assert project.states() == {"1": "applied" if direction == "up" else "pending"}


@pytest.mark.parametrize("begin, commit", [("", ""), ("BEGIN;\n", "COMMIT;\n")])
def test_what_wants_a_transaction_without_an_id_gets_it(project, database, begin, commit):
    """A logical replication slot; and a block that only reads."""
    slot = f"{database.name}_slot"
    project.migration(1, "slot", "-- godwit: no-transaction\nCREATE TABLE a (id int);\n"
                      f"{begin}SELECT pg_create_logical_replication_slot('{slot}', 'pgoutput');\n{commit}"
                      "BEGIN READ ONLY;\nSELECT * FROM a;\nROLLBACK;\nCREATE TABLE b (id int);\n")
    try:
        project.godwit("up", code=0)
        assert database.tables() == ["a", "b"]
    finally:
        database.execute("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = %s", [slot])


@pytest.mark.slow
def test_progress_names_the_statement_that_runs(project, database):
    """A line every five seconds where there is no terminal."""
    database.execute("CREATE TABLE a (id int)")
    project.migration(1, "i", "CREATE INDEX CONCURRENTLY a_id ON a (id);")
    with contextlib.closing(database.connect(autocommit=False)) as old:
        with old.cursor() as cursor:
            cursor.execute("INSERT INTO a VALUES (0)")
        running = project.start("up")
        until(lambda: database.execute("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND query LIKE"
                                       " 'CREATE INDEX%' AND clock_timestamp() - query_start > interval '6 s'"),
              what="six seconds of it")
    assert "applying 1 i: 5 s, statement 1 of 1" in running.finish(0).err


def test_an_interrupted_migration_has_not_failed(project, database):
    project.migration(1, "a", f"{WAIT_AT_GATE}\nCREATE TABLE a (id int);")
    with closed_gate(database):
        running = project.start("up")
        until_blocked(database, running)
        interrupt(running)
        interrupt(running)
        running.finish(6)
    item, = project.godwit("status", "--json", code=0).json["migrations"]
    assert (item["state"], item["interrupted"], "failure" in item) == ("pending", True, False)
    text = project.godwit("status", "--check", code=3).out
    assert "\ninterrupted " in text and "1 a was interrupted at " in text and "failed" not in text
    project.godwit("up", code=0)
    item, = project.godwit("status", "--json", code=0).json["migrations"]
    assert (item["state"], "interrupted" in item) == ("applied", False)


@pytest.mark.parametrize("statement", ["CALL work()", "DO $$ BEGIN COMMIT; END $$"])
def test_what_commits_by_itself_is_told_how(project, database, statement):
    database.execute("CREATE PROCEDURE work() LANGUAGE plpgsql AS $$ BEGIN COMMIT; END $$")
    project.migration(1, "a", f"{statement};")
    error = project.godwit("up", "--json", code=1).json["error"]
    assert error["sqlstate"] == "2D000" and "-- godwit: no-transaction" in error["hint"]
    project.migration(1, "a", f"-- godwit: no-transaction\n{statement};")
    project.godwit("up", code=0)


def test_repair_has_nothing_to_say_about_what_did_not_stop_half_way(project):
    project.migration(1, "a", "CREATE TABLE a (id int);")
    project.migration(2, "bad", "SELECT 1 / 0;")
    project.godwit("up", code=1)
    for version, option, says in (("2", "--done", "godwit baseline 2"), ("2", "--forget", "godwit up"),
                                  ("1", "--forget", "godwit down"), ("1", "--done", "nothing is left")):
        error = project.godwit("repair", version, option, "--json", code=1).json["error"]
        assert "did not stop half-way" in error["message"] and says in error["hint"]
    assert project.states() == {"1": "applied", "2": "failed"}
    project.godwit("repair", "1", code=0)


@pytest.mark.parametrize("text, line", [("BEGIN;\nINSERT INTO a VALUES (1);\nPREPARE TRANSACTION 'x';\nCOMMIT PREPARED 'x';", 5),
                                        ("PREPARE TRANSACTION 'x';", 3)])
@pytest.mark.parametrize("directive", ["-- godwit: no-transaction", "-- in one"])
def test_no_prepared_transaction_is_left_behind(project, database, directive, text, line):
    """It would have the run lock's row, and what it did would be done again: its progress is not written with it."""
    database.execute("CREATE TABLE a (id int)")
    project.migration(1, "p", f"{directive}\nCREATE TABLE b (id int);\n{text}\n")
    error = project.godwit("up", "--json", code=1).json["error"]
    assert "prepared transaction" in error["message"] and error["where"].endswith(f"1_p.up.sql:{line}:1") and "COMMIT" in error["hint"]
    assert database.tables() == ["a"] and database.value("SELECT count(*) FROM a") == 0


@pytest.mark.parametrize("how", ["COMMIT AND CHAIN", "ROLLBACK work AND CHAIN", "END TRANSACTION AND /* x */ CHAIN"])
def test_no_transaction_is_chained(project, database, how):
    """Behind it the server is in a transaction: what the file rolls back there would be committed."""
    project.migration(1, "a", "CREATE TABLE a (id int);")
    text = f"-- godwit: no-transaction\nBEGIN;\nINSERT INTO a VALUES (1);\n{how};\nINSERT INTO a VALUES (2);\nROLLBACK;"
    project.migration(2, "b", text)
    error = project.godwit("up", "--json", code=1).json["error"]
    assert "chain" in error["message"] and error["where"].endswith("2_b.up.sql:4:1") and "BEGIN" in error["hint"]
    assert database.tables() == []
    project.migration(2, "b", text.replace("AND", "AND NO", 1))
    project.godwit("up", code=0)
    assert database.execute("SELECT id FROM a") == ([(2,)] if how.startswith("ROLLBACK") else [(1,), (2,)])


def test_a_block_that_nothing_ends_is_seen_first(project, database):
    project.migration(1, "a", "CREATE TABLE a (id int);")
    project.migration(2, "b", "-- godwit: no-transaction\nINSERT INTO a VALUES (1);\n  BEGIN;\nINSERT INTO a VALUES (2);")
    error = project.godwit("up", "--json", code=1).json["error"]
    assert "BEGIN without COMMIT" in error["message"] and error["where"].endswith("2_b.up.sql:3:3") and "COMMIT" in error["hint"]
    assert database.tables() == []


@pytest.mark.parametrize("how", ["COMMIT", "ROLLBACK"])
def test_what_others_prepared_may_be_resolved(project, database, how):
    name = f"{database.name} x"
    with contextlib.closing(database.connect()) as other, other.cursor() as cursor:
        for statement in ("BEGIN", "CREATE TABLE a (id int)", f"PREPARE TRANSACTION '{name}'"):
            cursor.execute(statement)
    project.migration(1, "p", f"-- godwit: no-transaction\nCREATE TABLE b (id int);\n{how} PREPARED '{name}';\nCREATE TABLE c (id int);")
    try:
        project.godwit("up", code=0)
        assert database.tables() == (["a", "b", "c"] if how == "COMMIT" else ["b", "c"])
    finally:
        for gid, in database.execute("SELECT gid FROM pg_prepared_xacts WHERE database = current_database()"):
            database.execute(f"ROLLBACK PREPARED '{gid}'")


@pytest.mark.parametrize("how", ["COMMIT", "ROLLBACK", "END WORK"])
def test_an_end_without_a_begin_is_passed_over(project, database, how):
    project.migration(1, "a", f"-- godwit: no-transaction\nCREATE TABLE a (id int);\n{how};\nCREATE TABLE b (id int);")
    said = project.godwit("up", code=0).err
    assert "no BEGIN" in said and "1_a.up.sql:3" in said and "SET LOCAL" not in said and "WARNING" not in said
    assert database.tables() == ["a", "b"] and project.states() == {"1": "applied"}


@pytest.mark.parametrize("text, line", [("BEGIN READ ONLY;\nSELECT 1;\nCOMMIT;", 1), ("START TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ ONLY;\nSELECT 1;\nEND;", 1),
                                        ("SET TRANSACTION READ ONLY;\nSELECT 1;", 1), ("SELECT 1;\nSET LOCAL transaction_read_only TO 'true';", 2)])
def test_a_transaction_that_only_reads_is_refused_with_its_place(project, database, text, line):
    project.migration(1, "a", "CREATE TABLE a (id int);")
    project.migration(2, "b", text)
    error = project.godwit("up", "--json", code=1).json["error"]
    assert "READ ONLY" in error["message"] and error["where"].endswith(f"2_b.up.sql:{line}:1") and "take READ ONLY out" in error["hint"]
    assert database.tables() == []


BEHIND_ITS_BACK = """SET transaction_read_only = off;
DO $$ BEGIN
  PERFORM set_config('transaction_read_only', 'on', true);
END $$;
"""


@pytest.mark.parametrize("words, texts, where, hint", [
    (["up"], [BEHIND_ITS_BACK], "1_a.up.sql:2:1", "line 2 has made it read-only"),
    (["up", "--atomic"], [BEHIND_ITS_BACK], "1_a.up.sql:2:1", "line 2 has made it read-only"),
    (["up"], [BEHIND_ITS_BACK + "CREATE TABLE b ();"], "1_a.up.sql:5:1", "line 2 has made it read-only"),
    (["up"], ["-- godwit: no-transaction\nSET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY;\nSELECT 1;\nCREATE TABLE b ();"], "1_a.up.sql:4:1",
     "line 2 has made it read-only"),
    (["up"], ["DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', current_database()); END $$;", "CREATE TABLE b ();"],
     None, "sessions begin so: default_transaction_read_only is on"),
], ids=["unseen", "atomic", "before a statement", "no-transaction", "by an earlier file"])
def test_what_made_a_transaction_read_only_is_named(project, database, words, texts, where, hint):
    """No replica is blamed for what a statement of the file did."""
    for name, text in zip("ab", texts):
        project.migration("ab".index(name) + 1, name, text)
    error = project.godwit(*words, "--json", code=1).json["error"]
    assert error["sqlstate"] == "25006" and hint in error["hint"] and "replica" not in error["hint"]
    assert where is None or error["where"].endswith(where)
    assert database.tables() == []


def test_a_block_that_only_reads(project, database):
    """Outside a transaction: its progress is written behind it; where it says so too late, the place is named."""
    project.migration(1, "a", "-- godwit: no-transaction\nCREATE TABLE a (id int);\nBEGIN READ ONLY;\nSELECT * FROM a;\nCOMMIT;\n"
                              "CREATE TABLE b (id int);\nBEGIN;\nSELECT 1;\nSET TRANSACTION READ ONLY;\nCOMMIT;")
    error = project.godwit("up", "--json", code=1).json["error"]
    assert error["sqlstate"] == "25006" and error["where"].endswith("1_a.up.sql:10:1") and "READ ONLY" in error["hint"]
    assert database.tables() == ["a", "b"]
    project.migration(1, "a", project.read("migrations/1_a.up.sql").replace("SET TRANSACTION READ ONLY", "SELECT 2"))
    project.godwit("up", code=0)
    assert project.states() == {"1": "applied"}


# ---- half-done, and the file is gone ---------------------------------------------------------

GONE = "-- godwit: no-transaction\nCREATE TABLE c (id int);\nSELECT 1 / (SELECT count(*) FROM c);\nCREATE TABLE d (id int);\n"


@pytest.fixture
def half_gone(project):
    project.migration(1, "a", "CREATE TABLE a (id int);", "DROP TABLE a;")
    project.migration(2, "half", GONE)
    project.godwit("up", code=1)
    project.remove("migrations/2_half.up.sql")
    return project


def test_half_done_and_deleted_each_hint_names_the_ways_that_work(half_gone, database):
    status = half_gone.godwit("status", "--check", code=3).out
    up = half_gone.godwit("up", "--json", code=1).json["error"]
    repair = half_gone.godwit("repair", "--json", code=1).json["error"]
    done = half_gone.godwit("--yes", "repair", "2", "--done", "--json", code=1).json["error"]
    finding, = half_gone.godwit("verify", "--no-drift", "--json", code=3).json["findings"]
    for text in (status, up["hint"], repair["hint"], done["hint"], finding["hint"]):
        assert "bring the file back" in text and "godwit repair 2 --forget" in text and "--done" not in text
    for error in (up, repair, done):
        assert "2" in error["message"] and "file is gone" in error["message"]
        assert "2 half: no file of it in migrations" in error["detail"]
    assert up["where"] == "migrations"
    assert "goes on from there" not in status.replace("bring the file back, and godwit up goes on from there", "")
    half_gone.godwit("status", "--wait-for", "2", "--timeout", "0s", code=3)
    assert database.tables() == ["a", "c"]


def test_half_done_and_deleted_then_brought_back(half_gone, database):
    half_gone.migration(2, "half", GONE.replace("SELECT 1 / (SELECT count(*) FROM c)", "SELECT 1"))
    half_gone.godwit("up", code=0)
    assert database.tables() == ["a", "c", "d"] and half_gone.states() == {"1": "applied", "2": "applied"}


def test_half_done_and_deleted_then_forgotten(half_gone, database):
    result = half_gone.godwit("repair", "2", "--forget", code=0)
    assert "no file" in result.out
    half_gone.godwit("status", "--check", code=0)
    half_gone.migration(3, "next", "CREATE TABLE e (id int);")
    half_gone.godwit("up", code=0)
    assert database.tables() == ["a", "c", "e"]
    event = half_gone.godwit("history", "2", "--json", code=0).json["events"][0]
    assert (event["action"], event["data"]) == ("repair", {"repair": "forgotten"})


@pytest.mark.parametrize("word", ["--forget", "--done"])
def test_a_way_back_that_stopped_and_whose_files_are_gone(project, database, word):
    project.migration(1, "first", "SELECT 1;")
    project.migration(2, "a", "CREATE TABLE a (id int);",
                      "-- godwit: no-transaction\nDROP TABLE a;\nSELECT 1 / 0;\n")
    project.godwit("up", code=0)
    project.godwit("--yes", "down", "--allow-data-loss", code=1)
    project.remove("migrations/2_a.up.sql")
    project.remove("migrations/2_a.down.sql")
    for words in (["up"], ["repair"], ["status"]):
        result = project.godwit(*words, code=0 if words == ["status"] else 1)
        assert "godwit repair 2 --forget" in result.out + result.err
        assert "its down file" in result.out or "the down file" in result.err
    project.godwit("repair", "2", word, code=0)
    project.godwit("status", "--check", code=0)


def test_half_done_and_deleted_with_nothing_else_here(project):
    project.migration(1, "half", GONE)
    project.godwit("up", code=1)
    project.remove("migrations/1_half.up.sql")
    project.godwit("repair", "1", "--forget", code=0)
    project.godwit("status", "--check", code=0)


def test_history_knows_the_file_that_is_gone(project):
    project.migration(1, "a", "CREATE TABLE a (id int);", "DROP TABLE a;")
    project.godwit("up", code=0)
    project.godwit("down", code=0)
    for file in ("1_a.up.sql", "1_a.down.sql"):
        (project.path / "migrations" / file).unlink()
    events = project.godwit("history", "1", "--json", code=0).json["events"]
    assert [(e["action"], e["where"].rsplit("/", 1)[-1]) for e in events] == [("revert", "1_a.down.sql"), ("apply", "1_a.up.sql")]


def test_done_and_forget_are_not_about_a_changed_or_missing_file(project):
    """Nothing is put right that the option does not mean: the checksum of one, the history of the other."""
    project.migration(1, "one", "CREATE TABLE a (id int);")
    two = project.migration(2, "two", "CREATE TABLE b (id int);")
    project.godwit("up", code=0)
    project.migration(1, "one", "CREATE TABLE a (id bigint);")
    two.unlink()
    for option, version, hint in (("--done", "1", "takes the file's checksum"), ("--forget", "1", "takes the file's checksum"),
                                  ("--done", "2", "forgets it")):
        error = project.godwit("repair", version, option, "--json", code=1).json["error"]
        assert "did not stop half-way" in error["message"] and hint in error["hint"], (option, version)
    assert list(project.states().values()) == ["modified", "missing"]
    project.godwit("repair", "2", "--forget", code=0)
    project.godwit("repair", "1", code=0)
    assert project.states() == {"1": "applied"}
