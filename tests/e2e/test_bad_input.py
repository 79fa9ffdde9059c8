"""Bad input: each a clear error with its place and a hint, the contract's exit code, with --json as
one document, and a database as it was."""
import contextlib
import json
import os
import re
import subprocess

import pytest

from harness import system
from harness.waiting import until

KEYS = {"kind", "message", "detail", "hint", "sqlstate", "where"}
CATALOG = """
SELECT 'r', c.oid::bigint, n.nspname || '.' || c.relname, c.relkind::text, c.relnatts::text
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid >= 16384 AND n.nspname !~ '^pg_(toast|temp)'
UNION ALL SELECT 'f', oid::bigint, proname, md5(prosrc), '' FROM pg_proc WHERE oid >= 16384
UNION ALL SELECT 't', oid::bigint, typname, typtype::text, '' FROM pg_type WHERE oid >= 16384
UNION ALL SELECT 'n', oid::bigint, nspname, nspacl::text, '' FROM pg_namespace
    WHERE oid >= 16384 AND nspname !~ '^pg_'
UNION ALL SELECT 'c', oid::bigint, conname, '', '' FROM pg_constraint WHERE oid >= 16384
ORDER BY 1, 2
"""


def pg_dump(database):
    """pg_dump -s, or None where this one is older than the server."""
    done = subprocess.run(["pg_dump", "-s", "-d", database.url], capture_output=True, text=True, check=False)
    if "server version mismatch" in done.stderr:
        return None
    assert done.returncode == 0, done.stderr
    return [line for line in done.stdout.splitlines() if not re.match(r"\\(un)?restrict", line)]


def state_of(database):
    """All that a failed run must leave as it was: every object, and Godwit's tables without the audit."""
    state = {"catalog": database.execute(CATALOG), "dump": pg_dump(database)}
    if database.tables("godwit"):
        for table in ("control", "migrations"):
            state[table] = database.execute(f"SELECT t::text, xmin::text FROM godwit.{table} t ORDER BY 1")
        state["lock"] = database.execute("SELECT name, token, mode FROM godwit.run_lock")
    return state


def check_error(result, kind, says, hint=None, where=None, sqlstate=None):
    """The document of a failure; `says` and `hint` are patterns, `where` is how the place ends."""
    error = result.json["error"]
    assert set(error) == KEYS, result
    assert error["kind"] == kind, result
    assert re.search(says, error["message"] + "\n" + (error["detail"] or "")), result
    assert error["sqlstate"] == sqlstate, result
    assert (error["where"] or "").endswith(where) if where else error["where"] is None, result
    assert error["hint"] and re.search(hint or ".", error["hint"]), result
    assert "error:" not in result.err, result
    return error


@pytest.fixture
def refused(project, database):
    """refused(words…, code, kind, says, …): fails as said, in text and in JSON, and changes nothing."""

    def check(*words, code, kind, says, hint=None, where=None, sqlstate=None, of=None, **options):
        target = of or project
        before = state_of(database)
        text = target.godwit(*words, code=code, **options)
        assert text.out == "", text
        assert text.err.count("error: ") == 1, text
        assert re.search(says, text.err), text
        assert "hint: " in text.err, text
        if where:
            assert re.search(rf"^at: (.*/)?{re.escape(where)}$", text.err, re.M), text
        if sqlstate:
            assert f"(SQLSTATE {sqlstate})" in text.err, text
        assert state_of(database) == before
        result = target.godwit(*words, "--json", code=code, **options)
        error = check_error(result, kind, says, hint, where, sqlstate)
        assert f"error: {error['message']}" in text.err
        assert state_of(database) == before
        return result

    return check


@pytest.fixture
def settled(project, database):
    """The project with one migration applied."""
    project.migration(1, "first", "CREATE TABLE first (id int);", "DROP TABLE first;")
    project.godwit("up", code=0)
    return project


# ---- godwit.yaml ------------------------------------------------------------------------------


@pytest.mark.parametrize("yaml, says, hint, where", [
    ("environments:\n  test:\n    urll: embedded\n", "urll", "url", "godwit.yaml:3:5"),
    ("enviroments: {}\n", "enviroments", "environments", "godwit.yaml:1:1"),
    ("environments:\n  test: { url: embedded, protected: maybe }\n", "protected", None, "godwit.yaml:2:37"),
    ("environments: [test]\n", "environments", None, "godwit.yaml:1:1"),
    ("environments:\n  test: { url: embedded, lock_timeout: soon }\n", "lock_timeout", None,
     "godwit.yaml:2:40"),
    ("migrations: a\nmigrations: b\n", "migrations", None, "godwit.yaml:2:1"),
    ("environments:\n  test: { url: embedded }\n  test: { url: embedded }\n", "test", None, "godwit.yaml:3:3"),
    ("environments:\n  test: { url: embedded\n", "never closed", "}", "godwit.yaml:2:9"),
    ("default: test\nenvironments: [a", "never closed", "]", "godwit.yaml:2:15"),
    ("migrations:\n  - { service: a, pth: x }\n", "pth", "path", "godwit.yaml:2:19"),
    ("environments:\n  test: { url: embedded }\ndefault: tset\n", "tset", None, None),
    ("\tproject: x\n", ".", None, None),
    ("project: \xff\n".encode("latin-1"), ".", None, None),
])
def test_wrong_yaml(project, yaml, says, hint, where):
    project.config(yaml)
    text = project.godwit("status", code=2)
    assert text.out == "" and re.search(rf"error: .*{says}", text.err), text
    result = project.godwit("status", "--json", code=2)
    error = result.json["error"]
    assert set(error) == KEYS and error["kind"] == "config", result
    assert error["where"] and error["hint"], result
    assert re.search(r"godwit\.yaml:\d+:\d+$", error["where"]), result
    if where:
        assert error["where"].endswith(where), result
    if hint:
        assert hint in error["hint"], result


