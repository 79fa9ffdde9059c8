"""Runners beside runners, beside other clients, behind a pooler, and cut off in the middle."""
import contextlib
import signal

import psycopg2
import pytest

from harness.blocking import (WAIT_AT_GATE, closed_gate, configure, freeze, holding, interrupt,
                              lock_waiters, thaw, until_blocked, until_waiting_for_run)
from harness.proxy import CutAtCommit
from harness.waiting import until

PATIENT = "-- godwit: lock_timeout=10min\n"
LONG = 300

# Each file of these leaves one row a run: what ran twice shows.
RAN = "CREATE TABLE IF NOT EXISTS ran (version int, by text DEFAULT current_setting('application_name'));\n"


def count_runs(project, count, gate_in=None, first=1):
    """Files first … first + count - 1, each of which notes that it ran; one stops at the gate."""
    for version in range(first, first + count):
        gate = WAIT_AT_GATE if version == gate_in else ""
        project.migration(version, f"step{version}",
                          f"{PATIENT}{RAN}{gate}\nINSERT INTO ran VALUES ({version});\n"
                          f"CREATE TABLE t{version} (id int);\n",
                          f"DROP TABLE t{version}; DELETE FROM ran WHERE version = {version};")


def runs(database):
    return [v for (v,) in database.execute("SELECT version FROM ran ORDER BY 1")]


def expire_lease(database):
    """As if its runner had been silent for longer than the lease."""
    database.execute("UPDATE godwit.run_lock SET expires_at = now() - interval '1 second'"
                     " WHERE mode = 'lease'")


# ---- many runners ---------------------------------------------------------------------------


@pytest.mark.slow
def test_fifty_runners_at_once_one_works(project, database):
    count_runs(project, 10, gate_in=1)
    with closed_gate(database):
        everyone = [project.start("up", "--json", "--wait", "20min") for _ in range(50)]
        until(lambda: len(lock_waiters(database)) == 1, LONG, "one runner at the gate")
        until_waiting_for_run(database, 49)
    applied = [running.finish(0, timeout=LONG).json["applied"] for running in everyone]
    assert sorted(map(len, applied)) == [0] * 49 + [10]
    assert runs(database) == list(range(1, 11))
    assert database.value("SELECT count(*) FROM godwit.migrations WHERE state = 'applied'") == 10
    assert database.value("SELECT count(DISTINCT run_id) FROM godwit.events WHERE action = 'apply'") == 1


def test_fifty_first_runs_make_the_tables_once(project, database):
    """Nothing is there yet: all of them want to make schema godwit."""
    count_runs(project, 2)
    everyone = [project.start("up", "--json", "--wait", "20min") for _ in range(50)]
    applied = [running.finish(0, timeout=LONG).json["applied"] for running in everyone]
    assert sorted(map(len, applied)) == [0] * 49 + [2]
    assert runs(database) == [1, 2]


def test_a_runner_that_does_not_wait_names_the_holder(project, database):
    count_runs(project, 1, gate_in=1)
    with closed_gate(database):
        holder = project.start("up")
        until_blocked(database, holder)
        busy = project.godwit("up", "--wait", "0", code=7)
        pid = database.value("SELECT backend_pid FROM godwit.run_lock")
        assert "another run holds the lock" in busy.err
        assert "godwit up by " in busy.err and f"backend pid {pid}" in busy.err
        assert "--wait" in busy.err
        error = project.godwit("up", "--wait", "0", "--json", code=7).json["error"]
        assert error["kind"] == "busy"
        assert str(pid) in error["detail"]
    holder.finish(0)
    assert runs(database) == [1]


def test_commands_that_only_look_do_not_wait(project, database):
    count_runs(project, 2, gate_in=1)
    with closed_gate(database):
        holder = project.start("up")
        until_blocked(database, holder)
        assert project.states() == {"1": "pending", "2": "pending"}
        assert "CREATE TABLE t2" in project.godwit("up", "--dry-run", code=0).out
    holder.finish(0)


# ---- the holder dies ------------------------------------------------------------------------


def test_the_lock_of_a_killed_holder_is_gone(project, database):
    count_runs(project, 3, gate_in=2)
    with closed_gate(database):
        holder = project.start("up")
        until_blocked(database, holder)
        holder.kill()
        # The server still has the killed runner's second file in hand: it is not to be run beside it.
        second = project.start("up", "--json", "--wait", "20min")
        until_waiting_for_claim(database)
        assert second.process.poll() is None
        assert runs(database) == [1]
        left, = lock_waiters(database)
        error = project.godwit("up", "--wait", "0", "--json", code=7).json["error"]
        assert error["message"] == "the runner is gone, its statement still runs on the server"
        assert f"pid {left}, for " in error["detail"] and "SELECT pg_catalog.pg_advisory_xact_lock" in error["detail"]
        assert "it was godwit up by " in error["detail"]
        assert f"SELECT pg_terminate_backend({left})" in error["hint"]
    said = second.finish(0).err
    assert f"waiting: the runner is gone, its statement still runs on the server: pid {left}, for " in said
    assert f"SELECT pg_terminate_backend({left})" in said and "another run holds" not in said
    assert runs(database) == [1, 2, 3]
    assert set(project.states().values()) == {"applied"}


def test_status_says_who_is_at_work(project, database):
    count_runs(project, 2, gate_in=2)
    with closed_gate(database):
        holder = project.start("up")
        left, = until_blocked(database, holder)
        run = project.godwit("status", "--json", code=0).json["run"]
        pid = database.value("SELECT backend_pid FROM godwit.run_lock")
        assert run["command"] == "up" and run["actor"] and run["host"] and run["since"].endswith("Z")
        assert run["backend_pid"] == pid and run["lock"] == "session" and run["runner_gone"] is False
        assert "statement" not in run
        text = project.godwit("status", code=0).out
        assert "a run is under way since 2" in text and f"backend pid {pid}" in text and "godwit up by " in text
        reader = database.role("GRANT USAGE ON SCHEMA godwit TO {role}",
                               "GRANT SELECT ON godwit.control, godwit.migrations, godwit.events TO {role}")
        assert "run" not in project.godwit("status", "--json", url=database.url_for(reader), code=0).json
        holder.kill()
        until(lambda: project.godwit("status", "--json", code=0).json["run"]["runner_gone"],
              what="the end of its lock session")
        run = project.godwit("status", "--json", code=0).json["run"]
        assert run["statement"]["backend_pid"] == left and run["statement"]["running_ms"] >= 0
        assert run["statement"]["sql"].startswith("SELECT pg_catalog.pg_advisory_xact_lock")
        assert f"the runner is gone, its statement still runs on the server: pid {left}" in project.godwit("status").out
    until(lambda: "run" not in project.godwit("status", "--json", code=0).json, what="the end of the statement")
    project.godwit("up", code=0)
    assert "run" not in project.godwit("status", "--json", code=0).json


