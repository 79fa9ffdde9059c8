"""`compat: sqlx`: the table of sqlx follows repair, and what is out of step in it is seen and mended."""
import pytest

from harness import tools

TABLE = "_sqlx_migrations"


@pytest.fixture
def shared(project, database):
    """A project whose history sqlx reads too, with two migrations applied."""
    project.config({"project": "test", "migrations": "migrations", "default": "test", "compat": "sqlx",
                    "environments": {"test": {"url": database.url}}})
    project.migration(1, "first_table", "CREATE TABLE a (id int);\nSELECT 1;\n")
    project.migration(2, "second", "CREATE TABLE b (id int);\n")
    project.godwit("up", code=0)
    return project


def files(project):
    """{version: (description, checksum)} as sqlx would have them for the files that are there."""
    return {int(p.name.split("_")[0]): (p.name.removesuffix(".up.sql").split("_", 1)[1].replace("_", " "),
                                        tools.sqlx_checksum(p.read_bytes()))
            for p in (project / "migrations").glob("*.up.sql")}


def rows(database):
    return {v: (d, bytes(c)) for v, d, c in
            database.execute(f"SELECT version, description, checksum FROM {TABLE} WHERE success")}


def findings(project, code):
    result = project.godwit("verify", "--no-drift", "--json", code=code).json
    return [(f["kind"], f["version"]) for f in result["findings"]]


def in_step(project, database):
    assert findings(project, 0) == []
    project.godwit("status", "--check", code=0)
    assert rows(database) == files(project)


def rewrite(project, name, change):
    path = project / "migrations" / name
    path.write_bytes(change(path.read_bytes()))


@pytest.mark.parametrize("change", [lambda data: data.replace(b"\n", b"\r\n"), lambda data: b"\xef\xbb\xbf" + data])
def test_bytes_that_are_the_same_file_for_godwit_alone(shared, database, change):
    ran = database.value(f"SELECT installed_on FROM {TABLE} WHERE version = 1")
    rewrite(shared, "1_first_table.up.sql", change)
    assert findings(shared, 3) == [("sqlx_checksum", "1")]
    assert "godwit repair" in shared.godwit("verify", "--no-drift", code=3).out
    status = shared.godwit("status", "--check", code=3).out
    assert "1 first table" in status or "1 first_table" in status
    assert TABLE in status and "godwit repair" in status
    item, = shared.godwit("status", "--json", code=0).json["sqlx"]
    assert (item["version"], item["kind"]) == ("1", "sqlx_checksum")
    action, = shared.godwit("repair", "--dry-run", "--json", code=0).json["actions"]
    assert (action["version"], action["repair"]) == ("1", "sqlx")
    assert findings(shared, 3) == [("sqlx_checksum", "1")]
    shared.godwit("repair", code=0)
    in_step(shared, database)
    assert database.value(f"SELECT installed_on FROM {TABLE} WHERE version = 1") == ran
    assert "0 rows repaired" in shared.godwit("repair", code=0).out


def test_a_checksum_that_repair_takes(shared, database):
    rewrite(shared, "2_second.up.sql", lambda data: b"-- why\n" + data)
    assert findings(shared, 3) == [("modified", "2")]
    shared.godwit("repair", "2", code=0)
    in_step(shared, database)


def test_a_version_that_repair_forgets(shared, database):
    shared.remove("migrations/2_second.up.sql")
    assert findings(shared, 3) == [("missing", "2")]
    shared.godwit("repair", code=0)
    assert list(rows(database)) == [1]
    in_step(shared, database)


HALF = "-- godwit: no-transaction\nCREATE TABLE c (id int);\nSELECT 1 / (SELECT count(*) FROM c);\n"