@pytest.mark.parametrize("wrong, says, where", [
    ("colour: red", "unknown key", "4:5"), ("lock_retries: [1]", "takes a single value", "4:5"), ("lock_timeout: soon", "duration", "4:19"),
    ("lock_timeout: 1s\n    lock_timeout: 2s", "given twice", "5:5"), ("for_each: { schemas: [a }", "never closed", "4:26"),
])
def test_wrong_yaml_changes_nothing(settled, database, refused, wrong, says, where):
    """Where the rest of it leads to a database that has work to do."""
    settled.migration(2, "second", "CREATE TABLE second (id int);", "DROP TABLE second;")
    settled.config(f"environments:\n  test:\n    url: '{database.url}'\n    {wrong}\n")
    for words in (["up"], ["down"], ["baseline", "2", "--yes"]):
        refused(*words, code=2, kind="config", says=says, where=f"godwit.yaml:{where}")


def test_all_that_is_wrong_in_a_yaml_file_is_said_at_once(project):
    project.config("projct: x\nenvironments:\n  test: { url: 5, protected: 7, colour: red }\n")
    error = project.godwit("up", "--json", code=2).json["error"]
    for place, word in (("1:1", "projct"), ("3:30", "protected"), ("3:33", "colour")):
        assert re.search(rf"godwit\.yaml:{place}: .*{word}", error["detail"]), error


def test_a_variable_that_is_not_there(project, refused):
    project.config('environments:\n  test: { url: "${NOWHERE_URL}" }\n')
    refused("status", code=2, kind="config", says="NOWHERE_URL", hint="NOWHERE_URL|\\.env",
            where="godwit.yaml:2:16")


def test_a_variable_that_a_file_asks_for(settled, refused):
    settled.migration(2, "second", "-- godwit: env\nCREATE TABLE t (id int);\nCREATE TABLE ${NOWHERE_NAME} (a int);\n")
    refused("up", code=1, kind="input", says="NOWHERE_NAME", hint="NOWHERE_NAME",
            where="migrations/2_second.up.sql:3:14")


def test_no_folder_and_no_configuration(project, refused, bare_project):
    project.remove("migrations")
    refused("up", code=2, kind="config", says="migrations", hint="mkdir", where="migrations")
    again = project.godwit("init", code=2)
    assert "exists already" in again.err and "godwit new" in again.err and "remove" not in again.err
    error = bare_project.godwit("up", "--json", code=2).json["error"]
    assert set(error) == KEYS and error["hint"]


# ---- files ------------------------------------------------------------------------------------


def test_a_link_to_nowhere(settled, refused):
    (settled / "migrations/2_second.up.sql").symlink_to("/nowhere/at/all.sql")
    refused("up", code=1, kind="io", says="No such file", where="migrations/2_second.up.sql")


@pytest.mark.skipif(not system.IS_ROOT, reason="has to become another user")
def test_a_file_that_this_user_may_not_read(settled, database, binary, tmp_path):
    path = settled.migration(2, "second", "CREATE TABLE second (id int);")
    path.chmod(0)
    before = state_of(database)
    program = system.make_folder("program") / "godwit"
    program.write_bytes(binary.read_bytes())
    program.chmod(0o755)
    run = subprocess.run(system.as_server_user([program, "up", "--json"]), cwd=settled.path,
                         env={**system.clean_environment(), "HOME": str(program.parent)},
                         capture_output=True, text=True, check=False, timeout=60)
    error = json.loads(run.stdout)["error"]
    assert set(error) == KEYS
    assert "Permission denied" in error["detail"] and error["where"].endswith("migrations/2_second.up.sql")
    assert error["hint"] and run.returncode == 1
    assert state_of(database) == before


@pytest.mark.parametrize("text, says, where", [
    ("SELECT 'é';\nSELECT 'caf\xe9';\n".encode("latin-1"), "UTF-8", ":1:9"),
    (b"SELECT 1;\nSELECT 'caf\xe9';\n", "UTF-8", ":2:12"),
    (b"SELECT 1;\nSELECT '\x00';\n", "NUL", ":2:9"),
    ("SELECT 1;\n".encode("utf-16"), "UTF-16|UTF-8", ":1:1"),
    (b"SELECT 1;\n-- \xff\n", "UTF-8", ":2:4"),
])
def test_what_is_no_text(settled, refused, text, says, where):
    settled.migration(2, "second", text)
    refused("up", code=1, kind="input", says=says, where=f"migrations/2_second.up.sql{where}")


@pytest.mark.parametrize("text", ["", "\n \t\n", "-- nothing here yet\n/* nor here */ ;\n", "-- godwit: no-transaction\n",
                                  "BEGIN;\n-- soon\nCOMMIT;\n"])
def test_an_empty_file(settled, refused, text):
    """Applied empty, what is written into it later would never run."""
    settled.migration(2, "second", "CREATE TABLE second (id int);")
    settled.migration(3, "third", text, "")
    for command in (["up"], ["up", "--dry-run"], ["up", "--atomic"], ["plan"]):
        refused(*command, code=1, kind="input", says="no statement", hint="SELECT;", where="migrations/3_third.up.sql:1:1")


def test_what_is_empty_on_purpose(settled, database):
    """A down that does nothing; an up that says so; an empty file that is applied already."""
    settled.migration(2, "second", "SELECT;\n", "")
    assert "no statement" not in settled.godwit("up", code=0).err
    assert settled.godwit("down", "--steps", "1", code=0).err.count("no statement") == 1
    settled.migration(3, "third", "")
    settled.godwit("baseline", "3", "--yes", code=0)
    assert settled.godwit("up", "--json", code=0).json["pending"] == 0


def test_another_tools_empty_file_is_applied_with_a_warning(settled, database):
    """golang-migrate runs such files; docs/formats.md says what becomes of them."""
    settled.write("godwit.yaml", settled.read("godwit.yaml") + "\nformat: golang-migrate\n")
    settled.migration(2, "second", "", "")
    settled.migration(3, "third", "-- nothing here yet\n/* nor here */ ;\n", "-- nor here\n")
    result = settled.godwit("up", code=0)
    assert result.err.count("no statement") == 2
    assert settled.states() == {"1": "applied", "2": "applied", "3": "applied"}
    assert settled.godwit("down", "--steps", "2", code=0).err.count("no statement") == 2
    assert settled.states() == {"1": "applied", "2": "pending", "3": "pending"}
    assert settled.godwit("up", "--json", code=0).json["pending"] == 0


