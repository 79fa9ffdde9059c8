"""Files outside a transaction, killed at the worst moment: what the next run does for each kind of statement."""
import concurrent.futures
import contextlib

import psycopg2
import pytest

from harness.blocking import configure
from harness.waiting import until

NO_TX = "-- godwit: no-transaction\n"
BUSY = """SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
          AND state = 'active' AND query LIKE %s AND wait_event_type = 'Lock'"""


@contextlib.contextmanager
def blocker(database, *statements):
    """An open transaction in the way."""
    connection = database.connect(autocommit=False)
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    try:
        yield connection
    finally:
        connection.close()


def kill_at(project, database, statement, *words):
    """kill -9 while the server waits inside `statement`; the pid of its backend, which goes on."""
    running = project.start(*(words or ("up",)))
    found = until(lambda: running.process.poll() is not None or database.execute(BUSY, [statement + "%"]),
                  what=f"{statement} waiting")
    assert found is not True, running.finish(code=0)
    running.kill()
    return found[0][0]


def end(database, pid):
    database.execute("SELECT pg_terminate_backend(%s)", [pid])
    until(lambda: not database.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", [pid]), what="its end")


def gone(database, pid):
    until(lambda: not database.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s AND state = 'active'", [pid]),
          what="the end of the statement")


def index(database, name="t_a"):
    """(oid, valid) of an index, or None."""
    rows = database.execute("SELECT indexrelid::int, indisvalid FROM pg_index i JOIN pg_class c ON c.oid = indexrelid"
                            " WHERE relname = %s", [name])
    return rows[0] if rows else None


def invalid(database):
    return [n for (n,) in database.execute("SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid")]


def row_of(database):
    return database.execute("SELECT state, statements_done, statements_total, intent->'statement'->>'what'"
                            " FROM godwit.migrations WHERE version = '1'")


@pytest.fixture
def table(database):
    database.execute("CREATE TABLE t (id int PRIMARY KEY, a int); INSERT INTO t SELECT n, n FROM generate_series(1, 500) n;"
                     "CREATE TABLE log (n serial, what text)")
    return database


HOLD = "INSERT INTO t VALUES (-1, -1)"
CREATES = pytest.mark.parametrize("create", [
    "CREATE INDEX CONCURRENTLY t_a ON t (a)", "CREATE INDEX CONCURRENTLY IF NOT EXISTS t_a ON t (a)",
    'CREATE UNIQUE INDEX CONCURRENTLY "t_a" ON public.t (a)', "CREATE INDEX CONCURRENTLY ON t (a)"])


def steps(project, statement, down=None):
    project.migration(1, "steps", f"{NO_TX}INSERT INTO log (what) VALUES ('before');\n{statement};\n"
                                  "INSERT INTO log (what) VALUES ('after');\n", down)


def log(database):
    return [w for (w,) in database.execute("SELECT what FROM log ORDER BY n")]


# ---- CREATE INDEX CONCURRENTLY ----------------------------------------------------------------


@CREATES
def test_an_index_that_the_server_still_builds_is_waited_for(project, table, create):
    name = "t_a_idx" if " ON t" in create and "t_a" not in create else "t_a"
    steps(project, create)
    with blocker(table, HOLD):
        pid = kill_at(project, table, create)
        assert row_of(table) == [("running", 1, 3, "CREATE INDEX CONCURRENTLY")]
        oid, valid = index(table, name)
        assert not valid
        again = project.start("up")
        until(lambda: "still under way" in again.said(), what="the word that it waits")
        assert again.process.poll() is None and index(table, name) == (oid, False)
    result = again.finish(code=0)
    assert f"still under way on the server (pid {pid}" in result.err
    assert f"SELECT pg_terminate_backend({pid})" in result.err
    assert index(table, name) == (oid, True) and invalid(table) == []
    assert log(table) == ["before", "after"]
    assert project.states() == {"1": "applied"}


@CREATES
def test_an_index_left_invalid_is_built_anew(project, table, create):
    name = "t_a_idx" if " ON t" in create and "t_a" not in create else "t_a"
    steps(project, create)
    with blocker(table, HOLD):
        pid = kill_at(project, table, create)
        end(table, pid)
        oid, valid = index(table, name)
        assert not valid
    project.godwit("up", code=0)
    new, valid = index(table, name)
    assert valid and new != oid and invalid(table) == []
    assert table.value("SELECT count(*) FROM pg_index WHERE indrelid = 't'::regclass") == 2
    assert log(table) == ["before", "after"]


@CREATES
def test_an_index_that_was_finished_behind_the_back_is_kept(project, table, create):
    name = "t_a_idx" if " ON t" in create and "t_a" not in create else "t_a"
    steps(project, create)
    with blocker(table, HOLD):
        pid = kill_at(project, table, create)
        oid = index(table, name)[0]
    gone(table, pid)
    project.godwit("up", code=0)
    assert index(table, name) == (oid, True) and log(table) == ["before", "after"]


# ---- an index of that name which is somebody else's -------------------------------------------


def left_invalid(database, create):
    """The oid of an index whose build fails: table t has the value 1 twice."""
    database.execute("INSERT INTO t VALUES (1000, 1)")
    with pytest.raises(psycopg2.errors.UniqueViolation):
        database.execute(create)
    oid, valid = index(database)
    assert not valid
    return oid


def test_an_invalid_index_of_somebody_else_is_not_taken_for_done(project, table):
    """IF NOT EXISTS would pass over it. It says the same as the statement, in other words."""
    oid = left_invalid(table, "CREATE UNIQUE INDEX CONCURRENTLY t_a ON t USING btree (a ASC NULLS LAST) WHERE a > 0")
    table.execute("DELETE FROM t WHERE id = 1000")
    project.migration(1, "index", "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS t_a ON public.t (a) WHERE (a > 0);")
    result = project.godwit("up", code=0)
    assert "left INVALID when it ended is dropped" in result.err
    new, valid = index(table)
    assert valid and new != oid


@pytest.mark.many
@pytest.mark.parametrize("create", [
    "CREATE INDEX CONCURRENTLY IF NOT EXISTS t_a ON t (a)", "CREATE INDEX CONCURRENTLY t_a ON t (a)",
    "CREATE UNIQUE INDEX CONCURRENTLY t_a ON t (id)", "CREATE UNIQUE INDEX CONCURRENTLY t_a ON t (a, id)",
    "CREATE UNIQUE INDEX CONCURRENTLY t_a ON t (a DESC)", "CREATE UNIQUE INDEX CONCURRENTLY t_a ON t (a) WHERE a > 0",
    "CREATE UNIQUE INDEX CONCURRENTLY t_a ON t (a) INCLUDE (id)", "CREATE UNIQUE INDEX CONCURRENTLY t_a ON t ((a + 0))",
    "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS t_a ON log (n)", "CREATE INDEX CONCURRENTLY t_a ON t USING hash (a)"])
def test_an_invalid_index_that_is_another_is_not_dropped(project, table, create):
    oid = left_invalid(table, "CREATE UNIQUE INDEX CONCURRENTLY t_a ON t (a)")
    project.migration(1, "index", create + ";")
    for _ in range(2):
        error = project.godwit("up", "--json", code=1).json["error"]
        assert "INVALID" in error["message"] and "on table public.t" in error["message"]
        assert "CREATE UNIQUE INDEX t_a ON public.t" in error["detail"]
        assert 'DROP INDEX CONCURRENTLY "public"."t_a"' in error["hint"]
        assert error["where"].endswith("1_index.up.sql:1:1")
    assert index(table) == (oid, False) and table.value("SELECT count(*) FROM godwit.migrations") == 0
    table.execute('DROP INDEX CONCURRENTLY "public"."t_a"')
    table.execute("DELETE FROM t WHERE id = 1000")
    project.godwit("up", code=0)
    assert index(table)[1]


@contextlib.contextmanager
def built_by_hand(database, create):
    """Another client's CREATE INDEX CONCURRENTLY, held up: (its pid, a function that lets it end)."""
    connection = database.connect(autocommit=True)
    with concurrent.futures.ThreadPoolExecutor(1) as pool, blocker(database, HOLD) as writer, \
            contextlib.closing(connection):
        build = pool.submit(connection.cursor().execute, create)
        until(lambda: build.done() or (index(database) and database.execute(BUSY, [create + "%"])), what="the build")
        assert not build.done(), build.result()

        def let_go():
            writer.rollback()
            build.result(60)
        try:
            yield connection.get_backend_pid(), let_go
        finally:
            writer.rollback()


@pytest.mark.parametrize("role", ["owner", "table owner"])
@pytest.mark.parametrize("words", ["", "IF NOT EXISTS "])
def test_an_index_that_somebody_else_builds_is_waited_for(project, table, words, role):
    """The role that is not the builder's does not see what the builder says of itself."""
    if role == "table owner":
        user = table.role("GRANT ALL ON DATABASE {database} TO {role}", "GRANT ALL ON SCHEMA public TO {role}",
                          "ALTER TABLE t OWNER TO {role}", "GRANT ALL ON log TO {role}", "GRANT ALL ON log_n_seq TO {role}")
        configure(project, table.url_for(user))
    steps(project, f"CREATE INDEX CONCURRENTLY {words}t_a ON t (a)")
    with built_by_hand(table, "CREATE INDEX CONCURRENTLY t_a ON t (a)") as (pid, let_go):
        oid = index(table)[0]
        running = project.start("up", "--wait", "5min")
        until(lambda: running.process.poll() is not None or "waiting for it" in running.said(), what="the word that it waits")
        assert running.process.poll() is None and index(table) == (oid, False)
        let_go()
        result = running.finish(code=0 if words else 1)
    assert f"another session is still at work on index public.t_a: waiting for it (pid {pid}" in result.err
    assert "is dropped" not in result.err
    assert index(table) == (oid, True) and log(table) == (["before", "after"] if words else ["before"])
    if not words:
        assert "already exists" in result.err and "index public.t_a is on table public.t: CREATE INDEX" in result.err
        assert "IF NOT EXISTS" in result.err


def test_an_index_that_somebody_else_builds_for_longer_than_up_waits(project, table):
    create = "CREATE INDEX CONCURRENTLY t_a ON t (a)"
    steps(project, "CREATE INDEX CONCURRENTLY IF NOT EXISTS t_a ON t (a)")
    with built_by_hand(table, create) as (pid, let_go):
        oid = index(table)[0]
        error = project.godwit("up", "--wait", "0s", "--json", code=7).json["error"]
        assert "still at work on index public.t_a" in error["message"]
        assert error["detail"].startswith(f"pid {pid}, for ") and create in error["detail"]
        assert f"pg_terminate_backend({pid})" in error["hint"]
        assert index(table) == (oid, False) and row_of(table) == [("running", 1, 3, None)]
        let_go()
    project.godwit("up", code=0)
    assert index(table) == (oid, True) and log(table) == ["before", "after"]


def test_a_build_of_somebody_else_that_fails_is_what_a_build_left(project, table):
    """Waited for, then taken away: it says the same."""
    create = "CREATE INDEX CONCURRENTLY t_a ON t (a)"
    steps(project, create)
    with built_by_hand(table, create) as (pid, let_go):
        oid = index(table)[0]
        running = project.start("up", "--wait", "5min")
        until(lambda: running.process.poll() is not None or "waiting for it" in running.said(), what="the word that it waits")
        end(table, pid)
        with pytest.raises(psycopg2.OperationalError):
            let_go()
        result = running.finish(code=0)
    assert "left INVALID when it ended is dropped" in result.err
    new, valid = index(table)
    assert valid and new != oid and log(table) == ["before", "after"]


def test_a_run_that_was_killed_leaves_the_builds_of_others_on_its_table_alone(project, table):
    """A statement without a name: what is new on the table and says another thing is not its own."""
    create = "CREATE INDEX CONCURRENTLY ON t (a)"
    steps(project, create)
    with blocker(table, HOLD):
        end(table, kill_at(project, table, create))
    table.execute("INSERT INTO t VALUES (1000, 1)")
    with pytest.raises(psycopg2.errors.UniqueViolation):
        table.execute("CREATE UNIQUE INDEX CONCURRENTLY other ON t (a)")
    table.execute("CREATE INDEX CONCURRENTLY valid ON t (a, id)")
    other = index(table, "other")
    project.godwit("up", code=0)
    assert index(table, "other") == other and invalid(table) == ["other"]
    assert index(table, "t_a_idx")[1] and log(table) == ["before", "after"]


@pytest.mark.parametrize("valid", [True, False])
def test_an_index_of_that_name_on_another_table(project, table, valid):
    table.execute("CREATE TABLE u (a int); INSERT INTO u VALUES (1), (1)")
    steps(project, "CREATE INDEX CONCURRENTLY u_a ON t (a)")
    if valid:
        table.execute("CREATE INDEX u_a ON u (a)")
    else:
        with pytest.raises(psycopg2.errors.UniqueViolation):
            table.execute("CREATE UNIQUE INDEX CONCURRENTLY u_a ON u (a)")
    there = index(table, "u_a")
    error = project.godwit("up", "--json", code=1).json["error"]
    if valid:
        assert "already exists" in error["message"] and "another table public.u: CREATE INDEX" in error["detail"]
        assert "choose another one" in error["hint"]
    else:
        assert "INVALID" in error["message"] and "public.u" in error["message"]
    assert index(table, "u_a") == there and row_of(table) == [("running", 1, 3, None)]


def test_a_unique_index_that_fails_leaves_nothing_invalid(project, table):
    table.execute("INSERT INTO t VALUES (1000, 1)")
    steps(project, "CREATE UNIQUE INDEX CONCURRENTLY t_a ON t (a)")
    error = project.godwit("up", "--json", code=1).json["error"]
    assert error["sqlstate"] == "23505" and error["where"].endswith("1_steps.up.sql:3:1")
    assert index(table) is None and row_of(table) == [("running", 1, 3, None)]
    table.execute("DELETE FROM t WHERE id = 1000")
    project.godwit("up", code=0)
    assert index(table)[1] and log(table) == ["before", "after"]


def test_a_statement_in_doubt_that_was_edited_is_not_taken_for_done(project, table):
    create = "CREATE INDEX CONCURRENTLY t_a ON t (a)"
    steps(project, create)
    with blocker(table, HOLD):
        pid = kill_at(project, table, create)
    gone(table, pid)
    steps(project, "CREATE INDEX CONCURRENTLY t_a ON t (id, a)")
    refused = project.godwit("up", code=1)
    assert "edited" in refused.err and "repair 1" in refused.err
    steps(project, create)
    project.godwit("up", code=0)
    assert log(table) == ["before", "after"]


def test_what_is_done_may_not_be_edited(project, table):
    steps(project, "CREATE INDEX CONCURRENTLY t_a ON nowhere (a)")
    project.godwit("up", code=1)
    project.migration(1, "steps", f"{NO_TX}INSERT INTO log (what) VALUES ('other');\nSELECT 1;\nSELECT 2;\n")
    refused = project.godwit("up", code=1)
    assert "have been edited" in refused.err and "--forget" in refused.err
    # what is behind it may
    steps(project, "CREATE INDEX CONCURRENTLY t_a ON t (a)")
    project.godwit("up", code=0)
    assert log(table) == ["before", "after"] and index(table)[1]


# ---- DROP, REINDEX, DETACH --------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["ended", "finished"])
@pytest.mark.parametrize("drop", ["DROP INDEX CONCURRENTLY t_a", "DROP INDEX CONCURRENTLY IF EXISTS public.t_a"])
def test_drop_index(project, table, drop, ending):
    table.execute("CREATE INDEX t_a ON t (a)")
    steps(project, drop)
    with blocker(table, HOLD):
        pid = kill_at(project, table, drop)
        if ending == "ended":
            end(table, pid)
            assert index(table) is not None
    gone(table, pid)
    project.godwit("up", code=0)
    assert index(table) is None and log(table) == ["before", "after"]


@pytest.mark.parametrize("what", ["INDEX CONCURRENTLY t_a", "TABLE CONCURRENTLY t", "INDEX CONCURRENTLY public.t_a",
                                  "SCHEMA CONCURRENTLY public"])
def test_reindex_leaves_nothing_behind(project, table, what):
    """Of the table's TOAST table neither."""
    table.execute("CREATE INDEX t_a ON t (a); ALTER TABLE t ADD COLUMN note text")
    steps(project, f"REINDEX {what}")
    with blocker(table, HOLD):
        pid = kill_at(project, table, "REINDEX")
        end(table, pid)
        assert invalid(table), "REINDEX CONCURRENTLY leaves _ccnew behind"
    project.godwit("up", code=0)
    assert invalid(table) == [] and index(table)[1] and log(table) == ["before", "after"]
    assert table.execute("SELECT 1 FROM pg_class WHERE relname ~ '_cc(new|old)'") == []


@pytest.mark.pg(14)
@pytest.mark.parametrize("what", ["INDEX CONCURRENTLY p_a", "TABLE CONCURRENTLY p"])
def test_reindex_leaves_nothing_behind_on_partitions(project, table, what):
    table.execute("CREATE TABLE p (a int, note text) PARTITION BY RANGE (a); CREATE INDEX p_a ON p (a);"
                  "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (9)")
    steps(project, f"REINDEX {what}")
    with blocker(table, "SELECT * FROM p"):
        pid = kill_at(project, table, "REINDEX")
        end(table, pid)
        assert invalid(table), "REINDEX CONCURRENTLY leaves _ccnew behind"
    project.godwit("up", code=0)
    assert invalid(table) == [] and log(table) == ["before", "after"]


@pytest.mark.pg(14)
def test_a_pending_detach_is_finalized(project, table):
    table.execute("CREATE TABLE p (id int) PARTITION BY LIST (id); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);"
                  "INSERT INTO p VALUES (1)")
    detach = "ALTER TABLE p DETACH PARTITION p1 CONCURRENTLY"
    steps(project, detach)
    pending = "SELECT inhdetachpending FROM pg_inherits WHERE inhrelid = 'p1'::regclass"
    with blocker(table, "SELECT * FROM p"):
        pid = kill_at(project, table, detach)
        end(table, pid)
        assert table.execute(pending) == [(True,)]
    project.godwit("up", code=0)
    assert table.execute(pending) == [] and table.value("SELECT count(*) FROM p1") == 1
    assert log(table) == ["before", "after"]


@pytest.mark.pg(14)
def test_a_pending_detach_is_finalized_within_the_lock_timeout(project, table, database):
    """FINALIZE wants the partition for itself: readers of it would queue up behind."""
    table.execute("CREATE TABLE p (id int) PARTITION BY LIST (id); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1)")
    detach = "ALTER TABLE p DETACH PARTITION p1 CONCURRENTLY"
    steps(project, detach)
    with blocker(table, "SELECT * FROM p"):
        end(table, kill_at(project, table, detach))
    configure(project, database.url, lock_timeout="400ms", lock_retries=1)
    with blocker(table, "SELECT * FROM p1") as connection:
        error = project.godwit("up", "--json", code=1).json["error"]
        assert error["sqlstate"] == "55P03" and f"pid {connection.info.backend_pid}" in error["detail"], error
        assert "lock_timeout is 400 ms; tried 2 times" in error["detail"], error
        assert log(table) == ["before"]
    project.godwit("up", code=0)
    assert table.execute("SELECT 1 FROM pg_inherits WHERE inhrelid = 'p1'::regclass") == []
    assert log(table) == ["before", "after"]


@pytest.mark.pg(14)
def test_a_detach_that_was_finished_is_kept(project, table):
    table.execute("CREATE TABLE p (id int) PARTITION BY LIST (id); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1)")
    detach = "ALTER TABLE p DETACH PARTITION p1 CONCURRENTLY"
    steps(project, detach)
    with blocker(table, "SELECT * FROM p"):
        pid = kill_at(project, table, detach)
    gone(table, pid)
    project.godwit("up", code=0)
    assert table.execute("SELECT 1 FROM pg_inherits WHERE inhrelid = 'p1'::regclass") == []
    assert log(table) == ["before", "after"]


# ---- the others -------------------------------------------------------------------------------


@pytest.fixture
def committing(table):
    table.execute("""CREATE PROCEDURE work() LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO log (what) VALUES ('half'); COMMIT;
            PERFORM pg_advisory_xact_lock(42);
            INSERT INTO log (what) VALUES ('whole'); COMMIT;
        END $$""")
    return table


@pytest.mark.parametrize("call", ["CALL work()", "DO $$ BEGIN INSERT INTO log (what) VALUES ('half'); COMMIT;"
                                  " PERFORM pg_advisory_xact_lock(42); INSERT INTO log (what) VALUES ('whole'); END $$"])
@pytest.mark.parametrize("answer", ["--done", "--forget"])
def test_what_commits_by_itself_asks_for_repair(project, committing, call, answer):
    database = committing
    steps(project, call)
    with blocker(database, "SELECT pg_advisory_lock(42)"):
        pid = kill_at(project, database, call[:8])
        end(database, pid)
    assert log(database) == ["before", "half"]
    project.godwit("up", code=1)
    refused = project.godwit("up", "--json", code=1).json["error"]
    assert "nobody can know" in refused["message"] and refused["where"].endswith("1_steps.up.sql:3:1")
    assert "repair 1 --done" in refused["hint"] and "--forget" in refused["hint"]
    assert log(database) == ["before", "half"]
    assert project.states() == {"1": "failed"}
    asked = project.godwit("repair", code=1)
    assert "--done" in asked.err and "--forget" in asked.err
    if answer == "--done":
        assert "statement 3 of 3 never ran" in project.godwit("repair", "1", answer, code=5).err
    project.godwit("repair", "1", answer, "--yes", code=0)
    project.godwit("up", code=0)
    assert project.states() == {"1": "applied"}
    assert log(database) == ["before", "half"] + ([] if answer == "--done" else ["before", "half", "whole", "after"])
    events = project.godwit("history", "1", "--json", code=0).json["events"]
    assert "repair" in [e["action"] for e in events]


def test_vacuum_is_done_again(project, table):
    steps(project, "VACUUM (ANALYZE) t")
    with blocker(table, "LOCK TABLE t IN SHARE UPDATE EXCLUSIVE MODE"):
        end(table, kill_at(project, table, "VACUUM"))
    assert table.value("SELECT reltuples <= 0 FROM pg_class WHERE relname = 't'")
    project.godwit("up", code=0)
    assert log(table) == ["before", "after"]
    assert table.value("SELECT reltuples FROM pg_class WHERE relname = 't'") == 500


def test_alter_system_behind_what_was_killed(project, table):
    setting = "SELECT setting FROM pg_file_settings WHERE name = 'seq_page_cost' AND sourcefile LIKE '%auto.conf'"
    project.migration(1, "steps", f"{NO_TX}VACUUM t;\nALTER SYSTEM SET seq_page_cost = 1.5;\n",
                      f"{NO_TX}VACUUM t;\nALTER SYSTEM RESET seq_page_cost;\n")
    with blocker(table, "LOCK TABLE t IN SHARE UPDATE EXCLUSIVE MODE"):
        end(table, kill_at(project, table, "VACUUM"))
    assert table.execute(setting) == []
    project.godwit("up", code=0)
    assert table.execute(setting) == [("1.5",)]
    with blocker(table, "LOCK TABLE t IN SHARE UPDATE EXCLUSIVE MODE"):
        end(table, kill_at(project, table, "VACUUM", "down"))
    assert row_of(table)[0][0] == "reverting"
    refused = project.godwit("up", code=1)
    assert "other direction" in refused.err
    project.godwit("down", code=0)
    assert table.execute(setting) == [] and project.states() == {"1": "pending"}


@pytest.mark.parametrize("ending", ["ended", "finished"])
def test_create_and_drop_database(project, table, ending):
    name = f"{table.name}_more"
    project.migration(1, "steps", f"{NO_TX}CREATE DATABASE {name} TEMPLATE template0;\n"
                                  "INSERT INTO log (what) VALUES ('after');\n",
                      f"{NO_TX}DROP DATABASE {name};\n")
    there = "SELECT count(*) FROM pg_database WHERE datname = %s"
    lock = "LOCK TABLE pg_catalog.pg_database IN SHARE ROW EXCLUSIVE MODE"
    for words, statement, count in ((("up",), "CREATE DATABASE", 1), (("down", "--allow-data-loss"), "DROP DATABASE", 0)):
        with blocker(table, lock):
            pid = kill_at(project, table, statement, *words)
            if ending == "ended":
                end(table, pid)
        gone(table, pid)
        project.godwit(*words, code=0)
        assert table.value(there, [name]) == count
    assert log(table) == ["after"]


def test_settings_hold_for_what_is_behind_after_a_kill(project, table):
    """A SET of the file is sent again when a run goes on in the middle."""
    project.migration(1, "steps", f"{NO_TX}CREATE SCHEMA app;\nSET search_path = app, public;\nVACUUM public.t;\n"
                                  "CREATE TABLE landed (id int);\nCREATE INDEX CONCURRENTLY landed_id ON landed (id);\n")
    with blocker(table, "LOCK TABLE t IN SHARE UPDATE EXCLUSIVE MODE"):
        end(table, kill_at(project, table, "VACUUM"))
    project.godwit("up", code=0)
    assert table.tables("app") == ["landed"] and index(table, "landed_id")[1]


def test_a_statement_that_is_alone_in_its_file_needs_no_directive(project, table):
    project.migration(1, "index", "CREATE INDEX CONCURRENTLY t_a ON t (a);", "DROP INDEX CONCURRENTLY t_a;")
    project.migration(2, "vacuum", "VACUUM t;", "")
    with blocker(table, HOLD):
        pid = kill_at(project, table, "CREATE INDEX CONCURRENTLY")
        end(table, pid)
    project.godwit("up", code=0)
    assert index(table)[1] and project.states() == {"1": "applied", "2": "applied"}
    project.godwit("down", "--to", "0", code=0)
    assert index(table) is None
