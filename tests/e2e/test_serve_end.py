"""The end of godwit serve, and a database that stands still: with requests and jobs that wait for it."""
import os
import signal
import threading

import pytest

from harness.blocking import holding, lock_waiters
from harness.waiting import until

LOOKED_AT = "LOCK TABLE godwit.events, godwit.migration_status_tracking IN ACCESS EXCLUSIVE MODE"


@pytest.fixture
def own(make_project, restartable_server):
    """A project on a server of its own, with one migration applied."""
    database, source = restartable_server.create_database(), restartable_server.create_database()
    source.execute("CREATE TABLE a (id int PRIMARY KEY)")
    project = make_project(database.url)
    project.migration(1, "first", "CREATE TABLE a (id int PRIMARY KEY);", "DROP TABLE a;")
    project.config({"project": "t", "migrations": "migrations", "default": "test", "sync": {"source": source.url},
                    "environments": {"test": {"url": database.url}}})
    project.write("sync/a.yaml", "entity: a\nversion: 1.0.0\nsource: { table: public.a, key: id }\n"
                                 "destination: { table: public.a, key: id }\nidentity: keep\nfields:\n  - { from: id, to: id }\n")
    project.godwit("up", code=0)
    project.godwit("sync", "mapping", "register", code=0)  # which makes the tables that are looked at
    project.database, project.server = database, restartable_server
    return project


def ask(serve, path, token):
    """A request that nobody answers for now: an answer, or none where its connection is let go."""
    def wait():
        try:
            serve.get(path, token=token, timeout=60)
        except OSError:
            pass
    thread = threading.Thread(target=wait)
    thread.start()
    return thread


def held(serve):
    """(threads, files) of the process."""
    proc = f"/proc/{serve.running.process.pid}"
    return len(os.listdir(f"{proc}/task")), len(os.listdir(f"{proc}/fd"))


def checks(answer):
    return {check["name"]: check["reason"] for check in answer.json["checks"]}


def test_a_database_that_stands_still_is_told_and_comes_back(own, make_serve):
    serve = make_serve(own, "--no-drift", "--answer-within", "900ms")
    token = serve.token()
    for path in ("/health/ready", "/api/v1/history", "/metrics"):
        assert serve.get(path, token=token).status == 200
    before = held(serve)
    # Somebody who waits for a lock is cancelled, and nothing of it stays on the server.
    with holding(own.database, LOOKED_AT):
        late = serve.get("/api/v1/history?limit=1", token=token)
        assert late.status == 503 and "all that it was given" in late.json["error"]["hint"]
        until(lambda: not lock_waiters(own.database), 30, "the end of what waited")
    until(lambda: serve.get("/health/ready").status == 200, 30, "readiness")
    with own.server.frozen():
        until(lambda: "has not answered for" in (checks(serve.get("/health/ready", timeout=20))["database"] or ""), 30,
              "readiness that says so")
        silent = serve.get("/api/v1/history", token=token, timeout=20)
        assert silent.status == 503 and silent.json["error"]["kind"] in ("lost", "connect"), silent
        assert "godwit_database_up 0" in serve.get("/metrics", token=token, timeout=20).text
        assert serve.get("/health/live").status == 200
    until(lambda: serve.get("/health/ready").status == 200, 30, "readiness")
    assert serve.get("/api/v1/history", token=token).status == 200
    # The pool has what it had; requests to cancel that nobody heard have come to their end.
    until(lambda: held(serve)[0] <= before[0] and held(serve)[1] <= before[1] + 8, 30, "its threads and connections")


@pytest.mark.slow
@pytest.mark.parametrize("postmaster", [True, False], ids=["all of it", "its backends"])
def test_a_database_that_stands_still_holds_up_no_end(own, make_serve, postmaster):
    """Looks and a request wait for it; those who could cancel their statements stand still, too."""
    serve = make_serve(own, "--no-drift")
    token = serve.token()
    assert serve.get("/api/v1/history", token=token).status == 200
    with holding(own.database, LOOKED_AT):
        asked = ask(serve, "/api/v1/history?limit=1", token)
        until(lambda: lock_waiters(own.database), 60, "somebody who waits")
        with own.server.frozen(postmaster):
            serve.running.signal(signal.SIGTERM)
            serve.running.finish(0, timeout=20)
    asked.join()


@pytest.mark.slow
def test_what_only_looks_is_cancelled_at_the_end(own, make_serve):
    """A server that is there hears of it: nothing of a serve that is gone runs on."""
    serve = make_serve(own, "--no-drift")
    token = serve.token()
    with holding(own.database, LOOKED_AT):
        asked = ask(serve, "/api/v1/history?limit=1", token)
        until(lambda: lock_waiters(own.database), 60, "a request that waits")
        serve.stop(0)
        until(lambda: not lock_waiters(own.database), what="the end of its statements")
    asked.join()


@pytest.mark.slow
def test_a_job_of_a_database_that_stands_still_is_let_go(own, make_serve):
    own.migration(2, "long", "CREATE TABLE b (id int); SELECT pg_sleep(600);")
    serve = make_serve(own, "--no-drift")
    operator = serve.token("operator")
    assert serve.post("/api/v1/up", {}, token=operator).status == 202
    until(lambda: own.database.value("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep(600)%'"
                                     " AND pid <> pg_backend_pid()"), 60, "the statement")
    with own.server.frozen():
        serve.running.signal(signal.SIGTERM)
        serve.running.finish(0, timeout=40)
    own.migration(2, "long", "CREATE TABLE b (id int);")
    until(lambda: own.godwit("up").code == 0, 60, "the server's own end of what was let go")
    assert own.database.tables() == ["a", "b"]


@pytest.mark.slow
def test_a_second_signal_ends_what_a_job_runs(own, make_serve):
    """The first one waits for the statement, however long: the database is there."""
    own.migration(2, "long", "CREATE TABLE b (id int); SELECT pg_sleep(600);")
    serve = make_serve(own, "--no-drift")
    operator = serve.token("operator")
    assert serve.post("/api/v1/up", {}, token=operator).status == 202
    asleep = ("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep(600)%'"
              " AND pid <> pg_backend_pid()")
    until(lambda: own.database.value(asleep), 60, "the statement")
    serve.running.signal(signal.SIGTERM)
    until(lambda: serve.post("/api/v1/up", {}, token=operator).status == 409, what="its being about to stop")
    assert own.database.value(asleep) and serve.get("/health/live").status == 200
    serve.running.signal(signal.SIGTERM)
    serve.running.finish(0, timeout=40)
    assert own.database.value(asleep) == 0 and own.database.tables() == ["a"]
