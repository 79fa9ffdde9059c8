"""Existing folders, unchanged: what Godwit makes of each is what its own tool makes of it."""
import shutil

import pytest

from harness import tools
from harness.ledgerflow import needs_pg_dump

PLACEHOLDERS = {"default_city": "Lagos", "APP_SCHEMA": "app"}

# tool: (runs it, where its folder is in the fixture, its own tables)
REAL = {
    "dbmate": (tools.dbmate, "migrations", ["schema_migrations"]),
    "node-pg-migrate": (tools.node_pg_migrate, "migrations", ["pgmigrations", "pgmigrations_id_seq"]),
    "graphile-migrate": (tools.graphile_migrate, "migrations", ["graphile_migrate.*"]),
    "drizzle": (tools.drizzle, "migrations", ["drizzle.*"]),
    "sqitch": (tools.sqitch, "migrations", ["sqitch.*"]),
}


def make(make_project, database, tool, **extra):
    project = make_project()
    target = project.path if tool == "graphile-migrate" else project / "migrations"
    shutil.copytree(tools.FIXTURES / tool, target, dirs_exist_ok=True)
    project.config({"project": "test", "migrations": "migrations", "default": "test",
                    "placeholders": PLACEHOLDERS, "environments": {"test": {"url": database.url}}, **extra})
    return project


@pytest.mark.peers
@pytest.mark.parametrize("tool", REAL)
def test_a_folder_makes_the_schema_that_its_own_tool_makes(tool, make_project, make_database):
    run, _, own = REAL[tool]
    theirs, ours = make_database(), make_database()
    project = make(make_project, ours, tool)
    needs_pg_dump(ours.server)
    run(project.path, theirs)
    assert project.godwit("status", "--json", code=0).json["format"] == tool
    project.godwit("up", code=0)
    assert set(project.states().values()) == {"applied"}
    expected = tools.schema_of(theirs, own)
    assert "CREATE TABLE" in expected
    assert tools.schema_of(ours) == expected


@pytest.mark.parametrize("tool", ["goose", "flyway", "golang-migrate", "sqlx", "atlas"])
def test_a_folder_makes_the_schema_that_is_written_beside_it(tool, make_project, make_database):
    written, ours = make_database(), make_database()
    needs_pg_dump(ours.server)
    project = make(make_project, ours, tool)
    written.execute((tools.FIXTURES / f"{tool}.expected.sql").read_text())
    project.godwit("up", code=0)
    assert set(project.states().values()) == {"applied"}
    expected = tools.schema_of(written)
    assert "CREATE TABLE" in expected
    assert tools.schema_of(ours) == expected


@pytest.mark.parametrize("tool", ["dbmate", "node-pg-migrate", "sqitch", "goose", "golang-migrate"])
def test_down_takes_a_folder_back_to_nothing(tool, make_project, make_database):
    nothing, ours = make_database(), make_database()
    needs_pg_dump(ours.server)
    project = make(make_project, ours, tool)
    count = len(project.states())
    project.godwit("up", code=0)
    project.godwit("--yes", "down", "--steps", str(count), "--allow-data-loss", code=0)
    assert set(project.states().values()) == {"pending"}
    assert tools.schema_of(ours) == tools.schema_of(nothing)


def test_goose_takes_variables_only_between_envsub_on_and_off(make_project, database):
    project = make(make_project, database, "goose")
    project.godwit("up", code=0, env={"REGION": "us"})
    assert "'us'" in database.value("SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef"
                                    " WHERE adrelid = 'accounts'::regclass")
    assert database.value("SELECT col_description('accounts'::regclass, 3)") == "not ${REGION}"


def test_a_repeatable_of_flyway_runs_again_when_it_changes(make_project, database):
    project = make(make_project, database, "flyway")
    project.godwit("up", code=0)
    project.write("migrations/R__person_names.sql",
                  "CREATE OR REPLACE VIEW person_names AS SELECT name, city, id FROM person;\n")
    applied = project.godwit("up", "--json", code=0).json["applied"]
    assert [m["version"] for m in applied] == ["R__person_names"]
    assert database.columns("person_names") == ["name", "city", "id"]


def test_an_edited_file_of_atlas_does_not_agree_with_atlas_sum(make_project, database):
    project = make(make_project, database, "atlas")
    path = project / "migrations/20240220101500_add_email.sql"
    path.write_text(path.read_text() + "-- edited\n")
    result = project.godwit("up", code=1)
    assert "20240220101500_add_email.sql" in result.err and "atlas.sum" in result.err
    assert database.tables() == []


def test_an_edited_commit_of_graphile_migrate_is_refused(make_project, database):
    project = make(make_project, database, "graphile-migrate")
    path = project / "migrations/committed/000002-add-email.sql"
    path.write_text(path.read_text() + "-- edited\n")
    result = project.godwit("up", code=1)
    assert "000002-add-email.sql" in result.err
    assert database.tables("app") == []
