"""--dry-run prints what runs: its transactions, its limits, what is set and taken back."""
import difflib
import re
import subprocess

import pytest

from harness import sent
from harness.blocking import configure

NO_TX = "-- godwit: no-transaction\n"


def printed(project, *words):
    """The files' own: without Godwit's rows and their transactions (a line each), its tables, comments and blank lines."""
    out = project.godwit(*(words or ["up"]), "--dry-run", code=0).out
    out = re.sub(r"(?ms)^-- Godwit's own tables$.*?^COMMIT;$", "", out)
    return [line for line in out.splitlines() if line.strip() and not line.startswith("--") and " godwit." not in line]


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
    local, late = "SET LOCAL lock_timeout = 2000;", "SET CONSTRAINTS ALL IMMEDIATE;"
    assert printed(project) == [
        "SET lock_timeout = 0;", "BEGIN;", local, "ALTER TABLE t ADD a int;", late, "COMMIT;", "VACUUM t;",
        "SET lock_timeout = 2000;", "VACUUM FULL t;", "SET lock_timeout = 0;", "BEGIN;", local, "ALTER TABLE t ADD b int;", late,
        "COMMIT;", "BEGIN;", local, "SET lock_timeout = '7s';", late, "COMMIT;", "BEGIN;", "ALTER TABLE t ADD c int;", late, "COMMIT;",
        "VACUUM FULL t;", "BEGIN;", "RESET lock_timeout;", late, "COMMIT;", "BEGIN;", local, "DO $$ BEGIN NULL; END $$;", late, "COMMIT;",
        "DISCARD ALL;"]
    project.godwit("up", code=0)


@pytest.mark.parametrize("said, session, local", [("", 0, 5000), (" lock_timeout=3s", 3000, None), (" lock_timeout=0", 0, None)])
def test_limits_that_the_environment_or_the_file_sets(project, database, said, session, local):
    configure(project, database.url, lock_timeout="5s")
    project.migration(1, "a", f"-- godwit: no-transaction{said}\nCREATE TABLE a (id int);\nVACUUM FULL a;\n")
    assert printed(project) == [f"SET lock_timeout = {session};", "BEGIN;", *([f"SET LOCAL lock_timeout = {local};"] if local else []),
                                "CREATE TABLE a (id int);", "SET CONSTRAINTS ALL IMMEDIATE;", "COMMIT;", *([f"SET lock_timeout = {local};"] if local else []),
                                "VACUUM FULL a;", *(["SET lock_timeout = 0;"] if local else []), "DISCARD ALL;"]


def test_a_batch_and_a_mode_of_the_transaction(project, database):
    database.execute("CREATE TABLE t (id int PRIMARY KEY, n int)")
    statement = "UPDATE t SET n = 1 WHERE id BETWEEN $1 AND $2;"
    project.migration(1, "a", f"-- godwit: batch t.id 10\n{statement}\n")
    project.migration(2, "b", "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE;\nCREATE TABLE b (id int);\n")
    local = "SET LOCAL lock_timeout = 2000;"
    lines = printed(project)
    assert lines[:2] + lines[3:6] == ["BEGIN;", local, statement, "SET CONSTRAINTS ALL IMMEDIATE;", "COMMIT;"]
    assert '"id" IS NOT NULL ORDER BY 1 LIMIT 10)' in lines[2]  # $1 and $2
    assert lines[6:10] == ["BEGIN;", "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE;", local, "CREATE TABLE b (id int);"]


def test_a_tenants_search_path_is_set_where_it_is(make_project, database):
    project = make_project(database.url)
    database.execute('CREATE SCHEMA "tenant_Ä b"')
    project.config({"project": "t", "migrations": "migrations", "default": "x", "environments": {
        "x": {"url": database.url, "for_each": {"schemas": "tenant_%"}}}})
    project.migration(1, "a", f"{NO_TX}CREATE TABLE a (id int);\nVACUUM a;\n")
    assert """SELECT pg_catalog.set_config('search_path', '"tenant_Ä b", public', false);""" in printed(project)


# ---- what the server got ------------------------------------------------------------------------

ALL = {
    "plain": ("CREATE TABLE a (id int PRIMARY KEY, n int);\nCREATE INDEX a_n ON a (n);", "DROP TABLE a;"),
    "session": ("SET search_path = public;\nINSERT INTO a SELECT i, 0 FROM generate_series(1, 15) i;", "DELETE FROM a;"),
    "copied": ("CREATE TABLE c (a text, b text);\nCOPY c FROM stdin;\n1\tit's;\n2\t\\N\n\\.\n", "DROP TABLE c;"),
    "batch": ("-- godwit: batch a.id 100\nUPDATE a SET n = length('it''s;') WHERE id BETWEEN $1 AND $2;", None),
    "steps": (f"{NO_TX}ALTER TABLE a ADD x text DEFAULT 'it''s; \\ $1';\nCREATE INDEX CONCURRENTLY a_x ON a (x);\nSET work_mem = '5MB';\n"
              "BEGIN;\nALTER TABLE a ADD y int;\nALTER TABLE a ADD z int;\nCOMMIT;\nVACUUM FULL a;",
              f"{NO_TX}DROP INDEX CONCURRENTLY a_x;\nALTER TABLE a DROP x, DROP y, DROP z;"),
    "if not exists": ("CREATE TABLE IF NOT EXISTS d (id int);", "DROP TABLE d;"),
    "last": ("CREATE TABLE e (id int);", "DROP TABLE e;"),
}


