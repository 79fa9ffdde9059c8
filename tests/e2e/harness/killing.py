"""Thirty migrations, a third of them outside a transaction, and what to ask of a database after a
run of them was killed: nothing lost, nothing twice, nothing left behind.

Whatever could run twice says so: each file adds rows to a ledger that has no key, and what is
updated is counted up.
"""
import dataclasses
import os
import random
import statistics
import time

import pytest

from . import system
from .ledgerflow import needs_pg_dump
from .server import Database
from .waiting import until

FILES = 30
ROWS = 1500

# Here before the first migration: files append to it, up and down.
LEDGER = """
CREATE SCHEMA proof;
CREATE TABLE proof.ledger (file int NOT NULL, part text NOT NULL);
"""


def note(file, part="up"):
    return f"INSERT INTO proof.ledger VALUES ({file}, '{part}');\n"


def _plain(n):
    return (f"CREATE TABLE t{n} (id bigint PRIMARY KEY, at timestamptz DEFAULT now(), note text);\n"
            f"CREATE INDEX ON t{n} (at);\nINSERT INTO t{n} (id) SELECT generate_series(1, 50);\n{note(n)}",
            f"DROP TABLE t{n};\n{note(n, 'down')}")


def _copy(n, head=""):
    lines = "".join(f"{n}\tcopied {i}\n" for i in range(200))
    return (f"{head}CREATE TABLE t{n} (n int, note text);\n"
            f"COPY t{n} (n, note) FROM stdin;\n{lines}\\.\n"
            f"COPY proof.ledger (file, part) FROM stdin;\n{n}\tcopy\n\\.\n{note(n)}",
            f"DROP TABLE t{n};\n{note(n, 'down')}")


NO_TX = "-- godwit: no-transaction\n"