def test_a_holder_that_is_killed_while_others_wait_is_told(project, database):
    count_runs(project, 2, gate_in=2)
    with closed_gate(database):
        holder = project.start("up")
        left, = until_blocked(database, holder)
        waiting = project.start("up", "--wait", "20min")
        until(lambda: "another run holds the lock" in waiting.said(), what="word of the wait")
        holder.kill()
        until(lambda: "the runner is gone" in waiting.said(), what="word of it")
    said = waiting.finish(0).err
    assert said.index("another run holds the lock") < said.index("the runner is gone")
    assert said.count("waiting:") == 2 and f"pid {left}" in said


def test_the_statement_of_a_killed_holder_can_be_ended(project, database):
    count_runs(project, 2, gate_in=2)
    with closed_gate(database):
        holder = project.start("up")
        until_blocked(database, holder)
        holder.kill()

        def hint():
            return project.godwit("up", "--wait", "0", "--json", code=7).json["error"]["hint"]
        until(lambda: "pg_terminate_backend" in hint(), what="the end of its lock session")
        database.execute(hint().rpartition(": ")[2])
    project.godwit("up", "--wait", "60s", code=0)
    assert runs(database) == [1, 2]


def test_the_statement_of_a_killed_holder_behind_a_pooler(project, database, pgbouncer):
    count_runs(project, 2, gate_in=2)
    url = pgbouncer.url(database.name)
    with closed_gate(database):
        holder = project.start("up", url=url)
        left, = until_blocked(database, holder)
        holder.kill()
        for words in ({"url": url}, {}):
            assert "another run holds" in project.godwit("up", "--wait", "0", code=7, **words).err
        expire_lease(database)
        for words in ({"url": url}, {}):
            error = project.godwit("up", "--wait", "0", "--json", code=7, **words).json["error"]
            assert f"pid {left}, for " in error["detail"]
            assert f"SELECT pg_terminate_backend({left})" in error["hint"]
    project.godwit("up", "--wait", "60s", url=url, code=0)
    assert runs(database) == [1, 2]


def test_what_another_role_left_behind_is_named_without_its_text(project, database):
    count_runs(project, 2, gate_in=2)
    role = database.role("GRANT CREATE ON DATABASE {database} TO {role}; GRANT CREATE ON SCHEMA public TO {role}")
    with closed_gate(database):
        holder = project.start("up")
        left, = until_blocked(database, holder)
        database.execute(f'GRANT USAGE ON SCHEMA godwit TO "{role}"; GRANT ALL ON ALL TABLES IN SCHEMA godwit TO "{role}"')
        holder.kill()

        def detail():
            return project.godwit("up", "--wait", "0", "--json", url=database.url_for(role), code=7).json["error"]["detail"]
        until(lambda: f"pid {left}" in detail(), what="the end of its lock session")
        assert "insufficient" not in detail() and "advisory" not in detail()


def test_the_lock_of_a_runner_killed_between_files_is_gone(project, database):
    count_runs(project, 3, gate_in=1)
    with closed_gate(database):
        holder = project.start("up")
        until_blocked(database, holder)
        freeze(holder)
    until(lambda: runs_or_none(database) == [1], what="the commit of the first file")
    project.godwit("up", "--wait", "0", code=7)
    assert "cut_off" not in project.godwit("status", "--json", code=0).json
    holder.kill()
    status = until(lambda: (lambda s: s if "cut_off" in s else None)(project.godwit("status", "--json", code=0).json),
                   what="the end of its sessions")
    assert status["cut_off"]["command"] == "up" and status["cut_off"]["since"].endswith("Z") and "run" not in status
    assert [m["state"] for m in status["migrations"]] == ["applied", "pending", "pending"]
    assert "the last run was cut off (killed, or its connection was lost): godwit up by " in project.godwit("status", code=0).out
    project.godwit("up", code=0)
    assert "cut_off" not in project.godwit("status", "--json", code=0).json
    assert runs(database) == [1, 2, 3]


def runs_or_none(database):
    with contextlib.suppress(psycopg2.errors.UndefinedTable):
        return runs(database)
    return None


def test_a_runner_whose_lock_session_is_gone_does_nothing_twice(project, database):
    count_runs(project, 3, gate_in=2)
    with closed_gate(database):
        first = project.start("up", "--json")
        until_blocked(database, first)
        database.execute("SELECT pg_terminate_backend(backend_pid) FROM godwit.run_lock")
        second = project.start("up", "--json", "--wait", "20min")
        until_waiting_for_claim(database)
    outcomes = [first.finish((0, 1, 4), timeout=LONG), second.finish((0, 1, 4), timeout=LONG)]
    assert 0 in [o.code for o in outcomes], outcomes
    project.godwit("up", code=0)
    assert runs(database) == [1, 2, 3]
    assert set(project.states().values()) == {"applied"}


def until_waiting_for_claim(database):
    """The session lock is free, the row is still held by an open transaction: asked for again and again."""
    return until(lambda: database.value(
        "SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = current_database()"
        " AND query LIKE '%UPDATE godwit.run_lock%' AND pid <> pg_backend_pid()"), 120,
        "a runner that asks for the row")


# ---- behind a pooler: leases ------------------------------------------------------------------


@pytest.fixture
def pooled(project, database, pgbouncer):
    """The project of `database`, reached through pgbouncer in transaction mode."""
    configure(project, pgbouncer.url(database.name), lock_timeout="2s")
    return project


def test_a_frozen_runner_whose_lease_ran_out_is_fenced(pooled, database):
    count_runs(pooled, 3, gate_in=1)
    with closed_gate(database):
        frozen = pooled.start("up", "--json")
        until_blocked(database, frozen)
        freeze(frozen)
    # The server had all of the first file already: that one is committed.
    until(lambda: runs_or_none(database) == [1], what="the commit of the first file")
    pooled.godwit("up", "--wait", "0", code=7)
    expire_lease(database)
    second = pooled.godwit("up", "--json", code=0).json
    assert [m["version"] for m in second["applied"]] == ["2", "3"]
    pooled.migration(4, "later", "INSERT INTO ran VALUES (4);")
    thaw(frozen)
    fenced = frozen.finish((1, 4), timeout=LONG)
    error = fenced.json["error"]
    assert "run lock" in error["message"], fenced
    assert "stood still for longer than its lease" in error["message"]
    assert "what it had committed stays" in error["detail"]
    assert "another run took over, and has ended: the last run was godwit up by " in error["detail"]
    assert "run the command again" in error["hint"] and "godwit history" in error["hint"]
    assert runs(database) == [1, 2, 3]
    pooled.godwit("up", code=0)
    assert runs(database) == [1, 2, 3, 4]