@pytest.mark.parametrize("version", ["9223372036854775808", "18446744073709551616", "99999999999999999999"])
def test_a_version_that_is_too_large(settled, refused, version):
    settled.migration(version, "large", "CREATE TABLE large (id int);")
    refused("up", code=1, kind="input", says=version, where=f"migrations/{version}_large.up.sql")


def test_the_largest_version(settled):
    settled.migration(9223372036854775807, "last", "CREATE TABLE last (id int);")
    settled.godwit("up", code=0)
    assert settled.states()["9223372036854775807"] == "applied"


@pytest.mark.parametrize("other", ["2_other", "002_second"])
def test_two_files_of_one_version(settled, refused, other):
    settled.migration(2, "second", "CREATE TABLE second (id int);")
    settled.write(f"migrations/{other}.up.sql", "CREATE TABLE other (id int);")
    result = refused("up", code=1, kind="input", says="two migrations have the version 0*2",
                     where="migrations/2_second.up.sql")
    assert other in result.out and "2_second" in result.out


def test_an_edited_file(settled, refused):
    settled.migration(1, "first", "CREATE TABLE first (id bigint);")
    settled.migration(2, "second", "CREATE TABLE second (id int);")
    refused("up", code=1, kind="state", says="edited", hint="repair", where="migrations/1_first.up.sql")
    assert settled.godwit("status", "--check", "--json", code=3).json["migrations"][0]["state"] == "modified"


def test_a_deleted_file(settled, refused):
    settled.remove("migrations/1_first.up.sql")
    settled.remove("migrations/1_first.down.sql")
    settled.migration(2, "second", "CREATE TABLE second (id int);")
    refused("up", code=1, kind="state", says="no file any more", hint="repair", where="migrations")
    refused("down", code=1, kind="state", says="file is missing")


def test_an_older_file(settled, refused):
    settled.migration(5, "fifth", "CREATE TABLE fifth (id int);")
    settled.godwit("up", code=0)
    settled.migration(3, "third", "CREATE TABLE third (id int);")
    refused("up", code=1, kind="state", says="3_third", hint="--out-of-order", where="migrations/3_third.up.sql")


def test_a_syntax_error_in_the_third_file_runs_none_of_the_first_two(project, database, refused):
    project.migration(1, "first", "CREATE TABLE first (id int);")
    project.migration(2, "second", "CREATE TABLE second (id int);")
    project.migration(3, "third", "CREATE TABLE third (id int);\nCREATE TABEL oops (id int);\n")
    project.godwit("up", code=1)  # makes Godwit's tables
    assert database.tables() == []
    refused("up", code=1, kind="input", says='syntax error at or near "TABEL"', hint="nothing was run",
            where="migrations/3_third.up.sql:2:8", sqlstate="42601")
    assert database.tables() == []
    assert project.states() == {"1": "pending", "2": "pending", "3": "pending"}


# What the built-in grammar, PostgreSQL 15's, does not know.
NEW_SYNTAX = """
CREATE TABLE spans (id int4range, during daterange, PRIMARY KEY (id, during WITHOUT OVERLAPS));
CREATE TABLE plain (a int CONSTRAINT positive CHECK (a > 0) NOT ENFORCED, b int,
    c int GENERATED ALWAYS AS (a + b) VIRTUAL);
INSERT INTO plain (a, b) VALUES (-1, 2);
UPDATE plain SET a = 3 RETURNING old.a, new.a, old.c AS "größer; ";
SELECT jt.* FROM JSON_TABLE('[1]'::jsonb, '$[*]' COLUMNS (x int PATH '$')) AS jt;
"""


@pytest.mark.pg(18)
@pytest.mark.parametrize("way", ["direct", "pgbouncer", "piecemeal"])
def test_syntax_newer_than_the_built_in_grammar_is_for_the_server_to_judge(
        project, database, make_pgbouncer, make_project, way):
    if way == "pgbouncer":
        project = make_project(make_pgbouncer().url(database.name))
    padding = "-- " + "x" * 100_000 if way == "piecemeal" else ""
    project.migration(1, "first", f"CREATE TABLE first (id int);{NEW_SYNTAX}{padding}")
    project.migration(2, "second", "-- godwit: no-transaction\nCREATE INDEX CONCURRENTLY ON plain (a);\n"
                                   "ALTER TABLE plain ALTER CONSTRAINT positive NOT ENFORED;\n")
    for words in (["up", "--dry-run"], ["up"]):
        error = project.godwit(*words, "--json", code=1).json["error"]
        assert error["kind"] == "input" and error["sqlstate"] == "42601", error
        assert error["where"].endswith("migrations/2_second.up.sql:3:49"), error
        assert 'at or near "ENFORED"' in error["message"] and "nothing was run" in error["hint"]
        assert database.tables() == []
    project.remove("migrations/2_second.up.sql")
    project.godwit("up", code=0)
    assert database.tables() == ["first", "plain", "spans"]
    assert database.execute("SELECT a, b, c FROM plain") == [(3, 2, 5)]


@pytest.mark.pg(16)
def test_what_is_only_asked_about_never_runs(project, database):
    # Refused by the built-in grammar, read by the server; the second file stops the run.
    project.migration(1, "first", "CREATE TABLE plain (a int STORAGE EXTERNAL);" if database.server.major < 18
                      else "CREATE TABLE plain (a int CHECK (a > 0) NOT ENFORCED);")
    project.migration(2, "second", "CREATE TABLE;")
    project.godwit("up", code=1)
    assert database.tables() == []
    assert database.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                            " AND state LIKE 'idle in transaction%'") == [(0,)]