SPECIAL = {
    1: (f"""CREATE TABLE items (id bigint PRIMARY KEY, n int NOT NULL DEFAULT 0, name text, at date);
INSERT INTO items SELECT g, 0, 'item ' || g, date '2026-01-01' + g % 300 FROM generate_series(1, {ROWS}) g;
{note(1)}""", f"DROP TABLE items;\n{note(1, 'down')}"),
    # One such statement by itself; its down, too.
    3: ("CREATE INDEX CONCURRENTLY items_name ON items (name);\n",
        "DROP INDEX CONCURRENTLY items_name;\n"),
    5: (f"""{NO_TX}{note(5, 'a')}CREATE INDEX CONCURRENTLY items_n ON items (n);
{note(5, 'b')}CREATE INDEX CONCURRENTLY ON items (at, n);
{note(5, 'c')}CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS items_unique ON items (id, name);
{note(5, 'd')}""",
        f"""{NO_TX}{note(5, 'down a')}DROP INDEX CONCURRENTLY items_unique;
{note(5, 'down b')}DROP INDEX CONCURRENTLY items_at_n_idx;
DROP INDEX CONCURRENTLY IF EXISTS items_n;
{note(5, 'down c')}"""),
    # A setting holds for the statements behind it, also where a later run goes on there.
    8: (f"""{NO_TX}SET work_mem = '7777kB';
VACUUM items;
INSERT INTO proof.ledger VALUES (8, current_setting('work_mem'));
VACUUM (ANALYZE) items;
INSERT INTO proof.ledger VALUES (8, 'again ' || current_setting('work_mem'));
""", f"{NO_TX}VACUUM items;\n{note(8, 'down')}"),
    11: (f"""{NO_TX}BEGIN;
CREATE TABLE t11 (id int);
{note(11, 'first block')}COMMIT;
{note(11, 'between')}BEGIN ISOLATION LEVEL REPEATABLE READ;
ALTER TABLE t11 ADD COLUMN note text;
INSERT INTO t11 SELECT g, 'x' FROM generate_series(1, 100) g;
{note(11, 'second block')}COMMIT;
BEGIN;
{note(11, 'rolled back')}ROLLBACK;
{note(11, 'end')}""",
         f"""{NO_TX}BEGIN;
ALTER TABLE t11 DROP COLUMN note;
{note(11, 'down a')}COMMIT;
BEGIN;
DROP TABLE t11;
{note(11, 'down b')}COMMIT;
"""),
    14: ("-- godwit: batch public.items.id 100\nUPDATE items SET n = n + 1 WHERE id BETWEEN $1 AND $2;\n",
         "-- godwit: batch public.items.id 100\nUPDATE items SET n = n - 1 WHERE id BETWEEN $1 AND $2;\n"),
    16: (f"CREATE TYPE mood AS ENUM ('calm', 'wild');\nCREATE TABLE t16 (mood mood);\n{note(16)}",
         f"DROP TABLE t16;\nDROP TYPE mood;\n{note(16, 'down')}"),
    17: (f"""{NO_TX}ALTER TYPE mood ADD VALUE 'sleepy' BEFORE 'wild';
INSERT INTO t16 VALUES ('sleepy');
{note(17)}""", f"DELETE FROM t16 WHERE mood = 'sleepy';\n{note(17, 'down')}"),
    19: (f"""{NO_TX}REINDEX INDEX CONCURRENTLY items_name;
{note(19, 'a')}REINDEX TABLE CONCURRENTLY items;
{note(19, 'b')}""", f"{NO_TX}{note(19, 'down a')}REINDEX INDEX CONCURRENTLY items_pkey;\n{note(19, 'down b')}"),
    22: (f"""CREATE TABLE parts (id int NOT NULL, at date NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
INSERT INTO parts SELECT g, date '2026-01-01' + g % 50 FROM generate_series(1, 300) g;
{note(22)}""", f"DROP TABLE parts;\n{note(22, 'down')}"),
    23: (f"""{NO_TX}{note(23, 'a')}CREATE INDEX CONCURRENTLY parts_1_id ON parts_1 (id);
ALTER TABLE parts DETACH PARTITION parts_1 CONCURRENTLY;
{note(23, 'b')}""",
         f"""ALTER TABLE parts_1 DROP CONSTRAINT IF EXISTS parts_1_at_check;
DROP INDEX parts_1_id;
ALTER TABLE parts ATTACH PARTITION parts_1 FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
{note(23, 'down')}"""),
    25: ("-- godwit: batch public.items.id 150\nINSERT INTO proof.ledger SELECT 25, 'item ' || id FROM items"
         " WHERE id BETWEEN $1 AND $2;\n",
         "-- godwit: batch public.items.id 150\nINSERT INTO proof.ledger SELECT 25, 'down item ' || id FROM"
         " items WHERE id BETWEEN $1 AND $2;\n"),
    27: _copy(27, NO_TX),
    # A DO block of its own transaction, COPY in a transaction, and a file that brings its own BEGIN.
    9: _copy(9),
    12: (f"BEGIN;\nCREATE TABLE t12 (id int);\n{note(12)}COMMIT;\n",
         f"BEGIN;\nDROP TABLE t12;\n{note(12, 'down')}COMMIT;\n"),
    28: (f"""CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql AS $$ SELECT n * 2 $$;
CREATE VIEW big AS SELECT id, twice(n) AS n FROM items WHERE id > 1000;
{note(28)}""", f"DROP VIEW big;\nDROP FUNCTION twice;\n{note(28, 'down')}"),
    29: (f"DO $$ BEGIN FOR i IN 1 .. 20 LOOP EXECUTE format('CREATE TABLE made_%s (id int)', i); END LOOP; END $$;\n"
         f"{note(29)}",
         f"DO $$ BEGIN FOR i IN 1 .. 20 LOOP EXECUTE format('DROP TABLE made_%s', i); END LOOP; END $$;\n"
         f"{note(29, 'down')}"),
}

