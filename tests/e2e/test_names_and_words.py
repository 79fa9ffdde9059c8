"""Names of files that no tool takes or no database can hold; long words of the server; what status, history and hints say."""
import json

import pytest

from harness.blocking import WAIT_AT_GATE, closed_gate, until_blocked

LATIN1 = "ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'"


# ---- names ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["2_b.UP.SQL", "2_b.up.SQL", "2_b.SQL", "2_b.Up.sql", "2_b.DOWN.sql"])
def test_a_suffix_in_capitals_is_not_passed_over(name, project, database):
    if name.endswith(".SQL"):  # beside others .UP.sql is another convention, and that is said
        project.migration(1, "a", "CREATE TABLE a (id int);", "DROP TABLE a;")
    project.write(f"migrations/{name}", "CREATE TABLE b (id int);")
    for command in ("up", "status"):
        failed = project.godwit(command, "--json")
        error = failed.json["error"]
        assert failed.code in (1, 2) and error["kind"] == "input", failed
        assert name in error["message"] and "rename it" in error["hint"] and error["where"].endswith(name)
    assert database.tables() == []


def test_a_name_that_the_database_cannot_hold_is_refused_first(make_project, make_database):
    database = make_database(options=LATIN1)
    project = make_project(database.url)
    project.migration(1, "first", "CREATE TABLE first (id int);")
    project.migration(2, "漢", "CREATE TABLE second (id int);")
    for words in (["up"], ["up", "--atomic"], ["up", "--dry-run"]):
        error = project.godwit(*words, "--json", code=1).json["error"]
        assert error["kind"] == "input" and "2_漢.up.sql cannot be stored" in error["message"]
        assert "LATIN1" in error["detail"] and "UTF8" in error["hint"]
        assert error["where"] == "migrations/2_漢.up.sql"
    assert database.tables() == []
    project.remove("migrations/2_漢.up.sql")
    project.migration(2, "é", "CREATE TABLE second (id int);")
    project.godwit("up", code=0)
    assert project.godwit("status", "--json", code=0).json["migrations"][1]["name"] == "é"


# ---- long words -------------------------------------------------------------------------------

LONG = 5_000_000


@pytest.mark.parametrize("raised", ["MESSAGE", "DETAIL", "HINT"])
def test_what_the_server_says_is_cut_with_a_note(raised, project, database):
    what = {"MESSAGE": "", "DETAIL": "MESSAGE = 'short', ", "HINT": "MESSAGE = 'short', "}[raised]
    project.migration(1, "long", f"DO $$ BEGIN RAISE EXCEPTION USING {what}{raised} = repeat('é', {LONG}); END $$;")
    text = project.godwit("up", code=1)
    assert f"cut: {2 * LONG} bytes in all" in text.err and len(text.err) < 20_000
    error = project.godwit("up", "--json", code=1).json["error"]
    assert len(error[raised.lower()].encode()) < 8_000 and "\ufffd" not in error[raised.lower()]
    assert database.value("SELECT max(length(message)) < 8000 FROM godwit.events WHERE message IS NOT NULL")


def test_a_long_notice_is_cut_in_text_and_in_json(project):
    project.migration(1, "long", f"DO $$ BEGIN RAISE NOTICE '%', repeat('x', {LONG}); END $$;", "")
    said = project.godwit("up", code=0)
    assert f"cut: {LONG} bytes in all" in said.err and len(said.err) < 20_000
    project.migration(2, "long", f"DO $$ BEGIN RAISE WARNING '%', repeat('x', {LONG}); END $$;", "")
    said = project.godwit("--log-format", "json", "up", code=0)
    assert len(said.err) < 20_000 and f"cut: {LONG} bytes in all" in said.err
    assert all(json.loads(line) for line in said.err.splitlines())


# ---- what is said -----------------------------------------------------------------------------


def test_the_history_names_the_file(project):
    project.migration(1, "a", "CREATE TABLE a (id int);", "DROP TABLE a;")
    project.godwit("up", code=0)
    assert "migrations/1_a.up.sql" in project.godwit("history", code=0).out


def test_when_it_was_applied_stands_where_its_down_was_stopped(project, database):
    project.migration(1, "a", "CREATE TABLE a (id int);",
                      f"-- godwit: no-transaction\n{WAIT_AT_GATE}\nSELECT 1/0;\nDROP TABLE a;\n")
    project.godwit("up", code=0)
    applied = project.godwit("status", "--json", code=0).json["migrations"][0]
    with closed_gate(database):
        running = project.start("--yes", "down", "--allow-data-loss")
        until_blocked(database, running)
        running.kill()
    project.migration(1, "a", "CREATE TABLE a (id int);", "-- godwit: no-transaction\nSELECT 1/0;\nDROP TABLE a;\n")
    project.godwit("--yes", "down", "--allow-data-loss", "--wait", "60s", code=1)
    if project.states() != {"1": "applied"}:
        project.godwit("repair", "1", "--forget", code=0)
    now = project.godwit("status", "--json", code=0).json["migrations"][0]
    assert now["state"] == "applied", now
    assert (now["applied_at"], now["duration_ms"]) == (applied["applied_at"], applied["duration_ms"])


def test_a_hint_to_repair_names_the_tenant(project, database):
    database.execute('CREATE SCHEMA "tenant_a"; CREATE SCHEMA "tenant_b c"')
    project.config({"project": "test", "migrations": "migrations", "default": "test", "environments": {
        "test": {"url": database.url, "for_each": {"schemas": "tenant_%"}}}})
    project.migration(1, "a", "CREATE TABLE a (id int);")
    project.godwit("up", code=0)
    project.remove("migrations/1_a.up.sql")
    project.migration(2, "b", "CREATE TABLE b (id int);")
    failed = project.godwit("up", code=1)
    assert "`godwit repair --tenant tenant_a --forget`" in failed.err, failed
    assert "`godwit repair --tenant 'tenant_b c' --forget`" in failed.err
    one = project.godwit("repair", "--tenant", "tenant_b c", "1", "--forget")
    assert one.code in (0, 1), one


def test_a_baseline_that_is_no_version_makes_no_table_of_sqlx(project, database):
    project.config({"project": "test", "migrations": "migrations", "default": "test", "compat": "sqlx",
                    "environments": {"test": {"url": database.url}}})
    project.migration(1, "a", "CREATE TABLE a (id int);", "DROP TABLE a;")
    project.godwit("baseline", "none", code=0)
    database.execute("DROP TABLE IF EXISTS _sqlx_migrations")
    project.godwit("baseline", "99", code=2)
    assert database.tables() == []