def test_nobody_takes_over_while_a_frozen_runners_transaction_is_open(pooled, database):
    """Its lease has run out, yet what it has open may still be committed."""
    # COPY data are sent one piece after another, so the runner has to be there for its COMMIT.
    pooled.migration(1, "copied", f"{PATIENT}{RAN}COPY ran (version) FROM stdin;\n1\n\\.\n{WAIT_AT_GATE}\n")
    count_runs(pooled, 1, first=2)
    with closed_gate(database):
        frozen = pooled.start("up")
        until_blocked(database, frozen)
        freeze(frozen)
    until(lambda: not lock_waiters(database), what="the gate")
    expire_lease(database)
    busy = pooled.godwit("up", "--wait", "1s", code=7)
    assert "godwit up by" in busy.err
    assert runs_or_none(database) is None
    thaw(frozen)
    # Whether it goes on depends on whether its lease was extended before it looked.
    frozen.finish((0, 1, 4), timeout=LONG)
    pooled.godwit("up", code=0)
    assert runs(database) == [1, 2]


def test_a_frozen_runner_whose_transaction_was_ended_has_committed_nothing(pooled, database):
    pooled.migration(1, "copied", f"{PATIENT}{RAN}COPY ran (version) FROM stdin;\n1\n\\.\n{WAIT_AT_GATE}\n")
    count_runs(pooled, 1, first=2)
    with closed_gate(database):
        frozen = pooled.start("up")
        backend = until_blocked(database, frozen)[0]
        freeze(frozen)
    until(lambda: not lock_waiters(database), what="the gate")
    expire_lease(database)
    database.execute("SELECT pg_terminate_backend(%s)", [backend])
    pooled.godwit("up", code=0)
    assert runs(database) == [1, 2]
    thaw(frozen)
    fenced = frozen.finish((1, 4), timeout=LONG)
    assert "error:" in fenced.err
    assert runs(database) == [1, 2]


def test_the_lease_of_a_killed_runner_runs_out(pooled, database):
    count_runs(pooled, 2, gate_in=1)
    with closed_gate(database):
        killed = pooled.start("up")
        until_blocked(database, killed)
        killed.kill()
    pooled.godwit("up", "--wait", "0", code=7)
    assert database.value("SELECT expires_at BETWEEN now() AND now() + interval '31 seconds'"
                          " FROM godwit.run_lock")
    expire_lease(database)
    pooled.godwit("up", code=0)
    assert runs(database) == [1, 2]


def test_runners_with_a_lease_and_with_a_session_exclude_each_other(project, make_project, database,
                                                                    pgbouncer):
    behind = make_project(pgbouncer.url(database.name))
    for each in (project, behind):
        count_runs(each, 1, gate_in=1)
    with closed_gate(database):
        direct = project.start("up")
        until_blocked(database, direct)
        assert "another run" in behind.godwit("up", "--wait", "0", code=7).err
    direct.finish(0)
    behind.godwit("up", code=0)

    for each in (project, behind):
        count_runs(each, 1, gate_in=2, first=2)
    with closed_gate(database):
        leased = behind.start("up")
        until_blocked(database, leased)
        assert database.value("SELECT mode FROM godwit.run_lock") == "lease"
        assert "another run" in project.godwit("up", "--wait", "0", code=7).err
    leased.finish(0)
    project.godwit("up", code=0)
    assert runs(database) == [1, 2]
    assert database.value("SELECT token IS NULL FROM godwit.run_lock")


# ---- pgbouncer, transaction mode ----------------------------------------------------------------


def settings_through(pgbouncer, database):
    """What the next client of the pooled backend finds."""
    with contextlib.closing(pgbouncer.connect(database.name)) as connection:
        with connection.cursor() as cursor:
            # PL/pgSQL brings settings of its own when it is first used.
            cursor.execute("DO 'BEGIN END'")
            cursor.execute("SELECT pg_backend_pid()")
            pid = cursor.fetchone()[0]
            cursor.execute("SELECT name, setting FROM pg_settings ORDER BY name")
            found = dict(cursor.fetchall())
            cursor.execute("SELECT current_user::text, session_user::text")
            found["current_user"], found["session_user"] = cursor.fetchone()
            cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
            found["advisory locks"] = cursor.fetchone()[0]
    # pgbouncer itself leaves the name of the last client that gave one.
    del found["application_name"]
    return pid, found


def changed_settings(pgbouncer, database, pid, before):
    now_pid, now = settings_through(pgbouncer, database)
    assert now_pid == pid, "this is about one and the same backend"
    return {name: (before.get(name), now[name]) for name in now if now[name] != before.get(name)}


def test_up_down_and_status_through_pgbouncer(pooled, database, pgbouncer):
    count_runs(pooled, 4)
    assert len(pooled.godwit("up", "--json", code=0).json["applied"]) == 4
    assert set(pooled.states().values()) == {"applied"}
    pooled.godwit("status", "--check", code=0)
    pooled.godwit("down", "--steps", "2", code=0)
    assert runs(database) == [1, 2]
    assert list(pooled.states().values()).count("pending") == 2
    pooled.godwit("redo", code=0)
    pooled.godwit("up", code=0)
    assert runs(database) == [1, 2, 3, 4]
    pooled.godwit("up", code=0)
    assert pgbouncer.admin("SHOW POOLS")