def compare(project, database, *words, shares=False):
    """Prints, runs, and holds what the server got against what was printed."""
    shown = sent.printed(project.godwit(*words, "--dry-run", code=0).out)
    got = sent.sent(database.server, database.url, lambda url: project.godwit(*words, code=0, url=url))
    if shares:  # sessions of tenants are handed on
        assert got.pop() == "DISCARD ALL"
    assert shown == got, "\n".join(difflib.unified_diff(shown, got, "printed", "got", lineterm=""))
    return shown


def test_the_server_gets_what_was_printed(project, database):
    project.migration(1, "there", "CREATE TABLE there (id int);")
    project.godwit("up", code=0)
    for version, (name, (up, down)) in enumerate(ALL.items(), 2):
        project.migration(version, name.replace(" ", "_"), up, down)
    shown = compare(project, database, "up")
    assert sum(text.startswith("INSERT INTO godwit.events") for text in shown) == len(ALL)
    assert shown.count("SET LOCAL synchronous_commit = off") == 4
    assert any("VACUUM FULL a" in text and text.startswith("UPDATE godwit.migrations") for text in shown)  # its intent
    database.execute("CREATE FUNCTION dblink_exec(text) RETURNS text LANGUAGE sql AS 'SELECT $1'")
    project.migration(9, "lasts", "SELECT dblink_exec('x');", "SELECT dblink_exec('x');")
    assert len([text for text in compare(project, database, "up") if "INTO godwit.migrations" in text]) == 2  # what stays is noted first
    compare(project, database, "down")
    project.migration(10, "one", "CREATE TABLE one (id int);", "DROP TABLE one;")
    project.migration(11, "two", "SET search_path = public;\nCREATE TABLE two (id int);", "DROP TABLE two;")
    compare(project, database, "up", "--atomic")
    compare(project, database, "down", "--steps", "6", "--allow-data-loss")


def test_the_server_gets_what_was_printed_for_sqlx_and_for_a_tenant(project, database):
    database.execute('CREATE SCHEMA "tenant_Ä b"')
    config = {"project": "t", "migrations": "migrations", "default": "x", "compat": "sqlx",
              "environments": {"x": {"url": database.url, "for_each": {"schemas": "tenant_%"}, "statement_timeout": "1h"}}}
    project.config(config)
    project.migration(1, "there", "CREATE TABLE there (id int);")
    project.godwit("up", code=0)
    project.migration(2, "a", "CREATE TABLE a (id int);", "DROP TABLE a;")
    project.migration(3, "b", f"{NO_TX}CREATE TABLE b (id int);\nVACUUM b;", "DROP TABLE b;")
    shown = compare(project, database, "up", shares=True)
    assert sum("_sqlx_migrations" in text for text in shown) == 2
    assert "SET LOCAL statement_timeout = 3600000" in shown
    compare(project, database, "down", "--steps", "2", "--allow-data-loss", shares=True)


def psql(database, text):
    done = subprocess.run(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", database.url, "-f", "-"],
                          input=text, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, f"{done.stderr}\n{text}"


def test_what_is_printed_leaves_the_history_of_a_run(project, make_database, database):
    """Godwit's tables and sqlx's are printed where they are not there; a redo both ways."""
    other = make_database()
    project.config({"project": "t", "migrations": "migrations", "default": "x", "compat": "sqlx",
                    "environments": {"x": {"url": database.url}}})
    project.migration(1, "a", "CREATE TABLE a (id int);", "DROP TABLE a;")
    project.migration(2, "b", f"{NO_TX}CREATE TABLE b (id int);\nVACUUM b;", "DROP TABLE b;")
    shown = project.godwit("up", "--dry-run", code=0).out
    psql(other, shown)
    project.godwit("up", code=0)
    history = ("SELECT version, name, checksum, state, statements_done, statements_total, intent, transactional FROM godwit.migrations "
               "ORDER BY version", "SELECT version, action, outcome FROM godwit.events ORDER BY id",
               "SELECT version, description, checksum FROM _sqlx_migrations ORDER BY version")
    for query in history:
        assert other.execute(query) == database.execute(query)
    assert project.godwit("status", "--check", url=other.url, code=0)
    psql(other, project.godwit("redo", "--dry-run", "--allow-data-loss", code=0).out)
    project.godwit("redo", "--allow-data-loss", code=0)
    for query in history:
        assert other.execute(query) == database.execute(query)
    project.migration(3, "c", "CREATE TABLE c (id int);")
    for each in (database, other):
        each.execute("DROP TABLE _sqlx_migrations")
    psql(other, project.godwit("up", "--dry-run", code=0).out)
    project.godwit("up", code=0)
    for query in history:
        assert other.execute(query) == database.execute(query)


def test_a_file_that_stopped_half_way_is_shown_from_there(project, database):
    project.migration(1, "a", f"{NO_TX}SET work_mem = '5MB';\nCREATE TABLE a (id int);\nINSERT INTO a VALUES (1);\nSELECT 1/count(*) FROM b;\n")
    project.godwit("up", code=1)
    database.execute("CREATE TABLE b (id int); INSERT INTO b VALUES (1)")
    compare(project, database, "up")
    assert database.execute("SELECT * FROM a") == [(1,)]
