"""Figures of rows: first loads, detection, changes applied; each beside its peer in the same round."""

import json
import os
import pathlib
import shutil
import subprocess
import time

TABLE = """CREATE TABLE {name} (id bigint, customer integer, amount numeric(12,2), code varchar(20), note text,
    at timestamptz, flag boolean, score double precision)"""
ROWS = """INSERT INTO s SELECT i, i % 50000, (i % 100000) / 7.0, 'C' || i, 'note of ' || i || repeat('.', (i % 40)::int),
    '2020-01-01 00:00+00'::timestamptz + i * interval '7 s', i % 3 = 0, i / 3.0 FROM generate_series(1, {rows}) i"""
FIELDS = "[{ from: customer, to: customer }, { from: amount, to: amount }, { from: code, to: code }, " \
         "{ from: note, to: note }, { from: at, to: at }, { from: flag, to: flag }, { from: score, to: score }]"
MD5 = """SELECT count(*), sum(('x' || substring(md5(coalesce(id::varchar, '<null>') || '|' || coalesce(customer::varchar, '<null>')
    || '|' || coalesce(amount::decimal(38,2)::varchar, '<null>') || '|' || coalesce(code::varchar, '<null>') || '|'
    || coalesce(note::varchar, '<null>') || '|' || coalesce(to_char(at::timestamp(6), 'YYYY-mm-dd HH24:MI:SS.US'), '<null>')
    || '|' || coalesce(flag::int::varchar, '<null>') || '|' || coalesce(score::decimal(38,6)::varchar, '<null>')), 18))
    ::bit(60)::bigint) FROM s"""
SUM = "SELECT count(*), sum(hash_record_extended(ROW(id, customer, amount, code, note, at, flag, float8send(score)), 1)) FROM s"