def test_nothing_leaks_to_the_next_client_of_the_pooled_backend(project, database, make_pgbouncer):
    pgbouncer = make_pgbouncer(size=1)
    configure(project, pgbouncer.url(database.name), lock_timeout="1234ms", statement_timeout="5min")
    database.execute("CREATE ROLE leak_owner_%s" % database.name)
    database.execute("CREATE SCHEMA away")
    role = f"leak_owner_{database.name}"
    database.execute(f"GRANT CREATE, USAGE ON SCHEMA public TO {role}")
    try:
        pid, before = settings_through(pgbouncer, database)
        project.migration(1, "local", f"SET LOCAL search_path = away; SET LOCAL work_mem = '7MB';\n"
                          f"SET LOCAL ROLE {role}; RESET ROLE; CREATE TABLE here (a int);", "DROP TABLE away.here")
        project.migration(2, "long", "COPY away.here FROM stdin;\n1\n\\.\nSELECT 1;", "SELECT 1")
        project.migration(3, "alone", "CREATE INDEX CONCURRENTLY here_a ON away.here (a);",
                          "DROP INDEX CONCURRENTLY away.here_a;")
        project.migration(4, "steps", "-- godwit: no-transaction\nINSERT INTO away.here VALUES (2);\n"
                          "VACUUM away.here;\nINSERT INTO away.here VALUES (3);", "SELECT 1")
        project.godwit("up", code=0)
        assert changed_settings(pgbouncer, database, pid, before) == {}
        project.migration(5, "fails", f"SET LOCAL ROLE {role}; SET LOCAL search_path = away; SELECT 1/0;")
        project.godwit("up", code=1)
        assert changed_settings(pgbouncer, database, pid, before) == {}
        project.remove("migrations/5_fails.up.sql")
        project.migration(5, "fails", "CREATE TABLE away.fails (id int);\nVACUUM away.fails;\n".replace(
            "CREATE", "-- godwit: no-transaction\nCREATE") + "SELECT 1/0;")
        project.godwit("up", code=1)
        assert changed_settings(pgbouncer, database, pid, before) == {}
        project.godwit("repair", "5", "--forget", code=0)
        project.remove("migrations/5_fails.up.sql")
        project.godwit("down", "--to", "0", "--allow-data-loss", code=0)
        assert changed_settings(pgbouncer, database, pid, before) == {}
    finally:
        database.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")


@pytest.mark.parametrize("sql", [
    "CREATE TEMP TABLE mine (a int);\nCREATE TABLE t (a int);",
    "SET search_path = away;\nCREATE TABLE t (a int);",
    "LISTEN something;\nCREATE TABLE t (a int);",
    "PREPARE p AS SELECT 1;\nCREATE TABLE t (a int);",
    "SELECT pg_advisory_lock(1);\nCREATE TABLE t (a int);",
    "-- godwit: no-transaction\nSET work_mem = '7MB';\nCREATE TABLE t (a int);\nVACUUM;",
])
def test_a_file_that_needs_a_session_is_refused_behind_the_pooler(pooled, database, pgbouncer, sql):
    database.execute("CREATE SCHEMA away")
    pooled.migration(1, "first", "CREATE TABLE first (a int);")
    path = pooled.migration(2, "session", sql)
    refused = pooled.godwit("up", code=1)
    assert "transaction pooler" in refused.err
    assert "direct_url" in refused.err
    assert path.name in refused.err
    assert database.tables() == []

    configure(pooled, pgbouncer.url(database.name), direct_url=database.url)
    pooled.godwit("up", code=0)
    assert set(pooled.states().values()) == {"applied"}


def test_concurrent_indexes_are_built_through_the_pooler(pooled, database):
    pooled.migration(1, "table", "CREATE TABLE t (a int); INSERT INTO t SELECT generate_series(1, 1000);")
    pooled.migration(2, "index", "CREATE INDEX CONCURRENTLY t_a ON t (a);", "DROP INDEX CONCURRENTLY t_a;")
    pooled.migration(3, "twins", "-- godwit: no-transaction\nALTER TABLE t ADD b int;\n"
                     "CREATE INDEX CONCURRENTLY t_b ON t (b);\nINSERT INTO t VALUES (0, 0);\n",
                     "-- godwit: no-transaction\nDROP INDEX CONCURRENTLY t_b;\nALTER TABLE t DROP b;")
    pooled.godwit("up", code=0)
    assert valid_indexes(database) == {"t_a": True, "t_b": True}
    assert database.value("SELECT count(*) FROM t WHERE b = 0") == 1
    pooled.godwit("down", "--steps", "2", code=0)
    assert valid_indexes(database) == {}


def valid_indexes(database, schema="public"):
    return dict(database.execute(
        "SELECT c.relname, i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
        " WHERE c.relnamespace = %s::regnamespace ORDER BY 1", [schema]))


# ---- CREATE INDEX CONCURRENTLY beside a runner that waits ------------------------------------------


def test_a_waiting_runner_does_not_hold_up_a_concurrent_index(project, database):
    database.execute("CREATE TABLE t (a int)")
    project.migration(1, "index", "CREATE INDEX CONCURRENTLY t_a ON t (a);")
    with holding(database, "INSERT INTO t VALUES (1)") as writer:
        holder = project.start("up")
        until_blocked(database, holder)
        waiting = [project.start("up", "--wait", "20min") for _ in range(3)]
        until_waiting_for_run(database, 3)
        writer.commit()
        # Those that wait are still there while the index is finished.
        holder.finish(0)
    for running in waiting:
        running.finish(0)
    assert valid_indexes(database) == {"t_a": True}


# ---- the server goes away -------------------------------------------------------------------------


@pytest.fixture
def own(make_project, restartable_server):
    """(project, database) on a server of the test's, which it may restart."""
    database = restartable_server.create_database()
    project = make_project(database.url)
    configure(project, database.url, connect_timeout="60s")
    return project, database


def in_one_piece(version):
    return f"{PATIENT}{RAN}INSERT INTO ran VALUES ({version});\n{WAIT_AT_GATE}\n"


def one_after_another(version):
    """With COPY data a file is sent statement by statement."""
    return f"{PATIENT}{RAN}COPY ran (version) FROM stdin;\n{version}\n\\.\n{WAIT_AT_GATE}\n"


@pytest.mark.parametrize("file", [in_one_piece, one_after_another])
def test_the_server_restarts_inside_a_transaction(own, file):
    project, database = own
    count_runs(project, 1)
    project.migration(2, "cut", file(2))
    with closed_gate(database):
        running = project.start("up", "--json")
        until_blocked(database, running)
        database.server.restart()
    cut = running.finish(4, timeout=LONG)
    error = cut.json["error"]
    assert "2 was rolled back, nothing of it is left" in error["hint"], cut
    assert runs(database) == [1]
    assert project.states() == {"1": "applied", "2": "failed"}
    project.godwit("up", code=0)
    assert runs(database) == [1, 2]


def test_the_server_restarts_between_files(own):
    project, database = own
    count_runs(project, 3, gate_in=1)
    with closed_gate(database):
        running = project.start("up", "--json")
        until_blocked(database, running)
        freeze(running)
    until(lambda: runs_or_none(database) == [1], what="the commit of the first file")
    database.server.restart()
    thaw(running)
    cut = running.finish(4, timeout=LONG)
    assert "1 done, 2 left; run the same command again" in cut.json["error"]["hint"], cut
    assert runs(database) == [1]
    assert project.states() == {"1": "applied", "2": "pending", "3": "pending"}
    project.godwit("up", code=0)
    assert runs(database) == [1, 2, 3]


