"""What stopped half-way: what the next run finds, and what it refuses to guess."""

import pytest

from harness.waiting import until


def rows(database, table="t"):
    return database.value(f"SELECT count(*) FROM {table}")


@pytest.fixture
def table(database):
    database.execute("CREATE TABLE t (id int)")


def test_a_half_done_file_that_now_wants_a_transaction_is_refused(project, database, table):
    statements = "INSERT INTO t VALUES (1);\nINSERT INTO t VALUES (1/0);\n"
    project.migration(1, "x", "-- godwit: no-transaction\n" + statements)
    project.godwit("up", code=1)
    assert rows(database) == 1
    project.migration(1, "x", statements.replace("1/0", "2"))
    refused = project.godwit("up", code=1)
    assert "half-way" in refused.err and "no-transaction" in refused.err
    assert rows(database) == 1
    project.migration(1, "x", "-- godwit: no-transaction\n" + statements.replace("1/0", "2"))
    project.godwit("up", code=0)
    assert rows(database) == 2


def test_a_half_done_file_that_became_a_batch_is_refused(project, database, table):
    project.migration(1, "x", "-- godwit: no-transaction\nINSERT INTO t VALUES (1);\nSELECT 1/0;\n")
    project.godwit("up", code=1)
    project.migration(1, "x", "-- godwit: batch t.id 1\nDELETE FROM t WHERE id BETWEEN $1 AND $2;\n")
    refused = project.godwit("up", code=1)
    assert "half-way" in refused.err


def test_a_batch_that_never_got_anywhere_may_be_written_anew(project, database, table):
    database.execute("INSERT INTO t SELECT generate_series(1, 25); ALTER TABLE t ADD n int")
    project.migration(1, "x", "-- godwit: batch t.id 10\nUPDATE t SET idd = 0 WHERE id BETWEEN $1 AND $2;\n")
    project.godwit("up", code=1)
    assert project.states() == {"1": "failed"}
    assert database.value("SELECT count(*) FROM godwit.migrations") == 0
    project.migration(1, "x", "-- godwit: batch t.id 10\nUPDATE t SET n = -id WHERE id BETWEEN $1 AND $2;\n")
    project.godwit("up", code=0)
    assert database.value("SELECT count(*) FROM t WHERE n < 0") == 25


def test_a_batch_that_fails_in_the_middle_goes_on_there(project, database, table):
    database.execute("INSERT INTO t SELECT generate_series(1, 25); CREATE TABLE done (id int)")
    text = ("-- godwit: batch t.id 10\nINSERT INTO done SELECT id FROM t WHERE id BETWEEN $1 AND $2"
            " AND 1 / (id - 15 + (SELECT count(*) FROM stop)) IS NOT NULL;\n")
    database.execute("CREATE TABLE stop ()")
    project.migration(1, "x", text)
    project.godwit("up", code=1)
    assert rows(database, "done") == 10
    database.execute("INSERT INTO stop SELECT FROM generate_series(1, 100)")
    project.godwit("up", code=0)
    assert database.value("SELECT count(*) = 25 AND count(DISTINCT id) = 25 FROM done")


def test_a_repeatable_outside_a_transaction_that_fails_keeps_its_earlier_row(project, database, table):
    project.write("migrations/R__v.sql", "-- godwit: no-transaction\nCREATE OR REPLACE VIEW v AS SELECT 1 AS a;\n")
    project.write("migrations/V1__x.sql", "CREATE TABLE x (id int);\n")
    project.godwit("up", code=0)
    before = database.execute("SELECT version, state, checksum, applied_at FROM godwit.migrations ORDER BY 1")
    project.write("migrations/R__v.sql", "-- godwit: no-transaction\nSELECT 1/0;\n")
    project.godwit("up", code=1)
    assert database.execute(
        "SELECT version, state, checksum, applied_at FROM godwit.migrations ORDER BY 1") == before
    assert "failed" in project.states().values()


def test_a_down_outside_a_transaction_that_fails_at_once_changes_nothing(project, database, table):
    project.migration(1, "x", "CREATE TABLE x (id int);", "-- godwit: no-transaction\nSELECT 1/0;\nSELECT 1;\n")
    project.godwit("up", code=0)
    before = database.execute("SELECT state, statements_done, statements_total, applied_at, duration_ms"
                              " FROM godwit.migrations")
    project.godwit("down", code=1)
    assert database.execute("SELECT state, statements_done, statements_total, applied_at, duration_ms"
                            " FROM godwit.migrations") == before


def test_killed_behind_its_last_statement(project, database, table):
    """Everything is done but the last row: temporary tables that are gone with the session do not matter."""
    project.migration(1, "x", "-- godwit: no-transaction\nCREATE TEMP TABLE work (id int);\n"
                              "INSERT INTO t VALUES (1);\n")
    project.godwit("up", code=0)
    database.execute("UPDATE godwit.migrations SET state = 'running', intent = NULL")
    project.godwit("up", code=0)
    assert rows(database) == 1
    assert project.states() == {"1": "applied"}


