"""Figures of upkeep: doctor on many tables; a plain table turned into partitions while it is written to."""
import subprocess
import threading
import time

ROWS = """INSERT INTO events SELECT i, now() - (i % 360) * interval '1 day', i % 1000, 'event ' || i
    FROM generate_series(1, {rows}) i"""


def bench_doctor(bench, program, timed):
    """5,000 tables with an index and a foreign key each."""
    database = bench.database()
    for first in range(0, 5000, 500):
        database.execute("".join(f"CREATE TABLE t{i} (id bigint PRIMARY KEY, parent bigint REFERENCES t{max(i - 1, 0)}, name text); "
                                 f"CREATE INDEX ON t{i} (name);" for i in range(first, first + 500)))
    home = bench.folder / "doctor"
    home.mkdir()
    (home / "godwit.yaml").write_text("project: bench\n")
    times = [timed([program, "-q", "doctor"], bench.environment(database), home, (0, 3))[0] for _ in range(bench.rounds)]
    bench.report("doctor, 5,000 tables", times, "s", "5 s")
    database.drop()


class Writer(threading.Thread):
    """One transaction after another: a row put in, one changed, one taken away; the longest of them."""

    def __init__(self, database, first):
        super().__init__()
        self.database, self.first, self.ended = database, first, threading.Event()
        self.longest, self.written, self.error = 0.0, 0, None

    def run(self):
        link = self.database.connect(autocommit=True)
        cursor = link.cursor()
        n = self.first
        try:
            while not self.ended.is_set():
                began = time.monotonic()
                cursor.execute("BEGIN")
                cursor.execute("INSERT INTO events VALUES (%s, now(), 1, 'new')", [n])
                cursor.execute("UPDATE events SET kind = kind + 1 WHERE id = %s", [self.written * 7 + 1])
                cursor.execute("DELETE FROM events WHERE id = %s", [self.written * 7 + 2])
                cursor.execute("COMMIT")
                self.longest = max(self.longest, time.monotonic() - began)
                self.written += 1
                n += 1
        except Exception as error:  # pylint: disable=broad-except
            self.error = error
        finally:
            link.close()


def bench_partitions(bench, program, rows):
    """rows rows into monthly partitions while two writers go on; the same rows moved by one INSERT … SELECT beside it."""
    database = bench.database()
    table = "(id bigint NOT NULL, at timestamptz NOT NULL, kind integer, note text"
    database.execute(f"CREATE TABLE events {table}, PRIMARY KEY (id)); CREATE TABLE copy {table}, PRIMARY KEY (id, at))")
    database.execute(ROWS.format(rows=rows))
    database.execute("VACUUM (FREEZE, ANALYZE) events")
    began = time.monotonic()
    database.execute("INSERT INTO copy SELECT * FROM events")
    raw = time.monotonic() - began
    database.execute("DROP TABLE copy")
    home = bench.folder / "partitions"
    home.mkdir()
    (home / "godwit.yaml").write_text(
        "project: bench\nmaintain:\n  partitions:\n"
        "    - { table: events, every: month, ahead: 1, convert: { by: at, key: [id, at] } }\n")
    writers = [Writer(database, 10**9 * (i + 1)) for i in range(2)]
    for one in writers:
        one.start()
    began, runs = time.monotonic(), 0
    try:
        while database.value("SELECT relkind::text FROM pg_class WHERE oid = 'events'::regclass") != "p":
            subprocess.run([program, "-q", "maintain", "--only", "partitions"], env=bench.environment(database), cwd=home,
                           stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
            runs += 1
            if runs > 100:
                raise SystemExit("the table was not turned in 100 runs")
        took = time.monotonic() - began
    finally:
        for one in writers:
            one.ended.set()
        for one in writers:
            one.join()
    if any(one.error for one in writers):
        raise SystemExit(f"a writer failed: {[one.error for one in writers]}")
    bench.report(f"{rows:,} rows into monthly partitions", [took], "s", "none", {"INSERT … SELECT": [raw]})
    bench.report("… a writer's longest transaction", [max(one.longest for one in writers)], "s", "1 s")
    bench.report("… transactions of writers meanwhile", [sum(one.written for one in writers) / took], "/s", "none")
    database.drop()