@pytest.mark.parametrize("text, says, where", [
    ("SELECT 1;\n\\i other.sql\n", r"\\i", ":2:1"),
    ("SELECT 1;\n\\copy t from 'x'\n", r"\\copy", ":2:1"),
    ("SELECT 1 \\gset\n", r"\\gset", ":1:10"),
    ("SELECT 'open;\n", "", ":1:8"),
    ("SELECT 1;\n/* open\n", "", ":2:1"),
    ("SELECT 1;\nDO $x$ BEGIN END $y$;\n", "", ":2:4"),
])
def test_what_cannot_be_split(settled, refused, text, says, where):
    settled.migration(2, "second", text)
    refused("up", code=1, kind="input", says=says,
            where=f"migrations/2_second.up.sql{where}")


def test_copy_data_without_their_end_are_pointed_out(project, database):
    project.migration(1, "first", "CREATE TABLE first (id int);\n\nCOPY first FROM stdin;\n1\n2\n")
    project.migration(2, "second", "COPY first FROM stdin;\n3\n\\.\n")
    project.migration(3, "third", "COPY first FROM stdin;\n4\n\\.")
    said = project.godwit("up", code=0)
    warnings = [line for line in said.err.splitlines() if line.startswith("warning:")]
    assert len(warnings) == 1 and "migrations/1_first.up.sql:3" in warnings[0] and '"\\."' in warnings[0], said
    assert database.execute("SELECT id FROM first ORDER BY 1") == [(1,), (2,), (3,), (4,)]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_a_utf_16_file_is_known_by_its_mark(settled, refused, encoding):
    settled.migration(2, "second", ("\ufeffCREATE TABLE größe (id int);").encode(encoding))
    refused("up", code=1, kind="input", says="not UTF-8", hint="iconv -f UTF-16 -t UTF-8",
            where="migrations/2_second.up.sql:1:1")


@pytest.mark.many
@pytest.mark.parametrize("text, col", [
    ("DROP SCHEMA godwit CASCADE", 1),
    ("DROP SCHEMA IF EXISTS app, godwit", 1),
    ('DROP SCHEMA "godwit"', 1),
    ("TRUNCATE TABLE first, GODWIT.migrations", 1),
    ("drop table if exists godwit . migrations", 1),
    ("ALTER SCHEMA godwit RENAME TO gone", 1),
    ("ALTER TABLE IF EXISTS ONLY godwit.migrations DROP COLUMN name", 1),
])
@pytest.mark.parametrize("top", ["", "-- godwit: no-transaction\n"])
def test_a_migration_may_not_take_the_history_away(settled, database, refused, top, text, col):
    settled.migration(3, "third", f"{top}CREATE TABLE third (id int);\n{text};\n")
    refused("up", code=5, kind="refused", says="schema godwit", hint="psql",
            where=f"migrations/3_third.up.sql:{3 if top else 2}:{col}")
    assert database.tables() == ["first"]


def test_names_that_are_like_godwits_are_nobodys_business(settled, database):
    settled.migration(2, "second", """
        CREATE SCHEMA app; CREATE TABLE app.godwit (godwit int); CREATE TABLE godwit (godwit int);
        CREATE SCHEMA "Godwit"; CREATE TABLE "Godwit".t (a int);
        ALTER TABLE app.godwit ALTER COLUMN godwit SET DEFAULT 1; ALTER TABLE godwit RENAME godwit TO b;
        TRUNCATE app.godwit, godwit; DROP TABLE app.godwit, godwit; DROP SCHEMA "Godwit" CASCADE;
        CREATE ROLE godwit_owner; ALTER SCHEMA app OWNER TO godwit_owner; DROP OWNED BY godwit_owner;
        DROP ROLE godwit_owner; COMMENT ON COLUMN godwit.migrations.name IS NULL;
        DO $$ BEGIN RAISE NOTICE 'DROP SCHEMA godwit'; END $$;""")
    settled.godwit("up", code=0)
    assert database.tables() == ["first"]


DEFERRED = ("CREATE TABLE a (id int PRIMARY KEY);\n"
            "CREATE TABLE b (a int REFERENCES a DEFERRABLE INITIALLY DEFERRED);\n"
            "INSERT INTO b VALUES (7);\n")


@pytest.mark.parametrize("text, where", [
    (DEFERRED, "migrations/1_first.up.sql"),
    (f"BEGIN;\n{DEFERRED}  COMMIT;\n", "migrations/1_first.up.sql:5:3"),
    (f"{DEFERRED}-- {'x' * 100_000}\n", "migrations/1_first.up.sql"),
], ids=["piped", "own commit", "one by one"])
def test_a_deferred_constraint_fails_at_the_commit(project, database, text, where):
    project.migration(1, "first", text)
    error = project.godwit("up", "--json", code=1).json["error"]
    assert error["sqlstate"] == "23503" and error["where"].endswith(where), error
    assert database.tables() == []
    said = project.godwit("up", code=1).err
    assert "deferred constraints are checked" in said and "SET CONSTRAINTS" not in said
    assert "SET CONSTRAINTS" not in str(database.execute("SELECT t::text FROM godwit.events t"))


def test_mixed_conventions(settled, refused):
    settled.write("migrations/20250101000000_dbmate.sql", "-- migrate:up\nSELECT 1;\n-- migrate:down\n")
    result = refused("up", code=1, kind="input", says="mixes conventions", hint="format:", where="migrations")
    assert "1_first.down.sql" in result.out and "20250101000000_dbmate.sql" in result.out


def test_remarks_are_no_directives(project, database):
    project.migration(1, "a", "-- Godwit only helps\n/* godwit: made by hand */\n-- Godwit env variables: none\n/* x\n-- godwit: nothing\n*/\n"
                              "CREATE TABLE a (id int);\n-- Godwit: only=dev\n")
    project.godwit("up", code=0)
    assert database.tables() == ["a"]


