"""`track show --watch`: rates and what is left, on a screen and in a pipe; Godwit's own runs beside what is counted."""
import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

import pytest

from harness.waiting import until

ROW = re.compile(r"^default +S +(\w+) +\S* +(\d+) of (\d+)(?: +([\d.]+)/s)?(?: +(\d.*?))? *$")


def count(database, processed):
    database.execute("SELECT godwit.tracker_add('default', %s)", [json.dumps({"p": [["p", "S", processed, 0, 0, None]]})])


def seconds(text):
    units = {"ms": 0.001, "s": 1, "min": 60, "h": 3600}
    return sum(float(n) * units[u] for n, u in re.findall(r"([\d.]+) ?(ms|min|s|h)", text))


def test_rate_and_time_left_are_those_of_what_is_being_counted(project, database):
    project.godwit("track", "count", "pallet", "pallet=p", "stage=S", "total=100000", code=0)
    watch = project.start("track", "show", "default", "--watch", "--interval", "100ms", env={"LANG": "C.UTF-8"})
    seen, began, done = [], time.monotonic(), 0
    stream = watch.process.stdout
    while len(seen) < 12 and time.monotonic() < began + 60:
        count(database, 100)
        done += 100
        row = ROW.match(stream.readline().decode().rstrip())
        if row and row[4] and row[5]:
            seen.append((int(row[2]), float(row[4]), seconds(row[5])))
    assert len(seen) == 12, seen
    for items, rate, left in seen:
        # Both are of the same look: what is left at this rate (rates below ten have a decimal, others none).
        assert abs(left - (100000 - items) / rate) <= max(2, 0.1 * left), (items, rate, left)
    mean = done / (time.monotonic() - began)
    assert mean / 5 < seen[-1][1] < mean * 5, (mean, seen)
    # Nothing comes: the rate goes down. Paused: nothing is promised.
    until(lambda: (row := ROW.match(stream.readline().decode().rstrip())) and (not row[4] or float(row[4]) < seen[-1][1] / 4))
    project.godwit("track", "stage", "S", "pause", code=0)
    until(lambda: (row := ROW.match(stream.readline().decode().rstrip())) and row[1] == "paused" and not row[5])
    watch.signal(signal.SIGINT)
    watch.finish(0)


class Screen:
    """A terminal of 100 columns and 20 rows: what stands on it, as far as `track show` uses it."""

    def __init__(self, project, *words):
        self.master, other = pty.openpty()
        fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", 20, 100, 0, 0))
        program = project._program
        environment = {"PATH": os.environ["PATH"], "HOME": str(program.home), "LANG": "C.UTF-8", "TERM": "xterm", "NO_COLOR": "1"}
        self.process = subprocess.Popen([program.binary, *words], cwd=project.path, stdin=subprocess.DEVNULL, stdout=other,
                                        stderr=other, env=environment)
        os.close(other)
        self.lines, self.partial, self.deepest = [], "", 0

    def read(self):
        if select.select([self.master], [], [], 0.1)[0]:
            self.partial += os.read(self.master, 65536).decode(errors="replace")
        *whole, self.partial = self.partial.replace("\r", "").split("\n")
        for line in whole:
            if up := re.match(r"\x1b\[(\d+)A\x1b\[J", line):
                del self.lines[len(self.lines) - int(up[1]):]
                line = line[up.end():]
            self.lines.append(line)
            self.deepest = max(self.deepest, len(self.lines))
        return "\n".join(self.lines)

    def end(self):
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(30) == 0
        os.close(self.master)


@pytest.mark.slow
def test_a_screen_is_drawn_again_in_its_place_and_never_higher_than_it_is(project, database):
    project.godwit("track", "count", "xcm", "source=a", "destination=b", "sent=7", code=0)
    stages = [f"stage {i:02}" for i in range(30)]
    database.execute("INSERT INTO godwit.migration_stages (stage_name, status) SELECT s, 'ongoing' FROM unnest(%s) s", [stages])
    database.execute("UPDATE godwit.migration_stages SET status = 'completed' WHERE stage_name < 'stage 28'")
    database.execute("UPDATE godwit.migration_stages SET status = 'failed' WHERE stage_name = 'stage 29'")
    screen = Screen(project, "track", "show", "--watch", "--interval", "50ms")
    text = until(lambda: (t := screen.read()) and "completed before" in t and t)
    assert "stage 28" in text and "stage 29" in text and "stage 00" not in text and "stage 27" in text
    project.godwit("track", "count", "xcm", "source=a", "destination=b", "sent=35", code=0)
    until(lambda: re.search(r"a +b +42", screen.read()))
    assert screen.read().count("TRACKER  STAGE") == 1, "the one before is gone"
    assert screen.deepest < 20
    screen.end()
    # In a pipe there is all of it.
    assert all(stage in project.godwit("track", "show", code=0).out for stage in stages)


