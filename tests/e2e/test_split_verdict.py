"""The splitter and the classifier against the server's own verdict.

The statements are in data/split/*.sql, each ended by a marker, so that where it ends is known
without any splitter. tests/unit/sql/split_tool says what ours makes of them.
"""
import contextlib
import itertools
import json
import os
import pathlib
import re
import shutil
import subprocess

import pytest

from harness import system
from harness.libpq import Session

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = pathlib.Path(__file__).parent / "data" / "split"
# In this order they build on each other.
CORPUS = ("tables", "routines", "rows", "newer", "quoting")


def find_tool():
    named = os.environ.get("GODWIT_BIN")
    builds = [ROOT / "build-san", ROOT / "build"]
    if named:
        builds = [*pathlib.Path(named).resolve().parents, *builds]
    for build in builds:
        tool = build / "tests" / "unit" / "sql" / "split_tool"
        if tool.is_file():
            return tool
    raise AssertionError(f"no tests/unit/sql/split_tool in {', '.join(map(str, builds))}: build it")


def run_tool(path, *options, code=0):
    done = subprocess.run([find_tool(), *options, path], capture_output=True, text=True, timeout=120,
                          check=False)
    # Not splitlines(): a value may hold U+2028.
    lines = done.stdout.rstrip("\n").split("\n")
    assert done.returncode == code, f"split_tool {path}: {done.returncode}\n{lines[-1]}\n{done.stderr}"
    return [json.loads(line) for line in lines]


def split(text, folder, code=0):
    path = folder / "split.sql"
    path.write_text(text, encoding="utf-8")
    return run_tool(path, code=code)


def read_blocks(name, major):
    """The statements of a file that this version knows, each with its comments and its data."""
    text = (DATA / f"{name}.sql").read_text(encoding="utf-8")
    blocks = text.split("-- @end\n")
    assert blocks.pop() == "", f"{name}.sql does not end with a marker"

    def minimum(block):
        said = re.search(r"^-- @pg (\d+)$", block, re.M)
        return int(said.group(1)) if said else 0

    return [block for block in blocks if minimum(block) <= major]


def statements(pieces):
    """(statement, chunks of its data) in order."""
    result = []
    for piece in pieces:
        assert piece["kind"] != "error", piece
        if piece["kind"] == "statement":
            result.append((piece, []))
        elif piece["kind"] == "copy_data":
            result[-1][1].append(piece["text"])
    return result


@contextlib.contextmanager
def session(database):
    opened = Session(database.url)
    try:
        yield opened
    finally:
        opened.close()


def run_pieces(database, pieces):
    """Run them one by one; the server takes each as exactly one statement."""
    with session(database) as server:
        for piece, data in statements(pieces):
            text = piece["text"]
            assert server.parse(text) is None, f"{text}\n{server.parse(text)}"
            assert server.execute(text, data) is None, f"line {piece['line']}: {text}"


def client(server, program):
    """psql or pg_dump of the server's version or a newer one, or the test is skipped."""
    beside = server.bindir / program
    path = str(beside) if beside.exists() else shutil.which(program)
    if not path:
        pytest.skip(f"no {program} here")
    version = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout
    if int(re.search(r"\) (\d+)", version).group(1)) < server.major:
        pytest.skip(f"{version.strip()} is older than the server, which is {server.major}")
    return path