def test_the_server_restarts_inside_a_file_outside_a_transaction(own):
    project, database = own
    database.execute("CREATE TABLE t (a int); CREATE TABLE ran (version int)")
    project.migration(1, "steps", "-- godwit: no-transaction\nINSERT INTO ran VALUES (1);\n"
                      "CREATE INDEX CONCURRENTLY t_a ON t (a);\nINSERT INTO ran VALUES (2);\n")
    with holding(database, "INSERT INTO t VALUES (1)"):
        running = project.start("up")
        until_blocked(database, running)
        database.server.restart()
    cut = running.finish(4, timeout=LONG)
    assert "1 of 3 statements are done" in cut.err
    assert runs(database) == [1]
    assert project.states() == {"1": "failed"}
    project.godwit("up", code=0)
    assert runs(database) == [1, 2]
    assert valid_indexes(database) == {"t_a": True}


@pytest.mark.parametrize("file", [in_one_piece, one_after_another])
def test_a_backend_terminated_inside_a_file(project, database, file):
    count_runs(project, 1)
    project.migration(2, "cut", file(2))
    with closed_gate(database):
        running = project.start("up", "--json")
        backend = until_blocked(database, running)[0]
        database.execute("SELECT pg_terminate_backend(%s)", [backend])
        cut = running.finish(4, timeout=LONG)
    error = cut.json["error"]
    assert error["sqlstate"] == "57P01"
    assert "2 was rolled back, nothing of it is left" in error["hint"]
    assert runs(database) == [1]
    assert project.states() == {"1": "applied", "2": "failed"}
    project.godwit("up", code=0)
    assert runs(database) == [1, 2]


@pytest.mark.parametrize("file", [in_one_piece, one_after_another])
@pytest.mark.parametrize("outcome", ["before", "after", "during"])
def test_the_connection_is_lost_exactly_at_commit(project, database, outcome, file):
    body = file(1).replace(WAIT_AT_GATE, "CREATE TABLE cut_here (id int);")
    project.migration(1, "cut", body, "DROP TABLE ran; DROP TABLE cut_here;")
    count_runs(project, 1, first=2)
    with contextlib.closing(CutAtCommit(database.server, "CREATE TABLE cut_here", outcome)) as proxy:
        configure(project, proxy.url(database.name))
        cut = project.godwit("up", "--json", code=4, timeout=LONG)
        assert proxy.cut.is_set()
    hint = cut.json["error"]["hint"]
    committed = "cut_here" in database.tables()
    if outcome != "during":
        assert committed == (outcome == "after")
    said = "1 was committed all the same" if committed else "1 was rolled back, nothing of it is left"
    assert said in hint, cut
    configure(project, database.url)
    assert project.states()["1"] == ("applied" if committed else "failed")
    again = project.godwit("up", "--json", code=0).json
    assert [m["version"] for m in again["applied"]] == ([] if committed else ["1"]) + ["2"]
    assert runs(database) == [1, 2]


@pytest.mark.parametrize("outcome", ["before", "after"])
def test_the_connection_is_lost_at_the_commit_of_a_down(project, database, outcome):
    project.migration(1, "cut", "CREATE TABLE there (id int);", "DROP TABLE there;")
    project.godwit("up", code=0)
    with contextlib.closing(CutAtCommit(database.server, "DROP TABLE there", outcome)) as proxy:
        configure(project, proxy.url(database.name))
        cut = project.godwit("down", "--json", code=4, timeout=LONG)
        assert proxy.cut.is_set()
    committed = database.tables() == []
    assert committed == (outcome == "after")
    said = "was committed all the same" if committed else "was rolled back, nothing of it is left"
    assert said in cut.json["error"]["hint"], cut
    configure(project, database.url)
    assert project.states() == {"1": "pending" if committed else "applied"}


@pytest.mark.parametrize("outcome", ["before", "after", "during"])
def test_the_connection_is_lost_exactly_at_the_commit_of_an_atomic_run(project, database, outcome):
    count_runs(project, 3)
    with contextlib.closing(CutAtCommit(database.server, "CREATE TABLE t3", outcome)) as proxy:
        configure(project, proxy.url(database.name))
        cut = project.godwit("up", "--atomic", "--json", code=4, timeout=LONG)
        assert proxy.cut.is_set()
    committed = "t3" in database.tables()
    if outcome != "during":
        assert committed == (outcome == "after")
    if committed:
        assert "all 3 migrations of this run were committed all the same" in cut.json["error"]["hint"], cut
        assert runs(database) == [1, 2, 3]
    else:
        assert "all 3 migrations of this run were rolled back" in cut.json["error"]["hint"], cut
        assert "run the same command again" in cut.json["error"]["hint"]
        assert database.tables() == []
    configure(project, database.url)
    assert set(project.states().values()) == ({"applied"} if committed else {"pending"})
    again = project.godwit("up", "--atomic", "--json", code=0).json
    assert [m["version"] for m in again["applied"]] == ([] if committed else ["1", "2", "3"])
    assert runs(database) == [1, 2, 3]


def test_the_pooler_dies_while_the_server_goes_on(pooled, database, pgbouncer):
    """What became of the file is only said when the server is done with it."""
    configure(pooled, pgbouncer.url(database.name), connect_timeout="60s")
    count_runs(pooled, 3, gate_in=2)
    with closed_gate(database):
        running = pooled.start("up", "--json")
        until_blocked(database, running)
        pgbouncer.process.kill()
        pgbouncer.process.wait()
        pgbouncer.start()
        # It asks again and again whether that transaction is over.
        until(lambda: database.value(
            "SELECT count(*) > 0 FROM pg_stat_activity WHERE query LIKE '%AS idle FROM godwit.run_lock%'"
            " AND pid <> pg_backend_pid()"), 120, "the question")
        assert running.process.poll() is None
    cut = running.finish(4, timeout=LONG)
    committed = runs(database) == [1, 2]
    said = "2 was committed all the same" if committed else "2 was rolled back, nothing of it is left"
    assert said in cut.json["error"]["hint"], cut
    expire_lease(database)
    pooled.godwit("up", code=0)
    assert runs(database) == [1, 2, 3]


# ---- tenants --------------------------------------------------------------------------------------


def tenants(project, url, **for_each):
    configure(project, url, for_each=for_each)