# What a statement behind a pooler cannot do: keep a setting.
WITHOUT_SESSION = {8: (f"{NO_TX}VACUUM items;\n{note(8, 'a')}VACUUM (ANALYZE) items;\n{note(8, 'b')}",
                       SPECIAL[8][1])}


# PostgreSQL 12 and 13 do not detach concurrently.
BEFORE_14 = {23: (SPECIAL[23][0].replace("parts_1 CONCURRENTLY", "parts_1"), SPECIAL[23][1])}


def write_files(project, pooled=False, major=99):
    special = {**SPECIAL, **(WITHOUT_SESSION if pooled else {}), **(BEFORE_14 if major < 14 else {})}
    for n in range(1, FILES + 1):
        up, down = special.get(n) or _plain(n)
        project.migration(n, f"file_{n}", up, down)


@dataclasses.dataclass
class State:
    """What a database says of itself; two of them are compared field by field."""
    schema: list
    ledger: list
    rows: list
    history: list
    invalid: list


def state_of(database):
    argv = ["pg_dump", "-s", "--no-owner", "-N", "godwit", "-N", "proof", "-d", database.url]
    dump = system.run(argv, env={**os.environ, "LC_ALL": "C.UTF-8"})
    tables = database.tables()
    return State(
        schema=[line for line in dump.splitlines()
                if line and not line.startswith(("--", "\\restrict", "\\unrestrict"))],
        ledger=database.execute("SELECT file, part, count(*) FROM proof.ledger GROUP BY 1, 2 ORDER BY 1, 2"),
        rows=[(t, database.value(f"SELECT count(*) FROM {t}")) for t in tables]
        + (database.execute("SELECT n, count(*) FROM items GROUP BY 1 ORDER BY 1") if "items" in tables else []),
        history=database.execute("SELECT version, state, statements_done, statements_total, checksum,"
                                 " transactional, intent->'statement' FROM godwit.migrations"
                                 " ORDER BY sort_key"),
        invalid=database.execute("SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid"))


def assert_same(found, wanted, said):
    for field in dataclasses.fields(State):
        a, b = getattr(found, field.name), getattr(wanted, field.name)
        if a != b:
            extra, missing = [x for x in a if x not in b], [x for x in b if x not in a]
            raise AssertionError(f"{said}: {field.name} is not that of an undisturbed run\n"
                                 f"too much: {extra[:20]}\nmissing: {missing[:20]}")


def assert_nothing_left(database, said, pooled=False):
    """No session (a pooler keeps idle ones of its own), no lock."""
    def quiet():
        return not database.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend' AND (state <> 'idle' OR NOT %s)", [pooled])

    until(quiet, 60, f"{said}: the end of every session")
    assert database.execute("SELECT objid FROM pg_locks WHERE locktype = 'advisory' AND database ="
                            " (SELECT oid FROM pg_database WHERE datname = current_database())") == [], said
    assert database.execute("SELECT gid FROM pg_prepared_xacts WHERE database = current_database()") == [], said