@pytest.mark.parametrize("line, says, hint, col", [
    ("-- godwit: no-transction", "no-transction", "no-transaction", 12),
    ("-- godwit: frobnicate", "frobnicate", "known are", 12),
    ("-- godwit: lock_timeout=soon", "lock_timeout", "500ms", None),
    ("-- godwit: requires=", "requires", "requires=", 12),
    ("-- godwit: no-transaction=yes", "no-transaction", None, 12),
    ("-- godwit: batch t 100", "batch", "batch TABLE.KEY SIZE", None),
    ("-- godwit: batch t.id -5", "batch", "batch TABLE.KEY SIZE", None),
    ("-- godwit: batch t.id 0", "batch", "batch TABLE.KEY SIZE", None),
    ("-- godwit: batch t.id 99999999999999999999", "batch", "batch TABLE.KEY SIZE", None),
    ("-- Godwit: only=dev", "spelled", "small letters", 4),
    ("--\t godwit : only = dev", "spelled", "small letters", 5),
    ("-- godwit no-transaction", "spelled", "a colon", 4),
    ("  -- GODWIT: BATCH t.id 5", "spelled", "small letters", 6),
    ("/* godwit: only=dev */", "spelled", "two dashes", 4),
])
def test_a_wrong_directive(settled, refused, line, says, hint, col):
    settled.migration(2, "second", f"{line}\nUPDATE first SET id = 1 WHERE id BETWEEN $1 AND $2;\n")
    before = settled.godwit("up", "--json", code=1).json["error"]["where"]
    assert re.search(r"2_second\.up\.sql:1:\d+$", before)
    refused("up", code=1, kind="input", says=says, hint=hint,
            where=f"migrations/2_second.up.sql:1:{col}" if col else before.split("/")[-1])


def test_a_directive_behind_a_statement(settled, refused):
    settled.migration(2, "second", "SELECT 1;\n-- godwit: no-transaction\nSELECT 2;\n")
    refused("up", code=1, kind="input", says="after the first statement", hint="top",
            where="migrations/2_second.up.sql:2:12")


@pytest.mark.parametrize("text, says, hint, where", [
    ("UPDATE first SET id = 2;", "where .*\\$1 and \\$2", r"BETWEEN \$1 AND \$2", ":2:1"),
    ("UPDATE first SET id = 2 WHERE id = $1;", "where .*\\$1 and \\$2", r"BETWEEN \$1 AND \$2", ":2:1"),
    ("UPDATE first SET id = $3 WHERE id BETWEEN $1 AND $2;", "where .*\\$1 and \\$2", r"BETWEEN", ":2:1"),
    ("CREATE TABLE x AS SELECT 1;", "UPDATE, DELETE or INSERT", "BETWEEN", ":2:1"),
    ("DELETE FROM first WHERE id BETWEEN $1 AND $2;\nSELECT 1;", "a batch runs one", "BETWEEN", ":3:1"),
    ("", "one statement|without a statement", ".", ":1:1"),
])
def test_a_wrong_batch(settled, refused, text, says, hint, where):
    """Found before anything of the run is run."""
    settled.migration(2, "second", "CREATE TABLE second (id int);")
    settled.migration(3, "batch", f"-- godwit: batch first.id 10\n{text}\n")
    refused("up", code=1, kind="input", says=says, hint=hint, where=f"migrations/3_batch.up.sql{where}")


@pytest.mark.parametrize("text, where", [
    ("SELECT 1;\nCOMMIT;\nSELECT 2;\n", ":2:1"),
    ("BEGIN;\nSELECT 1;\nCOMMIT;\nBEGIN;\nSELECT 2;\nCOMMIT;\n", ":3:1"),
    ("BEGIN;\nSELECT 1;\n", ":1:1"),
    ("SELECT 1;\nROLLBACK;\n", ":2:1"),
    ("-- out of it\nCOMMIT;\nCREATE TABLE half (id int);\nSELECT 1/0;\n", ":2:1"),
    ("ROLLBACK; CREATE TABLE half (id int);\n", ":1:1"),
])
def test_transaction_control_inside_a_file(settled, refused, text, where):
    settled.migration(2, "second", text)
    refused("up", code=1, kind="input", says="transaction control", hint="no-transaction",
            where=f"migrations/2_second.up.sql{where}")


def test_what_cannot_run_in_a_transaction_beside_others(settled, refused):
    settled.migration(2, "second", "ALTER TABLE first ADD a int;\nCREATE INDEX CONCURRENTLY i ON first (a);\n")
    refused("up", code=1, kind="input", says="CREATE INDEX CONCURRENTLY cannot run inside a transaction",
            hint="-- godwit: no-transaction", where="migrations/2_second.up.sql:2:1")


def test_an_enum_value_used_in_the_transaction_that_adds_it(settled, refused):
    settled.migration(2, "second", "CREATE TYPE mood AS ENUM ('sad');")
    settled.godwit("up", code=0)
    settled.migration(3, "third", "ALTER TYPE mood ADD VALUE 'glad';\nCREATE TABLE t (m mood DEFAULT 'glad');\n")
    refused("up", code=1, kind="input", says="'glad' is used", hint="no-transaction",
            where="migrations/3_third.up.sql:2:1")


def test_a_requirement_that_is_not_there(settled, refused):
    settled.migration(2, "second", "-- godwit: requires=77\nCREATE TABLE second (id int);")
    refused("up", code=1, kind="state", says="2 requires 77", hint="77", where="migrations/2_second.up.sql:1:1")


# ---- words ------------------------------------------------------------------------------------


@pytest.mark.slow
def test_words_that_name_nothing(settled, refused):
    settled.migration(2, "second", "CREATE TABLE second (id int);")
    refused("up", "--service", "nobody", code=2, kind="usage", says="nobody", hint="godwit.yaml")
    refused("up", "--to", "77", code=2, kind="usage", says="--to 77", hint="status")
    refused("down", "--to", "77", code=2, kind="usage", says="--to 77", hint="status")
    refused("baseline", "77", code=2, kind="usage", says="77")
    refused("repair", "77", code=2, kind="usage", says="77", hint="status")
    refused("up", "--env", "nowhere", code=2, kind="config", says="nowhere", where="godwit.yaml")
    refused("up", "--steps", "-1", code=2, kind="usage", says="steps")
    refused("up", "--steps", "two", code=2, kind="usage", says="steps")
    refused("up", "--wait", "soon", code=2, kind="usage", says="wait")