class Sides:
    """A source with its rows, and fresh destinations."""

    def __init__(self, bench, rows, program):
        self.bench, self.rows, self.program = bench, rows, program
        self.source = bench.database()
        # One core each: figures speak of the work, not of how many share it.
        self.source.execute("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET max_parallel_workers_per_gather = 0', "
                            "current_database()); END $$")
        self.source.execute(TABLE.format(name="s") + ";" + ROWS.format(rows=rows))
        self.source.execute("ALTER TABLE s ADD PRIMARY KEY (id)")
        self.source.execute("VACUUM (FREEZE, ANALYZE) s")
        self.folder = bench.folder / f"sync{rows}"
        self.folder.mkdir()

    def url(self, database):
        return self.bench.server.url(database.name)

    def mapping(self, name, text):
        path = self.folder / f"{name}.yaml"
        path.write_text(text)
        return path

    def run(self, what, destination, mapping):
        done = subprocess.run([self.program, what, self.url(self.source), self.url(destination), mapping],
                              capture_output=True, text=True, check=False,
                              env={**os.environ, "GODWIT_SCRIPT_WORKER": str(pathlib.Path(self.program).parent.parent
                                                                            / "src/script/worker/godwit-script")})
        if done.returncode:
            raise SystemExit(f"sync_bench {what}: {done.stderr}")
        return json.loads(done.stdout)

    def asks(self, text, database=None):
        began = time.monotonic()
        subprocess.run(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", text,
                        self.url(database or self.source)], check=True, stdout=subprocess.DEVNULL)
        return time.monotonic() - began

    def pipe(self):
        """What a hand does: COPY BINARY from one psql into another, then the index."""
        to = self.bench.database()
        to.execute(TABLE.format(name="d"))
        began = time.monotonic()
        out = subprocess.Popen(["psql", "-X", "-q", "-c", "COPY s TO STDOUT (FORMAT binary)", self.url(self.source)],
                               stdout=subprocess.PIPE)
        subprocess.run(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", "COPY d FROM STDIN (FORMAT binary)",
                        self.url(to)], stdin=out.stdout, check=True)
        out.wait()
        self.asks("ALTER TABLE d ADD PRIMARY KEY (id)", to)
        took = time.monotonic() - began
        to.drop()
        return took

    def pgcopydb(self):
        to = self.bench.database()
        folder = self.folder / "pgcopydb"
        shutil.rmtree(folder, ignore_errors=True)
        began = time.monotonic()
        subprocess.run(["pgcopydb", "clone", "--source", self.url(self.source), "--target", self.url(to), "--dir",
                        folder, "--no-comments", "--skip-extensions"], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
        took = time.monotonic() - began
        to.drop()
        return took


KEEP = "entity: s\nversion: 1.0.0\nsource: { table: s, key: id }\ndestination: { table: d, key: id }\n" \
       f"identity: keep\ndeletes: delete\nfields: {FIELDS}\n"
UUID = "entity: s\nversion: 1.0.0\nsource: { table: s, key: id }\ndestination: { table: d, key: id }\n" \
       f"identity: uuid-v7\ndeletes: delete\nfields: {FIELDS}\n"
SCRIPT = KEEP.replace("{ from: code, to: code }", "{ to: code, transform: code }") + \
    "functions:\n  code: |\n    (row) => row.code === null ? null : row.code.trim().toLowerCase()\n"


def into(sides, table, mapping, what="load"):
    to = sides.bench.database()
    to.execute(table)
    seen = sides.run(what, to, mapping)
    return to, seen


def first_loads(bench, sides):
    own = TABLE.format(name="d") + "; ALTER TABLE d ADD PRIMARY KEY (id)"
    ids = own.replace("id bigint", "id uuid")
    cases = {"keep": (own, KEEP), "uuid": (ids, UUID), "script": (own, SCRIPT)}
    times = {name: [] for name in (*cases, "pipe", "pgcopydb")}
    peaks = []
    for _ in range(bench.rounds):
        times["pipe"].append(sides.pipe())
        for name, (table, text) in cases.items():
            to, seen = into(sides, table, sides.mapping(name, text))
            times[name].append(seen["seconds"])
            if name == "keep":
                peaks.append(seen["peak_mib"])
            to.drop()
        if shutil.which("pgcopydb"):
            times["pgcopydb"].append(sides.pgcopydb())
    pipe = {"psql | psql": times["pipe"]}
    both = {**pipe, **({"pgcopydb": times["pgcopydb"]} if times["pgcopydb"] else {})}
    bench.report(f"first load, {sides.rows:,} rows, ids kept", times["keep"], "s", "1.25x pipe, 0.8x pgcopydb", both)
    bench.report("first load, ids made (UUID)", times["uuid"], "s", "4x", pipe)
    bench.report("first load through TypeScript", [sides.rows / t for t in times["script"]], "rows/s", "150,000")
    bench.report("first load: peak memory", peaks, "MiB", "48")


def detection(bench, sides):
    own = TABLE.format(name="d") + "; ALTER TABLE d ADD PRIMARY KEY (id)"
    mapping = sides.mapping("keep", KEEP)
    to, _ = into(sides, own, mapping)
    found, sums, md5, peaks = [], [], [], []
    for _ in range(bench.rounds):
        seen = sides.run("detect", to, mapping)
        found.append(seen["detect_seconds"])
        peaks.append(seen["peak_mib"])
        sums.append(sides.asks(SUM))
        md5.append(sides.asks(MD5))
    bench.report("detect, checksum, nothing changed", found, "s", "1.2x sum, 0.2x md5",
                 {"count, sum(hash)": sums, "md5 of text": md5})
    bench.report("detect: peak memory", peaks, "MiB", "48")
    to.drop()


CHURN = """UPDATE s SET note = note || '!' WHERE id % {step} IN (1, 2, 3, 4, 5, 6);
    INSERT INTO s SELECT -id, customer, amount, code, note, at, flag, score FROM s WHERE id > 0 AND id % {step} IN (7, 8, 9);
    DELETE FROM s WHERE id > 0 AND id % {step} = 0"""
HAND = """CREATE EXTENSION IF NOT EXISTS postgres_fdw;
    CREATE SERVER old FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '{host}', port '{port}', dbname '{name}', fetch_size '10000');
    CREATE USER MAPPING FOR CURRENT_USER SERVER old OPTIONS (user 'postgres');
    CREATE FOREIGN TABLE s (id bigint, customer integer, amount numeric(12,2), code varchar(20), note text, at timestamptz,
        flag boolean, score double precision) SERVER old OPTIONS (table_name 's');
    CREATE TABLE changed (id bigint PRIMARY KEY)"""
BY_HAND = """BEGIN; INSERT INTO d SELECT s.* FROM s WHERE id = ANY ((SELECT array_agg(id) FROM changed)::bigint[]) ON CONFLICT (id)
    DO UPDATE SET customer = excluded.customer, amount = excluded.amount, code = excluded.code, note = excluded.note,
    at = excluded.at, flag = excluded.flag, score = excluded.score;
    DELETE FROM d USING changed c WHERE d.id = c.id AND c.id > 0 AND c.id % {step} = 0; COMMIT"""


def applying(bench, sides):
    own = TABLE.format(name="d") + "; ALTER TABLE d ADD PRIMARY KEY (id)"
    mapping = sides.mapping("keep", KEEP)
    step = sides.rows // 10000
    times, hand = [], []
    for turn in range(bench.rounds):
        sides.source.execute("TRUNCATE s")
        sides.source.execute(ROWS.format(rows=sides.rows))
        sides.source.execute("VACUUM (FREEZE, ANALYZE) s")
        to, _ = into(sides, own, mapping)
        other = bench.database()
        other.execute(own)
        other.execute(HAND.format(host=bench.server.socket_dir, port=bench.server.port, name=sides.source.name))
        other.execute("INSERT INTO d SELECT * FROM s")
        other.execute("VACUUM ANALYZE d")
        to.execute("VACUUM ANALYZE d")
        for statement in CHURN.format(step=step).split(";"):
            sides.source.execute(statement)
        other.execute(f"INSERT INTO changed SELECT id FROM s WHERE id < 0 OR id % {step} BETWEEN 1 AND 6 UNION "
                      f"SELECT id FROM d WHERE id % {step} = 0; ANALYZE changed")
        contenders = [lambda: times.append(sides.run("apply", to, mapping)["seconds"]),
                      lambda: hand.append(sides.asks(BY_HAND.format(step=step), other))]
        for one in contenders[::1 if turn % 2 else -1]:
            one()
        to.drop()
        other.drop()
    bench.report("apply 100,000 changes, ids kept", times, "s", "1.0x", {"postgres_fdw by hand": hand})


def bench_sync(bench, program, rows):
    sides = Sides(bench, rows, program)
    first_loads(bench, sides)
    detection(bench, sides)
    applying(bench, sides)
    sides.source.drop()