def test_tenants_in_schemas_go_on_where_one_fails(project, database):
    names = [f"tenant_{letter}" for letter in "abcdefgh"]
    for name in names:
        database.execute(f"CREATE SCHEMA {name}")
    database.execute("CREATE SCHEMA other; CREATE TABLE tenant_c.orders (id text)")
    tenants(project, database.url, schemas="tenant_%", jobs=4)
    project.migration(1, "orders", "CREATE TABLE orders (id int);", "DROP TABLE orders;")
    project.migration(2, "more", "ALTER TABLE orders ADD note text;", "ALTER TABLE orders DROP note;")
    failed = project.godwit("up", "--json", code=1)
    result = failed.json
    bad = [t for t in result["tenants"] if t["error"]]
    assert [t["tenant"] for t in bad] == ["tenant_c"]
    assert "already exists" in bad[0]["error"]["message"]
    for name in names:
        columns = database.columns("orders", name)
        assert columns == (["id"] if name == "tenant_c" else ["id", "note"]), name
    assert database.tables("other") == [] and database.tables() == []
    said = project.godwit("up", code=1)
    assert "tenant_c" in said.err and "1 of 8 tenants failed" in said.err
    states = {s["tenant"]: [m["state"] for m in s["migrations"]]
              for s in project.godwit("status", "--json", code=0).json["tenants"]}
    assert states["tenant_a"] == ["applied", "applied"]
    assert states["tenant_c"] == ["failed", "pending"]
    project.godwit("status", "--check", code=3)

    database.execute("DROP TABLE tenant_c.orders")
    project.godwit("up", code=0)
    project.godwit("status", "--check", code=0)
    assert database.columns("orders", "tenant_c") == ["id", "note"]
    project.godwit("down", code=0)
    assert {tuple(database.columns("orders", name)) for name in names} == {("id",)}


def test_tenants_run_several_at_once(project, database):
    """Each tenant's file waits until all four are there: one after another would never end."""
    for letter in "abcd":
        database.execute(f"CREATE SCHEMA tenant_{letter}")
    tenants(project, database.url, schemas="tenant_%", jobs=4)
    project.migration(1, "meet", f"{PATIENT}SELECT pg_advisory_xact_lock_shared({4711});\n"
                      "CREATE TABLE met (id int);")
    with closed_gate(database):
        running = project.start("up")
        until_blocked(database, running, 4)
    running.finish(0)
    assert [database.tables(f"tenant_{letter}") for letter in "abcd"] == [["met"]] * 4


def test_a_new_tenant_catches_up(project, database):
    database.execute("CREATE SCHEMA tenant_a")
    tenants(project, database.url, schemas="tenant_%")
    project.migration(1, "one", "CREATE TABLE one (id int);")
    project.godwit("up", code=0)
    database.execute("CREATE SCHEMA tenant_b")
    again = project.godwit("up", "--json", code=0).json
    assert {t["tenant"]: len(t["applied"]) for t in again["tenants"]} == {"tenant_b": 1}
    assert database.tables("tenant_b") == ["one"]


def test_tenants_in_databases(project, make_database):
    databases = [make_database() for _ in range(3)]
    databases[1].execute("CREATE TABLE t (id text)")
    tenants(project, databases[0].url, databases=[d.name for d in databases])
    project.migration(1, "t", "CREATE TABLE t (id int);")
    failed = project.godwit("up", "--json", code=1).json
    assert [t["tenant"] for t in failed["tenants"] if t["error"]] == [databases[1].name]
    assert {t["tenant"]: len(t["applied"]) for t in failed["tenants"]} == {
        databases[0].name: 1, databases[1].name: 0, databases[2].name: 1}
    databases[1].execute("DROP TABLE t")
    project.godwit("up", code=0)
    for each in databases:
        assert each.value("SELECT count(*) FROM godwit.migrations") == 1


def test_a_tenants_database_that_is_not_there(project, make_database):
    here = make_database()
    tenants(project, here.url, databases=[here.name, "godwit_no_such_database"])
    project.migration(1, "t", "CREATE TABLE t (id int);")
    failed = project.godwit("up", code=1)
    assert "godwit_no_such_database" in failed.err
    assert here.tables() == ["t"]


def test_tenants_of_two_runners(project, database):
    for letter in "abcd":
        database.execute(f"CREATE SCHEMA tenant_{letter}")
    tenants(project, database.url, schemas="tenant_%", jobs=2)
    project.migration(1, "one", f"{PATIENT}SELECT pg_advisory_xact_lock_shared({4711});\nCREATE TABLE one (id int);")
    with closed_gate(database):
        first = project.start("up", "--json")
        until_blocked(database, first, 2)
        second = project.start("up", "--json", "--wait", "20min")
        until_waiting_for_run(database)
    assert len(first.finish(0).json["applied"]) == 4
    assert second.finish(0).json["applied"] == []


def test_the_pattern_of_tenants_is_one_of_like(project, database):
    for name in ("tenant_a", "tenants", "tenant", "ttenant_a", '"Tenant_b"', "tenantxb"):
        database.execute(f"CREATE SCHEMA {name}")
    project.migration(1, "one", "CREATE TABLE one (id int);")
    for pattern, names in (("tenant\\_%", ["tenant_a"]), ("tenant_%", ["tenant_a", "tenants", "tenantxb"])):
        tenants(project, database.url, schemas=pattern)
        project.godwit("up", code=0)
        made = [n for (n,) in database.execute(
            "SELECT schemaname FROM pg_tables WHERE tablename = 'one' ORDER BY 1")]
        assert made == names


def tenants_at_the_gate(project, database, make_database, kind):
    """Four tenants, two at once; a function that says which of them have their table."""
    project.migration(1, "one", f"{PATIENT}SELECT pg_advisory_xact_lock_shared({4711});\nCREATE TABLE one (id int);")
    if kind == "schemas":
        for letter in "abcd":
            database.execute(f"CREATE SCHEMA tenant_{letter}")
        tenants(project, database.url, schemas="tenant_%", jobs=2)
        return [database], lambda: [n for (n,) in database.execute(
            "SELECT schemaname FROM pg_tables WHERE tablename = 'one' ORDER BY 1")]
    others = [make_database() for _ in range(4)]
    tenants(project, database.url, databases=[d.name for d in others], jobs=2)
    return others, lambda: [d.name for d in others if d.tables() == ["one"]]


