"""What goes on CONCURRENTLY and runs into lock_timeout: tried again, who is in the way is named, what is left is said."""
import pytest

from harness.blocking import configure
from harness.waiting import until
from test_recover import blocker, index, invalid, log

MADE = "CREATE INDEX t_a ON t (a)"
PARTS = "CREATE TABLE p (a int) PARTITION BY RANGE (a); CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (9)"

# name: what there is, the statement, what holds it up, what the failure leaves and says
FORMS = {
    "create": ("", "CREATE INDEX CONCURRENTLY t_a ON t (a)", "INSERT INTO t VALUES (-1, -1)", "t_a is left INVALID"),
    "unnamed": ("", "CREATE INDEX CONCURRENTLY ON t (a)", "INSERT INTO t VALUES (-1, -1)", "t_a_idx is left INVALID"),
    "not exists": ("", 'CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS "t_a" ON t (a)', "INSERT INTO t VALUES (-1, -1)",
                   "t_a is left INVALID"),
    "drop": (MADE, "DROP INDEX CONCURRENTLY t_a", "INSERT INTO t VALUES (-1, -1)", "t_a is still there, INVALID"),
    "reindex": (MADE, "REINDEX INDEX CONCURRENTLY t_a", "INSERT INTO t VALUES (-1, -1)", "t_a_ccnew is left INVALID"),
    "detach": (PARTS, "ALTER TABLE p DETACH PARTITION p1 CONCURRENTLY", "INSERT INTO p VALUES (1)", "half detached"),
}
EACH = pytest.mark.parametrize("form", FORMS)


@pytest.fixture
def begin(project, database):
    def make(form, limit, **settings):
        there, statement, holds, left = FORMS[form]
        if form == "detach" and database.server.major < 14:
            pytest.skip("DETACH … CONCURRENTLY came with PostgreSQL 14")
        configure(project, database.url, **settings)
        database.execute("CREATE TABLE t (id int PRIMARY KEY, a int); INSERT INTO t SELECT n, n FROM generate_series(1, 50) n;"
                         f"CREATE TABLE log (n serial, what text); {there}")
        project.migration(1, "steps", "-- godwit: no-transaction\nINSERT INTO log (what) VALUES ('before');\n"
                                      f"SET lock_timeout = '{limit}';\n{statement};\nINSERT INTO log (what) VALUES ('after');\n")
        return holds, left
    return make


def right(database, form):
    """As it has to be in the end."""
    assert invalid(database) == [] and log(database) == ["before", "after"]
    if form == "detach":
        assert database.value("SELECT count(*) FROM pg_inherits WHERE inhparent = 'p'::regclass") == 0
    elif form == "drop":
        assert index(database) is None
    else:
        assert index(database, "t_a_idx" if form == "unnamed" else "t_a")[1]
        assert database.value("SELECT count(*) FROM pg_index WHERE indrelid = 't'::regclass") == 2


def test_who_is_waited_for_without_a_limit_is_named(project, database):
    """Nobody queues behind it, so that it waits as long as it has to: a run that seems to hang says for whom."""
    database.execute("CREATE TABLE t (id int PRIMARY KEY, a int)")
    project.migration(1, "steps", "CREATE INDEX CONCURRENTLY t_a ON t (a)")
    with blocker(database, "INSERT INTO t VALUES (-1, -1)") as connection:
        running = project.start("up")
        named = f"CREATE INDEX CONCURRENTLY, statement 1 of 1, waits for pid {connection.info.backend_pid} ("
        until(lambda: named in running.said(), what="who is waited for")
    running.finish(0)
    assert index(database, "t_a")[1]


@EACH
def test_who_is_in_the_way_is_named_and_what_is_left_is_true(project, database, begin, form):
    holds, left = begin(form, "1s", lock_timeout="1min", lock_retries=1)
    with blocker(database, holds) as connection:
        for said in (left, ""):  # the second run finds what the first one has left
            error = project.godwit("up", "--json", code=1).json["error"]
            assert error["sqlstate"] == "55P03" and error["where"].endswith("1_steps.up.sql:4:1"), error
            assert "lock_timeout is 1.0 s; tried 2 times; held by pid" in error["detail"], error
            assert f"pid {connection.info.backend_pid}" in error["detail"] and holds in error["detail"]
            assert "lock_timeout=0" in error["hint"]
            assert said in error["detail"], error
            assert len(invalid(database)) == (form != "detach")
            assert all(f"index {name}" in error["detail"].replace("public.", "") for name in invalid(database)), error
            assert log(database) == ["before"]
    project.godwit("up", code=0)
    right(database, form)


@EACH
def test_it_is_tried_again(project, database, begin, form):
    holds, _ = begin(form, "300ms", lock_timeout="1min", lock_retries=10000)
    with blocker(database, holds):
        running = project.start("up")
        until(lambda: "was given up" in running.said() or running.process.poll() is not None, what="the second try")
    running.finish(code=0)
    right(database, form)


def test_behind_a_pooler_it_is_tried_again_without_a_name(project, database, pgbouncer):
    """Its statement has no backend of its own there: who is in the way cannot be asked."""
    configure(project, pgbouncer.url(database.name), lock_retries=1)
    database.execute("CREATE TABLE t (id int PRIMARY KEY, a int); INSERT INTO t SELECT n, n FROM generate_series(1, 50) n")
    database.execute(f"ALTER DATABASE \"{database.name}\" SET lock_timeout = '300ms'")
    project.migration(1, "i", "CREATE INDEX CONCURRENTLY t_a ON t (a);")
    with blocker(database, "INSERT INTO t VALUES (-1, -1)"):
        for _ in range(2):  # the second run finds what the first one has left
            result = project.godwit("up", "--json", code=1)
            error = result.json["error"]
            assert error["sqlstate"] == "55P03" and "lock_timeout is 300 ms; tried 2 times" in error["detail"], error
            assert "held by" not in error["detail"] and error["hint"], error
            assert invalid(database) == ["t_a"] and "left INVALID" in error["detail"], error
    project.godwit("up", code=0)
    assert invalid(database) == [] and index(database)[1]
    assert project.states() == {"1": "applied"}