def test_a_run_of_migrations_is_watched_while_it_goes_on(project, database):
    project.migration(1, "one", "CREATE TABLE a (id int PRIMARY KEY)")
    project.migration(2, "two", "-- godwit: no-transaction\nCREATE TABLE b (id int);\nSELECT pg_advisory_lock_shared(77);\n"
                                "CREATE TABLE c (id int)")
    project.migration(3, "three", "CREATE TABLE d (id int)")
    project.godwit("track", "count", "xcm", "source=a", "destination=b", "sent=7", code=0)
    with database.connect() as blocker:
        blocker.cursor().execute("SELECT pg_advisory_lock(77)")
        running = project.start("up")
        shown = lambda: project.godwit("track", "show", "up", "--json", code=0).json  # noqa: E731
        until(lambda: [s["status"] for s in shown()["runs"]][:2] == ["completed", "ongoing"])
        two = shown()["runs"][1]
        assert (two["tracker"], two["stage_name"], two["done"], two["total"]) == ("up", "2 two", 1, 3)
        text = project.godwit("track", "show", code=0).out
        assert "1 of 3" in text and re.search(r"a +b +7", text), "beside what is counted"
        blocker.cursor().execute("SELECT pg_advisory_unlock(77)")
    running.finish(0)
    assert [(s["stage_name"], s["status"]) for s in shown()["runs"]] == [
        ("1 one", "completed"), ("2 two", "completed"), ("3 three", "completed")]


GATE = 4711


def test_a_real_session_is_followed_from_its_begin_to_its_end(sides):
    """Waiting, under way, paused, completed: as the run says it of itself, beside what is counted."""
    sides.settings(batch={"rows": 25})
    sides.tables("CREATE TABLE s (id int, x text); ALTER TABLE s ALTER x SET STORAGE PLAIN;"
                 " INSERT INTO s SELECT i, i || repeat('x', 1500) FROM generate_series(1, 4000) i; ALTER TABLE s ADD PRIMARY KEY (id);"
                 " CREATE TABLE later (id int PRIMARY KEY, x text); INSERT INTO later VALUES (1, 'bad'), (2, 'y')",
                 "CREATE TABLE d (id int PRIMARY KEY, x text); CREATE TABLE \"l'ater\" (id int PRIMARY KEY, x text CHECK (x <> 'bad'));"
                 " CREATE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS"
                 f" $$ BEGIN PERFORM pg_advisory_xact_lock_shared({GATE}); RETURN new; END $$;"
                 " CREATE TRIGGER gate BEFORE INSERT ON d FOR EACH ROW WHEN (new.id > 100) EXECUTE FUNCTION gate()")
    sides.map("first", "x", source="s", destination="d", rest="identity: keep\n")
    sides.map("later", "x", source="later", destination="{table: '\"l''ater\"', key: id}", rest="identity: keep\ndepends_on: [first]\n")
    sides.register()
    gate = sides.new.connect()
    gate.cursor().execute(f"SELECT pg_advisory_lock({GATE})")

    def runs():
        shown = sides.godwit("--json", "track", "show", code=0).json["runs"]
        return {r["stage_name"]: r for r in shown if r["tracker"].startswith("sync ")}

    def states():
        return {name: (r["status"], r["paused"]) for name, r in runs().items()}

    run = sides.start("--json", "sync", "run")
    until(lambda: states().get("first") == ("ongoing", False), 60, "a run that is held up")
    assert set(runs()) == {"first"}  # what waits for it has not begun
    run.signal(signal.SIGINT)
    gate.cursor().execute(f"SELECT pg_advisory_unlock({GATE})")
    run.finish(6)
    held = runs()
    assert (held["first"]["status"], held["first"]["paused"]) == ("ongoing", True), held
    assert 0 < held["first"]["done"] < 4000 == held["first"]["total"], held
    assert "paused" in sides.godwit("track", "show", code=0).out
    session = sides.sync("resume", code=3)["session"]
    done = runs()
    assert {r["tracker"] for r in done.values()} == {f"sync {session[:8]}"}
    assert {name: (r["status"], r["paused"]) for name, r in done.items()} == {"first": ("completed", False), "later": ("completed", False)}
    assert (done["first"]["done"], done["first"]["total"]) == (4000, 4000) and done["later"]["error_count"] == 1, done
    assert all(r["started_at"] and r["completed_at"] for r in done.values())