@pytest.mark.parametrize("interrupts", [1, 2])
@pytest.mark.parametrize("kind", ["schemas", "databases"])
def test_an_interrupt_in_the_middle_of_tenants(project, database, make_database, kind, interrupts):
    """One lets those under way finish, two roll them back; those behind them are not begun."""
    where, done = tenants_at_the_gate(project, database, make_database, kind)
    with contextlib.ExitStack() as gates:
        for each in where:
            gates.enter_context(closed_gate(each))
        running = project.start("up", "--json")
        until(lambda: sum(len(lock_waiters(d)) for d in where) == 2, 120, "two tenants at the gate")
        for _ in range(interrupts):
            interrupt(running)
        if interrupts == 2:
            stopped = running.finish(6)
    if interrupts == 1:
        stopped = running.finish(6)
    assert stopped.json["error"]["kind"] == "interrupted"
    errors = [t["error"]["kind"] for t in stopped.json["tenants"] if t["error"]]
    assert errors == ["interrupted"] * (2 * interrupts), stopped
    assert len(done()) == (2 if interrupts == 1 else 0)
    for each in where:
        assert each.value("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                          " AND pid <> pg_backend_pid() AND state <> 'idle'") == 0
    again = project.godwit("up", "--json", "--wait", "0s", code=0).json
    assert len(again["applied"]) == (2 if interrupts == 1 else 4)
    assert len(done()) == 4


# ---- a read-only replica ----------------------------------------------------------------------------


def test_a_replica_is_refused_before_anything_runs(make_project, replicated_server):
    primary, replica = replicated_server
    database = primary.create_database()
    project = make_project(database.url)
    project.migration(1, "one", "CREATE TABLE one (id int);")
    behind = make_project(replica.url(database.name))
    behind.migration(1, "one", "CREATE TABLE one (id int);")
    until(lambda: primary.caught_up(replica), what="the replica")
    refused = behind.godwit("up", code=1)
    assert "read-only" in refused.err and "primary" in refused.err

    project.godwit("up", code=0)
    until(lambda: primary.caught_up(replica), what="the replica")
    behind.godwit("status", "--check", code=0)
    behind.godwit("up", code=0)
    behind.migration(2, "two", "CREATE TABLE two (id int);")
    refused = behind.godwit("up", code=1)
    assert "read-only" in refused.err and "primary" in refused.err
    assert behind.states() == {"1": "applied", "2": "pending"}


# ---- --atomic ---------------------------------------------------------------------------------------


def test_atomic_is_all_or_nothing(project, database):
    count_runs(project, 3)
    project.migration(4, "fails", "SELECT 1/0;")
    failed = project.godwit("up", "--atomic", code=1)
    assert "division by zero" in failed.err and "4_fails" in failed.err
    assert "rolled back" in failed.err
    assert database.tables() == []
    assert project.states() == {"1": "pending", "2": "pending", "3": "pending", "4": "failed"}
    project.migration(4, "fails", "SELECT 1;")
    assert len(project.godwit("up", "--atomic", "--json", code=0).json["applied"]) == 4
    assert runs(database) == [1, 2, 3]
    assert set(project.states().values()) == {"applied"}


def test_atomic_refuses_what_cannot_be_rolled_back(project, database):
    project.migration(1, "t", "CREATE TABLE t (a int);")
    project.migration(2, "index", "CREATE INDEX CONCURRENTLY t_a ON t (a);")
    refused = project.godwit("up", "--atomic", code=1)
    assert "2_index" in refused.err and "--atomic" in refused.err
    assert database.tables() == []


def test_atomic_does_not_let_settings_pass_from_file_to_file(project, database):
    database.execute("CREATE SCHEMA away")
    project.migration(1, "away", "SET search_path = away; CREATE TABLE here (a int);")
    project.migration(2, "home", "CREATE TABLE there (a int);")
    project.godwit("up", "--atomic", code=0)
    assert database.tables("away") == ["here"] and database.tables() == ["there"]


def test_atomic_does_not_let_temporary_tables_pass_from_file_to_file(project, database):
    project.migration(1, "users", "CREATE TABLE users (id int); DECLARE c CURSOR FOR SELECT 1;")
    project.migration(2, "copy", "CREATE TEMP TABLE users AS SELECT 1 AS id; CREATE TEMP VIEW seen AS SELECT 2; DECLARE c CURSOR FOR SELECT 2;")
    project.migration(3, "name", "ALTER TABLE users ADD COLUMN name text; CREATE VIEW seen AS SELECT name FROM users;")
    project.godwit("up", "--atomic", code=0)
    assert database.value("SELECT string_agg(attname, ',' ORDER BY attnum) FROM pg_attribute"
                          " WHERE attrelid = 'public.users'::regclass AND attnum > 0") == "id,name"
    assert database.value("SELECT to_regclass('public.seen') IS NOT NULL")


def test_atomic_tries_again_where_a_lock_is_held(project, database):
    database.execute("CREATE TABLE t (a int)")
    configure(project, database.url, lock_timeout="200ms", lock_retries=1000)
    count_runs(project, 1)
    project.migration(2, "alter", "ALTER TABLE t ADD b int;")
    with holding(database, "SELECT * FROM t"):
        running = project.start("up", "--atomic", "-v")
        # Twice: the first try has ended and another one waits.
        first = until_blocked(database, running)
        until(lambda: lock_waiters(database) != first, what="the end of the first try")
        until_blocked(database, running)
    running.finish(0)
    assert runs(database) == [1]
    assert database.columns("t") == ["a", "b"]


def test_an_atomic_run_that_is_interrupted_leaves_nothing(project, database):
    count_runs(project, 3, gate_in=2)
    with closed_gate(database):
        running = project.start("up", "--atomic")
        until_blocked(database, running)
        interrupt(running)
    stopped = running.finish(6)
    assert "rolled back" in stopped.err
    assert database.tables() == []
    project.godwit("up", "--atomic", code=0)
    assert runs(database) == [1, 2, 3]


# ---- Ctrl-C -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_interrupt_stops_after_the_current_file(project, database, number):
    count_runs(project, 3, gate_in=2)
    with closed_gate(database):
        running = project.start("up")
        until_blocked(database, running)
        if number == signal.SIGINT:
            interrupt(running)
        else:
            running.signal(number)
    stopped = running.finish(6)
    assert "error: stopped before 3" in stopped.err
    assert "2 done, 1 left" in stopped.err
    assert runs(database) == [1, 2]
    assert project.states()["3"] in ("pending", "failed")
    project.godwit("up", code=0)
    assert runs(database) == [1, 2, 3]


def test_a_file_that_was_not_begun_has_not_failed(project, database):
    count_runs(project, 2, gate_in=1)
    with closed_gate(database):
        running = project.start("up")
        until_blocked(database, running)
        interrupt(running)
    running.finish(6)
    assert project.states() == {"1": "applied", "2": "pending"}


@pytest.mark.parametrize("file", [in_one_piece, one_after_another])
def test_two_interrupts_cancel_the_statement(project, database, file):
    count_runs(project, 1)
    project.migration(2, "cancelled", file(2))
    with closed_gate(database):
        running = project.start("up", "--json")
        until_blocked(database, running)
        interrupt(running)
        interrupt(running)
        stopped = running.finish(6)
    assert stopped.json["error"]["kind"] == "interrupted"
    assert runs(database) == [1]
    assert lock_waiters(database) == []
    project.godwit("up", code=0)
    assert runs(database) == [1, 2]


def test_a_pooler_in_session_mode_has_to_be_said(project, database, make_pgbouncer):
    """Nothing seen from outside proves it: auto takes the safe side, `pooler: false` the whole of it."""
    project.migration(1, "own", "CREATE TEMP TABLE t (a int);\nCREATE TABLE made AS SELECT * FROM t;")
    url = make_pgbouncer("session").url(database.name)
    configure(project, url)
    assert "needs a session of its own" in project.godwit("up", code=1).err
    assert database.tables() == []
    configure(project, url, pooler=False)
    project.godwit("up", code=0)
    assert database.tables() == ["made"]


@pytest.mark.parametrize("interrupts", [1, 2])
def test_interrupts_through_a_pooler(pooled, database, interrupts):
    """The request to cancel finds its way through it, and neither lease nor transaction stays."""
    count_runs(pooled, 3, gate_in=2)
    with closed_gate(database):
        running = pooled.start("up", "--json")
        until_blocked(database, running)
        for _ in range(interrupts):
            interrupt(running)
        if interrupts == 2:
            stopped = running.finish(6)
            assert lock_waiters(database) == []
    if interrupts == 1:
        stopped = running.finish(6)
    assert stopped.json["error"]["kind"] == "interrupted"
    assert runs(database) == ([1, 2] if interrupts == 1 else [1])
    assert database.value("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                          " AND state LIKE 'idle in transaction%%'") == 0
    pooled.godwit("up", "--wait", "0s", code=0)
    assert runs(database) == [1, 2, 3]


def test_an_interrupt_while_another_run_works(project, database):
    count_runs(project, 1, gate_in=1)
    with closed_gate(database):
        holder = project.start("up")
        until_blocked(database, holder)
        waiting = project.start("up", "--wait", "20min")
        until_waiting_for_run(database)
        interrupt(waiting)
        stopped = waiting.finish(6)
        assert "waiting" in stopped.err
    holder.finish(0)
    assert runs(database) == [1]


def test_an_interrupt_while_a_lock_is_waited_for(project, database):
    database.execute("CREATE TABLE t (a int)")
    configure(project, database.url, lock_timeout="200ms", lock_retries=10000)
    project.migration(1, "alter", "ALTER TABLE t ADD b int;")
    with holding(database, "SELECT * FROM t"):
        running = project.start("up")
        until_blocked(database, running)
        interrupt(running)
        stopped = running.finish(6)
    assert "stopped while waiting for a lock" in stopped.err
    assert database.columns("t") == ["a"]
    project.godwit("up", code=0)
    assert database.columns("t") == ["a", "b"]


def batched(project, database):
    database.execute("CREATE TABLE items (id int PRIMARY KEY, seen int DEFAULT 0);"
                     " INSERT INTO items SELECT generate_series(1, 50)")
    project.migration(1, "batch", "-- godwit: batch items.id 10\n-- godwit: lock_timeout=10min\n"
                      "UPDATE items SET seen = seen + 1 WHERE id BETWEEN $1 AND $2;")


def seen(database):
    return [(least, most, count) for least, most, count in database.execute(
        "SELECT min(id), max(id), seen FROM items GROUP BY seen ORDER BY seen DESC")]


def test_one_interrupt_inside_a_batch_stops_after_the_range(project, database):
    batched(project, database)
    with holding(database, "SELECT FROM items WHERE id = 15 FOR UPDATE"):
        running = project.start("up")
        until_blocked(database, running)
        interrupt(running)
    stopped = running.finish(6)
    assert "stopped after 20 rows" in stopped.err
    assert "goes on behind key 20" in stopped.err
    assert seen(database) == [(1, 20, 1), (21, 50, 0)]
    project.godwit("up", code=0)
    assert seen(database) == [(1, 50, 1)]


def test_two_interrupts_inside_a_batch_roll_the_range_back(project, database):
    batched(project, database)
    with holding(database, "SELECT FROM items WHERE id = 15 FOR UPDATE"):
        running = project.start("up")
        until_blocked(database, running)
        interrupt(running)
        interrupt(running)
        stopped = running.finish(6)
    assert "10 rows in 1 ranges are done and stay" in stopped.err
    assert seen(database) == [(1, 10, 1), (11, 50, 0)]
    project.godwit("up", code=0)
    assert seen(database) == [(1, 50, 1)]


def stepped(project, database):
    database.execute("CREATE TABLE t (a int); CREATE TABLE ran (version int)")
    project.migration(1, "steps", "-- godwit: no-transaction\nINSERT INTO ran VALUES (1);\n"
                      "CREATE INDEX CONCURRENTLY t_a ON t (a);\nINSERT INTO ran VALUES (2);\n")


def test_one_interrupt_outside_a_transaction_stops_after_the_statement(project, database):
    stepped(project, database)
    with holding(database, "INSERT INTO t VALUES (1)"):
        running = project.start("up")
        until_blocked(database, running)
        interrupt(running)
    stopped = running.finish(6)
    assert "stopped after statement 2 of 3" in stopped.err
    assert runs(database) == [1]
    assert valid_indexes(database) == {"t_a": True}
    project.godwit("up", code=0)
    assert runs(database) == [1, 2]


def test_two_interrupts_outside_a_transaction_leave_no_broken_index(project, database):
    stepped(project, database)
    with holding(database, "INSERT INTO t VALUES (1)") as writer:
        running = project.start("up")
        until_blocked(database, running)
        interrupt(running)
        interrupt(running)
        # What was begun is taken away again, which waits for the writer, too.
        until(lambda: running.process.poll() is not None or lock_waiters(database) == [] or
              database.value("SELECT count(*) > 0 FROM pg_stat_activity WHERE query LIKE 'DROP INDEX%'"),
              what="the end of the statement")
        writer.commit()
    stopped = running.finish(6)
    assert "1 of 3 statements are done and stay" in stopped.err
    assert runs(database) == [1]
    assert valid_indexes(database) == {}
    project.godwit("up", code=0)
    assert runs(database) == [1, 2]
    assert valid_indexes(database) == {"t_a": True}
