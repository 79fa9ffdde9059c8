"""Failures that schema migration tools have had, each by the number that we keep it under."""
import contextlib
import shutil
import subprocess
import threading

import psycopg2
import pytest

from harness.blocking import (WAIT_AT_GATE, closed_gate, configure, holding, lock_waiters, until_blocked,
                              until_waiting_for_run)
from harness.waiting import until

PATIENT = "-- godwit: lock_timeout=10min\n"


def valid_indexes(database):
    return dict(database.execute(
        "SELECT c.relname, i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
        " WHERE c.relnamespace = 'public'::regnamespace ORDER BY 1"))


def values(database, table="ran"):
    return [v for (v,) in database.execute(f"SELECT * FROM {table} ORDER BY 1")]


# ---- 1: the lock queue piles up ---------------------------------------------------------------


class Readers:
    """Clients that read a table again and again; what kept one waiting too long is an error here."""

    # Far beyond any lock_timeout of these tests, far below the time that the table stays blocked.
    PATIENCE_MS = 20000

    def __init__(self, database, table, count=3):
        self.database, self.table = database, table
        self.errors, self.reads = [], [0] * count
        self.stop = threading.Event()
        self.threads = [threading.Thread(target=self._read, args=(i,)) for i in range(count)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join()

    def _read(self, number):
        with contextlib.closing(self.database.connect()) as connection, connection.cursor() as cursor:
            cursor.execute(f"SET statement_timeout = {self.PATIENCE_MS}")
            while not self.stop.is_set():
                try:
                    cursor.execute(f"SELECT count(*) FROM {self.table}")
                    self.reads[number] += 1
                except psycopg2.Error as error:
                    self.errors.append(str(error))

    def until_all_have_read(self, more=1):
        goal = [n + more for n in self.reads]
        until(lambda: all(n >= g for n, g in zip(self.reads, goal)), 120, "a read by every reader")


# How a file that wants a strong lock may ask for it: none of them may wait without a limit.
STRONG = {
    "in a transaction": "ALTER TABLE t ADD b int;",
    "with COPY": "COPY u FROM stdin;\n1\n\\.\nALTER TABLE t ADD b int;",
    "no transaction": "-- godwit: no-transaction\nINSERT INTO u VALUES (1);\nALTER TABLE t ADD b int;\nVACUUM u;",
    "a block of its own": "-- godwit: no-transaction\nBEGIN;\nINSERT INTO u VALUES (1);\nALTER TABLE t ADD b int;\n"
                          "INSERT INTO u VALUES (2);\nCOMMIT;\nVACUUM u;",
    "vacuum full": "VACUUM FULL t;",
    "cluster": "CLUSTER t USING t_pkey;",
    "reindex": "-- godwit: no-transaction\nREINDEX TABLE t;\nVACUUM u;",
}


@pytest.mark.parametrize("kind", STRONG)
def test_story_01_lock_queue_pile_up(project, database, kind):
    """A migration that waits for its lock holds the readers behind it up for lock_timeout at most."""
    database.execute("CREATE TABLE t (a int PRIMARY KEY); CREATE TABLE u (a int)")
    configure(project, database.url, lock_timeout="200ms", lock_retries=10000)
    project.migration(1, "strong", STRONG[kind])
    with Readers(database, "t") as readers, holding(database, "SELECT * FROM t") as holder:
        readers.until_all_have_read()
        running = project.start("up")
        # Without a limit the first wait would last as long as the holder stays, and all readers with it.
        for _ in range(3):
            until_blocked(database, running)
            readers.until_all_have_read(2)
        assert running.process.poll() is None
        holder.rollback()
        running.finish(0, timeout=120)
    assert readers.errors == []
    assert project.states() == {"1": "applied"}
    once = {"with COPY": [1], "no transaction": [1], "a block of its own": [1, 2]}
    assert values(database, "u") == once.get(kind, [])


@pytest.mark.slow
def test_story_01_the_error_names_who_blocks(project, database):
    database.execute("CREATE TABLE t (a int)")
    configure(project, database.url, lock_timeout="1s", lock_retries=1)
    project.migration(1, "ok", "CREATE TABLE first (a int);")
    project.migration(2, "strong", "CREATE TABLE second (a int);\nALTER TABLE t ADD b int;")
    with holding(database, "SELECT a AS what_i_read FROM t") as holder:
        pid = holder.info.backend_pid
        failed = project.godwit("up", code=1)
        assert "(SQLSTATE 55P03)" in failed.err
        assert "tried 2 times" in failed.err and "lock_timeout is 1" in failed.err
        assert f"pid {pid}" in failed.err
        assert "stands in the way" in failed.err
        assert "in a transaction for " in failed.err
        assert "SELECT a AS what_i_read FROM t" in failed.err
        assert "2_strong.up.sql:2:1" in failed.err
        assert "blocked:" in failed.err and "attempt 1 of 2 was" in failed.err
        error = project.godwit("up", "--json", code=1).json["error"]
        assert error["sqlstate"] == "55P03"
        assert f"pid {pid}" in error["detail"] and "what_i_read" in error["detail"]
    assert database.tables() == ["first", "t"]
    assert project.states() == {"1": "applied", "2": "failed"}
    project.godwit("up", code=0)


def test_story_01_a_transaction_that_the_file_wrote_is_tried_again_as_a_whole(project, database):
    database.execute("CREATE TABLE t (a int); CREATE TABLE ran (n int)")
    configure(project, database.url, lock_timeout="300ms", lock_retries=1)
    project.migration(1, "own", "-- godwit: no-transaction\nINSERT INTO ran VALUES (1);\nBEGIN;\nINSERT INTO ran VALUES (2);\n"
                      "ALTER TABLE t ADD b int;\nCOMMIT;\nVACUUM t;\nINSERT INTO ran VALUES (3);\n")
    with holding(database, "SELECT a AS held FROM t"):
        failed = project.godwit("up", code=1)
    assert "1_own.up.sql:5:1" in failed.err and "lock_timeout is 300 ms" in failed.err and "AS held" in failed.err
    assert "tried 2 times" in failed.err and "attempt 1 of 2 was" in failed.err
    assert "1 of 7 statements are done" in failed.err
    assert values(database) == [1]
    project.godwit("up", code=0)
    assert values(database) == [1, 2, 3]


def test_story_01_a_block_whose_data_were_read_is_tried_again_from_the_file(project, database):
    """COPY data pass by once: they are read again, and where tries run out the block is rolled back."""
    database.execute("CREATE TABLE t (a int); CREATE TABLE ran (n int)")
    configure(project, database.url, lock_timeout="300ms", lock_retries=1)
    project.migration(1, "own", "-- godwit: no-transaction\nBEGIN;\nCOPY ran FROM stdin;\n1\n2\n\\.\n"
                      "ALTER TABLE t ADD b int;\nCOMMIT;\nVACUUM t;\n")
    with holding(database, "SELECT a AS held FROM t"):
        failed = project.godwit("up", code=1)
    assert "1_own.up.sql:7:1" in failed.err and "tried 2 times;" in failed.err and "AS held" in failed.err
    assert values(database) == []
    project.godwit("up", code=0)
    assert values(database) == [1, 2]


def test_story_01_a_block_that_ends_in_a_deadlock_is_run_again_from_its_begin(project, database):
    database.execute("CREATE TABLE a (n int); CREATE TABLE b (n int); CREATE TABLE ran (n int)")
    configure(project, database.url, lock_timeout="10min", lock_retries=3)
    project.migration(1, "own", "-- godwit: no-transaction\nBEGIN;\nINSERT INTO ran VALUES (1);\nCOMMIT;\n"
                      "BEGIN;\nSET LOCAL deadlock_timeout = '10ms';\nINSERT INTO ran VALUES (2);\n"
                      f"LOCK TABLE a;\n{WAIT_AT_GATE}\nLOCK TABLE b;\nCOMMIT;\nVACUUM a;\n")

    def lock_a(other):
        with other.cursor() as cursor:
            cursor.execute("LOCK TABLE a")
        other.rollback()

    # Who waits last closes the circle, and looks for one first: the runner.
    with holding(database, "SET LOCAL deadlock_timeout = '1h'; LOCK TABLE b") as other:
        with closed_gate(database):
            running = project.start("up")
            until_blocked(database, running)
            waiter = threading.Thread(target=lock_a, args=[other])
            waiter.start()
            until_blocked(database, running, 2)
        waiter.join(60)
        assert not waiter.is_alive()
        said = running.finish(0)
    assert "blocked:" in said.err and "deadlock" in said.err
    assert values(database) == [1, 2]


def test_story_01_every_blocker_is_named(project, database):
    database.execute("CREATE TABLE t (a int)")
    configure(project, database.url, lock_timeout="1s", lock_retries=0)
    project.migration(1, "strong", "ALTER TABLE t ADD b int;")
    with holding(database, "SELECT a AS one FROM t") as one, holding(database, "SELECT a AS two FROM t") as two:
        failed = project.godwit("up", code=1)
        for each, query in ((one, "AS one"), (two, "AS two")):
            assert f"pid {each.info.backend_pid} " in failed.err and query in failed.err


def test_story_01_a_file_says_its_own_lock_timeout(project, database):
    database.execute("CREATE TABLE t (a int)")
    configure(project, database.url, lock_timeout="10min", lock_retries=0)
    project.migration(1, "strong", "-- godwit: lock_timeout=150ms\nALTER TABLE t ADD b int;")
    with holding(database, "SELECT * FROM t"):
        assert "lock_timeout is 150 ms" in project.godwit("up", code=1).err


def test_story_01_a_strong_lock_kept_across_later_statements_is_warned_of(project, database):
    database.execute("CREATE TABLE t (a int); CREATE TABLE u (a int)")
    project.migration(1, "long", "ALTER TABLE t ADD b int;\n\nUPDATE u SET a = 1;")
    project.migration(2, "short", "ALTER TABLE t ADD c int;\nALTER TABLE t ADD d int;")
    project.migration(3, "own", "CREATE TABLE v (a int);\nALTER TABLE v ADD b int;\nINSERT INTO v VALUES (1);")
    said = project.godwit("up", code=0)
    warnings = [line for line in said.err.splitlines() if line.startswith("warning:")]
    assert len(warnings) == 1, said
    assert "strong lock" in warnings[0] and "line 3" in warnings[0] and "1_long.up.sql" in warnings[0]


# ---- 2: lock_timeout and concurrent indexes -----------------------------------------------------


def until_waited_longer(database, running, than):
    """Until a statement has waited for a lock for longer than lock_timeout would have let it."""
    def waited():
        assert running.process.poll() is None, running.finish()
        return database.value(
            "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            " AND datname = current_database() AND query_start < clock_timestamp() - %s::interval", [than])
    until(waited, 120, f"a wait of more than {than}")


@pytest.mark.parametrize("set_by", ["environment", "role"])
def test_story_02_lock_timeout_does_not_end_a_concurrent_index(project, database, set_by):
    database.execute("CREATE TABLE t (a int)")
    user = database.role("GRANT ALL ON DATABASE {database} TO {role}", "GRANT ALL ON SCHEMA public TO {role}",
                         "ALTER TABLE t OWNER TO {role}",
                         "ALTER ROLE {role} SET lock_timeout = '100ms'" if set_by == "role" else "SELECT 1")
    configure(project, database.url_for(user), lock_timeout="100ms", lock_retries=0)
    project.migration(1, "index", "CREATE INDEX CONCURRENTLY t_a ON t (a);")
    with holding(database, "INSERT INTO t VALUES (1)") as writer:
        running = project.start("up")
        until_blocked(database, running)
        until_waited_longer(database, running, "1 second")
        writer.commit()
    running.finish(0)
    assert valid_indexes(database) == {"t_a": True}


def test_story_02_a_concurrent_index_that_fails_leaves_no_carcass(project, database):
    database.execute("CREATE TABLE t (a int); INSERT INTO t VALUES (1), (1)")
    project.migration(1, "index", "CREATE UNIQUE INDEX CONCURRENTLY t_a ON t (a);")
    failed = project.godwit("up", code=1)
    assert "could not create unique index" in failed.err and "1_index.up.sql:1:1" in failed.err
    assert valid_indexes(database) == {}
    assert project.states() == {"1": "failed"}
    database.execute("DELETE FROM t")
    project.godwit("up", code=0)
    assert valid_indexes(database) == {"t_a": True}


@pytest.mark.parametrize("retries", [0, 10000])
def test_story_02_a_timeout_that_the_file_asks_for_leaves_no_carcass(project, database, retries):
    configure(project, database.url, lock_retries=retries)
    database.execute("CREATE TABLE t (a int)")
    project.migration(1, "index", "-- godwit: lock_timeout=2s\nCREATE INDEX CONCURRENTLY ON t (a);")
    with holding(database, "INSERT INTO t VALUES (1)") as writer:
        running = project.start("up")
        # Taking the carcass away waits for the writer as well, no longer than the file says.
        until(lambda: database.value("SELECT count(*) > 0 FROM pg_stat_activity WHERE query LIKE 'DROP INDEX%'")
              or running.process.poll() is not None, 60, "the end of the first statement")
        writer.commit()
        ended = running.finish(0 if retries else 1)
    if not retries:
        assert "55P03" in ended.err
        assert valid_indexes(database) == {}
        project.godwit("up", code=0)
    assert list(valid_indexes(database).values()) == [True]


# ---- 3: IF NOT EXISTS over an invalid index ------------------------------------------------------


def make_invalid_index(database):
    database.execute("CREATE TABLE t (a int); INSERT INTO t VALUES (1), (1)")
    with pytest.raises(psycopg2.errors.UniqueViolation):
        database.execute("CREATE UNIQUE INDEX CONCURRENTLY t_a ON t (a)")
    assert valid_indexes(database) == {"t_a": False}
    database.execute("DELETE FROM t")


@pytest.mark.parametrize("directive", ["", "-- godwit: no-transaction\nINSERT INTO t VALUES (3);\n"])
def test_story_03_if_not_exists_does_not_take_an_invalid_index_for_done(project, database, directive):
    make_invalid_index(database)
    project.migration(1, "index", f"{directive}CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS t_a ON t (a);")
    project.godwit("up", code=0)
    assert valid_indexes(database) == {"t_a": True}


def test_story_03_a_valid_index_is_left_as_it_is(project, database):
    database.execute("CREATE TABLE t (a int); CREATE INDEX t_a ON t (a)")
    oid = database.value("SELECT 't_a'::regclass::oid::bigint")
    project.migration(1, "index", "CREATE INDEX CONCURRENTLY IF NOT EXISTS t_a ON t (a);")
    project.godwit("up", code=0)
    assert database.value("SELECT 't_a'::regclass::oid::bigint") == oid


def test_story_03_an_index_broken_by_a_killed_run_is_built_anew(project, database):
    database.execute("CREATE TABLE t (a int)")
    project.migration(1, "index", "CREATE INDEX CONCURRENTLY IF NOT EXISTS t_a ON t (a);")
    with holding(database, "INSERT INTO t VALUES (1)"):
        running = project.start("up")
        backend = until_blocked(database, running)[0]
        running.kill()
        database.execute("SELECT pg_terminate_backend(%s)", [backend])
        until(lambda: not lock_waiters(database), what="the end of the backend")
        assert valid_indexes(database) == {"t_a": False}
    project.godwit("up", code=0)
    assert valid_indexes(database) == {"t_a": True}


def test_story_03_a_run_after_a_kill_waits_for_the_server_that_goes_on(project, database):
    database.execute("CREATE TABLE t (a int)")
    project.migration(1, "index", "CREATE INDEX CONCURRENTLY t_a ON t (a);")
    with holding(database, "INSERT INTO t VALUES (1)") as writer:
        running = project.start("up")
        until_blocked(database, running)
        running.kill()
        assert len(lock_waiters(database)) == 1
        oid = database.value("SELECT 't_a'::regclass::oid::bigint")
        again = project.start("up", "--wait", "20min")
        until(lambda: "still under way on the server" in again.said(), 60, "the word that it waits")
        assert again.process.poll() is None
        writer.commit()
    said = again.finish(0)
    assert "still under way on the server" in said.err
    assert valid_indexes(database) == {"t_a": True}
    assert database.value("SELECT 't_a'::regclass::oid::bigint") == oid


# ---- 4: the own lock against CREATE INDEX CONCURRENTLY --------------------------------------------


def test_story_04_runners_that_wait_hold_no_snapshot(project, database):
    database.execute("CREATE TABLE t (a int)")
    project.migration(1, "index", "CREATE INDEX CONCURRENTLY t_a ON t (a);")
    with holding(database, "INSERT INTO t VALUES (1)") as writer:
        first = project.start("up")
        until_blocked(database, first)
        second = project.start("up", "--json", "--wait", "20min")
        until_waiting_for_run(database)
        # Polling, not waiting: no session of the second one stands in a transaction or a lock queue.
        assert len(lock_waiters(database)) == 1
        assert database.value("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                              " AND application_name = 'godwit' AND state LIKE 'idle in transaction%'") == 0
        writer.commit()
    first.finish(0)
    assert second.finish(0).json == {"applied": [], "pending": 0}
    assert valid_indexes(database) == {"t_a": True}


# ---- 5: advisory locks behind a transaction pooler -------------------------------------------------


def test_story_05_no_advisory_lock_is_left_on_a_pooled_backend(project, database, pgbouncer):
    configure(project, pgbouncer.url(database.name))
    project.migration(1, "gate", f"{PATIENT}{WAIT_AT_GATE}\nCREATE TABLE t (a int);")
    advisory = ("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database ="
                " (SELECT oid FROM pg_database WHERE datname = current_database())")
    with closed_gate(database):
        running = project.start("up")
        until_blocked(database, running)
        # The gate, twice: no lock of the run's.
        assert database.value(advisory) == 2
        assert database.value("SELECT mode FROM godwit.run_lock") == "lease"
    running.finish(0)
    assert database.value(advisory) == 0
    assert database.value("SELECT token IS NULL FROM godwit.run_lock")
    project.migration(2, "next", "CREATE TABLE u (a int);")
    project.godwit("up", "--wait", "0", code=0)


def test_story_05_a_killed_runner_leaves_no_lock_behind_the_pooler(project, database, pgbouncer):
    configure(project, pgbouncer.url(database.name))
    project.migration(1, "gate", f"{PATIENT}{WAIT_AT_GATE}\nCREATE TABLE t (a int);")
    with closed_gate(database):
        running = project.start("up")
        until_blocked(database, running)
        running.kill()
    until(lambda: database.value("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == 0,
          what="the end of the gate")
    assert database.value("SELECT expires_at < now() + interval '31 seconds' FROM godwit.run_lock")
    database.execute("UPDATE godwit.run_lock SET expires_at = now() - interval '1 second'")
    project.godwit("up", "--wait", "0", code=0)
    assert database.tables() == ["t"]


# ---- 6: dirty for nothing ---------------------------------------------------------------------------


def test_story_06_a_failure_in_a_transaction_needs_no_repair(project, database):
    project.migration(1, "ok", "CREATE TABLE ok (a int);")
    project.migration(2, "bad", "CREATE TABLE half (a int);\n\nSELECT 1/0;\n")
    failed = project.godwit("up", code=1)
    assert "division by zero" in failed.err and "22012" in failed.err and "2_bad.up.sql:3:1" in failed.err
    assert database.tables() == ["ok"]
    assert project.states() == {"1": "applied", "2": "failed"}
    assert database.value("SELECT count(*) FROM godwit.migrations") == 1
    event = database.execute("SELECT outcome, sqlstate, place FROM godwit.events WHERE version = '2'")
    assert len(event) == 1 and event[0][:2] == ("failed", "22012") and "2_bad.up.sql:3" in event[0][2]
    # Neither the failure nor a change of the file stands in the way.
    project.godwit("up", code=1)
    project.migration(2, "bad", "CREATE TABLE half (a int);")
    project.godwit("up", code=0)
    assert set(project.states().values()) == {"applied"}


def test_story_06_outside_a_transaction_the_next_run_goes_on_behind_what_is_done(project, database):
    database.execute("CREATE TABLE ran (step int)")
    head = "-- godwit: no-transaction\nINSERT INTO ran VALUES (1);\nVACUUM ran;\nINSERT INTO ran VALUES (2);\n"
    project.migration(1, "steps", head + "SELECT 1/0;\nINSERT INTO ran VALUES (3);\n")
    failed = project.godwit("up", code=1)
    assert "3 of 5 statements are done" in failed.err and "1_steps.up.sql:5:1" in failed.err
    assert project.states() == {"1": "failed"}
    assert database.execute("SELECT statements_done, statements_total FROM godwit.migrations") == [(3, 5)]
    # What is behind may be mended, what is done may not be rewritten.
    project.migration(1, "steps", head.replace("(1)", "(9)") + "SELECT 1;\nINSERT INTO ran VALUES (3);\n")
    assert "have been edited" in project.godwit("up", code=1).err
    project.migration(1, "steps", head + "SELECT 1;\nINSERT INTO ran VALUES (3);\n")
    project.godwit("up", code=0)
    assert values(database) == [1, 2, 3]
    assert project.states() == {"1": "applied"}


def test_story_06_what_nobody_can_know_is_asked_until_it_is_answered(project, database):
    database.execute(f"""CREATE TABLE ran (step int);
        CREATE PROCEDURE two() LANGUAGE plpgsql AS $$ BEGIN INSERT INTO ran VALUES (1); COMMIT;
        {WAIT_AT_GATE.replace("SELECT", "PERFORM")} INSERT INTO ran VALUES (2); END $$""")
    project.migration(1, "call", f"-- godwit: no-transaction\n{PATIENT}INSERT INTO ran VALUES (0);\nCALL two();\n")
    with closed_gate(database):
        running = project.start("up")
        backend = until_blocked(database, running)[0]
        running.kill()
        database.execute("SELECT pg_terminate_backend(%s)", [backend])
        until(lambda: not lock_waiters(database), what="the end of the backend")
    for _ in range(2):
        asked = project.godwit("up", code=1)
        assert "nobody can know whether statement 2 had its effect" in asked.err
        assert "godwit repair 1" in asked.err
    assert values(database) == [0, 1]
    project.godwit("repair", "1", "--done", code=0)
    project.godwit("up", code=0)
    assert values(database) == [0, 1]
    assert project.states() == {"1": "applied"}


# ---- 7: two runners at once -------------------------------------------------------------------------


def test_story_07_the_second_runner_waits_and_has_nothing_to_do(project, database):
    project.migration(1, "gate", f"{PATIENT}CREATE TABLE t (a int);\n{WAIT_AT_GATE}")
    project.migration(2, "more", "INSERT INTO t VALUES (1);")
    with closed_gate(database):
        first = project.start("up")
        until_blocked(database, first)
        second = project.start("up", "--wait", "20min")
        until_waiting_for_run(database)
    assert "2 migrations applied" in first.finish(0).out
    said = second.finish(0)
    assert "waiting: another run holds the lock" in said.err and "nothing to apply" in said.out
    assert values(database, "t") == [1]


def test_story_07_a_second_runner_with_newer_files_applies_only_those(project, make_project, database):
    newer = make_project(database.url)
    for each in (project, newer):
        each.migration(1, "gate", f"{PATIENT}CREATE TABLE t (a int);\n{WAIT_AT_GATE}")
    newer.migration(2, "more", "INSERT INTO t VALUES (2);")
    with closed_gate(database):
        first = project.start("up")
        until_blocked(database, first)
        second = newer.start("up", "--json", "--wait", "20min")
        until_waiting_for_run(database)
    first.finish(0)
    assert [m["version"] for m in second.finish(0).json["applied"]] == ["2"]
    assert values(database, "t") == [2]


# ---- 8: killed, and the lock stays --------------------------------------------------------------------


def test_story_08_a_killed_run_leaves_no_lock(project, database):
    project.migration(1, "gate", f"{PATIENT}CREATE TABLE t (a int);\n{WAIT_AT_GATE}")
    with closed_gate(database):
        running = project.start("up")
        backend = until_blocked(database, running)[0]
        running.kill()
        database.execute("SELECT pg_terminate_backend(%s)", [backend])
        until(lambda: not lock_waiters(database), what="the end of the backend")
    project.godwit("up", code=0)
    assert project.states() == {"1": "applied"}


def test_story_08_a_lock_in_a_backup_locks_nothing(project, database, make_database, make_project):
    dump = subprocess.run([shutil.which("pg_dump"), "--version"], capture_output=True, text=True, check=True)
    if int(dump.stdout.split()[2].split(".")[0]) < database.server.major:
        pytest.skip("needs a pg_dump of the server's version")
    project.migration(1, "one", "CREATE TABLE one (a int);")
    project.godwit("up", code=0)
    project.migration(2, "gate", f"{PATIENT}CREATE TABLE t (a int);\n{WAIT_AT_GATE}")
    with closed_gate(database):
        running = project.start("up")
        until_blocked(database, running)
        sql = subprocess.run(["pg_dump", database.url], capture_output=True, check=True).stdout
        running.kill()
    copy = make_database()
    subprocess.run(["psql", "-qX", "-v", "ON_ERROR_STOP=1", copy.url], input=sql, check=True,
                   stdout=subprocess.DEVNULL)
    assert copy.value("SELECT token IS NOT NULL FROM godwit.run_lock")
    restored = make_project(copy.url)
    restored.migration(1, "one", "CREATE TABLE one (a int);")
    restored.migration(2, "two", "CREATE TABLE two (a int);")
    restored.godwit("up", "--wait", "0", code=0)
    assert copy.tables() == ["one", "two"]


# ---- 9: CRLF ----------------------------------------------------------------------------------------


UNIX = ("-- godwit: lock_timeout=3s\nCREATE TABLE t (a int, b text);\nCREATE FUNCTION f() RETURNS int\n"
        "LANGUAGE sql AS $$\n  SELECT 1;\n$$;\nCOPY t FROM stdin;\n1\tone\n2\ttwo\n\\.\nINSERT INTO t VALUES (3, 'three');\n")


@pytest.mark.parametrize("ours, theirs", [("\n", "\r\n"), ("\r\n", "\n")])
def test_story_09_a_checkout_with_other_line_ends_is_the_same_file(project, database, ours, theirs):
    project.migration(1, "t", UNIX.replace("\n", ours), "DROP TABLE t;\nDROP FUNCTION f();\n".replace("\n", ours))
    project.godwit("up", code=0)
    assert database.execute("SELECT * FROM t ORDER BY 1") == [(1, "one"), (2, "two"), (3, "three")]
    checksum = project.godwit("status", "--json", code=0).json["migrations"][0]["checksum"]
    project.migration(1, "t", UNIX.replace("\n", theirs), "DROP TABLE t;\nDROP FUNCTION f();\n".replace("\n", theirs))
    project.godwit("status", "--check", code=0)
    project.godwit("verify", code=0)
    status = project.godwit("status", "--json", code=0).json["migrations"][0]
    assert (status["checksum"], status["state"]) == (checksum, "applied")
    project.godwit("up", code=0)
    project.godwit("redo", "--allow-data-loss", code=0)
    assert database.execute("SELECT * FROM t ORDER BY 1") == [(1, "one"), (2, "two"), (3, "three")]


def test_story_09_a_change_that_counts_is_seen_and_repair_is_offered(project, database):
    project.migration(1, "t", "CREATE TABLE t (a int);\n")
    project.godwit("up", code=0)
    project.migration(1, "t", "CREATE TABLE t (a bigint);\r\n")
    assert project.states() == {"1": "modified"}
    assert "godwit repair" in project.godwit("verify", code=3).out
    project.godwit("repair", code=0)
    project.godwit("verify", "--no-drift", code=0)
    # The checksum is right again; what the edited file says is still not what is in the database.
    assert "ALTER COLUMN a TYPE bigint" in project.godwit("verify", code=3).out


# ---- 10: huge files ---------------------------------------------------------------------------------


def test_story_10_a_line_has_no_limit(project, database):
    long = "x" * (12 * 1024 * 1024)
    project.migration(1, "long", f"CREATE TABLE t (a text);\nINSERT INTO t VALUES ('{long}');\n"
                      f"COPY t FROM stdin;\n{long}y\n\\.\n")
    project.godwit("up", code=0, timeout=300)
    assert database.execute("SELECT length(a) FROM t ORDER BY 1") == [(len(long),), (len(long) + 1,)]


@pytest.mark.slow
@pytest.mark.parametrize("count", [400, 20000])
def test_story_10_an_error_at_the_end_of_a_long_file_is_not_swallowed(project, database, count):
    body = "CREATE TABLE t (a int);\n" + "".join(f"INSERT INTO t VALUES ({i});\n" for i in range(count))
    project.migration(1, "long", body + "SELECT 1/0;\n")
    failed = project.godwit("up", code=1, timeout=300)
    assert "division by zero" in failed.err and f"1_long.up.sql:{count + 2}:1" in failed.err
    assert database.tables() == []
    project.migration(1, "long", body)
    project.godwit("up", code=0, timeout=300)
    assert database.value("SELECT count(*) FROM t") == count


def test_story_10_a_file_that_ends_in_the_middle_is_not_run_in_part(project, database):
    project.migration(1, "ok", "CREATE TABLE ok (a int);")
    project.migration(2, "cut", "CREATE TABLE t (a text);\nINSERT INTO t VALUES ('and then the disk was")
    failed = project.godwit("up", code=1)
    assert "2_cut.up.sql:2:" in failed.err
    assert database.tables() == []


def test_story_10_whole_table_changes_run_in_ranges_and_go_on_after_a_kill(project, database):
    database.execute("CREATE TABLE t (id int PRIMARY KEY, n int DEFAULT 0); INSERT INTO t SELECT generate_series(1, 100)")
    project.migration(1, "fill", f"{PATIENT}-- godwit: batch t.id 10\nUPDATE t SET n = n + 1 WHERE id BETWEEN $1 AND $2;")
    with holding(database, "SELECT FROM t WHERE id = 55 FOR UPDATE"):
        running = project.start("up")
        backend = until_blocked(database, running)[0]
        assert database.value("SELECT count(*) FROM t WHERE n = 1") == 50
        running.kill()
        database.execute("SELECT pg_terminate_backend(%s)", [backend])
        until(lambda: not lock_waiters(database), what="the end of the backend")
    assert database.execute("SELECT n, count(*) FROM t GROUP BY n ORDER BY n") == [(0, 50), (1, 50)]
    project.godwit("up", code=0)
    assert database.execute("SELECT n, count(*) FROM t GROUP BY n") == [(1, 100)]


# ---- 11: psql's commands and COPY -------------------------------------------------------------------


DUMP = r"""--
-- PostgreSQL database dump
--

\restrict aGVsbG8gdGhpcyBpcyBhIGtleQ

SET statement_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET row_security = off;

CREATE TABLE public.people (
    id integer NOT NULL,
    name text
);

COPY public.people (id, name) FROM stdin;
1	Ada; DROP TABLE public.people;
2	back\\slash 'quote' $$dollar$$
3	\N
4	\\.
\.

ALTER TABLE ONLY public.people ADD CONSTRAINT people_pkey PRIMARY KEY (id);

\unrestrict aGVsbG8gdGhpcyBpcyBhIGtleQ
"""


def test_story_11_a_dump_of_pg_dump_is_a_migration(project, database):
    project.migration(1, "dump", DUMP)
    project.migration(2, "next", "CREATE TABLE next (a int);")
    project.godwit("up", code=0)
    assert database.execute("SELECT * FROM people ORDER BY id") == [
        (1, "Ada; DROP TABLE public.people;"), (2, "back\\slash 'quote' $$dollar$$"), (3, None), (4, "\\.")]
    assert database.tables() == ["next", "people"]


@pytest.mark.parametrize("command", [r"\i other.sql", r"\connect elsewhere", r"\set x 1", r"\gexec", r"\copy t FROM 'f'"])
def test_story_11_other_commands_of_psql_are_a_clear_error(project, database, command):
    project.migration(1, "ok", "CREATE TABLE t (a int);")
    project.migration(2, "psql", f"SELECT 1;\n\n{command}\nSELECT 2;\n")
    refused = project.godwit("up", code=1)
    assert command.split()[0] in refused.err and "psql" in refused.err
    assert "2_psql.up.sql:3:1" in refused.err
    assert database.tables() == []


def test_story_11_copy_data_that_do_not_fit_leave_nothing(project, database):
    project.migration(1, "copy", "CREATE TABLE t (a int);\nCOPY t FROM stdin;\n1\nnot a number\n\\.\n")
    failed = project.godwit("up", code=1)
    assert "not a number" in failed.err and "COPY t, line 2" in failed.err
    assert database.tables() == []


# ---- 12: search_path --------------------------------------------------------------------------------


def test_story_12_an_emptied_search_path_ends_with_its_file(project, database):
    project.migration(1, "dump", "SELECT pg_catalog.set_config('search_path', '', false);\nCREATE TABLE public.a (id int);",
                      "DROP TABLE public.a")
    project.migration(2, "next", "CREATE TABLE b (id int);", "DROP TABLE b")
    project.migration(3, "steps", "-- godwit: no-transaction\nSET search_path = '';\nCREATE TABLE public.c (id int);\nVACUUM public.c;",
                      "DROP TABLE c")
    project.migration(4, "last", "CREATE TABLE d (id int);", "DROP TABLE d")
    project.godwit("up", code=0)
    assert database.tables() == ["a", "b", "c", "d"]
    project.godwit("down", "--to", "0", code=0)
    assert database.tables() == []


def test_story_12_settings_and_roles_end_with_their_file(project, database):
    role = database.role("GRANT CREATE, USAGE ON SCHEMA public TO {role}", options="NOLOGIN")
    look = ("INSERT INTO seen SELECT current_user, session_user, current_setting('work_mem'),"
            " current_setting('search_path'), current_setting('godwit_test.x', true);")
    database.execute("CREATE TABLE seen (u name, s name, m text, p text, x text); GRANT ALL ON seen TO PUBLIC")
    project.migration(1, "look", look)
    project.migration(2, "leak", f"SET work_mem = '7MB'; SET ROLE {role}; SET search_path = pg_catalog; SET godwit_test.x = 'y';\n"
                      "SELECT pg_advisory_lock(77); CREATE TEMP TABLE seen (z int); LISTEN x; PREPARE p AS SELECT 1;")
    project.migration(3, "look", look)
    project.migration(4, "leak", f"-- godwit: no-transaction\nSET work_mem = '7MB';\nVACUUM;\nSET search_path = pg_catalog;\nSET ROLE {role};")
    project.migration(5, "look", look + f"SET SESSION AUTHORIZATION {role};")
    project.migration(6, "look", look)
    project.godwit("up", code=0)
    rows = database.execute("SELECT u, s, m, p, COALESCE(x, '') FROM seen")
    assert len(rows) == 4 and len(set(rows)) == 1, rows
    applied_by = {by for (by,) in database.execute("SELECT db_user FROM godwit.events WHERE action = 'apply'")}
    assert applied_by == {"postgres"}


def test_story_12_files_see_the_search_path_of_their_role_and_database(project, database):
    database.execute(f"CREATE SCHEMA app; ALTER DATABASE \"{database.name}\" SET search_path = app, public")
    project.migration(1, "t", "CREATE TABLE t (a int);")
    project.migration(2, "steps", "-- godwit: no-transaction\nCREATE TABLE u (a int);\nVACUUM u;\nCREATE INDEX CONCURRENTLY ON u (a);")
    project.godwit("up", code=0)
    assert database.tables("app") == ["t", "u"] and database.tables() == []


def test_story_12_a_table_that_looks_like_ours_is_not_taken_for_it(project, database):
    database.execute("CREATE TABLE public.migrations (version text); CREATE TABLE public.events (a int);"
                     " CREATE FUNCTION public.now() RETURNS timestamptz LANGUAGE sql AS $$ SELECT '2000-01-01'::timestamptz $$;"
                     f" ALTER DATABASE \"{database.name}\" SET search_path = public, godwit, pg_catalog")
    project.migration(1, "t", "CREATE TABLE t (a int);")
    project.godwit("up", code=0)
    assert database.value("SELECT count(*) FROM public.migrations") == 0
    assert database.value("SELECT applied_at > '2020-01-01' FROM godwit.migrations")
    assert project.states() == {"1": "applied"}


# ---- 13: where a statement ends ---------------------------------------------------------------------


PIECES = {
    "dollar quotes": "CREATE FUNCTION f() RETURNS text LANGUAGE plpgsql AS $fn$ BEGIN RETURN $$;$$ || ';'; END; $fn$;",
    "do": "DO $$ BEGIN IF true THEN PERFORM 1; END IF; END $$;",
    "nested comments": "/* a; /* b; */ c; */ CREATE TABLE c1 (a int); -- d;",
    "escape string": r"CREATE TABLE c2 (a text DEFAULT E'it\'s; \\'); INSERT INTO c2 VALUES (E'\\'';');",
    "rule": "CREATE TABLE r (a int); CREATE TABLE l (a int); CREATE RULE rr AS ON INSERT TO r DO ALSO"
            " (INSERT INTO l VALUES (1); INSERT INTO l VALUES (2)); INSERT INTO r VALUES (1);",
    "quoted names": 'CREATE TABLE "a;b" ("c;""d" int);',
    "parameters": "PREPARE p (int) AS SELECT $1; DEALLOCATE p;",
    "unicode": "CREATE TABLE \"größe\" (a text DEFAULT U&'d\\0061t\\+000061;');",
    "copy": "CREATE TABLE cp (a text);\nCOPY cp FROM stdin;\n;;'\"$$/*--\n\\.\nINSERT INTO cp VALUES (';');",
    "no end": "CREATE TABLE noend (a int)",
}
ATOMIC = ("CREATE FUNCTION a(i int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT CASE WHEN i > 1 THEN"
          " CASE i WHEN 2 THEN 3 ELSE 4 END ELSE 5 END; END; CREATE TABLE after_atomic (a int);")


@pytest.mark.parametrize("piece", PIECES)
def test_story_13_statements_end_where_they_end(project, database, piece):
    project.migration(1, "piece", PIECES[piece])
    project.migration(2, "steps", f"-- godwit: no-transaction\nDROP SCHEMA public CASCADE;\nCREATE SCHEMA public;\n{PIECES[piece]};\nVACUUM;")
    project.godwit("up", code=0)
    if piece == "rule":
        assert values(database, "l") == [1, 2]
    if piece == "copy":
        assert values(database, "cp") == [";", ";;'\"$$/*--"]


@pytest.mark.pg(14)
def test_story_13_begin_atomic_ends_at_its_own_end(project, database):
    project.migration(1, "atomic", ATOMIC)
    project.godwit("up", code=0)
    assert database.execute("SELECT a(1), a(2), a(3)") == [(5, 3, 4)]
    assert database.tables() == ["after_atomic"]


def test_story_13_a_concurrent_index_among_others_is_refused_with_the_fix(project, database):
    project.migration(1, "mixed", "CREATE TABLE t (a int);\nCREATE INDEX CONCURRENTLY t_a ON t (a);\n")
    refused = project.godwit("up", code=1)
    assert "1_mixed.up.sql:2:1" in refused.err and "-- godwit: no-transaction" in refused.err
    assert database.tables() == []
    project.migration(1, "mixed", "-- godwit: no-transaction\nCREATE TABLE t (a int);\nCREATE INDEX CONCURRENTLY t_a ON t (a);\n")
    project.godwit("up", code=0)
    assert valid_indexes(database) == {"t_a": True}


# ---- 14: a new enum value used in its own transaction --------------------------------------------------


ADD, USE = "ALTER TYPE mood ADD VALUE 'great';", "INSERT INTO moods VALUES ('great');"


@pytest.fixture
def moods(project, database):
    database.execute("CREATE TYPE mood AS ENUM ('bad', 'good'); CREATE TABLE moods (m mood)")
    return project


def test_story_14_an_enum_value_used_where_it_is_added_is_refused_with_the_fix(moods, database):
    moods.migration(1, "first", "CREATE TABLE first (a int);")
    moods.migration(2, "both", f"{ADD}\n{USE}\n")
    refused = moods.godwit("up", code=1)
    assert "enum value 'great'" in refused.err and "2_both.up.sql:2:1" in refused.err
    assert "no-transaction" in refused.err
    assert database.tables() == ["moods"]
    moods.migration(2, "both", f"-- godwit: no-transaction\n{ADD}\n{USE}\n")
    moods.godwit("up", code=0)
    assert values(database, "moods") == ["great"]


def test_story_14_one_run_may_add_it_in_one_file_and_use_it_in_the_next(moods, database):
    moods.migration(1, "add", ADD)
    moods.migration(2, "use", USE)
    moods.godwit("up", code=0)
    assert values(database, "moods") == ["great"]


def test_story_14_one_transaction_for_all_files_says_why_not(moods, database):
    moods.migration(1, "add", ADD)
    moods.migration(2, "use", USE)
    failed = moods.godwit("up", "--atomic", code=1)
    assert "2_use.up.sql" in failed.err and "--atomic" in failed.err
    assert database.value("SELECT count(*) FROM pg_enum WHERE enumlabel = 'great'") == 0
    moods.godwit("up", code=0)


def test_story_14_a_type_of_the_same_transaction_may_use_its_value(moods, database):
    """From 17 on PostgreSQL allows it there; before, what it would say is said first."""
    moods.migration(1, "all", "CREATE TYPE fresh AS ENUM ('a');\nALTER TYPE fresh ADD VALUE 'b';\n"
                    "CREATE TABLE f (v fresh);\nINSERT INTO f VALUES ('b');\n")
    if database.server.major < 17:
        assert "enum value 'b'" in moods.godwit("up", code=1).err
        return
    moods.godwit("up", code=0)
    assert values(database, "f") == ["b"]


# ---- 15: objects that no migration made -----------------------------------------------------------------


def test_story_15_a_view_made_by_hand_is_named_and_nothing_is_half_done(project, database):
    project.migration(1, "t", "CREATE TABLE t (a int);")
    project.godwit("up", code=0)
    database.execute("CREATE VIEW analytics AS SELECT a FROM t")
    project.migration(2, "more", "CREATE TABLE u (a int);\nALTER TABLE t ALTER a TYPE bigint;\n")
    failed = project.godwit("up", code=1)
    assert "view analytics" in failed.err and "2_more.up.sql:2:1" in failed.err
    assert database.tables() == ["t"]
    assert project.states() == {"1": "applied", "2": "failed"}
    database.execute("DROP VIEW analytics")
    project.godwit("up", code=0)


# ---- and what several of them have in common ----------------------------------------------------


def test_what_outlives_a_rollback_does_not_stop_the_next_try(project, database):
    """A prepared statement and a session lock are no part of the transaction that is tried again."""
    database.execute("CREATE TABLE t (a int)")
    configure(project, database.url, lock_timeout="200ms", lock_retries=10000)
    project.migration(1, "first", "CREATE TABLE one (a int);")
    project.migration(2, "again", "PREPARE p AS SELECT 1;\nSELECT pg_advisory_lock(77);\nALTER TABLE t ADD b int;")
    project.migration(3, "plain", "ALTER TABLE t ADD c int;")
    project.migration(4, "steps", "CREATE INDEX CONCURRENTLY ON t (a);")
    project.migration(5, "plain", "CREATE TABLE five (a int);")
    with holding(database, "SELECT * FROM t") as holder:
        running = project.start("up")
        first = until_blocked(database, running)
        until(lambda: lock_waiters(database) != first, 60, "the end of the first try")
        until_blocked(database, running)
        holder.rollback()
        running.finish(0)
    assert set(project.states().values()) == {"applied"}