def test_a_down_that_is_not_written_down(project, database, refused):
    project.migration(1, "first", "CREATE TABLE first (id int);", "DROP TABLE first;")
    project.migration(2, "second", "CREATE TABLE second (id int);")
    project.godwit("up", code=0)
    refused("down", code=1, kind="state", says="2_second", hint="write the down script")
    # nothing of the first one's either
    refused("down", "--to", "0", code=1, kind="state", says="2_second")


# ---- the database -----------------------------------------------------------------------------


@pytest.mark.parametrize("words", [("up",), ("down",), ("status",), ("verify",), ("repair",), ("history",),
                                   ("baseline", "1")])
def test_a_history_of_a_newer_godwit(settled, database, refused, words):
    settled.migration(2, "second", "CREATE TABLE second (id int);")
    database.execute("UPDATE godwit.control SET version = version + 1")
    refused(*words, code=1, kind="state", says="newer Godwit", hint="newer Godwit")


def test_a_role_that_may_not_make_the_schema(project, database, refused):
    project.migration(1, "first", "CREATE TABLE first (id int);")
    role = database.role("GRANT CONNECT ON DATABASE {database} TO {role}")
    refused("up", code=1, kind="privilege", says="permission denied for database",
            hint=f'GRANT CREATE ON DATABASE "{database.name}" TO "{role}"', sqlstate="42501",
            url=database.url_for(role))
    assert project.godwit("status", "--json", code=0, url=database.url_for(role)).json["pending"] == 1


def test_a_role_that_may_not_read_the_history(settled, database, refused):
    role = database.role("GRANT CREATE ON DATABASE {database} TO {role}")
    settled.migration(2, "second", "CREATE TABLE second (id int);")
    for words in (("up",), ("status",), ("verify",), ("history",), ("down",)):
        refused(*words, code=1, kind="privilege", says="permission denied for schema godwit", hint="GRANT",
                sqlstate="42501", url=database.url_for(role))


def test_a_role_that_may_read_the_history_only(settled, database, refused):
    role = database.role("GRANT USAGE ON SCHEMA godwit TO {role}",
                         "GRANT SELECT ON ALL TABLES IN SCHEMA godwit TO {role}")
    url = database.url_for(role)
    assert settled.states(url=url) == {"1": "applied"}
    settled.godwit("verify", code=0, url=url)
    settled.godwit("up", code=0, url=url)
    settled.migration(2, "second", "CREATE TABLE second (id int);")
    refused("up", code=1, kind="privilege", says="permission denied", hint="GRANT", sqlstate="42501", url=url)


def test_a_role_that_may_not_do_what_a_file_does(settled, database):
    role = database.role("GRANT USAGE ON SCHEMA godwit TO {role}",
                         "GRANT ALL ON ALL TABLES IN SCHEMA godwit TO {role}")
    database.execute("CREATE TABLE rows AS SELECT 1 AS id; ALTER TABLE rows ENABLE ROW LEVEL SECURITY")
    database.execute(f'GRANT INSERT ON rows TO "{role}"')
    for statement, says, hint in (("ALTER TABLE first ADD a int", "must be owner", f'OWNER TO "{role}".*GRANT owner TO "{role}"'),
                                  ("INSERT INTO first VALUES (1)", "permission denied", f'ran as role "{role}".*GRANT'),
                                  ("INSERT INTO rows VALUES (1)", "row-level security", f'POLICY.*TO "{role}"')):
        settled.migration(2, "second", f"SELECT 1;\n{statement};\n")
        before = state_of(database)
        for words in ("up", "up --atomic"):
            result = settled.godwit(*words.split(), "--json", code=1, url=database.url_for(role))
            check_error(result, "privilege", says, hint, "migrations/2_second.up.sql:2:1", "42501")
            assert state_of(database) == before
    settled.migration(2, "second", "-- godwit: no-transaction\nSELECT 1;\nALTER TABLE first ADD a int;\n")
    result = settled.godwit("up", "--json", code=1, url=database.url_for(role))
    check_error(result, "privilege", "must be owner", "OWNER TO", "migrations/2_second.up.sql:3:1", "42501")


@pytest.mark.parametrize("made, what", [
    ("CREATE VIEW godwit.migrations AS SELECT 1 AS id", "a view of postgres, without the columns tenant"),
    ("CREATE TABLE godwit.migrations (id int, version text)", "a table of postgres, without the columns tenant"),
    ("CREATE SEQUENCE godwit.migrations", "a sequence of postgres"),
    ("CREATE TYPE godwit.migrations AS ENUM ('a')", "a type of postgres"),
    ("CREATE FOREIGN DATA WRAPPER none; CREATE SERVER nowhere FOREIGN DATA WRAPPER none;"
     " CREATE FOREIGN TABLE godwit.migrations (id int) SERVER nowhere", "a foreign table of postgres"),
    ("CREATE TABLE godwit.\"migrations\" (id int) PARTITION BY RANGE (id)", "a partitioned table of postgres")],
    ids=["view", "table", "sequence", "type", "foreign", "partitioned"])
def test_something_else_has_the_name_of_godwits_table(project, database, made, what):
    strange(project, database, made, "up", "godwit.migrations", what)


def strange(project, database, made, words, name, what):
    database.execute("CREATE SCHEMA godwit")
    database.execute(made)
    project.migration(1, "first", "CREATE TABLE first (id int);", "DROP TABLE first;")
    before = database.execute(CATALOG)
    result = project.godwit(*words.split(), "--json", code=1)
    assert result.json["error"]["message"] == f"{name} is not Godwit's table"
    check_error(result, "state", what, "rename")
    assert database.execute(CATALOG) == before