def psql(database, path, application):
    options = f"-c log_statement=all -c application_name={application}"
    return system.run([client(database.server, "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1",
                       "-d", database.url, "-f", path],
                      env={**system.clean_environment(), "PGOPTIONS": options,
                           "PGAPPNAME": application})


def dump(database, *options):
    done = subprocess.run([client(database.server, "pg_dump"), "-d", database.url, *options],
                          capture_output=True, text=True, timeout=120, check=True,
                          env=system.clean_environment())
    return done.stdout


def comparable(text):
    """A dump without the key that each one makes up for itself."""
    return re.sub(r"^\\(un)?restrict .*\n", "", text, flags=re.M)


@pytest.fixture
def corpus(server):
    return [block for name in CORPUS for block in read_blocks(name, server.major)]


def test_every_statement_ends_at_its_marker(corpus, tmp_path):
    pieces = split("".join(corpus), tmp_path)
    found = statements(pieces)
    at = 0
    for (piece, _), block in itertools.zip_longest(found, corpus, fillvalue=({"text": "?"}, [])):
        assert piece["text"] in block, f"\n{piece['text']}\n--- is not in\n{block}"
        assert at <= piece["offset"] < at + len(block.encode())
        # Behind the statement and before the data or the end: a semicolon, blanks, comments.
        behind = block[block.index(piece["text"]) + len(piece["text"]):]
        if piece["copy_in"]:
            behind = behind.split("\n")[0]
        behind = re.sub(r"--.*|/\*.*?\*/", "", behind, flags=re.S if "/*" in behind else 0)
        assert re.fullmatch(r"\s*;\s*", behind), behind
        assert piece["copy_in"] == piece["copy_class"] == ("\n\\.\n" in block)
        at += len(block.encode())
    assert len(found) > 150


def test_the_grammar_knows_what_its_version_has(tmp_path):
    text = "".join(block for name in CORPUS for block in read_blocks(name, 15))
    # The grammar takes strings to be standard.
    text = re.sub(r"SET standard_conforming_strings = off;.*SET standard_conforming_strings = on;", "",
                  text, flags=re.S)
    found = statements(split(text, tmp_path))
    assert [piece["text"] for piece, _ in found if not piece["parses"]] == []
    newer = "SELECT * FROM (SELECT 1) WHERE x = 0b1 AND JSON_EXISTS(a, '$' ERROR ON ERROR);\nSELECT 1;"
    assert [piece["parses"] for piece, _ in statements(split(newer, tmp_path))] == [False, True]


def test_the_server_takes_each_piece_as_one_statement(corpus, make_database, tmp_path):
    database = make_database()
    run_pieces(database, split("".join(corpus), tmp_path))
    assert database.value("SELECT count(*) FROM app.odd") >= 9
    # The check itself: two statements in one are refused.
    with session(database) as server:
        assert server.parse("SELECT 1; SELECT 2")[0] == "42601"


def test_psql_counts_the_same_statements(corpus, server, make_database, tmp_path):
    by_psql, by_pieces = make_database(), make_database()
    # psql takes a column called "begin" for the beginning of a body.
    text = "".join(block for block in corpus if "-- @psql" not in block)
    pieces = split(text, tmp_path)
    run_pieces(by_pieces, pieces)

    application = f"verdict_{os.getpid()}"
    psql(by_psql, tmp_path / "split.sql", application)
    # It sends a semicolon that ends nothing too.
    sent = re.findall(rf"^\S+ \S+ \S+ \[\d+\] {application} LOG:  statement: (?!;$)",
                      server.log.read_text(), re.M)
    assert len(sent) == len(statements(pieces))
    assert comparable(dump(by_pieces)) == comparable(dump(by_psql))


def test_a_dump_of_everything_is_restored_by_pieces(corpus, make_database, tmp_path):
    origin, restored = make_database(), make_database()
    run_pieces(origin, split("".join(corpus), tmp_path))
    # Every byte that a text can hold.
    every = "".join(map(chr, [*range(1, 0x250), 0x2028, 0xfeff, 0xffff, 0x1f600, 0x10ffff]))
    with origin.connect() as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE app.bytes (a text, b bytea)")
        cursor.execute("INSERT INTO app.bytes VALUES (%s, %s)", [every, bytes(range(256))])
        cursor.execute("INSERT INTO app.bytes SELECT chr(n), NULL FROM generate_series(1, 300) n")
        cursor.execute("INSERT INTO app.bytes VALUES ('\\.'), (E'a\\n\\\\.\\nb'), (''), (E'\\\\')")
    text = dump(origin)
    pieces = split(text, tmp_path)
    assert any("\\." in chunk for _, data in statements(pieces) for chunk in data)
    run_pieces(restored, pieces)
    assert comparable(dump(restored)) == comparable(text)
    assert restored.value("SELECT a FROM app.bytes WHERE b IS NOT NULL") == every


def test_rows_dumped_as_inserts_are_restored_by_pieces(corpus, make_database, tmp_path):
    origin, restored = make_database(), make_database()
    run_pieces(origin, split("".join(corpus), tmp_path))
    text = dump(origin, "--inserts", "--rows-per-insert=3")
    run_pieces(restored, split(text, tmp_path))
    assert comparable(dump(restored, "--inserts", "--rows-per-insert=3")) == comparable(text)


FRAGMENTS = [
    "1", "';'", "''''", "'a'';b'", "'\\'", "E'\\';'", "E'\\\\'", "e'''\\''", "E'a'\n'\\';'", "'a'\n'\\'",
    "E'a' -- ;'\n 'b\\';'", "U&'\\0061;'", "U&'!0061' UESCAPE '!'", "B'1'", "X'1f'", "N'\\'",
    "$$;$$", "$a$;$$;$a$", "$$'$$", "$é$ $a$ ; $é$", "(1)", "(SELECT ';')", "')'", "ARRAY[';']",
    "1 AS \";\"", "1 AS \"\"\"\"", "1 AS \"--\"", "1 AS \"/*\"", "1 AS a$$", "1 AS é",
    "1 /* ; */", "1 /* /* ' */ ; */", "1 -- ; '\n", "1 --\n", "2*/*;*/3", "2 - -1", "-1", "@ -1",
    "CASE WHEN true THEN ';' END", "1 AS end", "1 AS begin", "1 AS case", "t.end",
]


def test_fragments_in_every_pair(make_database, tmp_path):
    made = [f"SELECT {a}, {b} FROM (SELECT 1 AS \"end\") t;\n"
            for a, b in itertools.product(FRAGMENTS, repeat=2)]
    pieces = split("".join(made), tmp_path)
    found = statements(pieces)
    assert [piece["offset"] for piece, _ in found] == \
        [0, *itertools.accumulate(len(text.encode()) for text in made)][:-1]
    with session(make_database()) as server:
        refused = [piece["text"] for piece, _ in found if server.parse(piece["text"])]
    assert refused == []


SETUP = """
CREATE TABLE t (a int);
ALTER TABLE t ADD CONSTRAINT ck CHECK (a IS NOT NULL) NOT VALID;
CREATE INDEX i ON t (a);
CREATE TABLE u (a int PRIMARY KEY, x int);
CREATE TABLE standalone (a int);
CREATE TABLE p (a int) PARTITION BY LIST (a);
CREATE TABLE c PARTITION OF p FOR VALUES IN (1);
CREATE SCHEMA s;
CREATE TABLE s.inside (a int);
CREATE VIEW v AS SELECT 1 AS a;
CREATE MATERIALIZED VIEW mv AS SELECT 1 AS a;
CREATE UNIQUE INDEX mi ON mv (a);
CREATE SEQUENCE sq;
CREATE TYPE mood AS ENUM ('a');
CREATE TYPE comp AS (a int);
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE FUNCTION g() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();
CREATE POLICY po ON t;
"""


@pytest.fixture
def prepared(database):
    database.execute(SETUP)
    database.execute("CREATE SUBSCRIPTION sub CONNECTION 'dbname=nowhere' PUBLICATION q"
                     " WITH (connect = false)")
    yield database
    database.execute("ALTER SUBSCRIPTION sub SET (slot_name = NONE)")
    database.execute("DROP SUBSCRIPTION sub")


def in_transaction(server, statement):
    """What the server says to the statement inside of a transaction block, which is rolled back."""
    assert server.execute("BEGIN") is None
    # Only what is in use may be refreshed, and not be SET; never committed, so no worker starts.
    in_use = "SET (" not in statement
    assert server.execute(f"UPDATE pg_subscription SET subenabled = {in_use}") is None
    refusal = server.execute(statement)
    assert server.execute("ROLLBACK") is None
    return refusal


@pytest.mark.parametrize("name, never", [("never", True), ("allowed", False)])
def test_what_the_server_refuses_in_a_transaction(name, never, prepared, tmp_path):
    blocks = read_blocks(name, prepared.server.major)
    found = statements(split("".join(blocks), tmp_path))
    assert len(found) == len(blocks)
    with session(prepared) as server:
        for piece, _ in found:
            refusal = in_transaction(server, piece["text"])
            assert (refusal and refusal[0]) == ("25001" if never else None), (piece["text"], refusal)
            assert piece["never_in_transaction"] == never, piece["text"]


def test_nothing_that_ran_in_a_transaction_is_said_not_to(corpus, server, tmp_path):
    for piece, _ in statements(split("".join(corpus), tmp_path)):
        assert piece["never_in_transaction"] == piece["text"].startswith("VACUUM"), piece["text"]


STRONG = "('ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')"


def test_strong_locks_are_those_that_the_server_takes(prepared, tmp_path):
    blocks = read_blocks("locks", prepared.server.major)
    found = statements(split("".join(blocks), tmp_path))
    assert len(found) == len(blocks) > 60
    with contextlib.closing(prepared.connect(autocommit=False)) as connection, \
            connection.cursor() as cursor:
        for piece, _ in found:
            cursor.execute("SELECT array_agg(oid) FROM pg_class WHERE oid >= 16384")
            there = cursor.fetchone()[0]
            cursor.execute(piece["text"])
            cursor.execute("SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid()"
                           f" AND relation = ANY (%s) AND mode IN {STRONG}", [there])
            taken = cursor.fetchone()[0] > 0
            connection.rollback()
            assert piece["strong_lock"] == taken, piece["text"]


def test_memory_stays_flat(tmp_path):
    peaks = {}
    row = "1\tsome text that is copied\t\\N\t2024-01-01 00:00:00+00\n"
    for megabytes in (4, 64):
        path = tmp_path / "copy.sql"
        with open(path, "w", encoding="utf-8") as file:
            file.write("COPY t FROM stdin;\n")
            for _ in range(megabytes):
                file.write(row * (1024 * 1024 // len(row)))
            file.write("\\.\nSELECT 1;\n")
        counted, = run_tool(path, "--count")
        assert counted["statements"] == 2
        assert counted["bytes"] > megabytes * 1000 * 1000
        peaks[megabytes] = counted["peak_kib"]
    assert peaks[64] - peaks[4] < 1024, peaks
