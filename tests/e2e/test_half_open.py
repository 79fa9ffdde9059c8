"""A client that is cut off while its server has not noticed: who is in the way, and how it is ended."""
import pytest

from harness.blocking import (WAIT_AT_GATE, closed_gate, lock_waiters, until_blocked)
from harness.proxy import HalfOpen
from harness.waiting import until

PATIENT = "-- godwit: lock_timeout=10min\n"
# COPY data are sent one piece after another, so that the COMMIT has not been sent at the gate.
COPIED = f"{PATIENT}CREATE TABLE t (id int);\nCOPY t FROM stdin;\n1\n\\.\n{WAIT_AT_GATE}\n"
RUN_LOCK = 0x676F6477697432


@pytest.fixture
def half_open(server):
    proxy = HalfOpen(server)
    yield proxy
    proxy.close()


def ended(database, hint):
    database.execute(hint.rpartition(": ")[2])


def refused(project):
    return project.godwit("up", "--wait", "0", "--json", code=7).json["error"]


def test_a_dead_runner_whose_sessions_the_server_keeps_is_named_with_the_way_out(project, database, half_open):
    project.migration(1, "copied", COPIED)
    with closed_gate(database):
        runner = project.start("up", url=half_open.url(database.name))
        work, = until_blocked(database, runner)
        half_open.cut()
        runner.kill()
    until(lambda: not lock_waiters(database), what="the gate")
    lock = database.value("SELECT backend_pid FROM godwit.run_lock")
    error = refused(project)
    assert error["message"] == "another run holds the lock of this database"
    assert "godwit up by " in error["detail"] and f"backend pid {lock}, app \"godwit" in error["detail"]
    assert 'of user "postgres" from 127.0.0.1' in error["detail"]
    assert error["hint"].endswith(f"SELECT pg_terminate_backend({lock})")
    assert f"SELECT pg_terminate_backend({lock})" in project.godwit("status", code=0).out
    session = project.godwit("status", "--json", code=0).json["run"]["session"]
    assert session["backend_pid"] == lock and session["client"] == "127.0.0.1" and session["connected_ms"] >= 0

    ended(database, error["hint"])
    until(lambda: "the runner is gone" in refused(project)["message"], what="the end of its lock session")
    error = refused(project)
    assert error["message"] == "the runner is gone, its transaction is still open on the server"
    assert f"pid {work}, idle in transaction for " in error["detail"] and "it was godwit up by " in error["detail"]
    assert "its transaction is still open on the server" in project.godwit("status", code=0).out
    run = project.godwit("status", "--json", code=0).json["run"]
    assert run["runner_gone"] and run["statement"]["state"] == "idle in transaction"
    assert database.tables() == []

    ended(database, error["hint"])
    project.godwit("up", "--wait", "60s", code=0)
    assert database.tables() == ["t"]


@pytest.mark.slow
def test_a_transaction_that_outlives_the_lock_of_its_run_is_named(project, database, half_open):
    """Only the connection at work is cut. The runner lets go of the lock; nobody has the row, and the server
    keeps everybody else from it."""
    project.migration(1, "copied", COPIED)
    with closed_gate(database):
        runner = project.start("up", "--wait", "0", url=half_open.url(database.name))
        work, = until_blocked(database, runner)
        half_open.cut(database, work)
        runner.finish((1, 4, 7), timeout=120)
        assert database.value("SELECT token FROM godwit.run_lock") is None
        error = refused(project)
        assert error["message"] == "the runner is gone, its statement still runs on the server"
        assert f"pid {work}, for " in error["detail"] and "advisory" in error["detail"]
        assert "the last run was godwit up by " in error["detail"] and "from 127.0.0.1" in error["detail"]
        waiting = project.start("up", "--wait", "20min")
        until(lambda: f"to end it: SELECT pg_terminate_backend({work})" in waiting.said(), what="word of it")
        assert project.godwit("status", "--json", code=0).json["run"]["statement"]["backend_pid"] == work
    until(lambda: not lock_waiters(database), what="the gate")
    error = refused(project)
    assert "its transaction is still open" in error["message"] and f"pid {work}, idle in transaction" in error["detail"]
    ended(database, error["hint"])
    waiting.finish(0)
    assert database.tables() == ["t"]


def test_a_session_that_has_the_lock_and_has_not_said_what_for_is_named(project, database):
    """Cut off between taking the lock and writing down whose it is."""
    project.migration(1, "a", "CREATE TABLE a (id int);")
    project.godwit("up", code=0)
    project.migration(2, "b", "CREATE TABLE b (id int);")
    silent = database.connect()
    try:
        with silent.cursor() as cursor:
            cursor.execute("SET application_name = 'it''s \"me\"'")
            cursor.execute("SELECT pg_advisory_lock(%s), pg_backend_pid()", [RUN_LOCK])
            pid = cursor.fetchone()[1]
        error = refused(project)
        assert f"a session that has not said what it is at, backend pid {pid}, connected for " in error["detail"]
        assert 'app "it\'s "me""' in error["detail"] and 'user "' in error["detail"]
        assert error["hint"].endswith(f"SELECT pg_terminate_backend({pid})")
        text = project.godwit("status", code=0).out
        assert "the run lock is held by a session that has not said what it is at" in text
        assert f"SELECT pg_terminate_backend({pid})" in text
        run = project.godwit("status", "--json", code=0).json["run"]
        assert run["actor"] is None and run["backend_pid"] == pid and run["runner_gone"] is False
        ended(database, error["hint"])
        project.godwit("up", "--wait", "60s", code=0)
        assert "run" not in project.godwit("status", "--json", code=0).json
    finally:
        silent.close()