@pytest.mark.parametrize("made", ["CREATE TABLE godwit.control (name text)", "CREATE VIEW godwit.control AS SELECT 'x'::text AS version"],
                         ids=["table", "view"])
@pytest.mark.parametrize("words", ["up", "status", "down", "baseline 1"])
def test_something_else_has_the_name_of_godwits_control(project, database, made, words):
    strange(project, database, made, words, "godwit.control", "of postgres, without the columns ")


def test_a_view_took_the_place_of_the_history(settled, database, refused):
    database.execute("ALTER TABLE godwit.migrations RENAME TO away")
    database.execute("CREATE VIEW godwit.migrations AS SELECT version, name FROM godwit.away")
    for words in ("up", "status", "verify"):
        text = settled.godwit(words, code=1).err
        assert "godwit.migrations is not Godwit's table" in text and "it is a view of postgres" in text
        assert "checksum" in text and "rename" in text


@pytest.mark.parametrize("table, commands", [("control", "up,status,baseline 2"), ("migrations", "up,status,baseline 2"),
                                             ("events", "status,baseline 2"), ("run_lock", "up,baseline 2")])
def test_one_of_godwits_tables_is_gone(settled, database, table, commands):
    database.execute(f"DROP TABLE godwit.{table}")
    settled.migration(2, "second", "CREATE TABLE second (id int);")
    before = database.execute(CATALOG)
    for words in commands.split(","):
        error = settled.godwit(*words.split(), "--json", code=1).json["error"]
        assert "schema godwit is not whole" in error["message"] and f"godwit.{table} is not" in error["message"], error
        assert "restore" in error["hint"]
    assert database.execute(CATALOG) == before


# As Godwit makes them: names and types.
COLUMNS = (" (tenant text, service text, version text, sort_key text, name text, kind text, checksum text, state text, statements_done integer,"
           " statements_total integer, intent jsonb, transactional boolean, applied_at timestamptz, duration_ms bigint, applied_by text,"
           " applied_from text, godwit_version text, run_id text, backup_id text, details jsonb)")


@pytest.mark.parametrize("words", ["up", "up --dry-run", "status", "verify", "baseline 1", "plan", "down"])
def test_somebody_elses_history_has_exactly_godwits_columns(project, database, words):
    database.execute("CREATE SCHEMA godwit")
    database.execute(f"CREATE TABLE godwit.migrations{COLUMNS}")
    project.migration(1, "first", "CREATE TABLE first (id int);", "DROP TABLE first;")
    before = database.execute(CATALOG)
    result = project.godwit(*words.split(), "--json", code=1)
    check_error(result, "state", "godwit.migrations is a table of postgres", "somebody else's")
    assert database.execute(CATALOG) == before


@pytest.mark.parametrize("made, name, what", [
    ("CREATE TABLE godwit.control (version text, upgraded_at date, upgraded_by text)", "godwit.control",
     "without the columns version as integer, upgraded_at as timestamp with time zone"),
    (f"CREATE TABLE godwit.migrations{COLUMNS.replace('version text', 'version integer')}", "godwit.migrations",
     "without the columns version as text")], ids=["control", "migrations"])
@pytest.mark.parametrize("words", ["up", "status", "baseline 1"])
def test_somebody_elses_columns_are_of_other_types(project, database, made, name, what, words):
    strange(project, database, made, words, name, what)


def test_every_mistake_of_the_file_is_told_at_once(project):
    project.config("project: test\nmigrations: migrations\ndefault: test\nfrob: 1\nenvironments:\n"
                   "  test: { url: embedded, pool: { min: 5, max: 2 }, lock_timeout: soon }\n"
                   "  other: { url: embedded, for_each: [a, b, a], pool: { max: 0 } }\n")
    text = project.godwit("status", code=2).err
    for said in ("frob", "pool: min 5 is more than max 2", "soon", 'the database "a" is given twice', "max"):
        assert said in text, text
    for place in ("4:1", "6:39", "6:66", "7:44", "7:61"):
        assert f"godwit.yaml:{place}: " in text, text


def test_a_database_that_does_not_exist(settled, server, refused):
    refused("up", code=4, kind="connect", says='database "nowhere_at_all" does not exist', sqlstate="3D000",
            hint="nowhere_at_all|createdb|CREATE DATABASE", url=server.url("nowhere_at_all"))
    settled.config(f"default: test\nenvironments:\n  test: {{ url: \"{server.url('nowhere_at_all')}\" }}\n"
                   f"  many: {{ url: \"{server.url('postgres')}\",\n          for_each: [nowhere_at_all] }}\n")
    for words in ("up", "status", "down", "verify"):
        refused(words, code=4, kind="connect", says='database "nowhere_at_all" does not exist', sqlstate="3D000",
                hint="createdb", where="godwit.yaml:3:16")
    failure, = settled.godwit("--env", "many", "up", "--json", code=1).json["tenants"]
    assert failure["error"]["where"].endswith("godwit.yaml:5:22") and "createdb" in failure["error"]["hint"]


@pytest.mark.parametrize("name", ["it's \"new\" $HOME `x`", "-d", "ünï"])
def test_the_command_that_makes_a_missing_database_works(project, server, name):
    """As it is printed, in a shell: host, port and role are the URL's."""
    url = server.tcp_url(name)
    hint = project.godwit("up", "--json", code=4, url=url).json["error"]["hint"]
    command = hint.partition("make it with: ")[2]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
    try:
        subprocess.run(["sh", "-c", command], check=True, env=environment)
        project.godwit("status", code=0, url=url)
    finally:
        server.execute('DROP DATABASE IF EXISTS "%s"' % name.replace('"', '""'))


