"""A statement whose effect stays though its file's transaction is rolled back: it is never repeated unsaid."""
import re

import pytest

from harness.blocking import WAIT_AT_GATE, closed_gate, configure, holding, until_blocked
from harness.waiting import until

ELSEWHERE = "SELECT dblink_exec('x');"
ALTER = "ALTER TABLE t ADD x int;"


@pytest.fixture
def dblink(database):
    """Not the extension's: what it does stays all the same, for it takes the number of a sequence."""
    database.execute("CREATE TABLE t (id int PRIMARY KEY, a bigint); CREATE SEQUENCE done;"
                     "CREATE FUNCTION dblink_exec(text) RETURNS bigint LANGUAGE sql AS $$ SELECT nextval('done') $$")
    return lambda: database.value("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM done")


@pytest.fixture
def impatient(project, database):
    configure(project, database.url, lock_timeout="100ms", lock_retries=2)
    return project


def refused(project, *words, code=1):
    return project.godwit(*words, "--json", code=code).json["error"]


def tried(error):
    return int(re.search(r"tried (\d+) time", error["detail"])[1])


def rows(database):
    return database.value("SELECT count(*) FROM godwit.migrations")


def killed_at_gate(project, database, *words):
    """kill -9 while the file waits at the gate; its backend is gone as well."""
    with closed_gate(database):
        running = project.start(*words)
        backend, = until_blocked(database, running)
        state = database.execute("SELECT version, state, intent->>'line' FROM godwit.migrations ORDER BY version")
        running.kill()
        running.process.wait()
        database.execute("SELECT pg_terminate_backend(%s)", [backend])
        until(lambda: not database.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", [backend]), what="its end")
    return state


# ---- a lock is not to be had ---------------------------------------------------------------------

@pytest.mark.parametrize("words", [["up"], ["up", "--atomic"]])
@pytest.mark.parametrize("text", [f"{ELSEWHERE}\n{ALTER}", f"BEGIN;{ELSEWHERE}\n{ALTER}\nCOMMIT;",
                                  "DO $$ BEGIN PERFORM dblink_exec('x'); ALTER TABLE t ADD x int; END $$;"])
def test_behind_it_nothing_is_tried_again_by_itself(impatient, database, dblink, text, words):
    impatient.migration(1, "first", "CREATE TABLE a ();")
    impatient.migration(2, "it's", text)
    with holding(database, "LOCK TABLE t"):
        error = refused(impatient, *words)
    assert error["sqlstate"] == "55P03" and tried(error) == 1 and dblink() == 1
    assert "what line 1 of migrations/2_it's.up.sql did may stay" in error["detail"], error
    assert "does it again" in error["detail"]
    assert rows(database) == (0 if "--atomic" in words else 1) and impatient.states()["2"] == "failed"
    impatient.godwit(*words, code=0)
    assert dblink() == 2 and impatient.states() == {"1": "applied", "2": "applied"}
    assert database.value("SELECT count(*) FROM godwit.migrations WHERE intent IS NOT NULL") == 0


@pytest.mark.parametrize("words", [["up"], ["up", "--atomic"]])
def test_before_it_all_is_tried_again(impatient, database, dblink, words):
    impatient.migration(1, "first", f"{ALTER}\n{ELSEWHERE}")
    with holding(database, "LOCK TABLE t"):
        error = refused(impatient, *words)
    assert tried(error) == 3 and "may stay" not in error["detail"] and dblink() == 0
    impatient.godwit(*words, code=0)
    assert dblink() == 1


def test_a_program_is_not_run_again(impatient, database, dblink):
    impatient.migration(1, "program", f"COPY (SELECT 1) TO PROGRAM 'cat > /dev/null';\n{ALTER}")
    with holding(database, "LOCK TABLE t"):
        error = refused(impatient, "up")
    assert tried(error) == 1 and "runs a program on the server" in error["detail"]


def test_a_failure_says_what_stays_and_does_not_block_the_next_try(project, database, dblink):
    project.migration(1, "fails", f"CREATE TABLE a ();\n{ELSEWHERE}\nSELECT 1 / 0;", "SELECT 1;")
    error = refused(project, "up")
    assert error["sqlstate"] == "22012" and "what line 2 of" in error["detail"] and rows(database) == 0
    project.migration(1, "fails", "CREATE TABLE a ();", f"{ELSEWHERE}\nSELECT 1 / 0;")
    project.godwit("up", code=0)
    before = database.execute("SELECT * FROM godwit.migrations")
    assert "what line 1 of" in refused(project, "down")["detail"] and dblink() == 2
    assert database.execute("SELECT * FROM godwit.migrations")[0][:11] == before[0][:11] and project.states() == {"1": "applied"}


def test_a_range_of_a_batch_is_not_tried_again_by_itself(impatient, database, dblink):
    database.execute("INSERT INTO t SELECT n FROM generate_series(1, 20) n")
    impatient.migration(1, "batch", "-- godwit: batch t.id 10\nUPDATE t SET a = dblink_exec('x') WHERE id BETWEEN $1 AND $2;")
    with holding(database, "SELECT FROM t WHERE id = 20 FOR UPDATE"):
        error = refused(impatient, "up")
    assert tried(error) == 1 and "may stay" in error["detail"] and dblink() >= 19
    again = impatient.godwit("up", code=0)
    assert "is done again" in again.err and dblink() >= 29
    assert database.value("SELECT count(*) FROM t WHERE a IS NULL") == 0


# ---- killed --------------------------------------------------------------------------------------

@pytest.mark.parametrize("words", [["up"], ["up", "--atomic"]])
def test_killed_behind_it_asks_for_repair(project, database, dblink, words):
    project.migration(1, "first", "CREATE TABLE a ();")
    project.migration(2, "second", f"CREATE TABLE b ();\n{ELSEWHERE}\n{WAIT_AT_GATE}\nCREATE TABLE c ();")
    state = killed_at_gate(project, database, *words)
    assert state[-1] == ("2", "running", "2") and dblink() == 1
    for _ in range(2):
        error = refused(project, *words)
        assert error["message"].startswith("migration 2 stopped inside its transaction") and "godwit repair 2 --forget" in error["hint"]
        assert error["where"].endswith("2_second.up.sql:2:1") and "another database" in error["detail"]
    assert dblink() == 1 and "b" not in database.tables()
    said = project.godwit("status", code=0).out
    assert "stopped inside its transaction" in said and "line 2" in said and "godwit repair 2 --done or --forget" in said
    statement = project.godwit("status", "--json", code=0).json["migrations"][1]["statement"]
    assert statement["needs_repair"] is True and statement["number"] == 2 and "dblink_exec" in statement["sql"]
    assert "inside its transaction" in refused(project, "repair", "2")["message"]
    assert "was rolled back" in refused(project, "repair", "2", "--done", code=5)["message"]
    project.godwit("repair", "2", "--forget", code=0)
    project.godwit(*words, code=0)
    assert dblink() == 2 and database.tables() == ["a", "b", "c", "t"]


def test_killed_and_written_anew_still_asks(project, database, dblink):
    project.migration(1, "first", f"BEGIN;\n{ELSEWHERE}\n{WAIT_AT_GATE}\nCOMMIT;")
    killed_at_gate(project, database, "up")
    for text in ("SELECT 1;", "-- godwit: no-transaction\nSELECT 1;\nVACUUM t;", "-- godwit: batch t.id 10\nDELETE FROM t WHERE id BETWEEN $1 AND $2;"):
        project.migration(1, "first", text)
        assert "stopped inside its transaction" in refused(project, "up")["message"]
    project.godwit("repair", "1", "--done", "--yes", code=0)
    assert project.states() == {"1": "applied"} and dblink() == 1
    project.godwit("up", code=0)


def test_a_killed_down_asks_for_repair(project, database, dblink):
    project.migration(1, "first", "CREATE TABLE a ();", f"{ELSEWHERE}\n{WAIT_AT_GATE}\nDROP TABLE a;")
    project.godwit("up", code=0)
    assert killed_at_gate(project, database, "down") == [("1", "reverting", "1")]
    assert "stopped inside its transaction" in refused(project, "down")["message"] and dblink() == 1
    project.godwit("repair", "1", "--forget", code=0)
    assert project.states() == {"1": "applied"}
    project.godwit("down", code=0)
    assert dblink() == 2 and database.tables() == ["t"]


def test_a_connection_lost_behind_it_says_so(project, database, dblink):
    project.migration(1, "first", f"{ELSEWHERE}\n{WAIT_AT_GATE}")
    with closed_gate(database):
        running = project.start("up", "--json")
        backend, = until_blocked(database, running)
        database.execute("SELECT pg_terminate_backend(%s)", [backend])
        error = running.finish(code=4).json["error"]
    assert "rolled back, but nobody can know whether line 1" in error["hint"] and "godwit repair 1" in error["hint"], error
    assert "stopped inside its transaction" in refused(project, "up")["message"] and dblink() == 1


def test_any_other_file_writes_nothing_beforehand(project, database, dblink):
    project.migration(1, "first", f"CREATE TABLE a ();\n{WAIT_AT_GATE}")
    assert killed_at_gate(project, database, "up") == []
    project.godwit("up", code=0)
    assert database.tables() == ["a", "t"]
