"""--dry-run prints what runs: its transactions, its limits, what is set and taken back."""
import pytest

from harness.blocking import configure

NO_TX = "-- godwit: no-transaction\n"


def printed(project, *words):
    """Without comments and blank lines."""
    out = project.godwit(*(words or ["up"]), "--dry-run", code=0).out
    return [line for line in out.splitlines() if line.strip() and not line.startswith("--")]


def test_one_transaction_for_all_is_one_that_is_shown(project, database):
    project.migration(1, "a", "CREATE TABLE a (id int);")
    project.migration(2, "b", "SET search_path = public;\nCREATE TABLE b (id int);")
    lines = printed(project, "up", "--atomic")
    assert (lines[0], lines[-2], lines[-1]) == ("BEGIN;", "COMMIT;", "DISCARD ALL;")
    assert [lines.count(word) for word in ("BEGIN;", "COMMIT;", "DISCARD ALL;")] == [1, 1, 1]
    for word in ("SET LOCAL lock_timeout = 2000;", "RESET ALL;", "CLOSE ALL;", "DISCARD TEMP;"):
        assert lines.count(word) == 2, word
    assert database.tables() == []


def test_what_cannot_be_one_transaction_is_not_shown_as_one(project):
    project.migration(1, "a", f"{NO_TX}CREATE TABLE a (id int);\nVACUUM a;\n")
    for words in (["up", "--atomic", "--dry-run"], ["up", "--atomic"]):
        error = project.godwit(*words, "--json", code=1).json["error"]
        assert error["message"] == "migration 1 runs outside a transaction", words


def test_limits_outside_a_transaction_are_those_of_each_statement(project, database):
    database.execute("CREATE TABLE t (id int)")
    project.migration(1, "a", f"{NO_TX}ALTER TABLE t ADD a int;\nVACUUM t;\nVACUUM FULL t;\nBEGIN;\nALTER TABLE t ADD b int;\n"
                              "COMMIT;\nCOMMIT;\nSET lock_timeout = '7s';\nALTER TABLE t ADD c int;\nVACUUM FULL t;\n"
                              "RESET lock_timeout;\nDO $$ BEGIN NULL; END $$;\n")
    local = "SET LOCAL lock_timeout = 2000;"
    assert printed(project) == [
        "SET lock_timeout = 0;", "BEGIN;", local, "ALTER TABLE t ADD a int;", "COMMIT;", "VACUUM t;",
        "SET lock_timeout = 2000;", "VACUUM FULL t;", "SET lock_timeout = 0;", "BEGIN;", local, "ALTER TABLE t ADD b int;",
        "COMMIT;", "BEGIN;", local, "SET lock_timeout = '7s';", "COMMIT;", "BEGIN;", "ALTER TABLE t ADD c int;", "COMMIT;",
        "VACUUM FULL t;", "BEGIN;", "RESET lock_timeout;", "COMMIT;", "BEGIN;", local, "DO $$ BEGIN NULL; END $$;", "COMMIT;",
        "DISCARD ALL;"]
    project.godwit("up", code=0)


@pytest.mark.parametrize("said, session, local", [("", 0, 5000), (" lock_timeout=3s", 3000, None), (" lock_timeout=0", 0, None)])
def test_limits_that_the_environment_or_the_file_sets(project, database, said, session, local):
    configure(project, database.url, lock_timeout="5s")
    project.migration(1, "a", f"-- godwit: no-transaction{said}\nCREATE TABLE a (id int);\nVACUUM FULL a;\n")
    assert printed(project) == [f"SET lock_timeout = {session};", "BEGIN;", *([f"SET LOCAL lock_timeout = {local};"] if local else []),
                                "CREATE TABLE a (id int);", "COMMIT;", *([f"SET lock_timeout = {local};"] if local else []),
                                "VACUUM FULL a;", *(["SET lock_timeout = 0;"] if local else []), "DISCARD ALL;"]


def test_a_batch_and_a_mode_of_the_transaction(project, database):
    database.execute("CREATE TABLE t (id int PRIMARY KEY, n int)")
    statement = "UPDATE t SET n = 1 WHERE id BETWEEN $1 AND $2;"
    project.migration(1, "a", f"-- godwit: batch t.id 10\n{statement}\n")
    project.migration(2, "b", "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE;\nCREATE TABLE b (id int);\n")
    local = "SET LOCAL lock_timeout = 2000;"
    lines = printed(project)
    assert lines[:4] == ["BEGIN;", local, statement, "COMMIT;"]
    assert lines[4:8] == ["BEGIN;", "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE;", local, "CREATE TABLE b (id int);"]


def test_a_tenants_search_path_is_set_where_it_is(make_project, database):
    project = make_project(database.url)
    database.execute('CREATE SCHEMA "tenant_Ä b"')
    project.config({"project": "t", "migrations": "migrations", "default": "x", "environments": {
        "x": {"url": database.url, "for_each": {"schemas": "tenant_%"}}}})
    project.migration(1, "a", f"{NO_TX}CREATE TABLE a (id int);\nVACUUM a;\n")
    assert """SELECT pg_catalog.set_config('search_path', '"tenant_Ä b", public', false);""" in printed(project)
