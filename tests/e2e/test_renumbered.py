"""An applied file that was given another version: nothing runs twice, and repair takes the version over."""
import pytest


@pytest.fixture
def inserts(make_project, database):
    """Three migrations that could all run twice without an error."""
    project = make_project(database.url)
    project.migration(1, "base", "CREATE TABLE ran (n int);", "DROP TABLE ran;")
    for n in (2, 3):
        project.migration(n, f"step{n}", f"INSERT INTO ran VALUES ({n});", f"DELETE FROM ran WHERE n = {n};")
    project.godwit("up", code=0)
    return project


def rename(project, old, new):
    for end in ("up", "down"):
        path = project / "migrations" / f"{old}.{end}.sql"
        if path.exists():
            path.rename(path.with_name(f"{new}.{end}.sql"))


def ran(database):
    return sorted(n for (n,) in database.execute("SELECT n FROM ran"))


def history(database):
    return database.execute("SELECT version, name, sort_key FROM godwit.migrations ORDER BY sort_key::bigint")


def test_every_command_says_it_and_none_runs_it(inserts, database):
    rename(inserts, "2_step2", "4_step2")
    file = "migrations/4_step2.up.sql"
    assert inserts.states() == {"1": "applied", "2": "missing", "3": "applied", "4": "pending"}
    status = inserts.godwit("status", "--check", code=3).out
    assert f"2 step2: what was applied is now {file}" in status and "godwit repair" in status
    items = {m["version"]: m for m in inserts.godwit("status", "--json", code=0).json["migrations"]}
    assert items["2"]["renumbered_to"] == "4" and items["4"]["applied_as"] == "2"
    finding, = inserts.godwit("verify", "--no-drift", "--json", code=3).json["findings"]
    assert finding["kind"] == "missing" and file in finding["message"] and "rename it back to 2" in finding["hint"]
    assert file in inserts.godwit("verify", code=3).err, "drift is not looked for, and why"
    for words in (["up"], ["up", "--dry-run"], ["up", "--out-of-order"], ["plan"], ["up", "--to", "4"]):
        error = inserts.godwit(*words, "--json", code=1).json["error"]
        assert error["message"] == "what is applied has another version now" and file in error["detail"]
        assert "rename it back to 2" in error["hint"] and error["where"] == file
    assert file in inserts.godwit("--yes", "down", "--to", "1", "--json", code=1).json["error"]["detail"]
    assert ran(database) == [2, 3]
    # The first way on.
    rename(inserts, "4_step2", "2_step2")
    inserts.godwit("status", "--check", code=0)


def test_repair_takes_the_version_over(inserts, database):
    row = "SELECT applied_at, applied_by, checksum FROM godwit.migrations WHERE name = 'step2'"
    before = database.execute(row)
    rename(inserts, "2_step2", "4_step2")
    action, = inserts.godwit("repair", "--dry-run", "--json", code=0).json["actions"]
    assert (action["version"], action["repair"]) == ("4", "renumbered") and "applied as 2" in action["action"]
    assert [v for v, _, _ in history(database)] == ["1", "2", "3"]
    inserts.godwit("repair", code=0)
    assert history(database) == [("1", "base", "1"), ("3", "step3", "3"), ("4", "step2", "4")]
    assert database.execute(row) == before
    event = inserts.godwit("history", "--json", code=0).json["events"][0]
    assert (event["action"], event["version"], event["data"]) == ("repair", "4", {"repair": "renumbered", "before": "2"})
    assert inserts.godwit("up", "--json", code=0).json["applied"] == []
    inserts.godwit("--yes", "down", "--allow-data-loss", code=0)
    assert ran(database) == [3]


def test_files_that_were_all_moved_by_one(inserts, database):
    rename(inserts, "3_step3", "4_step3")
    rename(inserts, "2_step2", "3_step2")
    inserts.migration(2, "between", "INSERT INTO ran VALUES (20);", "DELETE FROM ran WHERE n = 20;")
    error = inserts.godwit("up", "--json", code=1).json["error"]
    assert error["message"] == "2 migrations that are applied have other versions now"
    assert "3_step2.up.sql" in error["detail"] and "4_step3.up.sql" in error["detail"]
    assert "takes all of them" in inserts.godwit("repair", "2", code=1).err
    inserts.godwit("repair", code=0)
    assert [(v, n) for v, n, _ in history(database)] == [("1", "base"), ("3", "step2"), ("4", "step3")]
    assert inserts.states() == {"1": "applied", "2": "out_of_order", "3": "applied", "4": "applied"}
    inserts.godwit("up", "--out-of-order", code=0)
    assert ran(database) == [2, 3, 20]


def test_several_files_of_one_text(inserts, database):
    """Which of them it is has to be said; a text that stays applied under its version is nobody's."""
    text = "INSERT INTO ran VALUES (2);"
    inserts.migration(4, "again", text)
    inserts.godwit("up", code=0)
    assert ran(database) == [2, 2, 3]
    inserts.remove("migrations/2_step2.up.sql")
    inserts.remove("migrations/2_step2.down.sql")
    inserts.migration(5, "one", text)
    inserts.migration(6, "two", text)
    error = inserts.godwit("up", "--json", code=1).json["error"]
    assert "godwit repair 5 or godwit repair 6" in error["hint"] and "4_again" not in error["detail"]
    assert "several files" in inserts.godwit("repair", code=1).err
    assert "several files" in inserts.godwit("repair", "--forget", code=1).err
    inserts.godwit("repair", "6", "--dry-run", code=0)
    assert [v for v, _, _ in history(database)] == ["1", "2", "3", "4"]
    inserts.godwit("repair", "6", code=0)
    inserts.godwit("up", "--out-of-order", code=0)
    assert ran(database) == [2, 2, 2, 3]


def test_a_text_that_is_meant_to_run_once_more(inserts, database):
    inserts.remove("migrations/2_step2.up.sql")
    inserts.remove("migrations/2_step2.down.sql")
    inserts.migration(4, "refresh", "INSERT INTO ran VALUES (2);")
    inserts.godwit("up", code=1)
    assert "will run as that of 4" in inserts.godwit("repair", "2", "--forget", code=0).out
    inserts.godwit("up", code=0)
    assert ran(database) == [2, 2, 3]


def test_what_baseline_marked(make_project, database):
    project = make_project(database.url)
    project.migration(1, "base", "CREATE TABLE ran (n int);")
    project.godwit("baseline", "1", code=0)
    rename(project, "1_base", "20250101000000_base")
    project.godwit("up", code=1)
    project.godwit("repair", code=0)
    assert project.godwit("up", "--json", code=0).json["applied"] == []
    assert database.tables() == []


def test_sqlx_follows(make_project, database):
    project = make_project()
    project.config({"project": "test", "migrations": "migrations", "default": "test", "compat": "sqlx",
                    "environments": {"test": {"url": database.url}}})
    for n in (1, 2, 3):
        project.migration(n, f"step{n}", f"CREATE TABLE t{n} (i int);")
    project.godwit("up", code=0)
    rename(project, "2_step2", "4_step2")
    project.godwit("repair", code=0)
    assert database.execute("SELECT version, description FROM _sqlx_migrations ORDER BY 1") == [
        (1, "step1"), (3, "step3"), (4, "step2")]
    project.godwit("status", "--check", code=0)