class Experiment:
    """Databases that begin alike, the run that is not disturbed, and how long it takes."""

    def __init__(self, server, project, words=("up",), through=lambda name: None, env=None, pooled=False):
        self.server, self.project, self.words = server, project, words
        self.through, self.env, self.pooled = through, env or {}, pooled
        self.made = []
        needs_pg_dump(server)
        write_files(project, pooled, server.major)
        self.template = self._new()
        self.template.execute(LEDGER)
        if words[0] == "down":
            self.run(self.template, "up")
            assert_nothing_left(self.template, "the up before the down")
        self.wanted, self.seconds = self._measure()

    def _new(self, template=None):
        options = f"TEMPLATE {template.name}" if template else ""
        name = f"kill{os.getpid()}_{id(self) % 9973}_{len(self.made)}"
        if template:
            self.server.execute(f'CREATE DATABASE "{name}" {options}')
        else:
            self.server.create_database(name)
        self.made.append(Database(self.server, name))
        return self.made[-1]

    def database(self):
        return self._new(self.template)

    def close(self):
        for database in self.made:
            database.drop()

    def variables(self, database):
        return {"GODWIT_URL": self.through(database.name) or database.url, **self.env}

    def run(self, database, *words, code=0, timeout=120):
        return self.project.godwit(*words, code=code, env=self.variables(database), timeout=timeout)

    def start(self, database, *words):
        return self.project.start(*words, env=self.variables(database))

    def again(self, database, code=0):
        """Run to the end, as a person would after a kill."""
        return self.run(database, *self.words, "--wait", "60s", "--json", *self.all_steps(), code=code)

    def all_steps(self):
        """What the files before have made counts as rows once they are committed."""
        return ["--allow-data-loss", *(["--steps", str(FILES)] if self.words[0] == "down" else [])]

    def begin(self, database):
        return self.start(database, *self.words, *self.all_steps(), "-q")

    def _measure(self):
        seconds = []
        for _ in range(3):
            database = self.database()
            began = time.monotonic()
            self.begin(database).finish(0, 120)
            seconds.append(time.monotonic() - began)
        wanted = state_of(database)
        assert not wanted.invalid
        assert len(wanted.history) == (0 if self.words[0] == "down" else FILES)
        return wanted, statistics.median(seconds)

    def left_to_do(self, database):
        """Files that a later run has before it; None where there is no history yet."""
        if not database.execute("SELECT to_regclass('godwit.migrations')")[0][0]:
            return FILES
        done = database.value("SELECT count(*) FROM godwit.migrations WHERE state = 'applied'")
        return done if self.words[0] == "down" else FILES - done

    def check(self, database, said):
        assert_same(state_of(database), self.wanted, said)
        assert_nothing_left(database, said, self.pooled)


@pytest.fixture
def make_experiment(server, project):
    """make_experiment("down", …): closed afterwards."""
    made = []

    def make(*words, on=None, **options):
        made.append(Experiment(on or server, project, words or ("up",), **options))
        return made[-1]

    yield make
    for experiment in made:
        experiment.close()


@pytest.fixture
def summary(record_property):
    """summary("a line"): printed at the end of the run (tests/fault/conftest.py)."""
    return lambda line: record_property("summary", line)


def seed_of(name, chunk=0):
    """Printed with each failure; GODWIT_FAULT_SEED=… plays the same moments again."""
    said = os.environ.get("GODWIT_FAULT_SEED")
    return f"{said or random.SystemRandom().randrange(10**9)}/{name}/{chunk}"


def kill_runs(experiment, seed, kills):
    """kill -9 at `kills` random moments of runs; each is then run to its end. A line about it."""
    chance = random.Random(seed)
    killed_in_work = twice = 0
    for number in range(kills):
        database = experiment.database()
        moments = [chance.uniform(0, experiment.seconds)]
        if chance.random() < 0.25:
            moments.append(chance.uniform(0, experiment.seconds))
            twice += 1
        for moment in moments:
            running = experiment.begin(database)
            time.sleep(moment)  # the moment is the experiment
            running.kill()
        said = f"seed {seed}, kill {number} at {', '.join(f'{1000 * m:.1f} ms' for m in moments)}"
        left = experiment.left_to_do(database)
        killed_in_work += 0 < left < FILES
        try:
            result = experiment.again(database)
        except AssertionError as error:
            raise AssertionError(f"{said}\n{error}") from error
        assert result.json["pending"] == (FILES if experiment.words[0] == "down" else 0), f"{said}\n{result}"
        # Who was killed after the last file leaves his name on the lock; nobody with work to do does.
        held = database.value("SELECT count(token) FROM godwit.run_lock")
        assert not held or not left, f"{said}: the run lock still has a holder\n{result}"
        experiment.check(database, said)
        database.drop()
    return (f"{kills} kills of {' '.join(experiment.words)} within {experiment.seconds:.2f} s (seed {seed}):"
            f" {killed_in_work} in the middle of the files, {twice} killed twice; each came to the same end")