def test_done_and_forgotten_halves(shared, database):
    shared.migration(3, "half", HALF)
    shared.godwit("up", code=1)
    assert list(rows(database)) == [1, 2] and findings(shared, 3) == [("failed", "3")]
    shared.godwit("--yes", "repair", "3", "--done", code=0)
    in_step(shared, database)
    shared.migration(4, "half_again", HALF.replace(" c ", " d ").replace(" c)", " d)"))
    shared.godwit("up", code=1)
    shared.godwit("repair", "4", "--forget", code=0)
    assert list(rows(database)) == [1, 2, 3]
    shared.remove("migrations/4_half_again.up.sql")
    in_step(shared, database)


def test_a_way_back_that_stopped_half_way(shared, database):
    shared.migration(3, "both", "CREATE TABLE c (id int);",
                     "-- godwit: no-transaction\nSELECT 1;\nSELECT 1 / (SELECT count(*) FROM c);\n")
    shared.godwit("up", code=0)
    shared.godwit("--yes", "down", code=1)
    assert findings(shared, 3) == [("failed", "3")]
    shared.godwit("--yes", "repair", "3", "--done", code=0)
    assert list(rows(database)) == [1, 2]


def test_rows_that_somebody_changed(shared, database):
    database.execute(f"DELETE FROM {TABLE} WHERE version = 1;"
                     f" UPDATE {TABLE} SET checksum = '\\x00' WHERE version = 2")
    assert sorted(findings(shared, 3)) == [("sqlx_absent", "1"), ("sqlx_checksum", "2")]
    shared.godwit("repair", "1", code=0)
    assert findings(shared, 3) == [("sqlx_checksum", "2")]
    shared.godwit("repair", code=0)
    in_step(shared, database)


def test_a_table_that_is_gone(shared, database):
    database.execute(f"DROP TABLE {TABLE}")
    assert sorted(findings(shared, 3)) == [("sqlx_absent", "1"), ("sqlx_absent", "2")]
    assert len(shared.godwit("repair", "--dry-run", "--json", code=0).json["actions"]) == 2
    assert database.value(f"SELECT to_regclass('{TABLE}') IS NULL")
    shared.godwit("repair", code=0)
    in_step(shared, database)


@pytest.mark.parametrize("words, pending", [(["up"], True), (["baseline", "3"], True), (["up"], False)])
def test_a_table_that_is_made_late_has_what_is_applied(shared, database, words, pending):
    """`compat: sqlx` is new in godwit.yaml, or somebody has dropped the table."""
    database.execute(f"DROP TABLE {TABLE}")
    if pending:
        shared.migration(3, "third", "CREATE TABLE c (id int);\n")
    else:
        shared.godwit("up", "--dry-run", code=0)
        assert database.value(f"SELECT to_regclass('{TABLE}') IS NULL")
    said = shared.godwit(*words, code=0).err
    assert "_sqlx_migrations was not there: it was made, with 2 rows of what is applied" in said
    in_step(shared, database)
    assert "_sqlx_migrations" not in shared.godwit("up", code=0).err


def insert(database, version, success=True):
    database.execute(f"INSERT INTO {TABLE} VALUES (%s, 'x', now(), %s, '\\x00', 1)", [version, success])


def test_rows_of_nobody(shared, database):
    insert(database, 9)
    assert findings(shared, 3) == [("sqlx_extra", "9")]
    refused = shared.godwit("repair", "--json", code=1).json["error"]
    assert "9" in refused["message"] and "godwit repair 9 --forget" in refused["hint"]
    shared.godwit("repair", "9", "--done", code=1)
    shared.godwit("repair", "9", "--forget", code=0)
    in_step(shared, database)


def test_what_sqlx_ran_by_itself(shared, database):
    shared.migration(3, "third", "CREATE TABLE c (id int);\n")
    insert(database, 3)
    assert findings(shared, 3) == [("sqlx_extra", "3")]
    hint = shared.godwit("repair", "--json", code=1).json["error"]["hint"]
    assert "godwit repair 3 --done" in hint and "--forget" in hint
    shared.godwit("repair", "3", "--done", code=0)
    assert [s for _, s in sorted(shared.states().items())] == ["applied"] * 3
    in_step(shared, database)