@pytest.mark.parametrize("url, says", [
    ("host=127.0.0.1 port=99999 user=x", "99999"), ("postgresql://x@127.0.0.1:70000/db", "70000"),
    ("postgresql://x@127.0.0.1:0/db", '"0"'), ("postgresql://x@127.0.0.1:-5/db", "-5"),
    ("postgresql://x@127.0.0.1:abc/db", "abc"), ("host=a,b port=1,2,3", "3 port numbers"),
    ("host=127.0.0.1 sslmode=maybe", "maybe"), ("host=127.0.0.1 connect_timeout=soon", "soon"),
    ("postgresql://x@127.0.0.1/db?connect_timeout=10s", "10s"),
    ("host=/" + 120 * "x", "too long"), ("service=nowhere_at_all", "nowhere_at_all")],
    ids=["port", "url", "zero", "negative", "letters", "lists", "sslmode", "timeout", "unit", "socket", "service"])
def test_a_connection_string_that_no_server_could_serve(refused, url, says):
    refused("up", code=2, kind="config", says=says, hint=".", url=url)


def test_a_port_of_the_environment_is_named(refused):
    refused("up", code=2, kind="config", says="99999", hint="PGPORT", url="host=127.0.0.1 user=x", env={"PGPORT": "99999"})


def test_a_role_that_does_not_exist(settled, database, refused):
    refused("up", code=4, kind="connect", says='role "nobody_at_all" does not exist', sqlstate="28000",
            url=database.url_for("nobody_at_all"))


def test_a_url_that_is_none(settled, refused):
    refused("up", code=2, kind="config", says="url|connection|URL", url="mysql://host/db")
    refused("up", code=2, kind="config", says=".", url="host=/x frobnicate=1")


@pytest.mark.slow
def test_a_read_only_replica(make_project, replicated_server):
    primary, replica = replicated_server
    project = make_project(replica.url())
    project.migration(1, "first", "CREATE TABLE first (id int);", "DROP TABLE first;")
    error = check_error(project.godwit("up", "--json", code=1), "privilege", "read-only", "primary")
    assert error["sqlstate"] in (None, "25006")
    assert project.states() == {"1": "pending"}

    project.godwit("up", code=0, url=primary.url())
    until(lambda: primary.caught_up(replica), what="the standby")
    assert project.states() == {"1": "applied"}
    for words in (("up",), ("verify",), ("history",), ("status", "--check")):
        project.godwit(*words, code=0)
    project.migration(2, "second", "CREATE TABLE second (id int);")
    project.godwit("up", "--dry-run", code=0)
    before = primary.execute("SELECT t::text FROM godwit.migrations t")
    for words in (("up",), ("down",), ("repair",), ("baseline", "2")):
        result = project.godwit(*words, "--json", code=1)
        assert set(result.json["error"]) == KEYS
        assert result.json["error"]["kind"] == "privilege", result
        assert "read-only" in result.json["error"]["message"], result
        assert "primary" in result.json["error"]["hint"], result
    assert primary.execute("SELECT t::text FROM godwit.migrations t") == before


def test_a_read_only_role(settled, database, refused):
    role = database.role("GRANT ALL ON SCHEMA godwit, public TO {role}",
                         "GRANT ALL ON ALL TABLES IN SCHEMA godwit TO {role}",
                         "ALTER ROLE {role} SET default_transaction_read_only = on")
    settled.migration(2, "second", "CREATE TABLE second (id int);")
    refused("up", code=1, kind="privilege", says="read-only", hint="default_transaction_read_only",
            url=database.url_for(role), sqlstate=None)


def test_the_server_has_a_full_disk(make_project, make_server):
    server = make_server("wal_level = minimal\nmax_wal_senders = 0\nmax_wal_size = 32MB\n", disk="128m")
    project = make_project(server.url())
    project.migration(1, "first", "CREATE TABLE first (id int);")
    project.godwit("up", code=0)
    database = server.create_database()
    project.godwit("up", code=0, url=database.url)
    before = state_of(database)
    project.migration(2, "big", "CREATE TABLE small (id int);\nCREATE TABLE big AS\n"
                                "  SELECT repeat('x', 1000) AS t FROM generate_series(1, 300000);\n")
    result = project.godwit("up", "--json", code=1, url=database.url)
    check_error(result, "sql", "could not extend|No space left", None, "migrations/2_big.up.sql:2:1", "53100")
    assert state_of(database) == before
    # Room again: the same command goes on.
    project.migration(2, "big", "CREATE TABLE small (id int);")
    project.godwit("up", code=0, url=database.url)
    assert database.tables() == ["first", "small"]


@pytest.fixture
def small_disk():
    folder = system.make_folder("disk")
    if not system.mount_small(folder, "64k"):
        folder.rmdir()
        pytest.skip("a small file system cannot be mounted here")
    yield folder
    system.unmount(folder)
    folder.rmdir()


def fill(folder):
    """Not a byte more goes into it."""
    with contextlib.suppress(OSError), open(folder / "filler", "wb", buffering=0) as filler:
        while True:
            filler.write(b"x" * 4096)


def test_the_project_has_a_full_disk(godwit, database, small_disk):
    (small_disk / "migrations").mkdir()
    (small_disk / "migrations/1_first.sql").write_text("-- migrate:up\nCREATE TABLE first (id int);\n-- migrate:down\n")
    (small_disk / "godwit.yaml").write_text(json.dumps({"environments": {"dev": {"url": database.url}}}))
    fill(small_disk)
    files = sorted(os.listdir(small_disk / "migrations"))
    result = godwit("new", "second", "--json", cwd=small_disk, code=1)
    error = result.json["error"]
    assert set(error) == KEYS
    assert "No space left" in error["message"] + (error["detail"] or ""), result
    assert error["hint"] and "_second" in (error["where"] or error["message"]), result
    # no half-written file that the next `up` would trip over
    assert sorted(os.listdir(small_disk / "migrations")) == files
    # what needs no room works
    godwit("up", cwd=small_disk, code=0)
    assert database.tables() == ["first"]


def test_init_on_a_full_disk(godwit, small_disk):
    fill(small_disk)
    error = godwit("init", "--json", cwd=small_disk, code=1).json["error"]
    assert set(error) == KEYS
    assert "No space left" in error["message"] + (error["detail"] or "") and error["hint"]
    assert not [f for f in os.listdir(small_disk) if f.startswith("godwit.yaml")
                and (small_disk / f).stat().st_size == 0]