def test_down_of_what_is_half_way_up_and_up_of_what_is_half_way_down(project, database, table):
    project.migration(1, "x", "-- godwit: no-transaction\nCREATE TABLE x (id int);\nSELECT 1/0;\n",
                      "-- godwit: no-transaction\nDROP TABLE x;\nSELECT 1/0;\n")
    project.godwit("up", code=1)
    assert "other direction" in project.godwit("down", code=1).err
    project.migration(1, "x", "-- godwit: no-transaction\nCREATE TABLE x (id int);\nSELECT 1;\n",
                      "-- godwit: no-transaction\nDROP TABLE x;\nSELECT 1/0;\n")
    project.godwit("up", code=0)
    project.godwit("down", code=1)
    project.migration(1, "x", "CREATE TABLE IF NOT EXISTS x (id int);\nSELECT 1;\n",
                      "-- godwit: no-transaction\nDROP TABLE x;\nSELECT 1;\n")
    refused = project.godwit("up", code=1)
    assert "other direction" in refused.err
    assert not database.value("SELECT to_regclass('x') IS NOT NULL")


def test_a_statement_of_a_killed_run_that_is_still_under_way_is_waited_for(project, database, table):
    database.execute("INSERT INTO t SELECT generate_series(1, 100)")
    text = "é" * 600
    project.migration(1, "x", f"-- godwit: no-transaction\nSELECT 1;\n"
                              f"CREATE /* {text} */ INDEX CONCURRENTLY i ON t (id);\n")
    blocker = database.connect(autocommit=False)
    blocker.cursor().execute("INSERT INTO t VALUES (0)")
    run = project.start("up")
    building = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'CREATE /*%%' AND state = 'active'"
    until(lambda: database.value(building) == 1, what="the index to be built")
    run.kill()
    second = project.start("up", "--wait", "60s")
    until(lambda: "waiting" in second.said(), what="the word of the wait")
    assert second.process.poll() is None
    assert database.value(building) == 1
    blocker.commit()
    second.finish(code=0)
    assert database.value("SELECT indisvalid FROM pg_index WHERE indexrelid = 'i'::regclass")
    blocker.close()


def test_redo_does_again_what_it_undid_though_another_service_has_work(make_project, database):
    project = make_project(database.url)
    project.config({"project": "test", "default": "test", "environments": {"test": {"url": database.url}},
                    "migrations": [{"service": "a", "path": "a"}, {"service": "b", "path": "b"}]})
    project.write("a/5_x.up.sql", "CREATE TABLE a5 (id int);")
    project.write("a/5_x.down.sql", "DROP TABLE a5;")
    project.write("b/1_x.up.sql", "CREATE TABLE b1 (id int);")
    project.write("b/1_x.down.sql", "DROP TABLE b1;")
    project.godwit("up", code=0)
    project.write("b/3_x.up.sql", "CREATE TABLE b3 (id int);")
    redone = project.godwit("redo", "--json", code=0).json
    assert [(m["service"], m["version"]) for m in redone["applied"]] == [("a", "5")]
    assert database.tables() == ["a5", "b1"]


def test_each_of_several_databases(make_project, make_database, database):
    other = make_database()
    project = make_project(database.url)
    project.config({"project": "test", "migrations": "migrations", "default": "test", "environments": {
        "test": {"url": database.url, "for_each": {"databases": [database.name, other.name], "jobs": 2}}}})
    project.migration(1, "t1", "CREATE TABLE t1 (id int);", "DROP TABLE t1;")
    project.godwit("up", "--dry-run", code=0)
    project.godwit("up", code=0)
    assert database.tables() == other.tables() == ["t1"]
    project.godwit("down", code=0)
    assert database.tables() == other.tables() == []


@pytest.mark.parametrize("words", [["baseline", "1"], ["repair"], ["repair", "1", "--forget"]])
def test_a_dry_run_of_what_mends_the_history_makes_nothing(project, database, words):
    project.migration(1, "t1", "CREATE TABLE t1 (id int);")
    project.godwit(*words, "--dry-run", code=1 if "--forget" in words else 0)  # nothing to forget
    assert not database.value("SELECT to_regnamespace('godwit') IS NOT NULL")


def test_all_in_one_transaction_runs_the_verify_scripts_too(project, database):
    project.remove("migrations")
    project.config({"project": "test", "migrations": ".", "default": "test",
                    "environments": {"test": {"url": database.url}}})
    project.write("sqitch.plan", "%syntax-version=1.0.0\n%project=x\n\n"
                                 "a 2024-01-01T00:00:00Z A <a@example.com> # a\n")
    project.write("sqitch.conf", "[core]\n\tengine = pg\n")
    project.write("deploy/a.sql", "BEGIN;\nCREATE TABLE a (id int);\nCOMMIT;\n")
    project.write("revert/a.sql", "BEGIN;\nDROP TABLE a;\nCOMMIT;\n")
    project.write("verify/a.sql", "BEGIN;\nSELECT nothing FROM a;\nROLLBACK;\n")
    refused = project.godwit("up", "--atomic", code=1)
    assert "nothing" in refused.err
    assert database.tables() == []


def test_a_baseline_does_not_pass_over_what_is_half_done(project, database, table):
    project.migration(1, "x", "-- godwit: no-transaction\nINSERT INTO t VALUES (1);\nINSERT INTO t VALUES (1/0);\n")
    project.migration(2, "y", "CREATE TABLE y (id int);")
    project.godwit("up", code=1)
    for words in (["baseline", "2"], ["baseline", "1"], ["baseline", "1", "--dry-run"]):
        error = project.godwit(*words, "--json", code=1).json["error"]
        assert "migration 1 stopped after 1 of 2 statements" in error["message"] and "nothing was marked" in error["detail"], words
        assert "godwit repair 1 --done" in error["hint"]
        assert project.states() == {"1": "failed", "2": "pending"}, words
    project.godwit("repair", "1", "--done", "--yes", code=0)
    project.godwit("baseline", "2", code=0)
    assert project.states() == {"1": "applied", "2": "applied"} and "y" not in database.tables()
