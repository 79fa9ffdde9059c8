"""A command that fails, or has nothing to do, leaves a database that Godwit has never written to as it was."""
import re

import pytest


def schemas(database):
    return [name for (name,) in database.execute(
        "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' ORDER BY 1")]


@pytest.fixture
def virgin(project):
    project.migration(1, "a", "CREATE TABLE a (id int);", "DROP TABLE a;")
    return project


NOTHING = [
    ("down", 0), ("down --steps 2", 0), ("down --to 99", None), ("redo", None), ("repair", 0), ("repair 1", 0),
    ("repair 99", 2), ("repair 1 --done", None), ("repair 1 --forget", None), ("repair --forget", 0),
    ("baseline 99", 2), ("baseline 1 --service nobody", None), ("baseline none --service nobody", 2),
    ("adopt --from dbmate", None), ("adopt --from sqlx", None), ("up --to 99", None), ("up --steps 0", None),
    ("status", 0), ("status --check", 3), ("up --dry-run", 0), ("down --dry-run", 0), ("baseline 1 --dry-run", 0),
]


@pytest.mark.parametrize("words, code", NOTHING, ids=[words for words, _ in NOTHING])
def test_nothing_is_made(virgin, database, words, code):
    result = virgin.godwit(*words.split())
    assert result.code == code if code is not None else result.code in (0, 1, 2), result
    assert schemas(database) == ["public"], result


def test_a_failing_adopt_makes_nothing(virgin, database):
    """The table is there, and holds what no file is."""
    database.execute("CREATE TABLE schema_migrations (version varchar PRIMARY KEY)")
    database.execute("INSERT INTO schema_migrations VALUES ('77')")
    failed = virgin.godwit("adopt", "--from", "dbmate")
    assert failed.code in (1, 2), failed
    assert schemas(database) == ["public"]


def test_up_with_nothing_for_this_environment_makes_nothing(virgin, database):
    virgin.migration(1, "a", "-- godwit: only=elsewhere\nCREATE TABLE a (id int);", "DROP TABLE a;")
    virgin.godwit("up", code=0)
    assert schemas(database) == ["public"]


@pytest.mark.parametrize("words", ["down", "redo", "repair", "baseline 99"])
def test_tenants_are_left_alone_too(project, database, words):
    database.execute('CREATE SCHEMA "tenant_a b"')
    database.execute("CREATE SCHEMA tenant_c")
    project.config({"project": "test", "migrations": "migrations", "default": "test", "environments": {
        "test": {"url": database.url, "for_each": {"schemas": "tenant_%"}}}})
    project.migration(1, "a", "CREATE TABLE a (id int);", "DROP TABLE a;")
    result = project.godwit(*words.split())
    assert result.code in (0, 1, 2), result
    assert schemas(database) == ["public", "tenant_a b", "tenant_c"], result


def test_what_has_something_to_do_still_does_it(virgin, database):
    virgin.godwit("baseline", "1", code=0)
    assert virgin.states() == {"1": "applied"}
    assert database.value("SELECT count(*) FROM godwit.events WHERE action = 'baseline'") == 1


def test_baseline_none_writes_that_the_history_begins(virgin, database):
    virgin.godwit("baseline", "none", code=0)
    assert database.value("SELECT count(*) FROM godwit.events WHERE action = 'baseline'") == 1
    virgin.godwit("up", code=0)
    assert database.tables() == ["a"]


# name, files beside a first one that is right, words for up, exit code, what is said
REFUSED = [
    ("empty", "", [], 1, "no statement"),
    ("NUL byte", b"SELECT 1;\nSELECT '\0';\n", [], 1, "NUL"),
    ("psql", "\\i other.sql\n", [], 1, r"\\i"),
    ("COMMIT", "CREATE TABLE b (id int);\nCOMMIT;\nCREATE TABLE c (id int);\n", [], 1, "transaction control"),
    ("concurrently", "CREATE TABLE b (id int);\nCREATE INDEX CONCURRENTLY i ON b (id);\n", [], 1, "cannot run inside"),
    ("variable", "-- godwit: env\nCREATE TABLE ${NOWHERE_NAME} (id int);\n", [], 1, "NOWHERE_NAME"),
    ("syntax", "CREATE TABEL b (id int);\n", [], 1, "syntax error"),
    ("own schema", "DROP SCHEMA godwit;\n", [], 5, "schema godwit"),
    ("loss", "DROP TABLE kept;\n", [], 5, "--allow-data-loss"),
    ("atomic", "-- godwit: no-transaction\nVACUUM kept;\n", ["--atomic"], 1, "--atomic|one transaction"),
]


def refused_ones(project, *only):
    for name, text, words, code, says in REFUSED:
        if only and name not in only:
            continue
        project.migration(2, "second", text)
        result = project.godwit("up", *words, code=code)
        assert re.search(says, result.err), (name, result)
        yield name, result


@pytest.mark.parametrize("compat", [False, True], ids=["plain", "sqlx"])
def test_a_first_up_that_is_refused_makes_nothing(virgin, database, compat):
    """With `compat: sqlx` its table neither. Once Godwit is there, a refusal leaves an event and no table of sqlx."""
    database.execute("CREATE TABLE kept AS SELECT 1 AS id")
    plain = {"project": "test", "migrations": "migrations", "default": "test",
             "environments": {"test": {"url": database.url}}}
    sqlx = {**plain, "compat": "sqlx"}
    virgin.config(sqlx if compat else plain)
    for name, result in refused_ones(virgin):
        assert (schemas(database), database.tables()) == (["public"], ["kept"]), (name, result)
    virgin.remove("migrations/2_second.up.sql")
    virgin.config(plain)
    virgin.godwit("up", code=0)
    virgin.config(sqlx if compat else plain)
    for name, result in refused_ones(virgin, "syntax", "loss", "atomic"):
        assert database.tables() == ["a", "kept"], (name, result)
    assert database.value("SELECT count(*) FROM godwit.events WHERE outcome = 'refused'") == 1


def test_tenants_whose_first_up_is_refused_have_nothing_made(project, database):
    for schema in ("tenant_a", "tenant_b"):
        database.execute(f"CREATE SCHEMA {schema}")
        database.execute(f"CREATE TABLE {schema}.kept AS SELECT 1 AS id")
    project.config({"project": "test", "migrations": "migrations", "default": "test", "environments": {
        "test": {"url": database.url, "for_each": {"schemas": "tenant_%"}}}})
    project.migration(1, "a", "CREATE TABLE a (id int);", "DROP TABLE a;")
    for name, result in refused_ones(project, "empty", "variable", "loss", "atomic"):
        assert "each of the others is refused" in result.err, (name, result)
        assert schemas(database) == ["public", "tenant_a", "tenant_b"], (name, result)
    project.migration(2, "second", "DROP TABLE kept;\n")
    database.execute("DELETE FROM tenant_b.kept")
    project.godwit("up", code=5)
    assert database.tables("tenant_a") == ["kept"] and database.tables("tenant_b") == ["a"]
    assert schemas(database)[0] == "godwit"