def test_what_sqlx_left_half_done(shared, database):
    insert(database, 3, success=False)
    assert findings(shared, 3) == [("sqlx_unfinished", "3")]
    for words in (["repair"], ["repair", "--dry-run"]):
        error = shared.godwit(*words, "--json", code=1).json["error"]
        assert "3" in error["message"] and "success" in error["hint"]


def test_the_rows_of_another_project_are_left_alone(shared, make_project, database):
    other = make_project()
    other.config({"project": "other", "migrations": [{"service": "other", "path": "migrations"}], "default": "test",
                  "compat": "sqlx", "environments": {"test": {"url": database.url}}})
    other.migration(7, "theirs", "CREATE TABLE theirs (id int);\n")
    other.godwit("up", code=0)
    assert findings(shared, 0) == [] and findings(other, 0) == []
    shared.godwit("repair", code=0)
    assert sorted(rows(database)) == [1, 2, 7]


def test_each_tenant_has_its_own(make_project, database):
    project = make_project()
    project.config({"project": "test", "migrations": "migrations", "default": "test", "compat": "sqlx",
                    "environments": {"test": {"url": database.url, "for_each": {"schemas": "tenant_%"}}}})
    database.execute("CREATE SCHEMA tenant_a; CREATE SCHEMA tenant_b")
    project.migration(1, "first", "CREATE TABLE a (id int);\n")
    project.godwit("up", code=0)
    database.execute(f"DELETE FROM tenant_b.{TABLE}")
    finding, = project.godwit("verify", "--no-drift", "--json", code=3).json["findings"]
    assert (finding["kind"], finding["tenant"]) == ("sqlx_absent", "tenant_b")
    project.godwit("repair", code=0)
    assert database.value(f"SELECT count(*) FROM tenant_b.{TABLE}") == 1
    assert project.godwit("verify", "--no-drift", "--json", code=0).json["findings"] == []


@pytest.mark.parametrize("words", [["baseline", "1"], ["up"]])
@pytest.mark.parametrize("path, said", [("closed", "making sqlx's table"), ("nowhere", "there is no schema for the table")])
def test_where_its_table_cannot_be_made_nothing_is(project, database, words, path, said):
    database.execute("CREATE SCHEMA closed")
    role = database.role("GRANT CREATE ON DATABASE {database} TO {role}", "GRANT USAGE ON SCHEMA closed TO {role}",
                         f"ALTER ROLE {{role}} IN DATABASE {{database}} SET search_path = {path}")
    project.config({"project": "test", "migrations": "migrations", "default": "test", "compat": "sqlx",
                    "environments": {"test": {"url": database.url_for(role)}}})
    project.migration(1, "first", "CREATE SCHEMA mine;\n")
    assert said in project.godwit(*words, code=1).err
    assert database.execute("SELECT nspname FROM pg_namespace WHERE nspname IN ('godwit', 'mine')") == []


def test_a_baseline_where_sqlx_left_something_half_done_makes_nothing(project, database):
    project.config({"project": "test", "migrations": "migrations", "default": "test", "compat": "sqlx",
                    "environments": {"test": {"url": database.url}}})
    project.migration(1, "first", "CREATE TABLE first (id int);\n")
    database.execute(f"CREATE TABLE {TABLE} (version bigint PRIMARY KEY, description text NOT NULL, installed_on timestamptz"
                     " NOT NULL DEFAULT now(), success boolean NOT NULL, checksum bytea NOT NULL, execution_time bigint NOT NULL)")
    insert(database, 1, success=False)
    assert "success" in project.godwit("baseline", "1", "--json", code=1).json["error"]["hint"]
    assert database.value("SELECT to_regnamespace('godwit')::text") is None
    project.godwit("baseline", "1", "--dry-run", code=0)
